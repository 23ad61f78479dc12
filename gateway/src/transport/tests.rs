//! What the tests of transports share.
use std::sync::Arc;

use ::http::{Extensions, HeaderMap};
use bytes::Bytes;

use super::{OperationKind, SubgraphRequest};

/// A query without variables.
pub(crate) fn request(query: &str) -> SubgraphRequest {
    SubgraphRequest {
        query: Arc::from(query),
        kind: OperationKind::Query,
        variables: Bytes::from_static(b"{}"),
        headers: HeaderMap::new(),
        extensions: Extensions::new(),
        uploads: Vec::new(),
    }
}
