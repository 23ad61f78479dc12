//! Imports on the command line, on embedded stores and on real engines: into a running platform, twice, and what is
//! refused.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::{Value, json};

use crate::platform::{COMPANY, Platform, Shape};
use crate::side::Side;
use crate::souk::site;

const SHOPIFY: &str = "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Price,Variant Compare At Price,Variant Requires Shipping,Status
shirt,Shirt,<p>Soft.</p>,Souk,Clothes,\"cotton, basic\",TRUE,Size,S,SHIRT-S,200,19.50,25.00,TRUE,active
shirt,,,,,,,,M,SHIRT-M,210,19.50,,TRUE,
broken,Broken,,,,,TRUE,,,,,cheap,,,active
cap,Cap,,Souk,Clothes,,TRUE,Title,Default Title,CAP,90,12.00,,TRUE,active
";

/// A platform, and the file that is imported into it.
struct Import {
    platform: Platform,
    folder: tempfile::TempDir,
}

impl Import {
    fn of(csv: &str, side: Side) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("products.csv"), csv).unwrap();
        Self { platform: Platform::with_demo(side, Shape::Together), folder }
    }

    /// Runs it into the running platform; answers what it told.
    fn run(&self) -> String {
        self.run_with(&["--url", &self.platform.gateway().url("/graphql")])
    }

    fn run_with(&self, more: &[&str]) -> String {
        let file = self.folder.path().join("products.csv");
        let args = [&["import", "products", file.to_str().unwrap()], more].concat();
        let output = self.platform.command(&args).env("SOUK_TELEMETRY__LOG", "info").output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{told}");
        told
    }

    /// What was refused.
    fn report(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("products.csv.refused.csv")).unwrap()
    }

    /// The demo company's products, or those whose names start like that.
    async fn products(&self, start: Option<&str>) -> Value {
        let query = "query($slug: String!, $start: String) { company(slug: $slug) {
            products(first: 100, where: { nameStartsWith: $start }) { totalCount nodes {
                slug brand tags options { name values } variants { sku } categories { name } media { alt width }
            } } } }";
        let variables = json!({ "slug": COMPANY, "start": start });
        self.platform.gateway().ask(None, query, variables).await["company"]["products"].take()
    }
}

#[tokio::test]
async fn a_shopify_export_is_imported_once_however_often_it_is_run() {
    for side in Side::all() {
        let mut import = Import::of(SHOPIFY, side);
        let count = async || import.products(None).await["totalCount"].as_u64().unwrap();
        let before = count().await;
        for outcome in ["2 products created, 0 updated", "0 products created, 2 updated"] {
            let told = import.run();
            assert!(told.contains(outcome), "{told}");
            assert_eq!(count().await, before + 2);
        }

        let report = import.report();
        assert!(report.contains("broken") && report.contains("Variant Price"), "{report}");
        let shirt = import.products(Some("Shirt")).await["nodes"][0].take();
        assert_eq!(shirt["brand"], "Souk");
        assert_eq!(shirt["options"], json!([{ "name": "Size", "values": ["S", "M"] }]));
        assert_eq!(shirt["variants"], json!([{ "sku": "SHIRT-S" }, { "sku": "SHIRT-M" }]));
        assert_eq!(shirt["categories"], json!([{ "name": "Clothes" }]));

        import.platform.terminate_all();
        let told = import.run_with(&[]);
        assert!(told.contains("0 products created, 2 updated"), "into the stores themselves: {told}");
    }
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
    for side in Side::all() {
        pictures_are_fetched_once_on(side).await;
    }
}

async fn pictures_are_fetched_once_on(side: Side) {
    let site = Site::default();
    let url = site.start().await;
    let csv = format!(
        "Handle,Title,Variant Price,Image Src,Image Position,Image Alt Text,Status\n\
         vase,Vase,19.50,{url}/back.png,2,From behind,active\n\
         vase,,,{url}/front.png,1,From the front,\n\
         vase,,,{url}/page.png,3,,\n\
         vase,,,{url}/front.png,4,Again,\n"
    );
    let import = Import::of(&csv, side);
    let vase = async || import.products(Some("Vase")).await["nodes"][0].take();

    import.run();
    let front = json!({ "alt": "From the front", "width": 4 });
    assert_eq!(vase().await["media"], json!([front]));
    let report = import.report();
    assert!(report.contains("back.png") && report.contains("404"), "{report}");
    assert!(report.contains("JPEG, PNG or WebP"), "{report}");

    rename(&import.platform, "vase", "tall-vase").await;
    site.is_complete.store(true, Ordering::Relaxed);
    import.run();
    let back = json!({ "alt": "From behind", "width": 7 });
    let found = vase().await;
    assert_eq!(found["media"], json!([front, back]));
    assert_eq!(found["slug"], "tall-vase", "what staff chose as the address stays");

    let asked = site.asked.load(Ordering::Relaxed);
    import.run();
    assert_eq!(site.asked.load(Ordering::Relaxed), asked, "nothing is fetched twice");
    assert_eq!(vase().await["media"], json!([front, back]));
}

async fn rename(platform: &Platform, reference: &str, slug: &str) {
    let (souk, admin) = (platform.gateway(), platform.token("company-admin"));
    let find = "query($c: ID!, $r: String!) { product(company: $c, externalReference: $r) { id } }";
    let company = platform.company().await;
    let found = souk.ask(Some(&admin), find, json!({ "c": company, "r": reference })).await;
    let update = "mutation($id: ID!, $slug: String!) { productUpdate(input: { id: $id, slug: $slug }) {
        product { slug } userErrors { code } } }";
    let id = &found["product"]["id"];
    let changed = souk.ask(Some(&admin), update, json!({ "id": id, "slug": slug })).await;
    assert_eq!(changed["productUpdate"]["product"]["slug"], slug, "{changed}");
}
