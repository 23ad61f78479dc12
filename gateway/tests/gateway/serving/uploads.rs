//! The GraphQL multipart request specification.

use axum::body::Body;
use insta::assert_snapshot;

use super::bed::{Reply, builder, gateway, send, settings};

/// A form of `operations`, `map` and files: name of the part, file name, content.
fn form(operations: &str, map: &str, files: &[(&str, &str, &str)]) -> String {
    let part = |head: String, content: &str| {
        format!("--B\r\ncontent-disposition: form-data; name={head}\r\n\r\n{content}\r\n")
    };
    let mut text = part("\"operations\"".to_owned(), operations) + &part("\"map\"".to_owned(), map);
    for (name, file_name, content) in files {
        text += &part(format!("\"{name}\"; filename=\"{file_name}\"\r\ncontent-type: image/png"), content);
    }
    text + "--B--\r\n"
}

async fn upload(body: String) -> Reply {
    let headers = [
        ("content-type", "multipart/form-data; boundary=B"),
        ("accept", "application/graphql-response+json"),
    ];
    send(&gateway(), "POST", "/graphql", &headers, Body::from(body)).await
}

const ONE: &str = r#"{"query":"mutation($f: Upload!) { upload(file: $f) }","variables":{"f":null}}"#;
const MANY: &str = r#"{"query":"mutation($d: Draft!) { publish(draft: $d) }","variables":{"d":{"title":"t","files":[null,null],"cover":null}}}"#;
const MANY_MAP: &str =
    r#"{"0":["variables.d.files.0"],"1":["variables.d.files.1"],"c":["variables.d.cover"]}"#;

#[tokio::test]
async fn files_reach_the_variables_that_the_map_names() {
    let reply = upload(form(ONE, r#"{"0":["variables.f"]}"#, &[("0", "a.png", "12345")])).await;
    assert_snapshot!(reply.text, @r#"{"data":{"upload":"f variables.f a.png image/png 5"}}"#);
    let files = [("c", "cover.png", "1"), ("0", "a.png", "12"), ("1", "b.png", "")];
    assert_snapshot!(upload(form(MANY, MANY_MAP, &files)).await.text, @r#"{"data":{"publish":"d variables.d.files.0 a.png image/png 2; d variables.d.files.1 b.png image/png 0; d variables.d.cover cover.png image/png 1"}}"#);
    let large = "x".repeat(150_000);
    let reply = upload(form(ONE, r#"{"0":["variables.f"]}"#, &[("0", "a.png", &large)])).await;
    assert_snapshot!(reply.text, @r#"{"data":{"upload":"f variables.f a.png image/png 150000"}}"#);
}

#[tokio::test]
async fn broken_forms_are_refused_with_a_reason() {
    let file = ("0", "a.png", "1");
    let told = async |body: String| {
        let reply = upload(body).await;
        format!("{} {}", reply.status.as_u16(), reply.text)
    };
    assert_snapshot!(told(form(ONE, r#"{"0":["variables.f"]}"#, &[])).await, @r#"400 {"errors":[{"message":"`map` names the file \"0\", which is missing.","extensions":{"code":"BAD_REQUEST"}}]}"#);
    assert_snapshot!(told(form(ONE, r#"{"0":["variables.other"]}"#, &[file])).await, @r#"400 {"errors":[{"message":"`map` names \"variables.other\", where `operations` has no null.","extensions":{"code":"BAD_REQUEST"}}]}"#);
    assert_snapshot!(told(form(ONE, r#"{"0":["f"]}"#, &[file])).await, @r#"400 {"errors":[{"message":"`map` names \"f\", where `operations` has no null.","extensions":{"code":"BAD_REQUEST"}}]}"#);
    assert_snapshot!(told(form(ONE, r#"{"0":["variables.f","variables.f"]}"#, &[file])).await, @r#"400 {"errors":[{"message":"`map` must name exactly one place for the file \"0\".","extensions":{"code":"BAD_REQUEST"}}]}"#);
    assert_snapshot!(told(form(ONE, r#"{"0":"variables.f"}"#, &[file])).await, @r#"400 {"errors":[{"message":"`map` must be a JSON object of lists of strings.","extensions":{"code":"BAD_REQUEST"}}]}"#);
    assert_snapshot!(told(form(ONE, "{}", &[])).await, @r#"400 {"errors":[{"message":"Variable \"$f\" of non-null type \"Upload!\" must not be null.","locations":[{"line":1,"column":10}],"extensions":{"code":"BAD_USER_INPUT"}}]}"#);
    assert_snapshot!(told(form(&format!("[{ONE}]"), r#"{"0":["0.variables.f"]}"#, &[file])).await, @r#"400 {"errors":[{"message":"Several operations in one request are not supported: send one request each.","extensions":{"code":"BAD_REQUEST"}}]}"#);
    assert_snapshot!(told("--B--\r\n".to_owned()).await, @r#"400 {"errors":[{"message":"The form must begin with `operations` and `map`; `operations` is not where it should be.","extensions":{"code":"BAD_REQUEST"}}]}"#);
    assert_snapshot!(told("nonsense".to_owned()).await, @r#"400 {"errors":[{"message":"The form is broken or incomplete.","extensions":{"code":"BAD_REQUEST"}}]}"#);
    let text_for_a_file = r#"{"query":"mutation($n: String!) { rename(name: $n) }","variables":{"n":null}}"#;
    assert_snapshot!(told(form(text_for_a_file, r#"{"0":["variables.n"]}"#, &[file])).await, @r##"400 {"errors":[{"message":"Variable \"$n\" got invalid value {\"#file\":0}; String cannot represent a non string value: {\"#file\":0}","locations":[{"line":1,"column":10}],"extensions":{"code":"BAD_USER_INPUT"}}]}"##);
}

#[tokio::test]
async fn files_are_bounded_in_size_and_number() {
    let large = "x".repeat(250_000);
    let reply = upload(form(ONE, r#"{"0":["variables.f"]}"#, &[("0", "a.png", &large)])).await;
    assert_eq!(
        (reply.status.as_u16(), reply.code().as_str()),
        (413, "PAYLOAD_TOO_LARGE"),
        "the last file is read while it arrives"
    );
    let files = [("0", "a.png", large.as_str()), ("1", "b.png", ""), ("c", "c.png", "")];
    let reply = upload(form(MANY, MANY_MAP, &files)).await;
    assert_eq!(
        (reply.status.as_u16(), reply.code().as_str()),
        (413, "PAYLOAD_TOO_LARGE"),
        "the others are put aside"
    );
    let reply = upload(form(ONE, r#"{"0":["a"],"1":["b"],"2":["c"],"3":["d"]}"#, &[])).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
}

#[tokio::test]
async fn uploads_can_be_switched_off() {
    let mut settings = settings();
    settings.uploads.enabled = false;
    let gateway = builder(settings).build().unwrap();
    let headers = [("content-type", "multipart/form-data; boundary=B")];
    let body = form(ONE, r#"{"0":["variables.f"]}"#, &[("0", "a.png", "1")]);
    assert_eq!(send(&gateway, "POST", "/graphql", &headers, body).await.status, 415);
}
