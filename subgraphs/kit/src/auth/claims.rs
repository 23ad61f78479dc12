//! What a token says, and the principal that follows from it.

use serde::{Deserialize, Serialize};

use super::verifier::Token;
use crate::fault::Fault;
use crate::id::{ApiKeyId, CompanyId, Kind, ShopId, UserKind};
use crate::principal::{ApiKey, Principal, Role, Service, User};

/// How the subject of a service's token starts: `service:catalog`.
pub(super) const SERVICE: &str = "service:";

/// The claims of an access token. Ids only: nothing personal, nothing that could go stale but rights.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Whom it is about: a user's id, an API key's id, or `service:` and a name.
    pub sub: String,
    /// The role of a user or API key; services have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<CompanyId>,
    /// The shops that the bearer works in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shops: Vec<ShopId>,
    /// The customer groups whose prices the bearer gets, by their codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// OAuth scopes (RFC 8693, section 4.2), separated by spaces.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// The policies that let the bearer pass, by the names that `@policy` uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
    /// Who issued it.
    pub iss: String,
    /// Whom it is for.
    pub aud: String,
    /// When it was issued, in seconds since 1970 (UTC).
    pub iat: i64,
    /// From when on it holds, in seconds since 1970 (UTC); from when it was issued without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// When it ceases to hold, in seconds since 1970 (UTC).
    pub exp: i64,
    /// Names this one token.
    pub jti: String,
}

impl Claims {
    /// The rights of `principal`; issuer, audience and times are yet to be filled in. `None` for anonymous
    /// callers, who have no token.
    pub(super) fn of(principal: &Principal) -> Option<Self> {
        let sub = match principal {
            Principal::Anonymous => return None,
            Principal::User(user) => user.id.to_string(),
            Principal::ApiKey(key) => key.id.to_string(),
            Principal::Service(service) => format!("{SERVICE}{}", service.name),
        };
        let (role, company, shops) = (principal.role(), principal.company(), principal.shops().to_vec());
        let groups = principal.customer_groups().to_vec();
        Some(Self { sub, role, company, shops, groups, ..Self::default() })
    }

    /// Who the token's bearer is.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when the claims do not fit each other: a role that belongs to a company without one.
    pub fn principal(&self) -> Result<Principal, Fault> {
        let misfit = |what: &'static str| Fault::unauthenticated(what);
        if let Some(name) = self.sub.strip_prefix(SERVICE) {
            return Ok(Principal::Service(Service { name: name.to_owned() }));
        }
        let role = self.role.ok_or_else(|| misfit("the token has no role"))?;
        let confined = matches!(role, Role::CompanyAdmin | Role::ShopManager | Role::ShopStaff);
        if confined && self.company.is_none() {
            return Err(misfit("the token's role belongs to a company, and it names none"));
        }
        let shops = self.shops.clone();
        if self.sub.starts_with(UserKind::PREFIX) {
            let id = self.sub.parse().map_err(|_| misfit("the token's subject is no user"))?;
            let customer_groups = self.groups.clone();
            return Ok(Principal::User(User { id, role, company: self.company, shops, customer_groups }));
        }
        let id: ApiKeyId =
            self.sub.parse().map_err(|_| misfit("the token's subject is neither user, key nor service"))?;
        let company = self.company.ok_or_else(|| misfit("the token of an API key names no company"))?;
        if role == Role::SuperAdmin {
            return Err(misfit("an API key is confined to its company"));
        }
        Ok(Principal::ApiKey(ApiKey { id, role, company, shops }))
    }
}

impl Token for Claims {
    fn start(&self) -> Option<i64> {
        Some(self.nbf.map_or(self.iat, |start| start.max(self.iat)))
    }

    fn end(&self) -> i64 {
        self.exp
    }
}
