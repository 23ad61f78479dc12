//! Which price a buyer pays.
//!
//! Among the prices in the asked currency whose list holds for the buyer's groups, the shop and the
//! instant, and whose quantity tier is reached:
//! 1. the most specific list wins: group and shop, then group, then shop, then neither, then base prices;
//! 2. of equally specific lists the one with the higher priority;
//! 3. of those the lower price, and the older list when even the prices are equal;
//! 4. within a list the highest tier that the quantity reaches.
//!
//! A list without a price for a variant leaves it to the next one. A currency without a price has none:
//! nothing is converted.

use std::cmp::Reverse;

use souk_kit::clock::Timestamp;
use souk_kit::id::ShopId;
use souk_kit::money::Currency;

use super::ids::PriceListId;
use super::price::{Price, Prices};
use super::price_list::PriceList;

/// The lists of one company that hold for one buyer, best first.
#[derive(Debug, Clone, Default)]
pub struct Precedence(Vec<(PriceListId, Rank)>);

/// Lower ranks win: specificity and priority, both turned round.
type Rank = (Reverse<u8>, Reverse<i32>);

/// Where a price stands: the lower wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Listed(Rank),
    Base,
}

impl Precedence {
    /// Sorts the lists that hold for a buyer of these groups, in this shop, at this instant.
    pub fn of<'a>(
        lists: impl IntoIterator<Item = &'a PriceList>,
        groups: &[String],
        shop: Option<&ShopId>,
        at: Timestamp,
    ) -> Self {
        let holding = lists.into_iter().filter(|list| list.holds(groups, shop, at));
        let mut ranked: Vec<_> =
            holding.map(|list| (list.id, (Reverse(list.specificity()), Reverse(list.priority)))).collect();
        ranked.sort_by_key(|(id, rank)| (*rank, *id));
        Self(ranked)
    }

    /// The lists that hold, best first.
    pub fn lists(&self) -> impl Iterator<Item = &PriceListId> {
        self.0.iter().map(|(id, _)| id)
    }

    /// The place of a price among the others, when its list holds: base prices stand behind those of all lists.
    fn place(&self, list: Option<&PriceListId>) -> Option<Place> {
        match list {
            None => Some(Place::Base),
            Some(list) => self.0.iter().find(|(id, _)| id == list).map(|(_, rank)| Place::Listed(*rank)),
        }
    }

    /// The price of one unit for a buyer who takes `quantity` of them.
    pub fn price<'a>(&self, prices: &'a Prices, currency: Currency, quantity: u32) -> Option<&'a Price> {
        let mut eligible = prices
            .iter()
            .filter(|price| price.currency == currency && price.min_quantity <= quantity)
            .peekable();
        // Prices stand by list and then by tier, so the last of a list is the highest tier reached.
        let reached = std::iter::from_fn(move || {
            let mut price = eligible.next()?;
            while let Some(higher) = eligible.next_if(|next| next.list == price.list) {
                price = higher;
            }
            Some(price)
        });
        reached
            .filter_map(|price| Some((self.place(price.list.as_ref())?, price)))
            .min_by_key(|(place, price)| (*place, price.amount_minor, price.list))
            .map(|(_, price)| price)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;
    use souk_kit::id::CompanyId;

    use super::super::price::tests::currency;
    use super::*;

    fn noon() -> Timestamp {
        chrono::Utc.with_ymd_and_hms(2030, 1, 1, 12, 0, 0).unwrap()
    }

    fn list(narrow: impl FnOnce(&mut PriceList)) -> PriceList {
        let mut list = PriceList::new(PriceListId::new(noon()), CompanyId::new(noon()));
        narrow(&mut list);
        list
    }

    fn amount(
        lists: &[PriceList],
        prices: &[Price],
        groups: &[&str],
        shop: Option<ShopId>,
        quantity: u32,
    ) -> i64 {
        let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
        let precedence = Precedence::of(lists, &groups, shop.as_ref(), noon());
        let prices = Prices::new(prices.iter().copied()).unwrap();
        precedence.price(&prices, currency("GBP"), quantity).map_or(-1, |price| price.amount_minor)
    }

    fn priced(list: &PriceList, amount_minor: i64) -> Price {
        Price { list: Some(list.id), ..Price::base(currency("GBP"), amount_minor) }
    }

    #[test]
    fn the_most_specific_list_wins_whatever_its_price() {
        let airport = ShopId::new(noon());
        let sale = list(|l| l.priority = 99);
        let shop = list(|l| l.shop = Some(airport));
        let group = list(|l| l.customer_group = Some("trade".into()));
        let both = list(|l| (l.shop, l.customer_group) = (Some(airport), Some("trade".into())));
        let prices = [
            Price::base(currency("GBP"), 100),
            priced(&sale, 90),
            priced(&shop, 120),
            priced(&group, 95),
            priced(&both, 97),
        ];
        let lists = [sale, shop, group, both];
        let cases = [
            (&[][..], None, 90),
            (&[][..], Some(airport), 120),
            (&["trade"][..], None, 95),
            (&["trade"][..], Some(airport), 97),
            (&["other"][..], Some(ShopId::new(noon())), 90),
        ];
        for (groups, shop, expected) in cases {
            assert_eq!(amount(&lists, &prices, groups, shop, 1), expected, "{groups:?} {shop:?}");
        }
    }

    #[test]
    fn equally_specific_lists_are_decided_by_priority_then_by_the_lower_price() {
        let (low, high, cheap) = (list(|_| ()), list(|l| l.priority = 1), list(|l| l.priority = 1));
        let prices = [priced(&low, 10), priced(&high, 30), priced(&cheap, 20)];
        assert_eq!(amount(&[low, high, cheap], &prices, &[], None, 1), 20);
    }

    #[test]
    fn the_highest_tier_that_the_quantity_reaches_holds() {
        let tiers = [(1, 100), (10, 90), (100, 70)].map(|(min_quantity, amount_minor)| Price {
            min_quantity,
            ..Price::base(currency("GBP"), amount_minor)
        });
        let got = [1, 9, 10, 99, 100, u32::MAX].map(|quantity| amount(&[], &tiers, &[], None, quantity));
        assert_eq!(got, [100, 100, 90, 90, 70, 70]);
    }

    #[test]
    fn a_list_outside_its_window_or_switched_off_holds_for_nobody() {
        let over = list(|l| l.window.until = Some(noon()));
        let off = list(|l| l.active = false);
        let prices = [Price::base(currency("GBP"), 100), priced(&over, 1), priced(&off, 2)];
        assert_eq!(amount(&[over, off], &prices, &[], None, 1), 100);
    }

    #[test]
    fn a_currency_without_a_price_has_none() {
        assert_eq!(amount(&[], &[Price::base(currency("EUR"), 100)], &[], None, 1), -1);
    }

    proptest! {
        #[test]
        fn the_order_in_which_prices_and_lists_come_never_matters(
            terms in prop::collection::vec((0u8..3, 0i32..2, 0i64..4, 1u32..4), 1..6),
            quantity in 1u32..5,
            seed in any::<u64>(),
        ) {
            let lists: Vec<_> = terms.iter().map(|(kind, priority, ..)| list(|l| {
                l.priority = *priority;
                if *kind == 1 { l.customer_group = Some("g".into()) }
                if *kind == 2 { l.active = false }
            })).collect();
            let prices: Vec<_> = lists.iter().zip(&terms).map(|(list, (_, _, amount, min_quantity))| {
                Price { min_quantity: *min_quantity, ..priced(list, *amount) }
            }).collect();
            let expected = amount(&lists, &prices, &["g"], None, quantity);
            let turn = usize::try_from(seed % terms.len() as u64).unwrap();
            let (mut turned, mut turned_prices) = (lists.clone(), prices.clone());
            turned.rotate_left(turn);
            turned_prices.reverse();
            prop_assert_eq!(amount(&turned, &turned_prices, &["g"], None, quantity), expected);
        }
    }
}
