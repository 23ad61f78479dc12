//! The public face as a filter: published products of active companies, offered in an active shop.

use chrono::TimeDelta;
use souk_kit::clock::Timestamp;
use souk_kit::documents::Filter;

use super::companies::Restrictions;
use super::products::{ALL_SHOPS, PUBLISHED_FROM, PUBLISHED_UNTIL, SHOP};

/// Products that the public sees at `now`.
pub(super) fn products(restrictions: &Restrictions, now: Timestamp) -> Filter {
    let just_after = now + TimeDelta::microseconds(1);
    let mut conditions =
        vec![Filter::below(PUBLISHED_FROM, just_after), Filter::at_least(PUBLISHED_UNTIL, just_after)];
    if !restrictions.inactive_companies.is_empty() {
        conditions.push(of_active_companies(restrictions));
    }
    if !restrictions.with_inactive_shops.is_empty() {
        let open = restrictions.their_active_shops.iter().map(ToString::to_string);
        conditions.push(Filter::Any(vec![
            Filter::Companies(restrictions.with_inactive_shops.clone()).negated(),
            Filter::one_of(SHOP, open.chain([ALL_SHOPS.to_owned()])),
        ]));
    }
    Filter::All(conditions)
}

/// What belongs to active companies.
pub(super) fn of_active_companies(restrictions: &Restrictions) -> Filter {
    if restrictions.inactive_companies.is_empty() {
        return Filter::everything();
    }
    Filter::Companies(restrictions.inactive_companies.clone()).negated()
}
