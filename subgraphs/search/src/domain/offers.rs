//! What the public is asked for a product: the lowest price of one unit of any variant, by currency and shop, from now
//! on for as long as price lists say.
//!
//! It is the catalogue's own rule for a buyer of no customer group: the most specific list wins (one for the shop before
//! one for everywhere, any list before base prices), then the higher priority, then the lower price, then the older
//! list. Nothing is converted.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use souk_kit::clock::Timestamp;
use souk_kit::id::ShopId;
use souk_kit::money::Currency;

use super::heard::{PriceList, Variant, Window};
use crate::index::document::Price;

/// What `variants` are offered for from `at` on, by those of `lists` that are for everyone. For any currency, shop and
/// instant one price holds at most; a shop that is named has all its prices named.
#[must_use]
pub fn offers(variants: &[Variant], lists: &[PriceList], at: Timestamp) -> Vec<Price> {
    let units =
        || variants.iter().flat_map(|variant| &variant.prices).filter(|price| price.min_quantity <= 1);
    let named: BTreeSet<_> = units().filter_map(|price| price.list).collect();
    let is_over = |window: &Window| window.until.is_some_and(|until| until <= at);
    let public: Vec<&PriceList> = lists
        .iter()
        .filter(|list| list.active && list.customer_group.is_none() && named.contains(&list.id))
        .filter(|list| !is_over(&list.window))
        .collect();
    let edges: BTreeSet<Timestamp> = public
        .iter()
        .flat_map(|list| [list.window.from, list.window.until])
        .flatten()
        .filter(|edge| *edge > at)
        .collect();
    let shops: BTreeSet<Option<ShopId>> = public.iter().map(|list| list.shop).chain([None]).collect();
    let currencies: BTreeSet<Currency> = units().map(|price| price.currency).collect();
    let mut offers = Vec::new();
    for (shop, currency) in shops.iter().flat_map(|shop| currencies.iter().map(move |one| (*shop, *one))) {
        offers.extend(schedule(variants, &public, (shop, currency), &edges, at));
    }
    offers
}

/// The prices of one shop and currency, one after the other.
fn schedule(
    variants: &[Variant],
    lists: &[&PriceList],
    (shop, currency): (Option<ShopId>, Currency),
    edges: &BTreeSet<Timestamp>,
    at: Timestamp,
) -> Vec<Price> {
    let mut prices: Vec<Price> = Vec::new();
    let mut open: Option<Price> = None;
    for (begins, instant) in [(None, at)].into_iter().chain(edges.iter().map(|edge| (Some(*edge), *edge))) {
        let holding: Vec<&PriceList> =
            lists.iter().filter(|list| list.window.contains(instant)).copied().collect();
        let lowest = variants.iter().filter_map(|variant| price(variant, &holding, shop, currency)).min();
        if open.as_ref().map(|price| price.amount_minor) == lowest {
            continue;
        }
        if let Some(ended) = open.take() {
            prices.push(Price { until: begins, ..ended });
        }
        open = lowest.map(|amount_minor| Price {
            currency: currency.code().to_owned(),
            shop,
            amount_minor,
            from: begins,
            until: None,
        });
    }
    prices.extend(open);
    prices
}

/// The price of one unit of a variant, in minor units.
fn price(variant: &Variant, holding: &[&PriceList], shop: Option<ShopId>, currency: Currency) -> Option<i64> {
    let eligible =
        variant.prices.iter().filter(|price| price.currency == currency && price.min_quantity <= 1);
    let ranked = eligible.filter_map(|price| {
        let Some(id) = price.list else {
            return Some(((1_u8, Reverse(0_u8), Reverse(0)), price.amount_minor, None));
        };
        let list = holding.iter().find(|list| list.id == id)?;
        let holds = list.shop.is_none() || list.shop == shop;
        let rank = (0, Reverse(u8::from(list.shop.is_some())), Reverse(list.priority));
        holds.then_some((rank, price.amount_minor, Some(id)))
    });
    ranked.min().map(|(_, amount_minor, _)| amount_minor)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use proptest::prelude::*;

    use super::super::heard::{self, Window};
    use super::super::ids::{PriceListId, VariantId};
    use super::*;

    fn hour(hours: i64) -> Timestamp {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn list(narrow: impl FnOnce(&mut PriceList)) -> PriceList {
        let mut list = PriceList {
            id: PriceListId::new(hour(0)),
            customer_group: None,
            shop: None,
            window: Window::default(),
            priority: 0,
            active: true,
        };
        narrow(&mut list);
        list
    }

    fn priced(prices: &[(Option<&PriceList>, i64)]) -> Variant {
        let price = |(list, amount_minor): &(Option<&PriceList>, i64)| heard::Price {
            list: list.map(|list| list.id),
            currency: "EUR".parse().unwrap(),
            min_quantity: 1,
            amount_minor: *amount_minor,
        };
        Variant {
            id: VariantId::new(hour(0)),
            sku: None,
            barcode: None,
            name: None,
            options: Vec::new(),
            attributes: Vec::new(),
            prices: prices.iter().map(price).collect(),
        }
    }

    #[test]
    fn the_public_pays_by_the_list_that_is_drawn_narrowest_and_never_by_one_of_a_group() {
        let airport = ShopId::new(hour(0));
        let sale = list(|l| l.priority = 9);
        let shop = list(|l| l.shop = Some(airport));
        let trade = list(|l| l.customer_group = Some("trade".into()));
        let off = list(|l| l.active = false);
        let variant =
            priced(&[(None, 100), (Some(&sale), 90), (Some(&shop), 120), (Some(&trade), 5), (Some(&off), 1)]);
        let found = offers(&[variant], &[sale, shop, trade, off], hour(1));
        let found: Vec<_> = found.iter().map(|price| (price.shop, price.amount_minor)).collect();
        assert_eq!(found, [(None, 90), (Some(airport), 120)]);
    }

    #[test]
    fn a_list_holds_in_its_window() {
        let sale = list(|l| l.window = Window { from: Some(hour(2)), until: Some(hour(4)) });
        let variant = priced(&[(None, 100), (Some(&sale), 50)]);
        let at = |hours| {
            let found = offers(std::slice::from_ref(&variant), std::slice::from_ref(&sale), hour(hours));
            found.iter().map(|price| (price.amount_minor, price.from, price.until)).collect::<Vec<_>>()
        };
        let (two, four) = (Some(hour(2)), Some(hour(4)));
        assert_eq!(at(1), [(100, None, two), (50, two, four), (100, four, None)]);
        assert_eq!(at(3), [(50, None, four), (100, four, None)]);
        assert_eq!(at(4), [(100, None, None)]);
    }

    #[test]
    fn the_cheapest_variant_speaks_for_the_product_and_a_tier_for_more_does_not() {
        let mut tiered = priced(&[(None, 300)]);
        tiered.prices.push(heard::Price { min_quantity: 10, amount_minor: 1, ..tiered.prices[0] });
        let found = offers(&[tiered, priced(&[(None, 200)])], &[], hour(0));
        assert_eq!(found.iter().map(|price| price.amount_minor).collect::<Vec<_>>(), [200]);
    }

    proptest! {
        #[test]
        fn one_price_holds_at_most_and_it_is_the_one_that_the_lists_of_that_instant_give(
            terms in prop::collection::vec(
                (prop::option::of(0usize..2), -1i32..2, prop::option::of(0i64..9), prop::option::of(1i64..9), any::<bool>()),
                0..5,
            ),
            amounts in prop::collection::vec(prop::option::of(0i64..20), 6),
        ) {
            let shops = [ShopId::new(hour(0)), ShopId::new(hour(0))];
            let lists: Vec<PriceList> = terms.iter().map(|(shop, priority, from, until, active)| list(|l| {
                l.shop = shop.map(|shop| shops[shop]);
                l.priority = *priority;
                l.active = *active;
                let until = until.filter(|until| from.is_none_or(|from| from < *until));
                l.window = Window { from: from.map(hour), until: until.map(hour) };
            })).collect();
            let prices: Vec<_> = lists.iter().map(Some).chain([None]).zip(&amounts)
                .filter_map(|(list, amount)| amount.map(|amount| (list, amount))).collect();
            let variants = [priced(&prices)];
            let scheduled = offers(&variants, &lists, hour(0));
            for (instant, shop) in (0..12).flat_map(|n| [None, Some(shops[0]), Some(shops[1])].map(|shop| (hour(n), shop))) {
                let own = shop.filter(|shop| scheduled.iter().any(|price| price.shop == Some(*shop)));
                let holds: Vec<_> = scheduled.iter()
                    .filter(|price| price.shop == own
                        && price.from.is_none_or(|from| from <= instant)
                        && price.until.is_none_or(|until| instant < until))
                    .map(|price| price.amount_minor).collect();
                let holding: Vec<&PriceList> =
                    lists.iter().filter(|list| list.active && list.window.contains(instant)).collect();
                let expected = price(&variants[0], &holding, shop, "EUR".parse().unwrap());
                prop_assert_eq!(holds, expected.into_iter().collect::<Vec<_>>());
            }
        }
    }
}
