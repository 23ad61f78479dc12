//! `Visibility`: which records a caller reaches, as a value that every store call takes.

use std::sync::Arc;

use crate::id::{CompanyId, ShopId, UserId};

/// Which records a caller reaches. Its fields are private: only the matrix, an event or a named job makes one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Visibility {
    reach: Reach,
    access: Access,
    public: bool,
}

/// How far it goes, apart from the public face.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reach {
    /// All tenants.
    Everything,
    /// One company.
    Company(CompanyId),
    /// Some shops of one company; never none.
    Shops {
        /// The company of the shops.
        company: CompanyId,
        /// The shops.
        shops: Arc<[ShopId]>,
    },
    /// What belongs to one person.
    Own(UserId),
    /// Nothing of anyone's own: the public face at most.
    Nothing,
}

/// Looking wants one shop in common; changing wants that nobody else's shop is touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Access {
    Read,
    Write,
}

/// Whose a record is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tenant {
    /// The company that owns it.
    pub company: Option<CompanyId>,
    /// The shops that it is confined to; `None`: it belongs to the company as a whole.
    pub shops: Option<Vec<ShopId>>,
    /// The person that it belongs to.
    pub person: Option<UserId>,
}

impl Tenant {
    /// Something of the company as a whole.
    #[must_use]
    pub fn company(company: CompanyId) -> Self {
        Self { company: Some(company), ..Self::default() }
    }

    /// Something of one shop.
    #[must_use]
    pub fn shop(company: CompanyId, shop: ShopId) -> Self {
        Self { company: Some(company), shops: Some(vec![shop]), person: None }
    }

    /// Something of some shops.
    #[must_use]
    pub fn shops(company: CompanyId, shops: Vec<ShopId>) -> Self {
        Self { company: Some(company), shops: Some(shops), person: None }
    }

    /// The same, belonging to a person.
    #[must_use]
    pub fn of_person(self, person: UserId) -> Self {
        Self { person: Some(person), ..self }
    }
}

impl Visibility {
    pub(crate) fn new(reach: Reach, access: Access, public: bool) -> Self {
        Self { reach, access, public }
    }

    /// Everything, for a job or a start-up task of ours. `job` says which, so that each use can be found.
    #[must_use]
    pub fn everything_for(job: &'static str) -> Self {
        tracing::trace!(job, "{job} works across all tenants");
        Self::new(Reach::Everything, Access::Write, true)
    }

    /// The company that an event is about, for its consumers; without one, everything.
    pub(crate) fn of_event(company: Option<CompanyId>) -> Self {
        Self::new(company.map_or(Reach::Everything, Reach::Company), Access::Write, true)
    }

    /// How far it goes, apart from the public face. Stores turn it into a filter; a domain may narrow by it.
    #[must_use]
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Whether the public face is seen in addition.
    #[must_use]
    pub fn sees_public(&self) -> bool {
        self.public
    }

    /// The only company within reach, when it is one.
    #[must_use]
    pub fn company(&self) -> Option<CompanyId> {
        match &self.reach {
            Reach::Company(company) | Reach::Shops { company, .. } => Some(*company),
            Reach::Everything | Reach::Own(_) | Reach::Nothing => None,
        }
    }

    /// The only shops within reach, when they are some of a company's.
    #[must_use]
    pub fn shops(&self) -> Option<&[ShopId]> {
        match &self.reach {
            Reach::Shops { shops, .. } => Some(shops),
            Reach::Everything | Reach::Company(_) | Reach::Own(_) | Reach::Nothing => None,
        }
    }

    /// Whether it is for changing: see [`Access`].
    pub(crate) fn is_write(&self) -> bool {
        self.access == Access::Write
    }

    /// Whether a record of `tenant` is within reach by right, not by being public. Staff fields ask this.
    #[must_use]
    pub fn covers(&self, tenant: &Tenant) -> bool {
        match &self.reach {
            Reach::Everything => true,
            Reach::Company(company) => tenant.company == Some(*company),
            Reach::Shops { company, shops } => {
                tenant.company == Some(*company)
                    && match (&tenant.shops, self.access) {
                        (None, Access::Read) => true,
                        (None, Access::Write) => false,
                        (Some(theirs), Access::Read) => theirs.iter().any(|shop| shops.contains(shop)),
                        (Some(theirs), Access::Write) => {
                            !theirs.is_empty() && theirs.iter().all(|shop| shops.contains(shop))
                        }
                    }
            }
            Reach::Own(person) => tenant.person == Some(*person),
            Reach::Nothing => false,
        }
    }

    /// The same without the public face: for lists that show only what is the caller's by right.
    #[must_use]
    pub fn without_public(&self) -> Self {
        Self { public: false, ..self.clone() }
    }

    /// Only the public face: what a visitor sees, whoever asks.
    #[must_use]
    pub fn public_only() -> Self {
        Self::new(Reach::Nothing, Access::Read, true)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn shop(n: u128) -> ShopId {
        ShopId::from_uuid(Uuid::from_u128(n))
    }

    #[test]
    fn a_shop_manager_changes_only_what_touches_no_other_shop() {
        let company = CompanyId::from_uuid(Uuid::from_u128(1));
        let reach = Reach::Shops { company, shops: [shop(1), shop(2)].into() };
        let (read, write) = (
            Visibility::new(reach.clone(), Access::Read, false),
            Visibility::new(reach, Access::Write, false),
        );
        let cases = [
            (Tenant::company(company), true, false),
            (Tenant::shops(company, vec![shop(1)]), true, true),
            (Tenant::shops(company, vec![shop(1), shop(3)]), true, false),
            (Tenant::shops(company, vec![shop(3)]), false, false),
            (Tenant::shops(company, vec![]), false, false),
            (Tenant::shop(CompanyId::from_uuid(Uuid::from_u128(2)), shop(1)), false, false),
        ];
        for (tenant, may_read, may_write) in cases {
            assert_eq!((read.covers(&tenant), write.covers(&tenant)), (may_read, may_write), "{tenant:?}");
        }
    }
}
