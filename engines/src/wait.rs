//! Waiting at start-up for an engine that is not there yet.

use std::time::Duration;

use souk_kit::fault::Fault;
use tokio::time::Instant;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Asks `engine` until it answers, with growing pauses, and says in the log what is waited for. What another try
/// cannot mend, such as a wrong password, ends it.
///
/// # Errors
/// The first fault that is not transient.
pub async fn until_there<T, Asked>(engine: &str, mut ask: impl FnMut() -> Asked) -> Result<T, Fault>
where
    Asked: Future<Output = Result<T, Fault>>,
{
    let start = Instant::now();
    let mut pause = FIRST;
    loop {
        match ask().await {
            Err(fault) if fault.is_transient() => {
                tracing::warn!(engine, cause = ?fault, "waiting for {engine}: {fault:?}");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST);
            }
            answer => {
                if answer.is_ok() && pause > FIRST {
                    tracing::info!(engine, "{engine} is there after {:?}", start.elapsed());
                }
                return answer;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io;

    use souk_kit::fault::Code;

    use super::*;

    fn away() -> Fault {
        Fault::unavailable("it does not answer", io::Error::other("refused"))
    }

    #[tokio::test]
    async fn an_engine_that_comes_later_is_waited_for() {
        let asked = Cell::new(0);
        let answer = until_there("it", || {
            asked.set(asked.get() + 1);
            let answer = if asked.get() < 3 { Err(away()) } else { Ok("there") };
            async move { answer }
        });
        assert_eq!(answer.await.unwrap(), "there");
        assert_eq!(asked.get(), 3);
    }

    #[tokio::test]
    async fn what_waiting_does_not_mend_is_told_at_once() {
        let refused = until_there("it", || async { Err::<(), _>(Fault::forbidden()) }).await;
        assert_eq!(refused.unwrap_err().code(), Code::Forbidden);
    }
}
