//! Companies and shops: the copy of their facts follows their events.

use async_trait::async_trait;
use serde_json::{Value as Json, json};
use souk_analytics::facts::{CompanyFact, MerchantFacts, ShopFact};
use souk_kit::event::Topic;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::testing::{Caller, principals};

use crate::storefront::{Storefront, TRACK, list, shop_event};

/// Merchants where every company is open.
pub(crate) struct Open;

#[async_trait]
impl MerchantFacts for Open {
    async fn company(&self, id: CompanyId) -> Result<Option<CompanyFact>, Fault> {
        Ok(Some(CompanyFact { id, time_zone: "UTC".into(), active: true, version: 1 }))
    }

    async fn shop(&self, _: ShopId) -> Result<Option<ShopFact>, Fault> {
        Ok(None)
    }
}

/// An event of a company as merchants tells it.
pub(crate) fn company_event(
    n: u32,
    id: CompanyId,
    kind: &str,
    sequence: i64,
    active: bool,
    zone: &str,
) -> Json {
    json!({
        "specversion": "1.0", "id": format!("evt_{n:026}"), "type": kind, "source": "/souk/merchants",
        "subject": id, "time": "2026-03-10T08:00:00Z", "datacontenttype": "application/json", "company": id,
        "actor": "service:test", "sequence": sequence, "schemaversion": 1, "correlation": "c",
        "data": { "id": id, "active": active, "time_zone": zone },
    })
}

#[tokio::test]
async fn the_copy_follows_the_newest_event_and_comes_before_what_merchants_says() {
    let front = Storefront::open().await;
    let company = front.company;
    let newer = company_event(1, company, "company.deactivated", 3, false, "Asia/Tokyo");
    let older = company_event(2, company, "company.updated", 2, true, "Asia/Seoul");
    for event in [newer, older] {
        front.hear(Topic::Company, &event).await;
    }
    front.count().await;
    let event = list(1, front.now(), "home");
    let answer = front.visitor().send(TRACK, json!({ "input": front.input(1, &[event]) })).await;
    let refused = json!([{ "code": "NOT_FOUND", "path": ["input", "company"] }]);
    assert_eq!(answer["data"]["track"]["userErrors"], refused, "{answer}");
    let range = ("2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z");
    assert_eq!(front.figures(&front.admin(), range, "timeZone").await["timeZone"], "Asia/Tokyo");
}

#[tokio::test]
async fn shops_count_when_they_open_and_close() {
    let front = Storefront::open().await;
    let [one, two] = front.shops;
    let event = |shop: ShopId, kind: &str, sequence: i64, time: &str| {
        shop_event(shop, front.company, kind, sequence, &format!("2026-03-10T{time}Z"))
    };
    let again = event(one, "shop.reactivated", 4, "09:00:00");
    for told in [
        event(one, "shop.created", 1, "07:00:00"),
        event(two, "shop.created", 1, "07:59:59"),
        event(one, "shop.updated", 2, "08:00:00"),
        event(one, "shop.deactivated", 3, "08:10:00"),
        again.clone(),
        again,
        shop_event(front.rivals_shop, front.rival, "shop.created", 1, "2026-03-10T07:00:00Z"),
    ] {
        front.hear(Topic::Shop, &told).await;
    }
    front.count().await;
    let hours = async |caller: Caller| {
        let fields = "series(interval: HOUR) { nodes { figures { shopsOpened shopsClosed } } }";
        let range = ("2026-03-10T07:00:00Z", "2026-03-10T10:00:00Z");
        front.figures(&caller, range, fields).await["series"]["nodes"].clone()
    };
    let hour =
        |opened: i64, closed: i64| json!({ "figures": { "shopsOpened": opened, "shopsClosed": closed } });
    assert_eq!(hours(front.admin()).await, json!([hour(2, 0), hour(0, 1), hour(1, 0)]));
    let manager = front.caller(principals::shop_manager(front.company, &[two]));
    assert_eq!(hours(manager).await, json!([hour(1, 0), hour(0, 0), hour(0, 0)]), "each in its own shop");
}
