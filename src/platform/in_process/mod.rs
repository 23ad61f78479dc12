//! A subgraph of this process as the gateway reaches it: a call that hands the verified principal on.

use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use serde_json::json;
use souk_gateway::transport::{InProcess, Subgraph as Transport, SubgraphRequest, Upload};
use souk_kit::clock::Clock;
use souk_kit::context::RequestContext;
use souk_kit::principal::Principal;
use souk_kit::subgraph::{self, Request, Subgraph};

/// `subgraph` behind the gateway's transport.
pub(super) fn transport(subgraph: Arc<Subgraph>, clock: Clock) -> Arc<dyn Transport> {
    let (subscribed, subscribing) = (Arc::clone(&subgraph), clock.clone());
    let transport = InProcess::new(move |request| {
        let (subgraph, clock) = (Arc::clone(&subgraph), clock.clone());
        async move {
            match translate(request, &clock).await {
                Ok(request) => subgraph.execute(request).await,
                Err(refusal) => refusal,
            }
        }
    });
    Arc::new(transport.with_subscriptions(move |request| {
        let (subgraph, clock) = (Arc::clone(&subscribed), subscribing.clone());
        async move {
            Ok(match translate(request, &clock).await {
                Ok(request) => subgraph.subscribe(request).map(Ok).boxed(),
                Err(refusal) => futures::stream::iter([Ok(refusal)]).boxed(),
            })
        }
    }))
}

/// The gateway's request in the toolkit's terms, or a GraphQL response that says why not.
async fn translate(mut request: SubgraphRequest, clock: &Clock) -> Result<Request, Bytes> {
    let principal = request.extensions.remove::<Principal>().unwrap_or_default();
    let context = RequestContext::from_headers(principal, clock.now(), &request.headers);
    let mut uploads = Vec::with_capacity(request.uploads.len());
    for upload in request.uploads {
        uploads.push(spooled(upload).await?);
    }
    Ok(Request { query: request.query, operation_name: None, variables: request.variables, uploads, context })
}

/// The file, on disk: a subgraph judges files by their whole content. The gateway has bounded its length.
async fn spooled(upload: Upload) -> Result<subgraph::Upload, Bytes> {
    let stream = upload.content.take().ok_or_else(|| broken(&upload.path))?;
    let content = subgraph::spool(stream).await.map_err(|error| {
        if let subgraph::SpoolError::Disk(cause) = &error {
            tracing::error!(%cause, "a file could not be put aside: {cause}");
            return refused("INTERNAL", "internal error");
        }
        broken(&upload.path)
    })?;
    Ok(subgraph::Upload {
        path: upload.path,
        file_name: upload.file_name.unwrap_or_default(),
        content_type: upload.content_type,
        content,
    })
}

fn broken(path: &str) -> Bytes {
    refused("BAD_USER_INPUT", &format!("the file at `{path}` did not arrive whole"))
}

fn refused(code: &str, message: &str) -> Bytes {
    let error = json!({ "message": message, "extensions": { "code": code } });
    Bytes::from(json!({ "data": null, "errors": [error] }).to_string())
}

#[cfg(test)]
mod tests;
