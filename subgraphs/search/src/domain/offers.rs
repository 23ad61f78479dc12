//! What the public is asked for a product: the lowest price of one unit of any variant, by currency and shop, from now
//! on for as long as price lists say.
//!
//! It is the catalogue's own rule for a buyer of no customer group: the most specific list wins (one for the shop before
//! one for everywhere, any list before base prices), then the higher priority, then the lower price, then the older
//! list. Nothing is converted.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use souk_kit::clock::Timestamp;
use souk_kit::id::ShopId;
use souk_kit::money::Currency;

use super::heard::{self, PriceList, Variant, Window};
use super::ids::PriceListId;
use crate::index::document::Price;

/// What `variants` are offered for from `at` on, by those of `lists` that are for everyone. For any currency, shop and
/// instant one price holds at most; a shop that is named has all its prices named.
#[must_use]
pub fn offers(variants: &[Variant], lists: &[PriceList], at: Timestamp) -> Vec<Price> {
    let is_over = |window: &Window| window.until.is_some_and(|until| until <= at);
    let public = lists.iter().filter(|list| list.active && list.customer_group.is_none());
    let public: BTreeMap<PriceListId, &PriceList> =
        public.filter(|list| !is_over(&list.window)).map(|list| (list.id, list)).collect();
    let mut asks: BTreeMap<Currency, BTreeMap<Option<ShopId>, Vec<Ask>>> = BTreeMap::new();
    let mut shops = BTreeSet::from([None]);
    for (variant, prices) in variants.iter().map(|variant| &variant.prices).enumerate() {
        for price in prices.iter().filter(|price| price.min_quantity <= 1) {
            let list = price.list.and_then(|id| public.get(&id).copied());
            // Of a list that is not for everyone, or not any more.
            if price.list.is_some() && list.is_none() {
                continue;
            }
            let shop = list.and_then(|list| list.shop);
            shops.insert(shop);
            let of_shop = asks.entry(price.currency).or_default().entry(shop).or_default();
            of_shop.push(Ask::new(variant, price, list));
        }
    }
    let mut offers = Vec::new();
    for (currency, mut of_shops) in asks {
        of_shops.values_mut().for_each(|asks| asks.sort_unstable());
        let of = |shop: &Option<ShopId>| of_shops.get(shop).map(Vec::as_slice).unwrap_or_default();
        let general = General::of(of(&None), at);
        for shop in &shops {
            let own = if shop.is_some() { of(shop) } else { &[] };
            offers.extend(schedule(&general, own, (*shop, currency), at));
        }
    }
    offers.sort_by_key(|price| price.shop);
    offers
}

/// What one unit of a variant costs, as a price list or the variant itself says. They are sorted by variant, and those of
/// one variant so that the first one that holds counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ask {
    /// The place of the variant.
    variant: usize,
    /// Base prices last, then the list of the higher priority first.
    rank: (bool, Reverse<i32>),
    amount_minor: i64,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Ask {
    fn new(variant: usize, price: &heard::Price, list: Option<&PriceList>) -> Self {
        let Window { from, until } = list.map(|list| list.window).unwrap_or_default();
        let rank = (list.is_none(), Reverse(list.map_or(0, |list| list.priority)));
        Self { variant, rank, amount_minor: price.amount_minor, from, until }
    }
}

/// What each variant costs at an instant, by its place; those that cost nothing then are left out.
fn amounts(asks: &[Ask], instant: Timestamp) -> Vec<(usize, i64)> {
    let holds = |ask: &&Ask| Window { from: ask.from, until: ask.until }.contains(instant);
    let of_variants = asks.chunk_by(|one, other| one.variant == other.variant);
    of_variants
        .filter_map(|asks| asks.iter().find(holds))
        .map(|ask| (ask.variant, ask.amount_minor))
        .collect()
}

/// The instants behind `at` at which prices begin or cease to hold.
fn edges(asks: &[Ask], at: Timestamp) -> impl Iterator<Item = Timestamp> {
    asks.iter().flat_map(|ask| [ask.from, ask.until]).flatten().filter(move |edge| *edge > at)
}

/// What variants cost in one currency wherever no shop has a price of its own: worked out once for all shops.
struct General {
    /// From which instant until the next, what each variant costs: the amount and its place, the lowest first.
    steps: Vec<(Timestamp, Vec<(i64, usize)>)>,
}

impl General {
    fn of(asks: &[Ask], at: Timestamp) -> Self {
        let instants: BTreeSet<Timestamp> = edges(asks, at).chain([at]).collect();
        let step = |instant| {
            let mut amounts: Vec<_> =
                amounts(asks, instant).into_iter().map(|(variant, amount)| (amount, variant)).collect();
            amounts.sort_unstable();
            (instant, amounts)
        };
        Self { steps: instants.into_iter().map(step).collect() }
    }

    /// The lowest amount at an instant, of all variants but `others`, which are in the order of their places.
    fn lowest(&self, instant: Timestamp, others: &[(usize, i64)]) -> Option<i64> {
        let begun = self.steps.partition_point(|(from, _)| *from <= instant);
        let (_, amounts) = self.steps.get(begun.checked_sub(1)?)?;
        let is_other = |variant| others.binary_search_by_key(&variant, |(other, _)| *other).is_ok();
        amounts.iter().find(|(_, variant)| !is_other(*variant)).map(|(amount, _)| *amount)
    }
}

/// The prices of one shop and currency, one after the other.
fn schedule(
    general: &General,
    own: &[Ask],
    (shop, currency): (Option<ShopId>, Currency),
    at: Timestamp,
) -> Vec<Price> {
    let mut prices: Vec<Price> = Vec::new();
    let mut open: Option<Price> = None;
    let instants: BTreeSet<Timestamp> =
        general.steps.iter().map(|(instant, _)| *instant).chain(edges(own, at)).collect();
    for instant in instants {
        let begins = (instant > at).then_some(instant);
        let own = amounts(own, instant);
        let lowest_own = own.iter().map(|(_, amount)| *amount).min();
        let lowest = lowest_own.into_iter().chain(general.lowest(instant, &own)).min();
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

    /// As many variants, lists and prices as the catalogue takes: half of the lists hold everywhere, each later and before
    /// those of the hours before it, and half in a shop of their own.
    #[test]
    fn a_product_with_as_many_prices_as_there_may_be_is_offered_in_every_shop() {
        const HALF: i64 = 50;
        const LONG: i64 = 1_000;
        let late = |hours: i64| hour(hours) + TimeDelta::minutes(30);
        let shops: Vec<ShopId> = (0..HALF).map(|_| ShopId::new(hour(0))).collect();
        let everywhere = (0..HALF).map(|n| {
            list(|l| {
                l.priority = i32::try_from(n).unwrap();
                l.window = Window { from: Some(hour(n)), until: Some(hour(LONG + n)) };
            })
        });
        let of_shops = (0..HALF).zip(&shops).map(|(n, shop)| {
            list(|l| {
                l.shop = Some(*shop);
                l.window = Window { from: Some(late(n)), until: Some(late(LONG + n)) };
            })
        });
        let lists: Vec<PriceList> = everywhere.chain(of_shops).collect();
        let amount = |list: i64, variant: i64| 10_000 + 100 * list + variant;
        let variant = |n| {
            let prices: Vec<_> =
                (0..).zip(&lists).map(|(place, list)| (Some(list), amount(place, n))).collect();
            let mut variant = priced(&prices);
            let dollars = variant.prices.clone().into_iter();
            let dollar = "USD".parse().unwrap();
            variant.prices.extend(dollars.map(|price| heard::Price { currency: dollar, ..price }));
            variant
        };
        let variants: Vec<Variant> = (0..2 * HALF).map(variant).collect();
        assert_eq!((lists.len(), variants.len(), variants[0].prices.len()), (100, 100, 200));

        let offered = offers(&variants, &lists, hour(0));
        let of = |shop: Option<ShopId>, currency: &str| -> Vec<_> {
            let prices =
                offered.iter().filter(|price| (price.shop, price.currency.as_str()) == (shop, currency));
            prices.map(|price| (price.amount_minor, price.from, price.until)).collect()
        };
        // In the first hour what holds is so from the beginning.
        let from = |hours| (hours > 0).then(|| hour(hours));
        let general = |n| {
            let until = if n + 1 < HALF { hour(n + 1) } else { hour(LONG + n) };
            (amount(n, 0), from(n), Some(until))
        };
        for currency in ["EUR", "USD"] {
            assert_eq!(of(None, currency), (0..HALF).map(general).collect::<Vec<_>>());
            for (n, shop) in (0..HALF).zip(&shops) {
                let mut expected: Vec<_> = (0..n).map(general).collect();
                expected.push((amount(n, 0), from(n), Some(late(n))));
                expected.push((amount(HALF + n, 0), Some(late(n)), Some(late(LONG + n))));
                if n + 1 < HALF {
                    expected.push((amount(HALF - 1, 0), Some(late(LONG + n)), Some(hour(LONG + HALF - 1))));
                }
                assert_eq!(of(Some(*shop), currency), expected, "{n}");
            }
        }
    }

    /// The price of one unit of a variant at an instant, by the rule as it is said: the slow twin of [`offers`].
    fn price(
        variant: &Variant,
        holding: &[&PriceList],
        shop: Option<ShopId>,
        currency: Currency,
    ) -> Option<i64> {
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

    proptest! {
        #[test]
        fn one_price_holds_at_most_and_it_is_the_one_that_the_lists_of_that_instant_give(
            terms in prop::collection::vec(
                (prop::option::of(0usize..2), -1i32..2, prop::option::of(0i64..9), prop::option::of(1i64..9), any::<bool>()),
                0..5,
            ),
            amounts in prop::collection::vec(prop::option::of(0i64..20), 2 * 3 * 6),
        ) {
            let shops = [ShopId::new(hour(0)), ShopId::new(hour(0))];
            let lists: Vec<PriceList> = terms.iter().map(|(shop, priority, from, until, active)| list(|l| {
                l.shop = shop.map(|shop| shops[shop]);
                l.priority = *priority;
                l.active = *active;
                let until = until.filter(|until| from.is_none_or(|from| from < *until));
                l.window = Window { from: from.map(hour), until: until.map(hour) };
            })).collect();
            // Three variants in two currencies, each with a base price and one of each list, or without.
            let variants: Vec<Variant> = amounts.chunks(2 * 6).map(|amounts| {
                let mut variant = priced(&[]);
                for (currency, amounts) in ["EUR", "USD"].into_iter().zip(amounts.chunks(6)) {
                    let prices: Vec<_> = lists.iter().map(Some).chain([None]).zip(amounts)
                        .filter_map(|(list, amount)| amount.map(|amount| (list, amount))).collect();
                    let currency = currency.parse().unwrap();
                    let prices = priced(&prices).prices.into_iter();
                    variant.prices.extend(prices.map(|price| heard::Price { currency, ..price }));
                }
                variant
            }).collect();
            let scheduled = offers(&variants, &lists, hour(0));
            for (instant, shop) in (0..12).flat_map(|n| [None, Some(shops[0]), Some(shops[1])].map(|shop| (hour(n), shop))) {
                let own = shop.filter(|shop| scheduled.iter().any(|price| price.shop == Some(*shop)));
                for currency in ["EUR", "USD"] {
                    let holds: Vec<_> = scheduled.iter()
                        .filter(|price| price.shop == own && price.currency == currency
                            && price.from.is_none_or(|from| from <= instant)
                            && price.until.is_none_or(|until| instant < until))
                        .map(|price| price.amount_minor).collect();
                    let holding: Vec<&PriceList> =
                        lists.iter().filter(|list| list.active && list.window.contains(instant)).collect();
                    let currency = currency.parse().unwrap();
                    let expected = variants.iter().filter_map(|one| price(one, &holding, shop, currency)).min();
                    prop_assert_eq!(holds, expected.into_iter().collect::<Vec<_>>());
                }
            }
        }
    }
}
