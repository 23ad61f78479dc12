//! Whose tokens this process trusts and, when it has the key, signs.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use async_trait::async_trait;
use chrono::TimeDelta;
use http::{Extensions, HeaderMap};
use souk_gateway::{Authenticate, Code, GraphqlError};
use souk_kit::auth::{Issuer, Jwks, SERVICE_LIFETIME, SigningKey, Verifier};
use souk_kit::clock::Clock;
use souk_kit::fault::{self, Fault};
use souk_kit::principal::Principal;

use crate::config::Config;

/// The key's file below the data folder.
const SIGNING_KEY: &str = "keys/signing.pem";

/// The key that the configuration holds, or that of the data folder.
fn signing_key(config: &Config) -> anyhow::Result<SigningKey> {
    match config.auth.signing_key.reveal() {
        "" => Ok(SigningKey::load_or_make(&config.data.dir.join(SIGNING_KEY))?),
        text => SigningKey::decode(text).context("`auth.signing_key`"),
    }
}

/// The keys that verify what this process signs, without making one.
pub(super) fn own_keys(config: &Config) -> anyhow::Result<Jwks> {
    match config.auth.signing_key.reveal() {
        "" => Ok(Jwks::of_signing_key(&config.data.dir.join(SIGNING_KEY))),
        _ => Ok(Jwks::given(&signing_key(config)?.public())),
    }
}

/// Verifies and signs tokens. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    issuer: Issuer,
    verifier: Verifier,
    /// What `/.well-known/jwks.json` says.
    document: Arc<str>,
}

impl Identity {
    /// The key of the configuration or of the data folder, made on the first start, and the keys that the configuration trusts:
    /// that one alone, unless `auth.jwks` and `auth.service_jwks` name others.
    pub(crate) fn open(config: &Config, clock: &Clock) -> anyhow::Result<Self> {
        let key = signing_key(config)?;
        let auth = &config.auth;
        let keys = |name: &'static str, place: &str| match place {
            "" => Ok(Jwks::given(&key.public())),
            place => Jwks::at(place).map_err(|fault| anyhow!("{name}: {fault:?}")),
        };
        let trusted = keys("auth.jwks", &auth.jwks)?;
        let parts = keys("auth.service_jwks", &auth.service_jwks)?;
        let document = serde_json::to_string(&key.public()).context("the public key cannot be written")?;
        Ok(Self {
            issuer: Issuer::new(key, &auth.issuer, &auth.audience, clock.clone()),
            verifier: Verifier::new(trusted, &auth.issuer, &auth.audience, clock.clone())
                .with_services(parts),
            document: document.into(),
        })
    }

    pub(crate) fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    pub(crate) fn jwks_document(&self) -> String {
        self.document.to_string()
    }

    /// A token for `principal` with these OAuth scopes, separated by spaces.
    pub(crate) fn sign(
        &self,
        principal: &Principal,
        scope: &str,
        lifetime: TimeDelta,
    ) -> anyhow::Result<String> {
        self.issuer.sign(principal, scope, lifetime).map_err(|fault| anyhow!("{fault:?}"))
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
        let claims = self.verifier.bearer(headers).await.map_err(|fault| refusal(&fault))?;
        let mut extensions = Extensions::new();
        let Some(claims) = claims else {
            extensions.insert(Principal::Anonymous);
            return Ok(extensions);
        };
        extensions.insert(claims.principal().map_err(|fault| refusal(&fault))?);
        extensions.insert(souk_gateway::Claims {
            is_authenticated: true,
            scopes: claims.scope.split_ascii_whitespace().map(str::to_owned).collect(),
            policies: claims.policies,
        });
        Ok(extensions)
    }
}

/// What the gateway answers to credentials that were refused, or that nobody can check now.
pub(super) fn refusal(fault: &Fault) -> GraphqlError {
    let code = match fault.code() {
        fault::Code::Unauthenticated => Code::Unauthenticated,
        _ => Code::ServiceUnavailable,
    };
    GraphqlError::new(code, fault.text())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[tokio::test]
    async fn a_verified_token_says_who_calls_and_what_it_grants() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::load(None, &[]).unwrap();
        config.data.dir = folder.path().to_owned();
        let identity = Identity::open(&config, &Clock::system()).unwrap();
        let visitor = identity.authenticate(&HeaderMap::new()).await.unwrap();
        assert_eq!(visitor.get::<Principal>(), Some(&Principal::Anonymous));
        assert!(visitor.get::<souk_gateway::Claims>().is_none());
        let caller = Principal::service("catalog");
        let token = identity.sign(&caller, "a b", TimeDelta::minutes(1)).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
        let known = identity.authenticate(&headers).await.unwrap();
        assert_eq!(known.get::<Principal>(), Some(&caller));
        let claims = known.get::<souk_gateway::Claims>().unwrap();
        assert!(claims.is_authenticated);
        assert_eq!(claims.scopes, ["a", "b"]);
        headers.insert("authorization", HeaderValue::from_static("Bearer made-up"));
        let refused = identity.authenticate(&headers).await.unwrap_err();
        assert_eq!(refused.code, Code::Unauthenticated);
    }

    /// What `openssl genpkey -algorithm ed25519 -outform DER | base64 -w0` printed.
    const KEY: &str = "MC4CAQAwBQYDK2VwBCIEIIlKwZtOQMcuSVlSRAFuB+2DuTboLkkGOaE1jnLiRnK+";

    #[tokio::test]
    async fn parts_that_were_given_one_key_believe_each_other_and_write_no_file() {
        let given = |text: &str| {
            let folder = tempfile::tempdir().unwrap();
            let environment = [("SOUK_AUTH__SIGNING_KEY".to_owned(), text.to_owned())];
            let mut config = Config::load(None, &environment).unwrap();
            config.data.dir = folder.path().join("data");
            (Identity::open(&config, &Clock::system()), folder)
        };
        let ((one, folder), (other, _)) = (given(KEY), given(KEY));
        let token = one.unwrap().sign(&Principal::service("catalog"), "", TimeDelta::minutes(1)).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
        let known = other.unwrap().authenticate(&headers).await.unwrap();
        assert_eq!(known.get::<Principal>(), Some(&Principal::service("catalog")));
        assert!(!folder.path().join("data").exists());
        let refused = given("c2VjcmV0").0.unwrap_err();
        assert!(format!("{refused:#}").contains("`auth.signing_key`: this is no Ed25519"), "{refused:#}");
        assert!(!format!("{refused:#}").contains("c2Vj"));
    }
}
