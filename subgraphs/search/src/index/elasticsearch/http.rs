//! Calls to the cluster, and which of their failures may pass.

use std::time::Duration;

use ::elasticsearch::http::headers::HeaderMap;
use ::elasticsearch::http::transport::{SingleNodeConnectionPool, Transport, TransportBuilder};
use ::elasticsearch::http::{Method, StatusCode};
use serde_json::Value;
use souk_kit::fault::Fault;

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long is waited for an index whose shards have not started.
const STARTING: &str = "15s";

#[derive(Debug)]
pub(super) struct Client {
    transport: Transport,
}

/// What came of a call that reached the cluster.
#[derive(Debug)]
pub(super) enum Reply {
    Done(Value),
    /// What it names is not there.
    Missing,
}

/// What came of a call whose body may be too large.
#[derive(Debug)]
pub(super) enum Taken {
    Yes(Reply),
    /// The cluster, or what stands before it, takes no body of this size.
    TooLarge,
}

#[derive(Debug, thiserror::Error)]
#[error("Elasticsearch answered {status}: {body}")]
pub(super) struct Refused {
    status: StatusCode,
    body: String,
}

impl Client {
    pub(super) fn new(url: &str) -> Result<Self, Fault> {
        let url = url::Url::parse(url).map_err(Fault::internal)?;
        let pool = SingleNodeConnectionPool::new(url);
        let transport = TransportBuilder::new(pool).timeout(PATIENCE).disable_proxy();
        Ok(Self { transport: transport.build().map_err(Fault::internal)? })
    }

    pub(super) async fn post(&self, path: &str, body: Option<&Value>) -> Result<Reply, Fault> {
        let body = body.map(serde_json::to_vec).transpose()?;
        self.call(Method::Post, path, body.unwrap_or_default()).await
    }

    pub(super) async fn put(&self, path: &str, body: &Value) -> Result<Reply, Fault> {
        self.call(Method::Put, path, serde_json::to_vec(body)?).await
    }

    pub(super) async fn get(&self, path: &str) -> Result<Reply, Fault> {
        self.call(Method::Get, path, Vec::new()).await
    }

    pub(super) async fn delete(&self, path: &str) -> Result<Reply, Fault> {
        self.call(Method::Delete, path, Vec::new()).await
    }

    /// Waits, not for long, until each shard of `index` answers: one that has just been made, or stood on a node that
    /// was started again, takes its moment.
    pub(super) async fn until_started(&self, index: &str) -> Result<(), Fault> {
        let until = format!("wait_for_status=yellow&timeout={STARTING}&master_timeout={STARTING}");
        self.get(&format!("/_cluster/health/{index}?{until}")).await.map(drop)
    }

    pub(super) async fn call(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Reply, Fault> {
        match self.offer(method, path, body).await? {
            Taken::Yes(reply) => Ok(reply),
            Taken::TooLarge => Err(refused(StatusCode::PAYLOAD_TOO_LARGE, path.to_owned())),
        }
    }

    pub(super) async fn offer(&self, method: Method, path: &str, body: Vec<u8>) -> Result<Taken, Fault> {
        let body = (!body.is_empty()).then_some(body);
        let sent = self.transport.send(method, path, HeaderMap::new(), None::<&()>, body, None).await;
        let response = sent.map_err(away)?;
        let status = response.status_code();
        if status == StatusCode::NOT_FOUND {
            return Ok(Taken::Yes(Reply::Missing));
        }
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            return Ok(Taken::TooLarge);
        }
        if status.is_success() {
            return Ok(Taken::Yes(Reply::Done(response.json().await.map_err(away)?)));
        }
        let body: String = response.text().await.map_err(away)?.chars().take(2_000).collect();
        Err(refused(status, body))
    }
}

/// The fault of an answer: a cluster that is busy or not whole may be so no more later.
pub(super) fn refused(status: StatusCode, body: String) -> Fault {
    let is_transient = status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    let refused = Refused { status, body };
    if is_transient { away(refused) } else { Fault::internal(refused) }
}

/// Whether the cluster answered that it cannot yet, as it does of a shard that has not started.
pub(super) fn is_starting(fault: &Fault) -> bool {
    let refused = fault.cause().and_then(|cause| cause.downcast_ref::<Refused>());
    refused.is_some_and(|refused| refused.status == StatusCode::SERVICE_UNAVAILABLE)
}

fn away(error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::unavailable("the search engine does not answer", error)
}
