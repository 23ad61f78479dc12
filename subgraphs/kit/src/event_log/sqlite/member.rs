//! A member of a consumer group of the embedded log: it holds topics by leases, reads them, and waits for more.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};

use super::super::{Delivered, LEASE, Lease, Membership, Position};
use super::batch::records;
use super::{Positions, Shared, committed};
use crate::fault::Fault;

/// How often a member that waits looks for itself: the holder of its topic may be gone.
const LOOK: Duration = Duration::from_secs(1);

/// One consumer. Its lease on a topic is renewed whenever it asks for more or commits.
pub(super) struct Member {
    log: Arc<Shared>,
    group: String,
    owner: String,
    topics: Vec<(String, Hold)>,
}

/// What a member knows of a topic.
#[derive(Default)]
struct Hold {
    /// Delivered up to here since the lease was taken.
    delivered: i64,
    /// Microseconds since 1970 until which the topic is surely this member's; 0 without a lease.
    until: i64,
}

#[async_trait::async_trait]
impl Membership for Member {
    async fn next(&mut self, limit: usize) -> Result<Vec<Delivered>, Fault> {
        let log = Arc::clone(&self.log);
        loop {
            // Listening starts before looking, so that no append falls in between.
            let appended = log.appended.notified();
            for place in 0..self.topics.len() {
                let found = self.read(place, limit).await?;
                if !found.is_empty() {
                    // The others' turn comes first next time: a busy topic must not starve a quiet one.
                    self.topics.rotate_left(place + 1);
                    return Ok(found);
                }
            }
            tokio::select! {
                () = appended => {}
                looked = log.look_out() => looked?,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    async fn commit(&mut self, done: &Position) -> Result<Lease, Fault> {
        let update = Query::update()
            .table(Positions::Table)
            .value(Positions::Committed, done.offset)
            .value(Positions::LeaseUntil, self.lease_end())
            .and_where(Expr::col(Positions::Group).eq(self.group.as_str()))
            .and_where(Expr::col(Positions::Topic).eq(done.topic.as_str()))
            .and_where(Expr::col(Positions::Owner).eq(self.owner.as_str()))
            .and_where(Expr::col(Positions::Committed).lte(done.offset))
            .to_owned();
        let tx = self.log.file.begin().await?;
        let held = tx.execute(&update).await?.rows_affected() == 1;
        tx.commit().await?;
        if held {
            return Ok(Lease::Held);
        }
        if let Some((_, hold)) = self.topics.iter_mut().find(|(name, _)| *name == done.topic) {
            *hold = Hold::default();
        }
        Ok(Lease::Lost)
    }

    async fn renew(&mut self, at: &Position) -> Result<Lease, Fault> {
        let held = self.topics.iter().position(|(name, hold)| *name == at.topic && hold.until > 0);
        let Some(place) = held else { return Ok(Lease::Lost) };
        Ok(if self.hold(place).await? { Lease::Held } else { Lease::Lost })
    }

    async fn leave(self: Box<Self>) -> Result<(), Fault> {
        let free = Query::update()
            .table(Positions::Table)
            .value(Positions::LeaseUntil, 0_i64)
            .and_where(Expr::col(Positions::Group).eq(self.group.as_str()))
            .and_where(Expr::col(Positions::Owner).eq(self.owner.as_str()))
            .to_owned();
        let tx = self.log.file.begin().await?;
        tx.execute(&free).await?;
        tx.commit().await?;
        self.log.appended.notify_waiters();
        Ok(())
    }
}

impl Member {
    pub(super) fn new(log: Arc<Shared>, group: &str, topics: &[String]) -> Self {
        Self {
            log,
            group: group.to_owned(),
            owner: uuid::Uuid::new_v4().to_string(),
            topics: topics.iter().map(|topic| (topic.clone(), Hold::default())).collect(),
        }
    }

    /// The next records of the topic at `place`; none while another member holds it.
    async fn read(&mut self, place: usize, limit: usize) -> Result<Vec<Delivered>, Fault> {
        if !self.hold(place).await? {
            return Ok(Vec::new());
        }
        let Some((topic, hold)) = self.topics.get_mut(place) else { return Ok(Vec::new()) };
        let found = records(&self.log, topic, hold.delivered, limit).await?;
        if let Some(last) = found.last() {
            hold.delivered = last.offset;
        }
        Ok(found)
    }

    /// Holds the topic, taking or renewing the lease when that is due; false while another member has it.
    async fn hold(&mut self, place: usize) -> Result<bool, Fault> {
        let now = self.log.now_micros();
        let lease_end = self.lease_end();
        let Some((topic, hold)) = self.topics.get_mut(place) else { return Ok(false) };
        // Half a lease ahead is soon enough, and spares a write on each look.
        let half = i64::try_from(LEASE.as_micros() / 2).unwrap_or(i64::MAX);
        if hold.until.saturating_sub(now) > half {
            return Ok(true);
        }
        if hold.until == 0 && !free(&self.log, &self.group, topic, &self.owner, now).await? {
            return Ok(false);
        }
        let take = Query::update()
            .table(Positions::Table)
            .value(Positions::Owner, self.owner.as_str())
            .value(Positions::LeaseUntil, lease_end)
            .and_where(Expr::col(Positions::Group).eq(self.group.as_str()))
            .and_where(Expr::col(Positions::Topic).eq(topic.as_str()))
            .and_where(
                Expr::col(Positions::Owner)
                    .eq(self.owner.as_str())
                    .or(Expr::col(Positions::LeaseUntil).lt(now)),
            )
            .to_owned();
        let tx = self.log.file.begin().await?;
        let taken = tx.execute(&take).await?.rows_affected() == 1;
        let committed = committed(&tx, &self.group, topic).await?;
        tx.commit().await?;
        if !taken {
            *hold = Hold::default();
        } else if hold.until == 0 {
            *hold = Hold { delivered: committed, until: lease_end };
        } else {
            hold.until = lease_end;
        }
        Ok(taken)
    }

    fn lease_end(&self) -> i64 {
        self.log.now_micros().saturating_add(i64::try_from(LEASE.as_micros()).unwrap_or(i64::MAX))
    }
}

/// Whether taking the lease is worth a write transaction.
async fn free(log: &Shared, group: &str, topic: &str, owner: &str, now: i64) -> Result<bool, Fault> {
    let query = Query::select()
        .column(Positions::Topic)
        .from(Positions::Table)
        .and_where(Expr::col(Positions::Group).eq(group))
        .and_where(Expr::col(Positions::Topic).eq(topic))
        .and_where(Expr::col(Positions::Owner).eq(owner).or(Expr::col(Positions::LeaseUntil).lt(now)))
        .to_owned();
    Ok(log.file.reader().query_one(&query).await?.is_some())
}
