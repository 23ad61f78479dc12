//! A subgraph of this process: a call, no socket. The host says how to answer; a panic in its code fails the request, not the gateway.
use std::{fmt, future::Future, panic::AssertUnwindSafe};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{FutureExt as _, StreamExt as _, future::BoxFuture};

use super::{EventStream, Subgraph, SubgraphRequest, SubgraphResponse, TransportError};

type Execute = dyn Fn(SubgraphRequest) -> BoxFuture<'static, Bytes> + Send + Sync;
type Subscribe =
    dyn Fn(SubgraphRequest) -> BoxFuture<'static, Result<EventStream, TransportError>> + Send + Sync;

/// A subgraph that functions of this process answer for.
pub struct InProcess {
    execute: Box<Execute>,
    subscribe: Option<Box<Subscribe>>,
}

impl InProcess {
    /// `execute` turns a request into a GraphQL response.
    pub fn new<F, R>(execute: F) -> Self
    where
        F: Fn(SubgraphRequest) -> R + Send + Sync + 'static,
        R: Future<Output = Bytes> + Send + 'static,
    {
        Self { execute: Box::new(move |request| execute(request).boxed()), subscribe: None }
    }

    /// `subscribe` turns a request into a stream of GraphQL responses.
    #[must_use]
    pub fn with_subscriptions<F, R>(mut self, subscribe: F) -> Self
    where
        F: Fn(SubgraphRequest) -> R + Send + Sync + 'static,
        R: Future<Output = Result<EventStream, TransportError>> + Send + 'static,
    {
        self.subscribe = Some(Box::new(move |request| subscribe(request).boxed()));
        self
    }
}

#[async_trait]
impl Subgraph for InProcess {
    async fn execute(&self, request: SubgraphRequest) -> Result<SubgraphResponse, TransportError> {
        let body = AssertUnwindSafe(async { (self.execute)(request).await }).catch_unwind().await;
        let body = body.map_err(|_| TransportError::Unreachable)?;
        Ok(SubgraphResponse { body, ..SubgraphResponse::default() })
    }

    async fn subscribe(&self, request: SubgraphRequest) -> Result<EventStream, TransportError> {
        let Some(subscribe) = &self.subscribe else {
            return Err(TransportError::Unsupported("this subgraph has no subscriptions"));
        };
        let events = AssertUnwindSafe(async { subscribe(request).await }).catch_unwind().await;
        let events = events.unwrap_or(Err(TransportError::Unreachable))?;
        let events = AssertUnwindSafe(events).catch_unwind();
        Ok(events.map(|event| event.unwrap_or(Err(TransportError::Unreachable))).boxed())
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::tests::request;

    #[tokio::test]
    async fn a_panic_in_a_subgraph_fails_its_request_only() {
        let subgraph = InProcess::new(|request: SubgraphRequest| async move {
            assert!(&*request.query != "{ bad }", "a bug");
            Bytes::from_static(b"{}")
        });
        assert_eq!(subgraph.execute(request("{ bad }")).await.unwrap_err(), TransportError::Unreachable);
        assert_eq!(subgraph.execute(request("{ good }")).await.unwrap().body, "{}");
    }
}
