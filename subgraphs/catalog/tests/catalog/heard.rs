//! What the catalogue hears: events of every version that merchants ever wrote.

use std::path::Path;

use souk_catalog::facts::{CompanyFact, ShopFact};
use souk_kit::event::{AnyEnvelope, Envelope};

#[test]
fn events_of_every_version_of_merchants_are_understood() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../merchants/tests/merchants/golden");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = std::fs::read(entry.unwrap().path()).unwrap();
        let event: AnyEnvelope = serde_json::from_slice(&file).unwrap();
        let company = event.company;
        if event.kind.starts_with("company.") {
            let event: Envelope<CompanyFact> = serde_json::from_slice(&file).unwrap();
            assert_eq!((Some(event.data.id), event.data.active), (company, true));
        } else {
            let event: Envelope<ShopFact> = serde_json::from_slice(&file).unwrap();
            assert_eq!((Some(event.data.company), event.data.active), (company, true));
        }
        read += 1;
    }
    assert!(read >= 2, "only {read} golden files were found");
}
