//! Gives up on a subgraph that does not answer in time; of a subscription only the start is timed.
use std::{future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;

use crate::transport::{EventStream, Subgraph, SubgraphRequest, SubgraphResponse, TransportError};

pub(super) struct Timeout {
    below: Arc<dyn Subgraph>,
    limit: Duration,
}

impl Timeout {
    pub(super) fn new(below: Arc<dyn Subgraph>, limit: Duration) -> Self {
        Self { below, limit }
    }

    async fn within<T>(
        &self,
        answer: impl Future<Output = Result<T, TransportError>>,
    ) -> Result<T, TransportError> {
        let in_time = tokio::time::timeout(self.limit, answer).await;
        in_time.unwrap_or(Err(TransportError::TimedOut(self.limit)))
    }
}

#[async_trait]
impl Subgraph for Timeout {
    async fn execute(&self, request: SubgraphRequest) -> Result<SubgraphResponse, TransportError> {
        self.within(self.below.execute(request)).await
    }

    async fn subscribe(&self, request: SubgraphRequest) -> Result<EventStream, TransportError> {
        self.within(self.below.subscribe(request)).await
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::transport::{InProcess, tests::request};

    #[tokio::test(start_paused = true)]
    async fn a_subgraph_that_never_answers_is_given_up() {
        let never = Arc::new(InProcess::new(|_| futures::future::pending::<Bytes>()));
        let limit = Duration::from_secs(3);
        let error = Timeout::new(never, limit).execute(request("{ a }")).await.unwrap_err();
        assert_eq!(error, TransportError::TimedOut(limit));
    }
}
