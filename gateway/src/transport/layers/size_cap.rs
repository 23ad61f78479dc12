//! Refuses an answer that is too long to be scanned and kept.
use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt as _;

use crate::transport::{EventStream, Subgraph, SubgraphRequest, SubgraphResponse, TransportError};

pub(super) struct SizeCap {
    below: Arc<dyn Subgraph>,
    limit: usize,
}

impl SizeCap {
    pub(super) fn new(below: Arc<dyn Subgraph>, limit: usize) -> Self {
        Self { below, limit }
    }
}

#[async_trait]
impl Subgraph for SizeCap {
    async fn execute(&self, request: SubgraphRequest) -> Result<SubgraphResponse, TransportError> {
        let response = self.below.execute(request).await?;
        if response.body.len() > self.limit {
            Err(TransportError::TooLarge(self.limit))
        } else {
            Ok(response)
        }
    }

    async fn subscribe(&self, request: SubgraphRequest) -> Result<EventStream, TransportError> {
        let limit = self.limit;
        let events = self.below.subscribe(request).await?;
        let check = move |event: Result<bytes::Bytes, _>| {
            event.and_then(
                |body| if body.len() > limit { Err(TransportError::TooLarge(limit)) } else { Ok(body) },
            )
        };
        Ok(events.map(check).boxed())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::transport::{InProcess, tests::request};

    #[tokio::test]
    async fn an_answer_at_the_limit_passes_and_one_byte_more_does_not() {
        let echo = Arc::new(InProcess::new(|request: SubgraphRequest| async move {
            Bytes::from(request.query.to_string())
        }));
        let capped = SizeCap::new(echo, 5);
        assert_eq!(capped.execute(request("{ a }")).await.unwrap().body, "{ a }");
        assert_eq!(capped.execute(request("{ ab }")).await.unwrap_err(), TransportError::TooLarge(5));
    }
}
