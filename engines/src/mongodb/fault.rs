//! What an error of the driver means to a caller.

use std::time::Duration;

use ::mongodb::error::{Error, ErrorKind, WriteFailure};
use souk_kit::fault::Fault;

/// Another document has a value that is unique.
const DUPLICATE_KEY: i32 = 11_000;
/// The server broke the operation off because its time was up.
const TIME_EXPIRED: i32 = 50;
/// The server is starting, stopping, stepping down, out of disk space or cannot reach another one; or two operations
/// stood in each other's way. <https://github.com/mongodb/specifications/blob/master/source/retryable-reads/retryable-reads.md>
const TRANSIENT: [i32; 18] =
    [6, 7, 24, 64, 89, 91, 112, 134, 189, 262, 276, 9_001, 10_107, 11_600, 11_602, 13_435, 13_436, 14_031];
/// How much longer we wait than the server works, so that its answer that the time is up reaches us.
const SLACK: Duration = Duration::from_secs(1);
const AWAY: &str = "the document store does not answer";

/// The fault of an error.
pub(super) fn of(error: Error) -> Fault {
    let transient = match error.kind.as_ref() {
        ErrorKind::Io(_)
        | ErrorKind::ConnectionPoolCleared { .. }
        | ErrorKind::ServerSelection { .. }
        | ErrorKind::DnsResolve { .. }
        // It was written, and a majority has not said so in time.
        | ErrorKind::Write(WriteFailure::WriteConcernError(_)) => true,
        ErrorKind::Command(command) if command.code == TIME_EXPIRED => {
            let slow = "the document store takes too long to answer this: ask for less at once";
            // It may be the store that is slow, not the question that is long.
            return Fault::limit(slow).caused_by(error).transient();
        }
        ErrorKind::Command(command) => TRANSIENT.contains(&command.code),
        ErrorKind::Write(WriteFailure::WriteError(write)) => TRANSIENT.contains(&write.code),
        _ => error.contains_label("RetryableWriteError"),
    };
    if transient { Fault::unavailable(AWAY, error) } else { Fault::internal(error) }
}

/// The fault of an address that cannot be read, or of whose names nothing can be learned now.
pub(super) fn of_address(error: Error) -> Fault {
    match error.kind.as_ref() {
        ErrorKind::DnsResolve { .. } | ErrorKind::Io(_) => of(error),
        _ => Fault::bad_input(format!("this address of MongoDB does not hold: {error}")),
    }
}

/// Whether a write was refused for a unique value.
pub(super) fn is_duplicate(error: &Error) -> bool {
    match error.kind.as_ref() {
        ErrorKind::Write(WriteFailure::WriteError(write)) => write.code == DUPLICATE_KEY,
        ErrorKind::Command(command) => command.code == DUPLICATE_KEY,
        _ => false,
    }
}

/// A bound on how long an operation takes, for servers that neither answer nor hang up.
pub(super) trait Within {
    /// Waits for an operation this long, and a moment more. A write that is given up may still happen: its idempotency key or its
    /// version tells.
    async fn bounds<T>(self, operation: impl Future<Output = Result<T, Error>> + Send) -> Result<T, Fault>
    where
        Self: Sized;

    /// The same; none when it was refused for a unique value.
    async fn bounds_unique<T>(
        self,
        operation: impl Future<Output = Result<T, Error>> + Send,
    ) -> Result<Option<T>, Fault>
    where
        Self: Sized;
}

impl Within for Duration {
    async fn bounds<T>(self, operation: impl Future<Output = Result<T, Error>> + Send) -> Result<T, Fault> {
        match tokio::time::timeout(self + SLACK, operation).await {
            Ok(outcome) => outcome.map_err(of),
            Err(late) => Err(Fault::unavailable(AWAY, late)),
        }
    }

    async fn bounds_unique<T>(
        self,
        operation: impl Future<Output = Result<T, Error>> + Send,
    ) -> Result<Option<T>, Fault> {
        match tokio::time::timeout(self + SLACK, operation).await {
            Ok(Err(error)) if is_duplicate(&error) => Ok(None),
            Ok(outcome) => outcome.map(Some).map_err(of),
            Err(late) => Err(Fault::unavailable(AWAY, late)),
        }
    }
}

#[cfg(test)]
mod tests {
    use ::mongodb::bson::{deserialize_from_document, doc};
    use souk_kit::fault::Code;

    use super::super::{MongoDb, MongoDbOptions};
    use super::*;

    async fn refused(url: &str) -> Fault {
        MongoDb::new(MongoDbOptions::new(url, "")).await.err().unwrap()
    }

    #[tokio::test]
    async fn a_name_that_cannot_be_looked_up_is_waited_for_and_a_malformed_address_is_not() {
        // No server of names knows a name that ends so.
        let away = refused("mongodb+srv://cluster.souk.invalid/").await;
        assert!(away.is_transient() && away.code() == Code::Unavailable, "{away:?}");
        for url in ["", "mongodb://", "http://a.b.c/", "mongodb+srv://a.b.c:27017/", "mongodb://a/?w=many&w"]
        {
            let refused = refused(url).await;
            assert_eq!((refused.code(), refused.is_transient()), (Code::BadUserInput, false), "{url}");
        }
    }

    /// The faults of a command, and of a write, that a server answers with `code`.
    fn faults(code: i32) -> [Fault; 2] {
        let told = doc! { "code": code, "codeName": "", "errmsg": "no" };
        let command = ErrorKind::Command(deserialize_from_document(told.clone()).unwrap());
        let write = WriteFailure::WriteError(deserialize_from_document(told).unwrap());
        [of(command.into()), of(ErrorKind::Write(write).into())]
    }

    #[test]
    fn a_disk_that_is_full_and_a_change_of_primaries_pass() {
        // PrimarySteppedDown, NotWritablePrimary, OutOfDiskSpace.
        for code in [189, 10_107, 14_031] {
            assert!(faults(code).iter().all(Fault::is_transient), "{code}");
        }
        for code in [2, 13, 121, DUPLICATE_KEY] {
            assert!(!faults(code).iter().any(Fault::is_transient), "{code}");
        }
    }
}
