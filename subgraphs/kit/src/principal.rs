//! Who is calling: nobody, a person, an API key or a part of ours.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{ApiKeyId, CompanyId, ShopId, UserId};

/// Who is calling. In one process it travels in the request; between processes as a signed token.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Principal {
    /// A visitor without a token.
    #[default]
    Anonymous,
    /// A person who signed in.
    User(User),
    /// A program that an integrator runs.
    ApiKey(ApiKey),
    /// A part of ours, such as `search-indexer`. It may do everything that the matrix gives services.
    Service(Service),
}

/// A person who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Who it is.
    pub id: UserId,
    /// What it may do.
    pub role: Role,
    /// The tenant it belongs to; super admins and most customers have none.
    pub company: Option<CompanyId>,
    /// The shops it works in; for shop managers and shop staff.
    pub shops: Vec<ShopId>,
    /// The customer groups whose prices it gets, by their codes.
    pub customer_groups: Vec<String>,
}

/// A program that an integrator runs, with the rights of a role inside one company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Which key.
    pub id: ApiKeyId,
    /// What it may do at most.
    pub role: Role,
    /// The tenant it belongs to.
    pub company: CompanyId,
    /// The shops it is confined to; for shop roles.
    pub shops: Vec<ShopId>,
}

/// A part of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name in the deployment, such as `catalog`.
    pub name: String,
}

/// The roles, from the one that may most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the platform.
    SuperAdmin,
    /// Runs one company.
    CompanyAdmin,
    /// Runs some shops of a company.
    ShopManager,
    /// Works in some shops of a company.
    ShopStaff,
    /// Buys.
    Customer,
}

impl Role {
    /// All, from the one that may most.
    pub const ALL: [Self; 5] =
        [Self::SuperAdmin, Self::CompanyAdmin, Self::ShopManager, Self::ShopStaff, Self::Customer];

    /// The name in tokens and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SuperAdmin => "super_admin",
            Self::CompanyAdmin => "company_admin",
            Self::ShopManager => "shop_manager",
            Self::ShopStaff => "shop_staff",
            Self::Customer => "customer",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = UnknownRole;

    /// Takes `company_admin` and `company-admin` alike.
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let text = text.replace('-', "_");
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}

/// The text names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the roles are super_admin, company_admin, shop_manager, shop_staff and customer")]
pub struct UnknownRole;

impl Principal {
    /// A part of ours called `name`.
    pub fn service(name: impl Into<String>) -> Self {
        Self::Service(Service { name: name.into() })
    }

    /// The tenant that the caller belongs to, if it belongs to one.
    #[must_use]
    pub fn company(&self) -> Option<CompanyId> {
        match self {
            Self::User(user) => user.company,
            Self::ApiKey(key) => Some(key.company),
            Self::Anonymous | Self::Service(_) => None,
        }
    }

    /// The shops that the caller works in.
    #[must_use]
    pub fn shops(&self) -> &[ShopId] {
        match self {
            Self::User(user) => &user.shops,
            Self::ApiKey(key) => &key.shops,
            Self::Anonymous | Self::Service(_) => &[],
        }
    }

    /// The customer groups whose prices the caller gets.
    #[must_use]
    pub fn customer_groups(&self) -> &[String] {
        match self {
            Self::User(user) => &user.customer_groups,
            Self::ApiKey(_) | Self::Anonymous | Self::Service(_) => &[],
        }
    }

    /// The role, when the caller has one.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        match self {
            Self::User(user) => Some(user.role),
            Self::ApiKey(key) => Some(key.role),
            Self::Anonymous | Self::Service(_) => None,
        }
    }

    /// The person, when it is one.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::User(user) => Some(user.id),
            Self::Anonymous | Self::ApiKey(_) | Self::Service(_) => None,
        }
    }

    /// Kind and id, for events, logs and keys.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor(match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::User(user) => format!("user:{}", user.id),
            Self::ApiKey(key) => format!("api_key:{}", key.id),
            Self::Service(service) => format!("service:{}", service.name),
        })
    }
}

/// Kind and id of whoever did something: `user:user_01h…`, `service:catalog`. Nothing personal beyond the id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Actor(String);

impl Actor {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
