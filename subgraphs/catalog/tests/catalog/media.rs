//! Pictures: uploaded, judged by content, put in order, taken away.

use futures::StreamExt;
use serde_json::{Value as Json, json};
use souk_kit::subgraph::Upload;
use souk_kit::testing::upload;

use crate::shop_floor::{Floor, codes, mutation, payload};

const UPLOAD: &str = "mutation($input: ProductMediaUploadInput!) { productMediaUpload(input: $input) {
    media { id alt width height format url small: url(width: 100, format: WEBP) }
    product { image { id } } userErrors { code path } } }";

/// A PNG of 3 by 2 pixels.
pub(crate) fn png() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(3, 2).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

pub(crate) fn file(content: &[u8]) -> Vec<Upload> {
    vec![upload("variables.input.file", "pot.png", content).unwrap()]
}

#[tokio::test]
async fn a_picture_is_kept_as_what_it_is_and_anything_else_is_refused() {
    let floor = Floor::open().await;
    let product = floor.product("Tea Pot", json!({})).await;
    let input = json!({ "input": { "product": product["id"], "file": null, "alt": "A pot" } });
    let reply = floor.admin().send_files(UPLOAD, input.clone(), file(&png())).await;
    let media = &payload(&reply)["media"];
    assert_eq!(
        (&media["alt"], &media["width"], &media["height"], &media["format"]),
        (&json!("A pot"), &json!(3), &json!(2), &json!("PNG"))
    );
    let address = format!("/media/{}/{}", floor.company, media["id"].as_str().unwrap());
    assert_eq!(media["url"], json!(format!("{address}/original.png")));
    assert_eq!(payload(&reply)["product"]["image"]["id"], media["id"]);
    let page = b"<html><script>steal()</script></html>".to_vec();
    assert_eq!(codes(&floor.admin().send_files(UPLOAD, input.clone(), file(&page)).await), ["MEDIA_INVALID"]);
    assert_eq!(codes(&floor.rival().send_files(UPLOAD, input, file(&png())).await), ["NOT_FOUND"]);
}

#[tokio::test]
async fn an_upload_sent_again_under_its_key_adds_no_second_picture() {
    let floor = Floor::open().await;
    let product = floor.product("Tea Pot", json!({})).await;
    let input = json!({ "input": { "product": product["id"], "file": null, "idempotencyKey": "pot-1" } });
    let first = floor.admin().send_files(UPLOAD, input.clone(), file(&png())).await;
    assert!(payload(&first)["media"]["id"].is_string(), "{first}");
    assert_eq!(floor.admin().send_files(UPLOAD, input.clone(), file(&png())).await, first);
    let mut other = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(4, 4).write_to(&mut other, image::ImageFormat::Png).unwrap();
    let reused = floor.admin().send_files(UPLOAD, input, file(other.get_ref())).await;
    assert_eq!(reused["errors"][0]["extensions"]["code"], "IDEMPOTENCY_KEY_REUSED", "{reused}");
    let query = "query($id: ID!) { product(id: $id) { media { id } } }";
    let found = floor.admin().send(query, json!({ "id": product["id"] })).await;
    assert_eq!(found["data"]["product"]["media"].as_array().unwrap().len(), 1, "{found}");
}

#[tokio::test]
async fn a_picture_is_known_by_what_another_system_calls_it_once_in_its_product() {
    let floor = Floor::open().await;
    let add = async |product: &serde_json::Value| {
        let input = json!({ "product": product["id"], "file": null, "externalReference": "front.jpg" });
        floor.admin().send_files(UPLOAD, json!({ "input": input }), file(&png())).await
    };
    let (pot, cup) = (floor.product("Tea Pot", json!({})).await, floor.product("Cup", json!({})).await);
    assert!(payload(&add(&pot).await)["media"]["id"].is_string());
    assert!(payload(&add(&cup).await)["media"]["id"].is_string());
    let again = add(&pot).await;
    assert_eq!(codes(&again), ["EXTERNAL_REFERENCE_TAKEN"]);
    assert_eq!(payload(&again)["userErrors"][0]["path"], json!(["input", "externalReference"]));
}

#[tokio::test]
async fn pictures_are_put_in_order_and_taken_away() {
    let floor = Floor::open().await;
    let product = floor.product("Tea Pot", json!({})).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let input = json!({ "input": { "product": product["id"], "file": null } });
        let reply = floor.admin().send_files(UPLOAD, input, file(&png())).await;
        ids.push(payload(&reply)["media"]["id"].clone());
    }
    let order = "mutation($input: ProductMediaReorderInput!) { productMediaReorder(input: $input) {
        product { media { id } } userErrors { code } } }";
    let input = json!({ "product": product["id"], "media": [ids[1], ids[0]] });
    let reply = floor.admin().send(order, json!({ "input": input })).await;
    assert_eq!(payload(&reply)["product"]["media"], json!([{ "id": ids[1] }, { "id": ids[0] }]));
    let delete = "mutation($input: ProductMediaDeleteInput!) { productMediaDelete(input: $input) {
        product { media { id } } userErrors { code } } }";
    let input = json!({ "product": product["id"], "media": ids[1] });
    let reply = floor.admin().send(delete, json!({ "input": input })).await;
    assert_eq!(payload(&reply)["product"]["media"], json!([{ "id": ids[0] }]));
}

#[tokio::test]
async fn a_refusal_of_pictures_names_the_field_of_their_inputs() {
    let floor = Floor::open().await;
    let product = floor.product("Tea Pot", json!({})).await;
    let (nowhere, picture) = ("prod_01h2xcejqtf2nbrexx3vqjhp41", "media_01h2xcejqtf2nbrexx3vqjhp41");
    let ask = async |field: &str, input: Json| {
        let reply = floor.admin().send(&mutation(field), json!({ "input": input })).await;
        let error = &payload(&reply)["userErrors"][0];
        (error["code"].as_str().unwrap_or_default().to_owned(), error["path"].clone())
    };
    let at = |code: &str, field: &str| (code.to_owned(), json!(["input", field]));
    for (field, fields) in [
        ("productMediaUpdate", json!({ "media": picture, "alt": "x" })),
        ("productMediaDelete", json!({ "media": picture })),
    ] {
        for (id, expected) in [
            (json!(nowhere), at("NOT_FOUND", "product")),
            (product["id"].clone(), at("MEDIA_UNKNOWN", "media")),
        ] {
            let mut input = json!({ "product": id });
            crate::shop_floor::merge(&mut input, fields.clone());
            assert_eq!(ask(field, input).await, expected, "{field}");
        }
    }
    let order = json!({ "product": nowhere, "media": [picture] });
    assert_eq!(ask("productMediaReorder", order).await, at("NOT_FOUND", "product"));
    let input = json!({ "input": { "product": nowhere, "file": null } });
    let reply = floor.admin().send_files(UPLOAD, input, file(&png())).await;
    assert_eq!(payload(&reply)["userErrors"][0]["path"], json!(["input", "product"]), "{reply}");
}

#[tokio::test]
async fn an_upload_that_comes_to_nothing_leaves_no_file() {
    let floor = Floor::open().await;
    let product = floor.product("Tea Pot", json!({})).await;
    let kept = async || {
        let below = format!("media/{}", floor.company).parse().unwrap();
        let found: Vec<_> = floor.catalog.stage.ports.blobs.list(&below).collect().await;
        found.len()
    };
    let input = json!({ "input": { "product": product["id"], "file": null, "idempotencyKey": "pot-1" } });
    for _ in 0..2 {
        let reply = floor.admin().send_files(UPLOAD, input.clone(), file(&png())).await;
        assert!(payload(&reply)["media"]["id"].is_string(), "{reply}");
        assert_eq!(kept().await, 1);
    }
    let mut other = png();
    other.extend([0; 8]);
    let reused = floor.admin().send_files(UPLOAD, input, file(&other)).await;
    assert_eq!(reused["errors"][0]["extensions"]["code"], "IDEMPOTENCY_KEY_REUSED", "{reused}");
    let stale = json!({ "input": { "product": product["id"], "file": null, "expectedVersion": 99 } });
    let reply = floor.admin().send_files(UPLOAD, stale, file(&png())).await;
    assert_eq!(codes(&reply), ["VERSION_CONFLICT"]);
    assert_eq!(kept().await, 1);
}
