//! The prices that one reader is shown, as lists filter and sort by them: which indexed field holds them.
//!
//! Products fall into kinds by what their price lists name (this shop or not, one of the reader's groups or not)
//! and by whether a list of theirs has begun or ended since they were indexed; each kind has its field. The kinds
//! do not overlap, so a filter by price is one condition, and a list by price is as many ordered lists merged,
//! each walked along an index. Products that lists of several of the reader's groups price have no field: there
//! would be one for every set of groups. They are few, and their prices are computed.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use souk_kit::clock::Timestamp;
use souk_kit::documents::{Filter, IndexValue, Test};
use souk_kit::id::ShopId;
use souk_kit::money::Currency;

use super::products::{OFFER_CHANGE, OFFER_GROUP, OFFER_SHOP, Period, offer_field};
use crate::domain::ids::ProductId;

/// The prices that one reader is shown.
#[derive(Debug, Clone)]
pub struct PriceView {
    kinds: Vec<PriceKind>,
    computed: BTreeMap<ProductId, i64>,
}

/// Products whose price stands in one field.
#[derive(Debug, Clone)]
pub struct PriceKind {
    /// Which products.
    pub products: Filter,
    /// Where their price is, if they have one.
    pub field: String,
}

impl PriceView {
    /// What a customer of these groups is shown in a shop, at an instant.
    pub fn new(currency: Currency, shop: Option<ShopId>, groups: &[String], at: Timestamp) -> Self {
        let shops = match shop {
            None => vec![(Filter::everything(), None)],
            Some(shop) => {
                let own = Filter::equal(OFFER_SHOP, shop);
                vec![(own.clone(), Some(shop)), (own.negated(), None)]
            }
        };
        let mut by_group: Vec<_> = groups
            .iter()
            .map(|group| {
                let own = Filter::equal(OFFER_GROUP, group.as_str());
                let others: Vec<_> = groups.iter().filter(|other| *other != group).collect();
                (own.and(names_one_of(&others).negated()), Some(group.as_str()))
            })
            .collect();
        let none = if groups.is_empty() {
            Filter::everything()
        } else {
            names_one_of(&groups.iter().collect::<Vec<_>>()).negated()
        };
        by_group.push((none, None));
        let has_changed = Filter::below(OFFER_CHANGE, at + TimeDelta::microseconds(1));
        let periods = [(has_changed.clone().negated(), Period::Now), (has_changed, Period::Then)];
        let mut kinds = Vec::new();
        for (in_shop, shop) in &shops {
            for (of_group, group) in &by_group {
                for (in_period, period) in &periods {
                    let products = Filter::All(vec![in_shop.clone(), of_group.clone(), in_period.clone()]);
                    let field = offer_field(*period, currency.code(), *shop, *group);
                    kinds.push(PriceKind { products, field });
                }
            }
        }
        Self { kinds, computed: BTreeMap::new() }
    }

    /// The products that no kind holds: lists of several of these groups price them.
    pub fn of_several(groups: &[String]) -> Option<Filter> {
        let pairs = groups.iter().enumerate().flat_map(|(place, one)| {
            groups.iter().skip(place + 1).map(move |other| {
                let one = Filter::equal(OFFER_GROUP, one.as_str());
                one.and(Filter::equal(OFFER_GROUP, other.as_str()))
            })
        });
        let pairs: Vec<_> = pairs.map(|pair| Filter::All(vec![pair])).collect();
        (!pairs.is_empty()).then_some(Filter::Any(pairs))
    }

    /// With the prices of those, in minor units.
    #[must_use]
    pub fn with_computed(self, computed: BTreeMap<ProductId, i64>) -> Self {
        Self { computed, ..self }
    }

    /// The kinds.
    pub fn kinds(&self) -> &[PriceKind] {
        &self.kinds
    }

    /// The prices that stand in no field.
    pub fn computed(&self) -> &BTreeMap<ProductId, i64> {
        &self.computed
    }

    /// Products whose price lies within, in minor units.
    pub fn within(&self, from: Option<i64>, below: Option<i64>) -> Filter {
        let (from_value, below_value) = (from.map(IndexValue::from), below.map(IndexValue::from));
        let fits =
            |price: &i64| from.is_none_or(|from| from <= *price) && below.is_none_or(|end| *price < end);
        let computed = self.computed.iter().filter(|(_, price)| fits(price));
        let ids = Filter::Ids(computed.map(|(id, _)| id.to_string()).collect());
        self.any_kind(&Test::Range { from: from_value, below: below_value }, ids)
    }

    /// Products without a price.
    pub fn unpriced(&self) -> Filter {
        let ids = Filter::Ids(self.computed.keys().map(ToString::to_string).collect());
        self.any_kind(&Test::Exists, ids).negated()
    }

    fn any_kind(&self, test: &Test, computed: Filter) -> Filter {
        let kinds = self.kinds.iter().map(|kind| {
            Filter::All(vec![kind.products.clone(), Filter::Field(kind.field.clone().into(), test.clone())])
        });
        let computed = (!self.computed.is_empty()).then_some(computed);
        Filter::Any(kinds.chain(computed).collect())
    }
}

fn names_one_of(groups: &[&String]) -> Filter {
    Filter::one_of(OFFER_GROUP, groups.iter().map(|group| group.as_str()))
}
