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
        // The connection is lost, the server stops or starts or is full, or is no longer the one that writes; the
        // database is not made yet.
        "57P01" | "57P02" | "57P03" | "53300" | "25006" | "25P03" | "3D000" => Meaning::Away,
        // Another transaction was in the way: serialization failure, deadlock, lock that was not free in time.
        "40001" | "40P01" | "55P03" => Meaning::Away,
        _ if code.len() == 5 && code.starts_with("08") => Meaning::Away,
        // A character that PostgreSQL has no room for.
        "22021" | "22P05" => Meaning::Unfit,
        _ => Meaning::Ours,
    }
}
