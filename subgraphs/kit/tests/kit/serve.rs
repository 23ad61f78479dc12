//! A subgraph on a port of its own: tokens, health, `_service`, files.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use futures::{StreamExt, stream};
use serde_json::{Value as Json, json};
use souk_kit::auth::{Issuer, Jwks, SigningKey, Verifier};
use souk_kit::clock::Clock;
use souk_kit::principal::Principal;
use souk_kit::subgraph::{Limits, router};
use souk_kit::testing::principals;
use tower::ServiceExt;

use crate::subgraph::{House, house};

struct Served {
    house: House,
    router: axum::Router,
    issuer: Issuer,
    _folder: tempfile::TempDir,
}

async fn served() -> Served {
    let house = house(1).await;
    let folder = tempfile::tempdir().unwrap();
    let key = SigningKey::load_or_make(&folder.path().join("key.pem")).unwrap();
    let clock = Clock::system();
    let verifier = Verifier::new(Jwks::given(&key.public()), "https://souk.test", "souk", clock.clone());
    let issuer = Issuer::new(key, "https://souk.test", "souk", clock.clone());
    let limits = Limits { file: 1_000, files: 2, body: 1_000, uploads: 2 };
    let router = router(Arc::clone(&house.lamps.subgraph), verifier, clock, limits);
    Served { house, router, issuer, _folder: folder }
}

impl Served {
    fn token(&self, principal: &Principal) -> String {
        self.issuer.sign(principal, "", TimeDelta::minutes(5)).unwrap()
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, Json) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    async fn post(&self, token: Option<&str>, body: &Json) -> (StatusCode, Json) {
        let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }
}

#[tokio::test]
async fn the_token_says_who_asks() {
    let served = served().await;
    let query = json!({ "query": "{ lamps { totalCount } }" });
    let total = |reply: &(StatusCode, Json)| reply.1["data"]["lamps"]["totalCount"].clone();
    assert_eq!(total(&served.post(None, &query).await), 0);
    let token = served.token(&principals::company_admin(served.house.company));
    assert_eq!(total(&served.post(Some(&token), &query).await), 1);
    let (status, reply) = served.post(Some("forged"), &query).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(reply["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn the_schema_is_published() {
    let served = served().await;
    let (_, reply) = served.post(None, &json!({ "query": "{ _service { sdl } }" })).await;
    assert_eq!(reply["data"]["_service"]["sdl"], served.house.lamps.subgraph.sdl());
    insta::assert_snapshot!("lamps_sdl", served.house.lamps.subgraph.sdl());
}

#[tokio::test]
async fn fields_come_in_the_order_in_which_they_were_asked_for() {
    let served = served().await;
    let query = json!({ "query": "{ lamps { totalCount } kind: __typename none: lamp(id: \"lamp\") { name } more: lamps { nodes { id } totalCount } }" });
    let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    let response =
        served.router.clone().oneshot(request.body(Body::from(query.to_string())).unwrap()).await.unwrap();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    insta::assert_snapshot!(
        String::from_utf8(bytes.to_vec()).unwrap(),
        @r#"{"data":{"lamps":{"totalCount":0},"kind":"Query","none":null,"more":{"nodes":[],"totalCount":0}}}"#
    );
}

#[tokio::test]
async fn health_and_readiness_answer() {
    let served = served().await;
    for path in ["/health", "/ready"] {
        assert_eq!(served.send(Request::get(path).body(Body::empty()).unwrap()).await.0, StatusCode::OK);
    }
}

const BEFORE_FILE: &str = "--b\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n\
    {\"query\":\"mutation($f: Upload!) { measure(file: $f) }\",\"variables\":{\"f\":null}}\r\n\
    --b\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{\"0\":[\"variables.f\"]}\r\n\
    --b\r\nContent-Disposition: form-data; name=\"0\"; filename=\"a.bin\"\r\n\r\n";
const AFTER_FILE: &str = "\r\n--b--\r\n";

fn form(token: Option<&str>, body: Body) -> Request<Body> {
    let mut request =
        Request::post("/graphql").header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(body).unwrap()
}

#[tokio::test]
async fn slow_visitors_keep_nobody_out_who_says_who_they_are() {
    let served = served().await;
    // As many as there are places, and more: none of their files ever ends.
    for _ in 0..8 {
        let begun = stream::once(async { Ok::<_, std::io::Error>(BEFORE_FILE) });
        let request = form(None, Body::from_stream(begun.chain(stream::pending())));
        tokio::spawn(served.router.clone().oneshot(request));
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let token = served.token(&principals::company_admin(served.house.company));
    for token in [Some(&*token), Some(&*token)] {
        let whole = Body::from(format!("{BEFORE_FILE}xyz{AFTER_FILE}"));
        let answer = tokio::time::timeout(Duration::from_secs(5), served.send(form(token, whole))).await;
        assert_eq!(answer.expect("there is a place").1, json!({ "data": { "measure": 3 } }));
    }
    let whole = Body::from(format!("{BEFORE_FILE}xyz{AFTER_FILE}"));
    let visitor = tokio::time::timeout(Duration::from_millis(200), served.send(form(None, whole))).await;
    assert!(visitor.is_err(), "visitors wait for each other");
    let (_, forged) = served
        .send(form(Some("forged"), Body::from_stream(stream::pending::<Result<&str, std::io::Error>>())))
        .await;
    assert_eq!(forged["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "nothing of theirs is read");
}

#[tokio::test]
async fn files_come_in_up_to_the_limit() {
    let served = served().await;
    let upload =
        |size: usize| form(None, Body::from(format!("{BEFORE_FILE}{}{AFTER_FILE}", "x".repeat(size))));
    let (status, reply) = served.send(upload(900)).await;
    assert_eq!((status, reply), (StatusCode::OK, json!({ "data": { "measure": 900 } })));
    let (status, reply) = served.send(upload(1_100)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[tokio::test]
async fn unreadable_requests_are_refused() {
    let served = served().await;
    let too_long = json!({ "query": "{ __typename }", "variables": { "x": "y".repeat(2_000) } });
    for body in [json!("text"), json!({ "query": 1 }), too_long] {
        let (status, reply) = served.post(None, &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{reply}");
        assert_eq!(reply["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}
