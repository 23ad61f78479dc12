//! Who a request comes from, as the host finds out: the gateway itself knows nothing of tokens.

use async_trait::async_trait;
use http::{Extensions, HeaderMap};

use crate::error::GraphqlError;

/// Verifies a request's credentials, once for all subgraphs of this process.
#[async_trait]
pub trait Authenticate: Send + Sync {
    /// What in-process subgraphs shall know of the caller, such as the verified principal; a request without
    /// credentials is a visitor's and no error. Wrong credentials are: with the code
    /// [`Code::Unauthenticated`](crate::Code::Unauthenticated) the answer's status is 401.
    ///
    /// Supergraphs with `@authenticated`, `@requiresScopes` or `@policy` are judged by the [`Claims`](crate::Claims)
    /// among them.
    async fn authenticate(&self, headers: &HeaderMap) -> Result<Extensions, GraphqlError>;

    /// Of which requests credentials are verified.
    fn verification(&self) -> Verification {
        Verification::Always
    }
}

/// Of which requests credentials are verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// Of all.
    Always,
    /// Of those to a supergraph that requires something of callers. Otherwise subgraphs see the headers only.
    WhereRequired,
}
