//! Signs tokens: for `souk token`, for calls between our own parts, and later for those who sign in.

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, Header, encode};
use uuid::Uuid;

use super::claims::Claims;
use super::signing_key::SigningKey;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::principal::Principal;

/// How long a service's token holds: one call and its retries.
pub const SERVICE_LIFETIME: TimeDelta = TimeDelta::minutes(1);

/// Signs access tokens in one issuer's name.
#[derive(Debug, Clone)]
pub struct Issuer {
    key: SigningKey,
    name: String,
    audience: String,
    clock: Clock,
}

impl Issuer {
    /// An issuer whose tokens have these `iss` and `aud`.
    #[must_use]
    pub fn new(key: SigningKey, name: impl Into<String>, audience: impl Into<String>, clock: Clock) -> Self {
        Self { key, name: name.into(), audience: audience.into(), clock }
    }

    /// A token for `principal` that holds for `lifetime` from now.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for an anonymous principal, who has no token.
    pub fn sign(&self, principal: &Principal, scope: &str, lifetime: TimeDelta) -> Result<String, Fault> {
        let rights =
            Claims::of(principal).ok_or_else(|| Fault::bad_input("anonymous callers have no token"))?;
        let now = self.clock.now();
        let claims = Claims {
            scope: scope.to_owned(),
            iss: self.name.clone(),
            aud: self.audience.clone(),
            iat: now.timestamp(),
            exp: (now + lifetime).timestamp(),
            jti: Uuid::now_v7().to_string(),
            ..rights
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = self.key.id().map(str::to_owned);
        // RFC 9068, section 2.1: tells an access token from other JWTs of the same issuer.
        header.typ = Some("at+jwt".to_owned());
        encode(&header, &claims, &self.key.encoding).map_err(Fault::internal)
    }
}
