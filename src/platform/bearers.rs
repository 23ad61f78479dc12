//! Whose tokens a gateway over any supergraph believes, for `@authenticated`, `@requiresScopes` and `@policy`.

use anyhow::anyhow;
use async_trait::async_trait;
use http::{Extensions, HeaderMap};
use souk_gateway::{Authenticate, Claims, GraphqlError, Verification};
use souk_kit::auth::{Grant, Jwks, Verifier};
use souk_kit::clock::Clock;

use super::identity::{own_keys, refusal};
use crate::config::Config;

/// Verifies the tokens of whatever issuer the configuration names. What the bearer is to the subgraphs, they decide
/// themselves, by the same token.
pub(crate) struct Bearers {
    verifier: Verifier<Grant>,
    verification: Verification,
}

impl Bearers {
    /// The keys of `auth.jwks`. Without it, the data folder's key, and only where the supergraph requires something of
    /// callers: the graph's tokens may be none that this gateway could verify.
    pub(crate) fn open(config: &Config, clock: &Clock) -> anyhow::Result<Self> {
        let auth = &config.auth;
        let (keys, verification) = match auth.jwks.as_str() {
            "" => (own_keys(config)?, Verification::WhereRequired),
            place => {
                (Jwks::at(place).map_err(|fault| anyhow!("auth.jwks: {fault:?}"))?, Verification::Always)
            }
        };
        let verifier = Verifier::of_any(keys, &auth.issuer, &auth.audience, clock.clone());
        Ok(Self { verifier, verification })
    }
}

#[async_trait]
impl Authenticate for Bearers {
    async fn authenticate(&self, headers: &HeaderMap) -> Result<Extensions, GraphqlError> {
        let grant = self.verifier.bearer(headers).await.map_err(|fault| refusal(&fault))?;
        let mut extensions = Extensions::new();
        if let Some(Grant { scopes, policies, .. }) = grant {
            extensions.insert(Claims { is_authenticated: true, scopes, policies });
        }
        Ok(extensions)
    }

    fn verification(&self) -> Verification {
        self.verification
    }
}
