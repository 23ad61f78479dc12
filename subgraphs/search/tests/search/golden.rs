//! Events of all times: what the catalogue and merchants ever told is read for ever.

use std::collections::BTreeSet;
use std::path::Path;

use serde::de::DeserializeOwned;
use souk_kit::event::{AnyEnvelope, Envelope};
use souk_search::domain::heard::{Category, Company, PriceList, Product, Shop};

fn read<T: DeserializeOwned>(file: &[u8]) -> T {
    serde_json::from_slice::<Envelope<T>>(file).unwrap().data
}

#[test]
fn every_golden_event_of_the_catalogue_and_of_merchants_is_understood() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut kinds = BTreeSet::new();
    for folder in ["catalog/tests/events", "merchants/tests/merchants/golden"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let file = std::fs::read(entry.unwrap().path()).unwrap();
            let event: AnyEnvelope = serde_json::from_slice(&file).unwrap();
            let subject = event.subject;
            match event.kind.split('.').next().unwrap() {
                "product" => {
                    let product: Product = read(&file);
                    assert_eq!((product.id.to_string(), product.name.as_str()), (subject, "Pot"));
                    assert_eq!((product.description.plain.as_str(), product.variants.len()), ("Text", 1));
                    assert_eq!(product.translations["de"].name.as_deref(), Some("Name"));
                    assert_eq!(product.attributes[0].values, ["red"]);
                }
                "category" => {
                    let category: Category = read(&file);
                    assert_eq!(category.id.to_string(), subject);
                    assert!(category.parent.is_some() && category.translations.contains_key("de"));
                }
                "price_list" => {
                    let list: PriceList = read(&file);
                    assert_eq!((list.id.to_string(), list.priority), (subject, 3));
                    assert!(
                        list.shop.is_some() && list.customer_group.is_some() && list.window.from.is_some()
                    );
                }
                "company" => {
                    let company: Company = read(&file);
                    assert_eq!((company.id.to_string(), company.active), (subject, true));
                    assert_eq!((company.currency.code(), company.locales.len()), ("EUR", 1));
                }
                "shop" => {
                    let shop: Shop = read(&file);
                    assert_eq!((shop.id.to_string(), shop.active), (subject, true));
                }
                "collection" | "attribute" => continue,
                other => panic!("nothing reads {other}"),
            }
            kinds.insert(event.kind);
        }
    }
    assert!(kinds.len() >= 13, "{kinds:?}");
}
