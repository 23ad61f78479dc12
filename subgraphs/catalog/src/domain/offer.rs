//! What lists filter and sort by: the price that each kind of buyer is shown of a product.
//!
//! A buyer's price depends on the currency, the shop, the customer groups and the instant. Of the shops and groups
//! only those matter that a price list of the product names, so a product keeps one price for each pair of them,
//! and for everyone else one. Of the instants only those matter at which a list begins or ends: a product keeps
//! what holds now and what will hold after the next of them, so that lists need nobody to be awake right then.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use souk_kit::clock::Timestamp;
use souk_kit::id::ShopId;
use souk_kit::money::Currency;

use super::price_list::PriceList;
use super::price_resolution::Precedence;
use super::variant::Variant;

/// The lowest price of one unit of any variant, for one kind of buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// For buyers in this shop; none is for those in every other, or in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop: Option<ShopId>,
    /// For customers of this group; none is for those of no group that a list of the product names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The currency of the amount.
    pub currency: Currency,
    /// In the currency's minor units.
    pub amount_minor: i64,
}

/// What a product is offered for, to each kind of buyer, now and after the next change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offers {
    /// The shops in which it may have a price of its own.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub shops: BTreeSet<ShopId>,
    /// The customer groups for which it may have a price of its own.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<String>,
    /// Until `changes_at`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub now: Vec<Offer>,
    /// The first instant at which a list of the product begins or ends; none when none will.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes_at: Option<Timestamp>,
    /// From `changes_at` until the instant after it at which a list begins or ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Offer>,
}

impl Offers {
    /// What these variants are offered for, from `at` on.
    pub fn of(variants: &[Variant], lists: &[PriceList], at: Timestamp) -> Self {
        let prices = || variants.iter().flat_map(|variant| variant.prices.iter());
        let named: BTreeSet<_> =
            prices().filter(|price| price.min_quantity == 1).filter_map(|price| price.list).collect();
        let lists: Vec<_> = lists.iter().filter(|list| list.active && named.contains(&list.id)).collect();
        let edges = lists.iter().flat_map(|list| [list.window.from, list.window.until]);
        let changes_at = edges.flatten().filter(|edge| *edge > at).min();
        let holds = |list: &&&PriceList| {
            list.window.contains(at) || changes_at.is_some_and(|then| list.window.contains(then))
        };
        let lists: Vec<_> = lists.iter().filter(holds).copied().collect();
        let mut offers = Self {
            shops: lists.iter().filter_map(|list| list.shop).collect(),
            groups: lists.iter().filter_map(|list| list.customer_group.clone()).collect(),
            now: Vec::new(),
            changes_at,
            then: Vec::new(),
        };
        offers.now = offers.at(variants, &lists, at);
        offers.then = changes_at.map(|then| offers.at(variants, &lists, then)).unwrap_or_default();
        offers
    }

    fn at(&self, variants: &[Variant], lists: &[&PriceList], at: Timestamp) -> Vec<Offer> {
        let mut currencies: Vec<Currency> = Vec::new();
        for price in variants.iter().flat_map(|variant| variant.prices.iter()) {
            if !currencies.contains(&price.currency) {
                currencies.push(price.currency);
            }
        }
        let shops = || self.shops.iter().copied().map(Some).chain([None]);
        let groups = || self.groups.iter().map(Some).chain([None]);
        let mut offers = Vec::new();
        for (shop, group) in shops().flat_map(|shop| groups().map(move |group| (shop, group))) {
            let own: Vec<String> = group.into_iter().cloned().collect();
            let precedence = Precedence::of(lists.iter().copied(), &own, shop.as_ref(), at);
            for currency in &currencies {
                if let Some(amount_minor) = lowest(variants, &precedence, *currency) {
                    offers.push(Offer { shop, group: group.cloned(), currency: *currency, amount_minor });
                }
            }
        }
        offers
    }
}

/// The lowest price of one unit of any variant, in minor units.
pub fn lowest(variants: &[Variant], precedence: &Precedence, currency: Currency) -> Option<i64> {
    let prices = variants.iter().filter_map(|variant| precedence.price(&variant.prices, currency, 1));
    prices.map(|price| price.amount_minor).min()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use proptest::prelude::*;
    use souk_kit::id::CompanyId;

    use super::super::ids::{PriceListId, VariantId};
    use super::super::price::tests::currency;
    use super::super::price::{Price, Prices};
    use super::super::publication::Window;
    use super::*;

    fn hour(hours: i64) -> Timestamp {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    /// The price that the index has for a buyer of at most one group.
    fn indexed(offers: &Offers, shop: ShopId, group: &str, gbp: Currency, at: Timestamp) -> Option<i64> {
        let shop = offers.shops.contains(&shop).then_some(shop);
        let group = offers.groups.contains(group).then(|| group.to_owned());
        let has_changed = offers.changes_at.is_some_and(|change| change <= at);
        let offers = if has_changed { &offers.then } else { &offers.now };
        let found = offers.iter().find(|o| o.shop == shop && o.group == group && o.currency == gbp);
        found.map(|offer| offer.amount_minor)
    }

    proptest! {
        #[test]
        fn what_is_indexed_is_what_is_shown_until_the_second_change(
            terms in prop::collection::vec(
                (0usize..3, 0usize..3, -1i32..2, prop::option::of(0i64..9), prop::option::of(1i64..9), any::<bool>()),
                0..5,
            ),
            prices in prop::collection::vec((0usize..6, 0usize..2, 1u32..3, 0i64..20), 0..12),
            at in 0i64..9,
        ) {
            let company = CompanyId::new(hour(0));
            let shops = [ShopId::new(hour(0)), ShopId::new(hour(0)), ShopId::new(hour(0))];
            let groups = ["trade", "vip", "other"];
            let lists: Vec<PriceList> = terms.iter().map(|(shop, group, priority, from, until, active)| {
                let mut list = PriceList::new(PriceListId::new(hour(0)), company);
                // The third of each stands for none: it is asked for, and named by no list.
                list.shop = shops[..2].get(*shop).copied();
                list.customer_group = groups[..2].get(*group).map(ToString::to_string);
                list.priority = *priority;
                list.active = *active;
                let until = until.filter(|until| from.is_none_or(|from| from < *until));
                list.window = Window::new(from.map(hour), until.map(hour)).unwrap();
                list
            }).collect();
            let gbp = currency("GBP");
            let mut variants = [(); 2].map(|()| Variant::new(VariantId::new(hour(0))));
            for (list, variant, min_quantity, amount_minor) in prices {
                let list = match lists.get(list) {
                    Some(list) => Some(list.id),
                    None if list == 5 => None,
                    None => continue,
                };
                variants[variant].prices.set(Price { list, min_quantity, ..Price::base(gbp, amount_minor) }).unwrap();
            }
            let offers = Offers::of(&variants, &lists, hour(at));
            let edges = lists.iter().filter(|list| list.active).flat_map(|list| [list.window.from, list.window.until]);
            let second = edges.flatten().filter(|edge| offers.changes_at.is_some_and(|first| *edge > first)).min();
            let instants = (at..12).map(hour).take_while(|now| second.is_none_or(|second| *now < second));
            for now in instants {
                for (shop, group) in shops.iter().flat_map(|shop| groups.map(|group| (shop, group))) {
                    let precedence = Precedence::of(&lists, &[group.to_owned()], Some(shop), now);
                    let shown = lowest(&variants, &precedence, gbp);
                    prop_assert_eq!(indexed(&offers, *shop, group, gbp, now), shown, "{} {}", now, group);
                }
            }
        }
    }

    #[test]
    fn a_product_without_lists_has_one_price_for_everyone() {
        let mut variant = Variant::new(VariantId::new(hour(0)));
        variant.prices = Prices::new([Price::base(currency("GBP"), 500)]).unwrap();
        let offers = Offers::of(&[variant], &[], hour(0));
        let everyone = Offer { shop: None, group: None, currency: currency("GBP"), amount_minor: 500 };
        assert_eq!(offers, Offers { now: vec![everyone], ..Offers::default() });
    }
}
