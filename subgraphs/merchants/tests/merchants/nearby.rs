//! Shops near a point, against a twin that measures every shop.

use serde_json::{Value as Json, json};
use souk_kit::testing::Caller;

use crate::market::{Market, faults, new_shop, shop, with};

const NEARBY: &str = "query($lat: Float!, $lon: Float!, $within: Int, $first: Int, $after: String, $where: ShopWhere) {
    shopsNearby(near: { latitude: $lat, longitude: $lon }, withinMetres: $within, first: $first, after: $after,
                where: $where) {
      nodes { distanceMetres shop { slug } } pageInfo { hasNextPage endCursor } totalCount } }";

/// Haversine once more, on its own.
pub(crate) fn metres((lat1, lon1): (f64, f64), (lat2, lon2): (f64, f64)) -> f64 {
    let (p, q, d) = (lat1.to_radians(), lat2.to_radians(), (lon2 - lon1).to_radians());
    let h = ((q - p) / 2.0).sin().powi(2) + p.cos() * q.cos() * (d / 2.0).sin().powi(2);
    2.0 * 6_371_008.8 * h.sqrt().min(1.0).asin()
}

async fn place(market: &Market, slug: &str, (lat, lon): (f64, f64)) {
    let address = json!({ "line1": "x", "city": "y", "country": "DE",
                          "coordinates": { "latitude": lat, "longitude": lon } });
    new_shop(
        &market.admin(),
        with(shop(market.bazaar, slug), json!({ "kind": "PHYSICAL", "address": address })),
    )
    .await;
}

/// All pages, as distances and slugs.
async fn found(caller: &Caller, variables: Json) -> Vec<(u64, String)> {
    let (mut all, mut after) = (Vec::new(), Json::Null);
    loop {
        let reply = caller.send(NEARBY, with(variables.clone(), json!({ "after": after }))).await;
        let page = &reply["data"]["shopsNearby"];
        for node in page["nodes"].as_array().unwrap_or_else(|| panic!("no page in {reply}")) {
            all.push((
                node["distanceMetres"].as_u64().unwrap(),
                node["shop"]["slug"].as_str().unwrap().to_owned(),
            ));
        }
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], all.len());
            return all;
        }
    }
}

#[tokio::test]
async fn pages_of_nearby_shops_agree_with_measuring_all_of_them() {
    let market = Market::open().await;
    // A town, its country, and both sides of the antimeridian and of a pole.
    let mut places = vec![(0.0, 179.999), (0.0, -179.999), (0.001, 180.0), (89.9, 10.0), (89.9, -170.0)];
    for n in 0..30_u32 {
        let (angle, radius) = (f64::from(n) * 2.4, 0.0005 * f64::from(n * n));
        places.push((52.5 + radius * angle.sin(), 13.4 + radius * angle.cos()));
    }
    for (n, point) in places.iter().enumerate() {
        place(&market, &format!("s{n}"), *point).await;
    }
    for (centre, within) in [
        ((52.5, 13.4), 500),
        ((52.5, 13.4), 20_000),
        ((52.5, 13.4), 1_000_000),
        ((0.0, 180.0), 5_000),
        ((0.0, -180.0), 5_000),
        ((90.0, 0.0), 50_000),
    ] {
        let mut expected: Vec<(u64, String)> = places
            .iter()
            .enumerate()
            .map(|(n, point)| (metres(centre, *point).round(), format!("s{n}")))
            .filter(|(distance, _)| *distance <= f64::from(within))
            .map(|(distance, slug)| (format!("{distance:.0}").parse().unwrap(), slug))
            .collect();
        expected.sort();
        let variables = json!({ "lat": centre.0, "lon": centre.1, "within": within, "first": 4 });
        let mut all = found(&market.nobody(), variables).await;
        assert!(all.is_sorted_by_key(|(distance, _)| *distance), "the nearest first");
        all.sort();
        assert_eq!(all, expected, "{centre:?} within {within}");
    }
}

#[tokio::test]
async fn only_what_is_visible_and_wanted_is_near() {
    let market = Market::open().await;
    place(&market, "open", (52.5, 13.4)).await;
    place(&market, "closed", (52.5, 13.4)).await;
    let reply =
        market.admin().send("{ shops(where: { slug: [\"closed\"] }) { nodes { id } } }", json!({})).await;
    let off = "mutation($id: ID!) { shopDeactivate(input: { id: $id, expectedVersion: 1 }) { userErrors { code } } }";
    market.admin().send(off, json!({ "id": reply["data"]["shops"]["nodes"][0]["id"] })).await;
    let variables = json!({ "lat": 52.5, "lon": 13.4 });
    assert_eq!(found(&market.nobody(), variables.clone()).await, [(0, "open".to_owned())]);
    assert_eq!(found(&market.admin(), variables.clone()).await.len(), 2);
    let none = with(variables, json!({ "where": { "kind": ["ONLINE"] } }));
    assert_eq!(found(&market.nobody(), none).await, []);
}

#[tokio::test]
async fn a_point_off_the_earth_and_an_endless_distance_are_refused() {
    let market = Market::open().await;
    for variables in [
        json!({ "lat": 91.0, "lon": 0.0 }),
        json!({ "lat": 0.0, "lon": 181.0 }),
        json!({ "lat": 0.0, "lon": 0.0, "within": 0 }),
        json!({ "lat": 0.0, "lon": 0.0, "within": 1_000_001 }),
    ] {
        let reply = market.nobody().send(NEARBY, variables.clone()).await;
        assert_eq!(faults(&reply), ["shopsNearby BAD_USER_INPUT"], "{variables}");
    }
}
