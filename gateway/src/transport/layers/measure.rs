//! Counts and times the requests to a subgraph, under its name.
use std::{sync::Arc, time::Instant};

use async_trait::async_trait;

use crate::{
    counts,
    transport::{EventStream, Subgraph, SubgraphRequest, SubgraphResponse, TransportError},
};

pub(super) struct Measure {
    below: Arc<dyn Subgraph>,
    name: String,
}

impl Measure {
    pub(super) fn new(below: Arc<dyn Subgraph>, name: String) -> Self {
        Self { below, name }
    }

    fn count<T>(&self, outcome: &Result<T, TransportError>) {
        let outcome = match outcome {
            Ok(_) => "answered",
            Err(TransportError::Unreachable) => "unreachable",
            Err(TransportError::TimedOut(_)) => "timed_out",
            Err(TransportError::TooLarge(_)) => "too_large",
            Err(TransportError::Status(_)) => "status",
            Err(TransportError::Unsupported(_)) => "unsupported",
        };
        metrics::counter!(counts::SUBGRAPH_REQUESTS, "subgraph" => self.name.clone(), "outcome" => outcome)
            .increment(1);
    }
}

#[async_trait]
impl Subgraph for Measure {
    async fn execute(&self, request: SubgraphRequest) -> Result<SubgraphResponse, TransportError> {
        let started = Instant::now();
        let outcome = self.below.execute(request).await;
        metrics::histogram!(counts::SUBGRAPH_SECONDS, "subgraph" => self.name.clone())
            .record(started.elapsed().as_secs_f64());
        self.count(&outcome);
        outcome
    }

    async fn subscribe(&self, request: SubgraphRequest) -> Result<EventStream, TransportError> {
        let outcome = self.below.subscribe(request).await;
        self.count(&outcome);
        outcome
    }
}
