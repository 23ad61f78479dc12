//! `shopsNearby` with `openNow`, page by page, against a twin that measures every shop and reads every clock.

use std::cell::Cell;
use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};
use souk_kit::id::CompanyId;

use crate::market::{Market, company, new_company, new_shop, shop, with};
use crate::nearby::metres;

const ZONES: [&str; 6] =
    ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland", "Pacific/Pago_Pago", "UTC"];
const DAYS: [&str; 7] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];

/// Minutes of the day at which a shop opens and closes on some days, by the clocks of its zone.
#[derive(Debug, Clone)]
struct Place {
    /// Millionths of a degree north and east of the centre.
    offset: (i32, i32),
    zone: usize,
    days: BTreeSet<usize>,
    opens: u32,
    closes: u32,
}

#[derive(Debug, Clone)]
struct Town {
    centre: (i32, i32),
    within: u32,
    open: bool,
    later: i64,
    places: Vec<Place>,
}

fn place() -> impl Strategy<Value = Place> {
    // Few distinct offsets, so that several shops are equally far.
    let offset = prop_oneof![(-3..=3, -3..=3), (-30_000..30_000, -30_000..30_000)];
    let hours = (0..24 * 60_u32, 0..24 * 60_u32);
    (offset, 0..ZONES.len(), proptest::collection::btree_set(0..7_usize, 0..7), hours)
        .prop_map(|(offset, zone, days, (opens, closes))| Place { offset, zone, days, opens, closes })
}

fn town() -> impl Strategy<Value = Town> {
    let centre = prop_oneof![Just((52_500_000, 13_400_000)), Just((-17_000_000, 179_999_000))];
    (centre, 500..4_000_u32, any::<bool>(), 0..1_000_i64, vec(place(), 1..24))
        .prop_map(|(centre, within, open, later, places)| Town { centre, within, open, later, places })
}

fn degrees(e6: i32) -> f64 {
    f64::from(e6) / 1e6
}

impl Town {
    fn point(&self, place: &Place) -> (f64, f64) {
        let east = self.centre.1 + place.offset.1;
        let east = if east > 180_000_000 { east - 360_000_000 } else { east };
        (degrees(self.centre.0 + place.offset.0), degrees(east))
    }

    /// Distances and names of the shops that are wanted at `now`, each looked at by itself.
    fn expected(&self, now: DateTime<Utc>) -> Vec<(u64, String)> {
        let centre = (degrees(self.centre.0), degrees(self.centre.1));
        let near = self.places.iter().enumerate().filter_map(|(n, place)| {
            let distance = format!("{:.0}", metres(centre, self.point(place)).round()).parse().ok()?;
            let wanted = distance <= u64::from(self.within) && place.is_open(now) == self.open;
            wanted.then(|| (distance, format!("s{n}")))
        });
        let mut near: Vec<_> = near.collect();
        near.sort();
        near
    }
}

impl Place {
    fn is_open(&self, now: DateTime<Utc>) -> bool {
        let local = now.with_timezone(&ZONES[self.zone].parse::<Tz>().unwrap());
        let (today, minute) =
            (local.weekday().num_days_from_monday() as usize, local.hour() * 60 + local.minute());
        let overnight = self.closes <= self.opens;
        let begun = self.days.contains(&today) && self.opens <= minute && (overnight || minute < self.closes);
        let goes_on = overnight && self.days.contains(&((today + 6) % 7)) && minute < self.closes;
        begun || goes_on
    }

    fn input(&self, company: CompanyId, slug: &str, (latitude, longitude): (f64, f64)) -> Json {
        let time = |minutes: u32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let period = |day: &usize| json!({ "day": DAYS[*day], "opens": time(self.opens), "closes": time(self.closes) });
        let weekly: Vec<_> = self.days.iter().map(period).collect();
        let address = json!({ "line1": "x", "city": "y", "country": "DE",
                              "coordinates": { "latitude": latitude, "longitude": longitude } });
        with(
            shop(company, slug),
            json!({ "kind": "PHYSICAL", "timeZone": ZONES[self.zone], "address": address,
                    "openingHours": { "weekly": weekly } }),
        )
    }
}

/// All pages of two.
async fn walk(market: &Market, company: CompanyId, town: &Town) -> Vec<(u64, String)> {
    let query = "query($company: ID!, $near: CoordinatesInput!, $within: Int!, $open: Boolean!, $after: String) {
        shopsNearby(company: $company, near: $near, withinMetres: $within, where: { openNow: $open }, first: 2,
                    after: $after) {
          nodes { distanceMetres shop { slug openNow } } pageInfo { hasNextPage endCursor } totalCount } }";
    let (mut all, mut after) = (Vec::new(), Json::Null);
    loop {
        let near = json!({ "latitude": degrees(town.centre.0), "longitude": degrees(town.centre.1) });
        let variables = json!({ "company": company, "near": near, "within": town.within, "open": town.open, "after": after });
        let reply = market.nobody().send(query, variables).await;
        let page = &reply["data"]["shopsNearby"];
        let nodes = page["nodes"].as_array().unwrap_or_else(|| panic!("no page in {reply}"));
        assert!(nodes.len() <= 2);
        for node in nodes {
            assert_eq!(node["shop"]["openNow"], town.open, "{node}");
            all.push((
                node["distanceMetres"].as_u64().unwrap(),
                node["shop"]["slug"].as_str().unwrap().to_owned(),
            ));
        }
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], all.len());
            return all;
        }
        assert_eq!(nodes.len(), 2, "a page that is not the last is full");
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[test]
fn pages_of_what_is_near_and_open_agree_with_looking_at_every_shop() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(1).build().unwrap();
    let market = runtime.block_on(Market::open());
    let (towns, found) = (Cell::new(0), Cell::new(0));
    let check = |town: Town| {
        towns.set(towns.get() + 1);
        runtime.block_on(async {
            let owner = new_company(&market.platform(), company(&format!("town-{}", towns.get()))).await;
            for (n, place) in town.places.iter().enumerate() {
                let input = place.input(owner, &format!("s{n}"), town.point(place));
                new_shop(&market.platform(), input).await;
            }
            let clock = market.merchants.stage.clock();
            // Days without a change of clocks in any of the zones: those are another test's.
            clock.advance(TimeDelta::minutes(town.later));
            let mut walked = walk(&market, owner, &town).await;
            prop_assert!(walked.is_sorted_by_key(|(distance, _)| *distance), "the nearest first: {walked:?}");
            walked.sort();
            prop_assert_eq!(&walked, &town.expected(clock.now()));
            found.set(found.get() + walked.len());
            Ok(())
        })
    };
    let config = Config { cases: 16, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng).run(&town(), check).unwrap();
    assert!(found.get() > 20, "the towns must hold shops: {}", found.get());
}
