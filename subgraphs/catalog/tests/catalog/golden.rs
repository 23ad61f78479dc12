//! Events and documents of all times: what was ever written is read for ever.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value as Json, json};
use souk_catalog::domain::attribute::Attribute;
use souk_catalog::domain::category::Category;
use souk_catalog::domain::collection::Collection;
use souk_catalog::domain::price_list::PriceList;
use souk_catalog::domain::product::Product;
use souk_catalog::facts::{CompanyFact, ShopFact};
use souk_catalog::store::Catalog;
use souk_kit::documents::{Filter, Index, Record, View};
use souk_kit::event::{AnyEnvelope, Topic};
use souk_kit::id::CompanyId;
use souk_kit::permission::Visibility;

use crate::media::{file, png};
use crate::shop_floor::{Floor, Known, mutation, payload};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/events")
}

/// Events of every kind, as rich as there are any; those of different aggregates in any order, as the log has them.
async fn told() -> Vec<AnyEnvelope> {
    let floor = Floor::open().await;
    let company = floor.company;
    let send = async |text: &str, input: Json| {
        let reply = floor.admin().send(&mutation(text), json!({ "input": input })).await;
        assert_eq!(payload(&reply)["userErrors"], json!([]), "{reply}");
        payload(&reply).clone()
    };
    let metadata = json!([{ "key": "k", "value": "v" }]);
    let seo = json!({ "title": "Title", "description": "Text" });
    let translations =
        json!([{ "locale": "de", "name": "Name", "descriptionHtml": "<p>Text</p>", "seo": seo }]);
    let content = json!({ "descriptionHtml": "<p>Text</p>", "seo": seo, "metadata": metadata,
        "privateMetadata": metadata, "translations": translations });
    let page = |name: &str| json!({ "company": company, "name": name, "externalReference": name, "content": content });
    let choice = json!({ "company": company, "code": "colour", "name": "Colour", "kind": "CHOICE",
        "unit": "shade", "choices": ["red", "blue"] });
    let attribute = send("attributeCreate attribute { id }", choice).await["attribute"]["id"].clone();
    let renamed = json!({ "company": company, "id": attribute, "name": "Hue" });
    send("attributeUpdate", renamed).await;
    send("categoryCreate", page("top")).await;
    let top =
        send("categoryUpdate category { id }", json!({ "externalReference": "top", "slug": "other" })).await;
    let mut below = page("below");
    below["parent"] = top["category"]["id"].clone();
    let below = send("categoryCreate category { id }", below).await["category"]["id"].clone();
    send("categoryMove", json!({ "id": below, "parent": top["category"]["id"] })).await;
    let list = json!({ "company": company, "name": "Trade", "externalReference": "l", "customerGroup": "trade",
        "shop": floor.shops[0], "validFrom": "2030-01-01T00:00:00Z", "validUntil": "2031-01-01T00:00:00Z",
        "priority": 3 });
    send("priceListCreate", list).await;
    send("priceListUpdate", json!({ "externalReference": "l", "active": false })).await;
    let values = json!([{ "code": "colour", "values": ["red"] }]);
    let variant = json!({ "sku": "S", "externalReference": "v", "barcode": "1", "name": "Small",
        "options": [{ "name": "Size", "value": "S" }], "attributes": values, "weightGrams": 5,
        "taxClass": "reduced", "requiresShipping": false, "metadata": metadata, "privateMetadata": metadata,
        "prices": [{ "amount": "1.00", "compareAt": "2.00", "currency": "GBP", "minQuantity": 2 }] });
    let specifications = json!({ "weightGrams": 9,
        "dimensions": { "lengthMm": 1, "widthMm": 2, "heightMm": 3 }, "lines": [{ "name": "a", "value": "b" }] });
    let product = json!({ "company": company, "name": "Pot", "externalReference": "p", "brand": "Acme",
        "descriptionHtml": "<p>Text</p>", "features": ["round"], "specifications": specifications,
        "status": "ACTIVE", "publishFrom": "2030-01-01T00:00:00Z", "publishUntil": "2031-01-01T00:00:00Z",
        "tags": ["tea"], "seo": seo, "metadata": metadata, "privateMetadata": metadata,
        "translations": translations, "attributes": values, "categories": [below],
        "shops": [floor.shops[0]], "options": [{ "name": "Size", "values": ["S", "L"] }], "variants": [variant] });
    let made = send("productCreate product { id }", product).await["product"]["id"].clone();
    let price = json!({ "amount": "0.50", "currency": "GBP" });
    send(
        "priceListPricesSet",
        json!({ "externalReference": "l", "prices": [{ "sku": "S", "price": price }] }),
    )
    .await;
    let picture = json!({ "product": made, "file": null, "alt": "A pot", "externalReference": "m" });
    let upload = mutation("productMediaUpload media { id }");
    let reply = floor.admin().send_files(&upload, json!({ "input": picture }), file(&png())).await;
    let media = payload(&reply)["media"]["id"].clone();
    let shown = json!([{ "id": null, "sku": "S", "media": [media] }]);
    send("productUpdate", json!({ "id": made, "slug": "teapot", "variants": shown })).await;
    send("collectionCreate", page("by-hand")).await;
    send("collectionProductsAdd", json!({ "externalReference": "by-hand", "products": [made] })).await;
    send("collectionDelete", json!({ "externalReference": "by-hand" })).await;
    let money = json!({ "amount": "1.00", "currency": "GBP" });
    let rules = json!([{ "tag": "tea" }, { "brand": "Acme" }, { "category": below }, { "attribute": values[0] },
        { "priceBelow": money }, { "priceFrom": money }]);
    let mut by_rule = page("by-rule");
    by_rule["ruleSet"] = json!({ "join": "ANY", "rules": rules });
    send("collectionCreate", by_rule).await;
    let all = json!({ "join": "ALL", "rules": [{ "tag": "tea" }] });
    send("collectionUpdate", json!({ "externalReference": "by-rule", "ruleSet": all })).await;
    send("productDelete", json!({ "externalReference": "p" })).await;
    send("priceListDelete", json!({ "externalReference": "l" })).await;
    send("categoryDelete", json!({ "externalReference": "below" })).await;
    send("attributeDelete", json!({ "company": company, "id": attribute })).await;
    floor.catalog.events(Topic::Product).await.unwrap()
}

/// Adds the ways to all values, lists' places left out.
fn shape(value: &Json, way: &str, ways: &mut BTreeSet<String>) {
    match value {
        Json::Object(fields) => {
            for (name, value) in fields {
                shape(value, &format!("{way}.{name}"), ways);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| shape(item, &format!("{way}[]"), ways)),
        _ => {
            ways.insert(way.to_owned());
        }
    }
}

/// The ways that there are in events of a kind and schema version, all of them together.
fn shapes(events: &[AnyEnvelope]) -> BTreeMap<String, BTreeSet<String>> {
    let mut shapes: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for event in events {
        let ways = shapes.entry(format!("{}.v{}", event.kind, event.schema_version)).or_default();
        shape(&serde_json::to_value(event).unwrap(), "", ways);
    }
    shapes
}

/// The golden events, by the names of their files: `KIND.vVERSION.json`, or `KIND.vVERSION.WHICH.json` where one event
/// cannot have all that there is.
fn golden() -> BTreeMap<String, AnyEnvelope> {
    let files = fs::read_dir(folder()).unwrap().map(|file| file.unwrap());
    let golden = files.map(|file| {
        let name = file.file_name().to_string_lossy().into_owned();
        let event: AnyEnvelope = serde_json::from_slice(&fs::read(file.path()).unwrap()).unwrap();
        assert!(name.starts_with(&format!("{}.v{}.", event.kind, event.schema_version)), "{name}");
        (name, event)
    });
    golden.collect()
}

#[tokio::test]
async fn each_kind_of_event_is_told_as_its_golden_files_say() {
    let told = told().await;
    let golden = shapes(&golden().into_values().collect::<Vec<_>>());
    let found = shapes(&told);
    assert_eq!(found.len(), 15, "{:?}", found.keys());
    let unlike = found.iter().filter_map(|(name, ways)| {
        let differ: Vec<_> =
            golden.get(name).unwrap_or(&BTreeSet::new()).symmetric_difference(ways).cloned().collect();
        let events = told.iter().filter(|event| name.starts_with(&format!("{}.v", event.kind)));
        let events: String = events.map(|event| serde_json::to_string(event).unwrap() + "\n").collect();
        (!differ.is_empty()).then(|| format!("{name} {differ:?}\n{events}"))
    });
    let unlike: Vec<_> = unlike.collect();
    assert!(unlike.is_empty(), "another shape needs another schema version:\n{}", unlike.join("\n"));
}

#[test]
fn every_golden_event_is_read_and_says_the_same_when_it_is_written_again() {
    let mut kinds = BTreeSet::new();
    for (name, AnyEnvelope { kind, data, .. }) in golden() {
        let again = match kind.split('.').next().unwrap() {
            "product" => serde_json::to_value(serde_json::from_value::<Product>(data.clone()).unwrap()),
            "category" => serde_json::to_value(serde_json::from_value::<Category>(data.clone()).unwrap()),
            "collection" => serde_json::to_value(serde_json::from_value::<Collection>(data.clone()).unwrap()),
            "price_list" => serde_json::to_value(serde_json::from_value::<PriceList>(data.clone()).unwrap()),
            "attribute" => serde_json::to_value(serde_json::from_value::<Attribute>(data.clone()).unwrap()),
            "company" => {
                serde_json::from_value::<CompanyFact>(data.clone()).unwrap();
                Ok(data.clone())
            }
            "shop" => {
                serde_json::from_value::<ShopFact>(data.clone()).unwrap();
                Ok(data.clone())
            }
            other => panic!("nothing reads {other}"),
        };
        assert_eq!(again.unwrap(), data, "{name}");
        kinds.insert(kind);
    }
    assert_eq!(kinds.len(), 17, "{kinds:?}");
}

#[tokio::test]
async fn a_document_of_an_older_schema_version_is_upgraded_when_it_is_read() {
    let stage = crate::side::stage().await;
    let engine = stage.ports.documents("catalog").await.unwrap();
    let collections = Catalog::collections(engine.clone(), stage.ports.idempotency_retention);
    collections.prepare().await.unwrap();
    let catalog = Catalog::new(&collections, Arc::new(Known::default()), stage.clock().clone());
    let company = CompanyId::new(stage.clock().now());
    let first = json!({ "company": company, "attributes": [
        { "id": "attr_01h2xcejqtf2nbrexx3vqjhp41", "code": "colour", "name": "Colour", "kind": "text" }] });
    let record = Record {
        id: company.to_string(),
        version: 7,
        schema_version: 1,
        company: Some(company),
        state: first.to_string(),
        tombstone: false,
        pending: Vec::new(),
        outcomes: Vec::new(),
        index: Index::default(),
    };
    engine.insert("attribute_sets", &record).await.unwrap();
    let view = View::new(&Visibility::everything_for("test"), Filter::everything());
    let set = catalog.attributes.get(&view, &company.to_string()).await.unwrap().unwrap();
    let colour = set.by_code("colour").unwrap();
    assert_eq!((set.version, colour.version, colour.name.as_str()), (7, 1, "Colour"));
}
