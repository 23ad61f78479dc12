//! What a database's error means to a caller: to try again, to ask for less, to send other input, or our mistake.

use sea_orm::{DbErr, RuntimeErr, sqlx};

use crate::fault::Fault;

/// A database that is away or busy is worth another try, and what took too long is worth asking for less; anything
/// else is our mistake.
impl From<DbErr> for Fault {
    fn from(error: DbErr) -> Self {
        match meaning(&error) {
            Meaning::Away => Self::unavailable("the database does not answer", error),
            Meaning::BrokenOff => {
                Self::limit("the database takes too long to answer this: ask for less at once")
                    .caused_by(error)
                    // It may be the database that is slow, not the question that is long.
                    .transient()
            }
            Meaning::Unfit => {
                Self::bad_input("text with the character U+0000 cannot be stored").caused_by(error)
            }
            Meaning::Ours => Self::internal(error),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Away,
    BrokenOff,
    Unfit,
    Ours,
}

fn meaning(error: &DbErr) -> Meaning {
    let cause = match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return Meaning::Away,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => cause,
        _ => return Meaning::Ours,
    };
    match &**cause {
        sqlx::Error::Database(error) => of_code(error.code().unwrap_or_default().as_ref(), error.message()),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => Meaning::Away,
        _ => Meaning::Ours,
    }
}

/// By SQLite's result codes and PostgreSQL's SQLSTATEs, which have five characters each.
fn of_code(code: &str, message: &str) -> Meaning {
    match code {
        // SQLITE_INTERRUPT, and a statement that PostgreSQL ended because its time was up.
        "9" | "57014" => Meaning::BrokenOff,
        _ if message.contains("database is locked") || message.contains("database is busy") => Meaning::Away,
        // The connection is lost, the server stops or starts, or is no longer the one that writes; the database is not
        // made yet; the disk fails.
        "57P01" | "57P02" | "57P03" | "25006" | "25P03" | "3D000" | "58030" => Meaning::Away,
        // Another transaction was in the way: serialization failure, deadlock, lock that was not free in time.
        "40001" | "40P01" | "55P03" => Meaning::Away,
        // No connection; no room on the disk, in memory, or for another connection.
        _ if code.len() == 5 && (code.starts_with("08") || code.starts_with("53")) => Meaning::Away,
        // SQLITE_IOERR, of many kinds, and SQLITE_FULL.
        _ if matches!(result_code(code), Some(10 | 13)) => Meaning::Away,
        // A character that PostgreSQL has no room for.
        "22021" | "22P05" => Meaning::Unfit,
        _ => Meaning::Ours,
    }
}

/// Of a code of SQLite, which tells more in the bits above.
fn result_code(code: &str) -> Option<u32> {
    code.parse().ok().filter(|_| code.len() < 5).map(|code: u32| code & 0xff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_by_itself_or_once_there_is_room_is_away() {
        let postgres = [
            "08006", "25006", "3D000", "40001", "40P01", "53000", "53100", "53200", "53300", "53400",
            "55P03", "57P01", "57P03", "58030",
        ];
        // Of SQLite: a disk that fails when it is read, written or flushed, and one that is full.
        for code in postgres.into_iter().chain(["10", "266", "778", "1034", "13"]) {
            assert_eq!(of_code(code, ""), Meaning::Away, "{code}");
        }
        assert_eq!(of_code("5", "database is locked"), Meaning::Away);
    }

    #[test]
    fn what_no_other_try_mends_is_not_away() {
        let ours = ["1", "11", "19", "1555", "2067", "23505", "42601", "42P01", "53", "58000", "10000", ""];
        for code in ours {
            assert_eq!(of_code(code, ""), Meaning::Ours, "{code}");
        }
        for (code, meaning) in [
            ("9", Meaning::BrokenOff),
            ("57014", Meaning::BrokenOff),
            ("22021", Meaning::Unfit),
            ("22P05", Meaning::Unfit),
        ] {
            assert_eq!(of_code(code, ""), meaning, "{code}");
        }
    }
}
