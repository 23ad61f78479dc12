//! A member of a group that is at work: logs take one that is silent for dead, and give its part to another.

use std::time::Duration;

use tokio::time::Instant;

use crate::event_log::{Lease, Membership, Position};
use crate::fault::Fault;

/// How often it says that it is not dead; a lease of an embedded log lasts 5 s, one of Kafka 10 s.
const SAID: Duration = Duration::from_secs(1);

/// A member with events in its hands, which says now and then that it is not dead but busy.
pub(super) struct Busy<'m> {
    member: &'m mut dyn Membership,
    /// When it last said so.
    said: Instant,
}

impl<'m> Busy<'m> {
    pub(super) fn new(member: &'m mut dyn Membership) -> Self {
        Self { member, said: Instant::now() }
    }

    /// Brings `work` to its end, and says meanwhile, when it is time, that the member is at the event at `at`. What was
    /// begun is finished also when the lease is lost: it takes effect as a whole, and a second time changes nothing.
    pub(super) async fn with<T>(
        &mut self,
        at: &Position,
        work: impl Future<Output = T>,
    ) -> Result<(T, Lease), Fault> {
        let mut work = std::pin::pin!(work);
        let mut lease = Lease::Held;
        loop {
            let left = SAID.saturating_sub(self.said.elapsed());
            if let Ok(done) = tokio::time::timeout(left, &mut work).await {
                return Ok((done, lease));
            }
            if lease == Lease::Held {
                lease = self.member.renew(at).await?;
            }
            self.said = Instant::now();
        }
    }

    /// The events up to the one at `done` have taken effect.
    pub(super) async fn commit(&mut self, done: &Position) -> Result<Lease, Fault> {
        self.member.commit(done).await
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::event_log::Delivered;

    /// Notes when it is told that it is busy; another has its part from the time `lost` on.
    struct Noting {
        begun: Instant,
        renewed: Vec<Duration>,
        lost: Duration,
    }

    #[async_trait]
    impl Membership for Noting {
        async fn next(&mut self, _: usize) -> Result<Vec<Delivered>, Fault> {
            Ok(Vec::new())
        }

        async fn commit(&mut self, _: &Position) -> Result<Lease, Fault> {
            Ok(Lease::Held)
        }

        async fn renew(&mut self, _: &Position) -> Result<Lease, Fault> {
            let at = self.begun.elapsed();
            self.renewed.push(at);
            Ok(if at < self.lost { Lease::Held } else { Lease::Lost })
        }

        async fn leave(self: Box<Self>) -> Result<(), Fault> {
            Ok(())
        }
    }

    fn noting(lost: Duration) -> Noting {
        Noting { begun: Instant::now(), renewed: Vec::new(), lost }
    }

    fn at() -> Position {
        Position { topic: "product.events".to_owned(), partition: 0, offset: 7 }
    }

    #[tokio::test(start_paused = true)]
    async fn many_short_works_one_after_the_other_are_told_of_as_a_long_one_is() {
        for (works, each) in [(100, 150), (1, 15_000)] {
            let mut member = noting(Duration::MAX);
            let mut busy = Busy::new(&mut member);
            for _ in 0..works {
                let work = tokio::time::sleep(Duration::from_millis(each));
                assert_eq!(busy.with(&at(), work).await.unwrap().1, Lease::Held);
            }
            let said: Vec<_> = member.renewed.iter().map(Duration::as_secs).collect();
            assert_eq!(said, (1..15).collect::<Vec<_>>(), "{works} of {each} ms");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_begun_ends_when_the_part_is_lost_and_that_is_said_of_what_comes_next_too() {
        let mut member = noting(Duration::from_millis(1_500));
        let mut busy = Busy::new(&mut member);
        let work = async { tokio::time::sleep(Duration::from_secs(5)).await };
        assert_eq!(busy.with(&at(), work).await.unwrap().1, Lease::Lost);
    }
}
