//! What the access token of any issuer grants its bearer, for graphs whose users are not ours.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::verifier::Token;

/// The claims of an access token (RFC 9068), as far as a gateway judges by them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Payload")]
pub struct Grant {
    /// Whom the token is about, in the issuer's terms.
    pub subject: String,
    /// OAuth scopes: the claim `scope` (RFC 8693, section 4.2), or `scp` as some issuers call it.
    pub scopes: Vec<String>,
    /// The policies that let the bearer pass: the claim `policies`.
    pub policies: Vec<String>,
    start: Option<i64>,
    end: i64,
}

#[derive(Deserialize)]
struct Payload {
    sub: String,
    scope: Option<Names>,
    scp: Option<Names>,
    policies: Option<Names>,
    nbf: Option<i64>,
    iat: Option<i64>,
    exp: i64,
}

/// Names in a list, or in one text with spaces between them; anything else is no names.
#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    Text(String),
    List(Vec<String>),
    Other(IgnoredAny),
}

impl From<Payload> for Grant {
    fn from(payload: Payload) -> Self {
        Self {
            subject: payload.sub,
            scopes: payload.scope.or(payload.scp).map_or_else(Vec::new, Names::list),
            policies: payload.policies.map_or_else(Vec::new, Names::list),
            start: payload.nbf.or(payload.iat),
            end: payload.exp,
        }
    }
}

impl Names {
    fn list(self) -> Vec<String> {
        match self {
            Self::Text(text) => text.split_ascii_whitespace().map(str::to_owned).collect(),
            Self::List(list) => list,
            Self::Other(_) => Vec::new(),
        }
    }
}

impl Token for Grant {
    fn start(&self) -> Option<i64> {
        self.start
    }

    fn end(&self) -> i64 {
        self.end
    }
}
