//! Imports on the command line: into a running platform, twice, and what is refused.

use std::path::Path;

use serde_json::json;

use crate::souk::{Souk, demo, run};

const SHOPIFY: &str = "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Price,Variant Compare At Price,Variant Requires Shipping,Status
shirt,Shirt,<p>Soft.</p>,Souk,Clothes,\"cotton, basic\",TRUE,Size,S,SHIRT-S,200,19.50,25.00,TRUE,active
shirt,,,,,,,,M,SHIRT-M,210,19.50,,TRUE,
broken,Broken,,,,,TRUE,,,,,cheap,,,active
cap,Cap,,Souk,Clothes,,TRUE,Title,Default Title,CAP,90,12.00,,TRUE,active
";

const PRODUCTS: &str =
    "query($slug: String!) { company(slug: $slug) { products(first: 100) { totalCount nodes {
    name brand tags options { name values } variants { sku } categories { name } } } } }";

fn import(data: &Path, file: &Path, url: &str) -> String {
    let output = run(data, &["import", "products", file.to_str().unwrap(), "--url", url]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    told
}

#[tokio::test]
async fn a_shopify_export_is_imported_once_however_often_it_is_run() {
    let (folder, data) = demo();
    let file = folder.path().join("products.csv");
    std::fs::write(&file, SHOPIFY).unwrap();
    let souk = Souk::start(&data, &["serve"], &[]);
    let count = || async {
        let found = souk.ask(None, PRODUCTS, json!({ "slug": "blossom-and-bloom" })).await;
        found["company"]["products"]["totalCount"].as_u64().unwrap()
    };
    let before = count().await;
    let told = import(&data, &file, &souk.url("/graphql"));
    assert!(told.contains("2 products created, 0 updated"), "{told}");
    assert_eq!(count().await, before + 2);
    let told = import(&data, &file, &souk.url("/graphql"));
    assert!(told.contains("0 products created, 2 updated"), "{told}");
    assert_eq!(count().await, before + 2);

    let report = std::fs::read_to_string(folder.path().join("products.csv.refused.csv")).unwrap();
    assert!(report.contains("broken") && report.contains("Variant Price"), "{report}");
    let found = souk
        .ask(
            None,
            "query($c: String!) { company(slug: $c) { products(first: 1, where: { nameStartsWith: \"Shirt\" }) { nodes {
               brand tags options { name values } variants { sku } categories { name } } } } }",
            json!({ "c": "blossom-and-bloom" }),
        )
        .await;
    let shirt = &found["company"]["products"]["nodes"][0];
    assert_eq!(shirt["brand"], "Souk");
    assert_eq!(shirt["options"], json!([{ "name": "Size", "values": ["S", "M"] }]));
    assert_eq!(shirt["variants"], json!([{ "sku": "SHIRT-S" }, { "sku": "SHIRT-M" }]));
    assert_eq!(shirt["categories"], json!([{ "name": "Clothes" }]));
}
