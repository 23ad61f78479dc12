//! A lock among workers that is held for as long as its holder goes on renewing it, beside the work that it is for.

use std::time::Duration;

use bytes::Bytes;
use souk_kit::fault::Fault;
use souk_kit::key_value::SharedKeyValue;

/// How often it is renewed while it lasts: one attempt may fail, and another be slow.
const RENEWALS: u32 = 4;

/// A lock that one worker at a time holds.
#[derive(Debug)]
pub(super) struct Lock {
    store: SharedKeyValue,
    key: &'static str,
    /// Which worker this is among those that may hold it.
    holder: Bytes,
    /// For how long, unless it is renewed.
    lasting: Duration,
}

impl Lock {
    pub(super) fn new(store: SharedKeyValue, key: &'static str, holder: Bytes, lasting: Duration) -> Self {
        Self { store, key, holder, lasting }
    }

    /// Takes it; whether nobody had it.
    pub(super) async fn take(&self) -> Result<bool, Fault> {
        self.put(None).await
    }

    /// Lets go of it, unless it has passed to another.
    pub(super) async fn release(&self) -> Result<(), Fault> {
        self.store.compare_and_delete(self.key, &self.holder).await.map(drop)
    }

    /// Renews it; whether it is still this worker's. One that ran out and that nobody has taken since is.
    pub(super) async fn hold(&self) -> Result<bool, Fault> {
        Ok(self.put(Some(&self.holder)).await? || self.put(None).await?)
    }

    async fn put(&self, expected: Option<&[u8]>) -> Result<bool, Fault> {
        self.store.compare_and_set(self.key, expected, self.holder.clone(), Some(self.lasting)).await
    }

    /// Does `work` and goes on renewing the lock meanwhile, however long a step takes. The work is broken off when the
    /// lock has passed to another.
    pub(super) async fn during<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        tokio::select! {
            outcome = work => outcome,
            () = self.until_lost() => Err(lost()),
        }
    }

    async fn until_lost(&self) {
        loop {
            tokio::time::sleep(self.lasting / RENEWALS).await;
            match self.hold().await {
                Ok(true) => {}
                Ok(false) => return,
                // It lasts a while yet, and the next attempt may succeed.
                Err(fault) => tracing::warn!(lock = self.key, "{} was not renewed: {fault:?}", self.key),
            }
        }
    }
}

/// The fault of work whose lock has passed to another.
pub(super) fn lost() -> Fault {
    Fault::broken("another worker has begun to build the index").transient()
}

#[cfg(test)]
mod tests {
    use souk_kit::clock::Clock;
    use souk_kit::key_value::in_process;

    use super::*;

    const LASTING: Duration = Duration::from_millis(400);

    fn two(clock: &Clock) -> (Lock, Lock) {
        let store = in_process(clock.clone());
        let lock = |holder| Lock::new(store.clone(), "lock", Bytes::from_static(holder), LASTING);
        (lock(b"one"), lock(b"other"))
    }

    #[tokio::test]
    async fn a_long_step_does_not_lose_the_lock() {
        let (one, other) = two(&Clock::system());
        assert!(one.take().await.unwrap());
        let step = async {
            tokio::time::sleep(LASTING * 3).await;
            other.take().await
        };
        assert!(!one.during(step).await.unwrap());
        one.release().await.unwrap();
        assert!(other.take().await.unwrap());
    }

    #[tokio::test]
    async fn one_that_ran_out_is_kept_unless_another_has_taken_it() {
        let clock = Clock::fixed(souk_kit::clock::Timestamp::UNIX_EPOCH);
        let (one, other) = two(&clock);
        assert!(one.take().await.unwrap());
        clock.advance(chrono::TimeDelta::seconds(1));
        assert!(one.hold().await.unwrap() && !other.take().await.unwrap());
        clock.advance(chrono::TimeDelta::seconds(1));
        assert!(other.take().await.unwrap() && !one.hold().await.unwrap());
        one.release().await.unwrap();
        assert!(other.hold().await.unwrap());
    }

    #[tokio::test]
    async fn work_is_broken_off_when_another_has_the_lock() {
        let clock = Clock::fixed(souk_kit::clock::Timestamp::UNIX_EPOCH);
        let (one, other) = two(&clock);
        assert!(one.take().await.unwrap());
        clock.advance(chrono::TimeDelta::seconds(1));
        assert!(other.take().await.unwrap());
        let fault = one.during(std::future::pending::<Result<(), Fault>>()).await.unwrap_err();
        assert!(fault.is_transient(), "{fault:?}");
    }
}
