//! Whose tokens this process trusts and, when it has the key, signs.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use async_trait::async_trait;
use chrono::TimeDelta;
use http::{Extensions, HeaderMap};
use souk_gateway::{Authenticate, Code, GraphqlError};
use souk_kit::auth::{Issuer, Jwks, SERVICE_LIFETIME, SigningKey, Verifier};
use souk_kit::clock::Clock;
use souk_kit::fault;
use souk_kit::principal::Principal;

use crate::config::Config;

/// The key's file below the data folder.
const SIGNING_KEY: &str = "keys/signing.pem";

/// Verifies and signs tokens. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    issuer: Issuer,
    verifier: Verifier,
    /// What `/.well-known/jwks.json` says.
    document: Arc<str>,
}

impl Identity {
    /// The key of the data folder, made on the first start, and the keys that the configuration trusts:
    /// that one alone, unless `auth.jwks` names others.
    pub(crate) fn open(config: &Config, clock: &Clock) -> anyhow::Result<Self> {
        let key = SigningKey::load_or_make(&config.data.dir.join(SIGNING_KEY))?;
        let auth = &config.auth;
        let trusted = match auth.jwks.as_str() {
            "" => Jwks::given(&key.public()),
            place => Jwks::at(place).map_err(|fault| anyhow!("auth.jwks: {fault:?}"))?,
        };
        let document = serde_json::to_string(&key.public()).context("the public key cannot be written")?;
        Ok(Self {
            issuer: Issuer::new(key, &auth.issuer, &auth.audience, clock.clone()),
            verifier: Verifier::new(trusted, &auth.issuer, &auth.audience, clock.clone()),
            document: document.into(),
        })
    }

    pub(crate) fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    pub(crate) fn jwks_document(&self) -> String {
        self.document.to_string()
    }

    /// A token for `principal`.
    pub(crate) fn sign(&self, principal: &Principal, lifetime: TimeDelta) -> anyhow::Result<String> {
        self.issuer.sign(principal, "", lifetime).map_err(|fault| anyhow!("{fault:?}"))
    }

    /// A short-lived token for one of our own parts.
    pub(crate) fn sign_for_service(&self, principal: &Principal) -> Option<String> {
        self.issuer.sign(principal, "", SERVICE_LIFETIME).ok()
    }
}

/// Verified once for the whole process: subgraphs in it take the principal from the request's extensions.
#[async_trait]
impl Authenticate for Identity {
    async fn authenticate(&self, headers: &HeaderMap) -> Result<Extensions, GraphqlError> {
        let principal = self.verifier.caller(headers).await.map_err(|fault| {
            let code = match fault.code() {
                fault::Code::Unauthenticated => Code::Unauthenticated,
                _ => Code::ServiceUnavailable,
            };
            GraphqlError::new(code, fault.text())
        })?;
        let mut extensions = Extensions::new();
        extensions.insert(principal);
        Ok(extensions)
    }
}
