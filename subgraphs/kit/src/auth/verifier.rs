//! Verifies tokens: signature, issuer, audience, times.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use jsonwebtoken::{Validation, decode, decode_header};
use moka::sync::Cache;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::claims::{Claims, SERVICE};
use super::grant::Grant;
use super::jwks::Jwks;
use crate::clock::Clock;
use crate::fault::Fault;
use crate::principal::Principal;

/// How far the clocks of issuer and verifier may differ.
const LEEWAY: TimeDelta = TimeDelta::seconds(5);
/// The longest token that is looked at, in bytes.
const LONGEST: usize = 8 * 1024;
/// What a token may say that it is, in any case. RFC 9068 (section 2.1) has issuers write `at+jwt`, as ours does, and
/// section 4 has verifiers refuse whatever is not that or `application/at+jwt`, so that no other JWT of an issuer (of a
/// logout, a `DPoP` proof) passes for an access token. Many issuers write `JWT` or nothing all the same; these two are
/// taken, because the audience tells an ID token from an access token too.
const TYPES: [&str; 3] = ["at+jwt", "application/at+jwt", "jwt"];
/// How many verified tokens are remembered: checking a signature costs more than the rest of a small query.
const REMEMBERED: u64 = 10_000;

/// The claims of a token whose signature, issuer and audience hold.
pub trait Token: DeserializeOwned + Clone + Send + Sync + 'static {
    /// From when on it holds, in seconds since 1970 (UTC), if it says so.
    fn start(&self) -> Option<i64>;

    /// When it ceases to hold, in seconds since 1970 (UTC).
    fn end(&self) -> i64;
}

/// Verifies access tokens: our own, or those of any issuer ([`Grant`]). Cheap to clone.
#[derive(Debug, Clone)]
pub struct Verifier<C: Token = Claims> {
    keys: Jwks,
    /// The keys of tokens whose bearers are parts of ours.
    services: Jwks,
    issuer: String,
    audience: String,
    clock: Clock,
    verified: Cache<String, C>,
}

impl Verifier {
    /// Takes tokens of ours with these `iss` and `aud` that one of `keys` signed.
    #[must_use]
    pub fn new(keys: Jwks, issuer: impl Into<String>, audience: impl Into<String>, clock: Clock) -> Self {
        Self::with(keys, issuer.into(), audience.into(), clock)
    }

    /// Takes tokens of our own parts (subjects that begin with `service:`) when one of these keys signed them, and no
    /// other: whoever is trusted to say who somebody is need not be trusted to speak for the platform itself.
    #[must_use]
    pub fn with_services(self, keys: Jwks) -> Self {
        Self { services: keys, ..self }
    }

    /// Who calls: the bearer of the `Authorization` header's token, or anonymous when there is no such header.
    ///
    /// # Errors
    /// As of [`bearer`](Self::bearer).
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Principal, Fault> {
        match self.bearer(headers).await? {
            Some(claims) => claims.principal(),
            None => Ok(Principal::Anonymous),
        }
    }

    /// The bearer of `token`.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when it does not hold; `UNAVAILABLE` when the keys cannot be had.
    pub async fn verify(&self, token: &str) -> Result<Principal, Fault> {
        self.check(token).await?.principal()
    }
}

impl Verifier<Grant> {
    /// Takes tokens of whatever issuer has this name, for whatever audience has that one, that one of `keys` signed.
    #[must_use]
    pub fn of_any(keys: Jwks, issuer: impl Into<String>, audience: impl Into<String>, clock: Clock) -> Self {
        Self::with(keys, issuer.into(), audience.into(), clock)
    }
}

impl<C: Token> Verifier<C> {
    fn with(keys: Jwks, issuer: String, audience: String, clock: Clock) -> Self {
        let verified = Cache::builder()
            .max_capacity(REMEMBERED)
            // A key that was withdrawn ceases to count for remembered tokens too.
            .time_to_live(std::time::Duration::from_mins(5))
            .build();
        Self { services: keys.clone(), keys, issuer, audience, clock, verified }
    }

    /// What the `Authorization` header's token says (RFC 6750, section 2.1); nothing when there is no such header.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when the header is there and does not hold: a bad token is never taken for none.
    /// `UNAVAILABLE` when the keys cannot be had.
    pub async fn bearer(&self, headers: &HeaderMap) -> Result<Option<C>, Fault> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(header) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(Fault::unauthenticated("several Authorization headers"));
        }
        let token = header
            .to_str()
            .ok()
            .and_then(|text| text.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| Fault::unauthenticated("the Authorization header takes `Bearer` and a token"))?;
        self.check(token).await.map(Some)
    }

    async fn check(&self, token: &str) -> Result<C, Fault> {
        let claims = match self.verified.get(token) {
            Some(claims) => claims,
            None => self.read(token).await?,
        };
        let now = self.clock.now();
        let at = |seconds| DateTime::from_timestamp(seconds, 0);
        if at(claims.end()).is_none_or(|end| now >= end + LEEWAY) {
            return Err(Fault::unauthenticated("the token has expired"));
        }
        if claims.start().is_some_and(|start| at(start).is_none_or(|start| now + LEEWAY < start)) {
            return Err(Fault::unauthenticated("the token does not hold yet"));
        }
        Ok(claims)
    }

    async fn read(&self, token: &str) -> Result<C, Fault> {
        let refused = || Fault::unauthenticated("the token does not hold");
        if token.len() > LONGEST {
            return Err(refused());
        }
        let header = decode_header(token).map_err(|_| refused())?;
        if header.typ.is_some_and(|kind| !TYPES.iter().any(|known| kind.eq_ignore_ascii_case(known))) {
            return Err(refused());
        }
        let id = header.kid.ok_or_else(refused)?;
        // What the subject says here is not believed before the key that it leads to has verified it.
        let keys = if is_of_a_service(token) { &self.services } else { &self.keys };
        let key = keys.find(&id).await?.ok_or_else(refused)?;
        // The algorithm is the key's, never the token's: a token may not choose how it is checked.
        let mut validation = Validation::new(key.algorithm);
        validation.set_issuer(&[&self.issuer]);
        validation.set_audience(&[&self.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Times are checked against our own clock, above.
        validation.validate_exp = false;
        let claims = decode::<C>(token, &key.decoding, &validation).map_err(|_| refused())?.claims;
        self.verified.insert(token.to_owned(), claims.clone());
        Ok(claims)
    }
}

/// Whether the token says that its bearer is a part of ours.
fn is_of_a_service(token: &str) -> bool {
    #[derive(Deserialize)]
    struct Payload {
        sub: String,
    }
    let payload = token.split('.').nth(1).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let payload = payload.and_then(|bytes| serde_json::from_slice::<Payload>(&bytes).ok());
    payload.is_some_and(|payload| payload.sub.starts_with(SERVICE))
}
