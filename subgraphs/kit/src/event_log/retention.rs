//! What the event log keeps, and for how long.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::EventLog;
use crate::clock::Clock;
use crate::event::Topic;
use crate::job::Job;

/// The job that has `log` forget, every hour, what is older than `keep` and needed by nobody. Every process on a data
/// folder may run it. Dead letters are not among the topics: they stay until somebody has looked at them.
#[must_use]
pub fn retaining(log: Arc<dyn EventLog>, clock: Clock, keep: TimeDelta) -> Job {
    let topics: Arc<[String]> = Topic::ALL.iter().map(|topic| topic.name().to_owned()).collect();
    Job::every(Duration::from_hours(1), "event-log.retention", move || {
        let (log, topics, time) = (Arc::clone(&log), Arc::clone(&topics), clock.now() - keep);
        async move {
            let deleted = log.trim(&topics, time).await?;
            if deleted > 0 {
                tracing::info!(deleted, "the event log has forgotten {deleted} records");
            }
            Ok(())
        }
    })
}
