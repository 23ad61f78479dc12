//! Imports on the command line: into a running platform, twice, and what is refused.

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::{Value, json};

use crate::souk::{Souk, demo, line, run, site};

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

/// A site with two pictures, of which the second is there only later.
#[derive(Clone, Default)]
struct Site {
    is_complete: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
}

impl Site {
    async fn start(&self) -> String {
        let (front, back) = (self.clone(), self.clone());
        let routes = Router::new()
            .route("/front.png", get(async move || front.picture(4, true)))
            .route("/back.png", get(async move || back.picture(7, back.is_complete.load(Ordering::Relaxed))))
            .route("/page.png", get(async || "<html>not a picture</html>"));
        site(routes).await
    }

    fn picture(&self, side: u32, is_there: bool) -> Result<Vec<u8>, StatusCode> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if is_there { Ok(png(side)) } else { Err(StatusCode::NOT_FOUND) }
    }
}

fn png(side: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(side, side).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_fetched_once_and_those_that_failed_the_next_time() {
    let site = Site::default();
    let url = site.start().await;
    let (folder, data) = demo();
    let file = folder.path().join("products.csv");
    let csv = format!(
        "Handle,Title,Variant Price,Image Src,Image Position,Image Alt Text,Status\n\
         vase,Vase,19.50,{url}/back.png,2,From behind,active\n\
         vase,,,{url}/front.png,1,From the front,\n\
         vase,,,{url}/page.png,3,,\n\
         vase,,,{url}/front.png,4,Again,\n"
    );
    std::fs::write(&file, csv).unwrap();
    let souk = Souk::start(&data, &["serve"], &[]);
    let pictures = async || {
        let query = "query($c: String!) { company(slug: $c) { products(first: 1, where: { nameStartsWith: \"Vase\" }) {
            nodes { slug media { alt width } } } } }";
        let found = souk.ask(None, query, json!({ "c": "blossom-and-bloom" })).await;
        found["company"]["products"]["nodes"][0].clone()
    };
    let report = || std::fs::read_to_string(folder.path().join("products.csv.refused.csv")).unwrap();

    let endpoint = souk.url("/graphql");
    import(&data, &file, &endpoint);
    let front = json!({ "alt": "From the front", "width": 4 });
    assert_eq!(pictures().await["media"], json!([front]));
    assert!(report().contains("back.png") && report().contains("404"), "{}", report());
    assert!(report().contains("JPEG, PNG or WebP"), "{}", report());

    rename(&souk, &data, "vase", "tall-vase").await;
    site.is_complete.store(true, Ordering::Relaxed);
    import(&data, &file, &endpoint);
    let back = json!({ "alt": "From behind", "width": 7 });
    let found = pictures().await;
    assert_eq!(found["media"], json!([front, back]));
    assert_eq!(found["slug"], "tall-vase", "what staff chose as the address stays");

    let asked = site.asked.load(Ordering::Relaxed);
    import(&data, &file, &endpoint);
    assert_eq!(site.asked.load(Ordering::Relaxed), asked, "nothing is fetched twice");
    assert_eq!(pictures().await["media"], json!([front, back]));
}

async fn rename(souk: &Souk, data: &Path, reference: &str, slug: &str) {
    let admin = line(data, &["token", "--role", "company-admin", "--company", "blossom-and-bloom"]);
    let company = souk.ask(None, "{ company(slug: \"blossom-and-bloom\") { id } }", json!({})).await;
    let find = "query($c: ID!, $r: String!) { product(company: $c, externalReference: $r) { id } }";
    let found = souk.ask(Some(&admin), find, json!({ "c": company["company"]["id"], "r": reference })).await;
    let update = "mutation($id: ID!, $slug: String!) { productUpdate(input: { id: $id, slug: $slug }) {
        product { slug } userErrors { code } } }";
    let id = &found["product"]["id"];
    let changed: Value = souk.ask(Some(&admin), update, json!({ "id": id, "slug": slug })).await;
    assert_eq!(changed["productUpdate"]["product"]["slug"], slug, "{changed}");
}
