//! What lists of shops are filtered by.

use async_graphql::{InputObject, MaybeUndefined};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyKind, ShopKind as ShopIdKind, SoughtId, UserKind};

use super::budget::{Budget, OPEN_NOW};
use super::omitted::wanted;
use super::shop::ShopKind;
use crate::store::{ShopFilter, Wanted};

/// Which shops are wanted. All that is given must hold. In a list, omitted means anything, null means shops without
/// a value, and an empty list matches nothing. What is for staff matches only what the caller may read of it.
#[derive(Debug, Default, InputObject)]
pub(crate) struct ShopWhere {
    /// All of these hold; none of them is no condition.
    #[graphql(name = "AND")]
    and: Option<Vec<ShopWhere>>,
    /// At least one of these holds; an empty list matches nothing.
    #[graphql(name = "OR")]
    or: Option<Vec<ShopWhere>>,
    /// This does not hold.
    #[graphql(name = "NOT")]
    not: Option<Box<ShopWhere>>,
    /// One of these ids.
    ids: MaybeUndefined<Vec<SoughtId<ShopIdKind>>>,
    /// It belongs to one of these companies.
    company: MaybeUndefined<Vec<SoughtId<CompanyKind>>>,
    /// One of these slugs.
    slug: MaybeUndefined<Vec<String>>,
    /// Customers meet it in one of these ways.
    kind: MaybeUndefined<Vec<ShopKind>>,
    /// The name has this in it, whatever the case.
    name_contains: Option<String>,
    /// It is in one of these countries (ISO 3166-1 alpha-2).
    country: MaybeUndefined<Vec<String>>,
    /// Its hours are in one of these time zones.
    time_zone: MaybeUndefined<Vec<String>>,
    /// Whether its hours say that it is open at the time of the request; null: it states none.
    open_now: MaybeUndefined<bool>,
    /// Whether it does business. Only staff find one that does not.
    active: Option<bool>,
    /// One of these people runs it. For staff.
    manager: MaybeUndefined<Vec<SoughtId<UserKind>>>,
    /// One of these people works in it; null: nobody does. For staff.
    staff: MaybeUndefined<Vec<SoughtId<UserKind>>>,
    /// Another system calls it one of these. For staff.
    external_reference: MaybeUndefined<Vec<String>>,
}

impl ShopWhere {
    /// The filter; `BAD_USER_INPUT` when it is too large.
    pub(super) fn filter(input: Option<Self>) -> Result<ShopFilter, Fault> {
        input.unwrap_or_default().within(&mut Budget::new())
    }

    fn within(self, budget: &mut Budget) -> Result<ShopFilter, Fault> {
        Ok(ShopFilter {
            all: budget.nested(self.and.unwrap_or_default(), Self::within)?,
            none: budget.nested(self.not.map(|part| *part), Self::within)?,
            any: self.or.map(|parts| budget.nested(parts, Self::within)).transpose()?,
            ids: wanted(self.ids, budget, SoughtId::get)?,
            companies: wanted(self.company, budget, SoughtId::get)?,
            slugs: wanted(self.slug, budget, |slug| Some(slug.to_lowercase()))?,
            kinds: wanted(self.kind, budget, |kind| Some(kind.into()))?,
            name_contains: self.name_contains,
            countries: wanted(self.country, budget, |country| Some(country.to_uppercase()))?,
            time_zones: wanted(self.time_zone, budget, Some)?,
            open_now: match self.open_now {
                MaybeUndefined::Undefined => Wanted::Anything,
                MaybeUndefined::Null => Wanted::Nothing,
                MaybeUndefined::Value(open) => {
                    budget.spend(OPEN_NOW)?;
                    Wanted::OneOf(vec![open])
                }
            },
            active: self.active,
            managers: wanted(self.manager, budget, SoughtId::get)?,
            staff: wanted(self.staff, budget, SoughtId::get)?,
            external_references: wanted(self.external_reference, budget, Some)?,
        })
    }
}
