//! Runs a worker: relays, consumers and jobs, each in a task that is started again when
//! it panics.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Worker;
use crate::relay;

/// How long a task rests after a panic before it is started again.
const REST: Duration = Duration::from_secs(1);

type Start = Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

impl Worker {
    /// Runs relays, consumers and jobs until `stop`, then lets each finish what it is at.
    pub async fn run(&self, stop: CancellationToken) {
        let mut tasks = JoinSet::new();
        for (name, start) in self.starts(&stop) {
            tasks.spawn(supervised(name, start, stop.clone()));
        }
        while tasks.join_next().await.is_some() {}
    }

    fn starts(&self, stop: &CancellationToken) -> Vec<(String, Start)> {
        let mut starts: Vec<(String, Start)> = Vec::new();
        for outbox in &self.outboxes {
            let (outbox, events) = (Arc::clone(outbox), Arc::clone(&self.events));
            let (clock, stop) = (self.clock.clone(), stop.clone());
            starts.push((
                format!("{} relay", self.name),
                Box::new(move || {
                    Box::pin(relay::run(
                        Arc::clone(&outbox),
                        Arc::clone(&events),
                        clock.clone(),
                        stop.clone(),
                    ))
                }),
            ));
        }
        for consumer in &self.consumers {
            let (consumer, stop) = (consumer.clone(), stop.clone());
            starts.push((
                consumer.name().to_owned(),
                Box::new(move || {
                    let (consumer, stop) = (consumer.clone(), stop.clone());
                    Box::pin(async move { consumer.run(stop).await })
                }),
            ));
        }
        for job in &self.jobs {
            let (job, stop) = (job.clone(), stop.clone());
            starts.push((
                job.name().to_owned(),
                Box::new(move || {
                    let (job, stop) = (job.clone(), stop.clone());
                    Box::pin(async move { job.run(stop).await })
                }),
            ));
        }
        starts
    }
}

async fn supervised(name: String, start: Start, stop: CancellationToken) {
    while AssertUnwindSafe(start()).catch_unwind().await.is_err() {
        tracing::error!(task = name, "{name} panicked and is started again");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(REST) => {}
        }
    }
}
