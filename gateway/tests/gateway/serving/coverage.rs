//! The routes beside `/graphql`.

use axum::Router;
use axum::routing::get;
use souk_gateway::Example;

use super::bed::{builder, gateway, send, settings};

#[tokio::test]
async fn operators_find_their_routes() {
    let gateway = builder(settings())
        .metrics(|| "souk_up 1\n".to_owned())
        .jwks(|| r#"{"keys":[]}"#.to_owned())
        .readiness(|| Some("catalog: its database".to_owned()))
        .readiness(|| None)
        .goes_on_without(|| Some("a cache".to_owned()))
        .goes_on_without(|| None)
        .routes(Router::new().route("/media/{id}", get(|| async { "picture" })))
        .build()
        .unwrap();
    let cases = [
        ("/health", 200, "application/json", r#"{"status":"ok"}"#),
        (
            "/ready",
            503,
            "application/json",
            r#"{"ready":false,"missing":["catalog: its database"],"without":["a cache"]}"#,
        ),
        ("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", "souk_up 1\n"),
        ("/.well-known/jwks.json", 200, "application/jwk-set+json", r#"{"keys":[]}"#),
        ("/media/1", 200, "text/plain; charset=utf-8", "picture"),
        ("/nowhere", 404, "", ""),
    ];
    for (uri, status, content_type, text) in cases {
        let reply = send(&gateway, "GET", uri, &[], "").await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("content-type"), reply.text.as_str()),
            (status, content_type, text),
            "{uri}"
        );
    }
}

#[tokio::test]
async fn a_gateway_without_hooks_has_no_such_routes_and_is_ready() {
    let gateway = gateway();
    assert_eq!(send(&gateway, "GET", "/metrics", &[], "").await.status, 404);
    assert_eq!(send(&gateway, "GET", "/.well-known/jwks.json", &[], "").await.status, 404);
    assert_eq!(send(&gateway, "GET", "/ready", &[], "").await.text, r#"{"ready":true,"missing":[]}"#);
}

#[tokio::test]
async fn graphiql_comes_from_the_binary() {
    let example = Example { query: "{ hello }".to_owned(), variables: String::new() };
    let gateway = builder(settings()).example(example).build().unwrap();
    let page = send(&gateway, "GET", "/", &[("accept", "text/html")], "").await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(!page.text.contains("//"), "nothing from elsewhere: {}", page.text);
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    for path in page.text.split('"').filter(|text| text.starts_with("/graphiql/")) {
        let packed = send(&gateway, "GET", path, &[("accept-encoding", "gzip, br")], "").await;
        assert_eq!((packed.status.as_u16(), packed.header("content-encoding")), (200, "br"), "{path}");
        let plain = send(&gateway, "GET", path, &[], "").await;
        assert_eq!((plain.status.as_u16(), plain.header("content-encoding")), (200, ""), "{path}");
        assert!(plain.text.len() > packed.text.len(), "{path}");
        let again = send(&gateway, "GET", path, &[("if-none-match", plain.header("etag"))], "").await;
        assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""), "{path}");
    }
    assert_eq!(send(&gateway, "GET", "/graphiql/../Cargo.toml", &[], "").await.status, 404);
    assert_eq!(
        send(&gateway, "GET", "/graphiql/examples.json", &[], "").await.text,
        r#"[{"query":"{ hello }","variables":""}]"#
    );
    let visit = send(&gateway, "GET", "/graphql", &[("accept", "text/html,*/*;q=0.8")], "").await;
    assert_eq!((visit.status.as_u16(), visit.header("location")), (303, "/"));
}

#[tokio::test]
async fn graphiql_can_be_switched_off() {
    let mut settings = settings();
    settings.graphiql = false;
    let gateway = builder(settings).build().unwrap();
    assert_eq!(send(&gateway, "GET", "/", &[], "").await.status, 404);
}

#[tokio::test]
async fn operators_see_what_each_subgraph_answers() {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let _here = metrics::set_default_local_recorder(&recorder);
    let gateway = super::bed::gateway();
    for query in ["{ hello }", "{ hello fails }", "{ __typename }"] {
        super::bed::post(&gateway, &serde_json::json!({ "query": query })).await;
    }
    let text = recorder.handle().render();
    let requests = r#"souk_gateway_subgraph_requests_total{subgraph="echo",outcome="answered"} 2"#;
    assert!(text.lines().any(|line| line == requests), "{text}");
    assert!(text.contains(r#"souk_gateway_subgraph_seconds_count{subgraph="echo"} 2"#), "{text}");
}
