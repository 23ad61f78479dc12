//! One maker for each kind of caller. Each call makes another person.

use uuid::Uuid;

use crate::id::{CompanyId, ShopId, UserId};
use crate::principal::{Principal, Role, User};

/// Nobody in particular.
#[must_use]
pub fn nobody() -> Principal {
    Principal::Anonymous
}

/// Runs the platform.
#[must_use]
pub fn super_admin() -> Principal {
    user(Role::SuperAdmin, None, &[])
}

/// Runs `company`.
#[must_use]
pub fn company_admin(company: CompanyId) -> Principal {
    user(Role::CompanyAdmin, Some(company), &[])
}

/// Runs `shops` of `company`.
#[must_use]
pub fn shop_manager(company: CompanyId, shops: &[ShopId]) -> Principal {
    user(Role::ShopManager, Some(company), shops)
}

/// Works in `shops` of `company`.
#[must_use]
pub fn shop_staff(company: CompanyId, shops: &[ShopId]) -> Principal {
    user(Role::ShopStaff, Some(company), shops)
}

/// Buys.
#[must_use]
pub fn customer() -> Principal {
    user(Role::Customer, None, &[])
}

/// A part of ours.
#[must_use]
pub fn service() -> Principal {
    Principal::service("test")
}

fn user(role: Role, company: Option<CompanyId>, shops: &[ShopId]) -> Principal {
    let id = UserId::from_uuid(Uuid::new_v4());
    Principal::User(User { id, role, company, shops: shops.to_vec(), customer_groups: Vec::new() })
}
