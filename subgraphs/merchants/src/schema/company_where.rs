//! What lists of companies are filtered by.

use async_graphql::{InputObject, MaybeUndefined};
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyKind, SoughtId, UserKind};
use souk_kit::money::CurrencyCode;

use super::budget::Budget;
use super::omitted::wanted;
use super::plan::PlanTier;
use crate::store::CompanyFilter;

/// Which companies are wanted. All that is given must hold. In a list, omitted means anything, null means companies
/// without a value, and an empty list matches nothing. What is for administrators matches only what the caller may
/// read of it.
#[derive(Debug, Default, InputObject)]
pub(crate) struct CompanyWhere {
    /// All of these hold; none of them is no condition.
    #[graphql(name = "AND")]
    and: Option<Vec<CompanyWhere>>,
    /// At least one of these holds; an empty list matches nothing.
    #[graphql(name = "OR")]
    or: Option<Vec<CompanyWhere>>,
    /// This does not hold.
    #[graphql(name = "NOT")]
    not: Option<Box<CompanyWhere>>,
    /// One of these ids.
    ids: MaybeUndefined<Vec<SoughtId<CompanyKind>>>,
    /// One of these slugs.
    slug: MaybeUndefined<Vec<String>>,
    /// The name has this in it, whatever the case.
    name_contains: Option<String>,
    /// Its own currency is one of these.
    currency: MaybeUndefined<Vec<CurrencyCode>>,
    /// Its seat is in one of these countries (ISO 3166-1 alpha-2).
    country: MaybeUndefined<Vec<String>>,
    /// Whether it does business. Only company and super administrators find one that does not.
    active: Option<bool>,
    /// It subscribes to one of these tiers. For company and super administrators.
    plan: MaybeUndefined<Vec<PlanTier>>,
    /// It belongs to one of these people. For company and super administrators.
    owner: MaybeUndefined<Vec<SoughtId<UserKind>>>,
    /// Another system calls it one of these. For company and super administrators.
    external_reference: MaybeUndefined<Vec<String>>,
}

impl CompanyWhere {
    /// The filter; `BAD_USER_INPUT` when it is too large.
    pub(super) fn filter(input: Option<Self>) -> Result<CompanyFilter, Fault> {
        input.unwrap_or_default().within(&mut Budget::new())
    }

    fn within(self, budget: &mut Budget) -> Result<CompanyFilter, Fault> {
        Ok(CompanyFilter {
            all: budget.nested(self.and.unwrap_or_default(), Self::within)?,
            none: budget.nested(self.not.map(|part| *part), Self::within)?,
            any: self.or.map(|parts| budget.nested(parts, Self::within)).transpose()?,
            ids: wanted(self.ids, budget, SoughtId::get)?,
            slugs: wanted(self.slug, budget, |slug| Some(slug.to_lowercase()))?,
            name_contains: self.name_contains,
            currencies: wanted(self.currency, budget, |code| Some(code.0.code().to_owned()))?,
            countries: wanted(self.country, budget, |country| Some(country.to_uppercase()))?,
            active: self.active,
            plans: wanted(self.plan, budget, |tier| Some(tier.into()))?,
            owners: wanted(self.owner, budget, SoughtId::get)?,
            external_references: wanted(self.external_reference, budget, Some)?,
        })
    }
}
