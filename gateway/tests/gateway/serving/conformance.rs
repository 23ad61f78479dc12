//! GraphQL over HTTP, by table: what is sent, and the status, media type and code that come back.

use insta::assert_snapshot;
use serde_json::json;
use souk_gateway::{Authenticate, Code, GraphqlError};

use super::bed::{Caller, builder, gateway, post, send, settings};

const JSON: &str = "application/json";
const RESPONSE: &str = "application/graphql-response+json";

/// Body, status in the new media type, status in the old one, code.
const BODIES: &[(&str, u16, u16, &str)] = &[
    (r#"{"query":"{ hello }"}"#, 200, 200, ""),
    (r#"{"query":"{ __typename }"}"#, 200, 200, ""),
    (r#"{"query":"{ hello }","variables":null,"operationName":null,"extensions":null}"#, 200, 200, ""),
    (r#"{"query":"{ hello }","variables":{},"extensions":{"a":1},"other":1}"#, 200, 200, ""),
    (r#"{"query":"query A { hello } query B { caller }","operationName":"B"}"#, 200, 200, ""),
    (r#"{"query":"query A { hello }","operationName":""}"#, 200, 200, ""),
    (r#"{"query":"{ fails }"}"#, 200, 200, "BROKEN"),
    (r#"{"query":"mutation { rename(name: \"x\") }"}"#, 200, 200, ""),
    ("NONSENSE", 400, 400, "BAD_REQUEST"),
    ("", 400, 400, "BAD_REQUEST"),
    (r#"{"query":"#, 400, 400, "BAD_REQUEST"),
    ("\"text\"", 400, 400, "BAD_REQUEST"),
    (r#"[{"query":"{ hello }"}]"#, 400, 400, "BAD_REQUEST"),
    (r#"{"qeury":"{ hello }"}"#, 400, 400, "BAD_REQUEST"),
    (r#"{"query":null}"#, 400, 400, "BAD_REQUEST"),
    (r#"{"query":{"obj":"ect"}}"#, 400, 400, "BAD_REQUEST"),
    (r#"{"query":["{ hello }"]}"#, 400, 400, "BAD_REQUEST"),
    (r#"{"query":0}"#, 400, 400, "BAD_REQUEST"),
    (r#"{"query":"{ hello }","operationName":{}}"#, 400, 400, "BAD_REQUEST"),
    (r#"{"query":"{ hello }","operationName":false}"#, 400, 400, "BAD_REQUEST"),
    (r#"{"query":"{ hello }","variables":"{}"}"#, 400, 400, "BAD_REQUEST"),
    (r#"{"query":"{ hello }","variables":[7]}"#, 400, 400, "BAD_REQUEST"),
    (r#"{"query":"{ hello }","extensions":0}"#, 400, 400, "BAD_REQUEST"),
    (r#"{"query":"{ hello }","query":"{ hello }"}"#, 400, 400, "BAD_REQUEST"),
    (r#"{"query":"{"}"#, 400, 200, "GRAPHQL_PARSE_FAILED"),
    (r#"{"query":""}"#, 400, 200, "GRAPHQL_PARSE_FAILED"),
    (r#"{"query":"{ 8f31 }"}"#, 400, 200, "GRAPHQL_PARSE_FAILED"),
    (r#"{"query":"{ nothing }"}"#, 400, 200, "GRAPHQL_VALIDATION_FAILED"),
    (r#"{"query":"{ pick(by: {}) }"}"#, 400, 200, "GRAPHQL_VALIDATION_FAILED"),
    (r#"{"query":"query A { hello } query B { caller }"}"#, 400, 200, "OPERATION_RESOLUTION_FAILURE"),
    (r#"{"query":"query A { hello }","operationName":"C"}"#, 400, 200, "OPERATION_RESOLUTION_FAILURE"),
    (r#"{"query":"query($by: Pick!) { pick(by: $by) }","variables":{"by":{}}}"#, 400, 200, "BAD_USER_INPUT"),
    (r#"{"query":"query($ms: Int!) { slow(ms: $ms) }"}"#, 400, 200, "BAD_USER_INPUT"),
    (r#"{"query":"subscription { ticks }"}"#, 400, 200, "SUBSCRIPTION_UNSUPPORTED"),
];

#[tokio::test]
async fn a_body_decides_the_status_and_the_media_type_how_it_is_told() {
    let gateway = gateway();
    for (body, modern, legacy, code) in BODIES {
        for (accept, status) in [(RESPONSE, *modern), (JSON, *legacy)] {
            let reply =
                send(&gateway, "POST", "/graphql", &[("content-type", JSON), ("accept", accept)], *body)
                    .await;
            assert_eq!(reply.status.as_u16(), status, "{accept} {body} {}", reply.text);
            assert_eq!(reply.header("content-type"), format!("{accept}; charset=utf-8"), "{body}");
            assert_eq!(reply.code(), *code, "{body}");
            let ran = code.is_empty() || *code == "BROKEN";
            assert_eq!(reply.json().get("data").is_some(), ran, "{body} {}", reply.text);
        }
    }
}

/// Method, URI, headers; status and code.
type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)], u16, &'static str);

#[tokio::test]
async fn headers_decide_whether_a_request_is_read_at_all() {
    let gateway = gateway();
    let cases: &[Case] = &[
        ("POST", "/graphql", &[("content-type", "application/json; charset=utf-8")], 200, ""),
        ("POST", "/graphql", &[("content-type", "application/json; charset=UTF-8")], 200, ""),
        (
            "POST",
            "/graphql",
            &[("content-type", "application/json; charset=latin1")],
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            "POST",
            "/graphql",
            &[("content-type", JSON), ("content-encoding", "gzip")],
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ("POST", "/graphql", &[("content-type", "text/plain")], 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("POST", "/graphql", &[("content-type", "application/graphql")], 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("POST", "/graphql", &[], 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("POST", "/graphql", &[("content-type", JSON), ("accept", "text/html")], 406, "NOT_ACCEPTABLE"),
        (
            "POST",
            "/graphql",
            &[("content-type", "text/plain"), ("origin", "https://evil.example")],
            403,
            "CSRF_PREVENTION",
        ),
        ("PUT", "/graphql", &[("content-type", JSON)], 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/graphql", &[("content-type", JSON)], 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/graphql?query=%7Bhello%7D", &[], 200, ""),
        ("GET", "/graphql?query=%7Bhello%7D", &[("sec-fetch-site", "cross-site")], 403, "CSRF_PREVENTION"),
        (
            "GET",
            "/graphql?query=query($n:String)%7Bhello(name:$n)%7D&variables=%7B%22n%22:%22x%22%7D",
            &[],
            200,
            "",
        ),
        ("GET", "/graphql?query=query+A%7Bhello%7D+query+B%7Bcaller%7D&operationName=A", &[], 200, ""),
        ("GET", "/graphql?query=query+A%7Bhello%7D&operationName=", &[], 200, ""),
        ("GET", "/graphql?query=%7Bhello%7D&variables=&extensions=%7B%7D", &[], 200, ""),
        ("GET", "/graphql?query=%7Bhello%7D&variables=7", &[], 400, "BAD_REQUEST"),
        ("GET", "/graphql?query=%7Bhello%7D&query=%7Bhello%7D", &[], 400, "BAD_REQUEST"),
        ("GET", "/graphql?query=%7Bhello%7D&operationName=null", &[], 400, "OPERATION_RESOLUTION_FAILURE"),
        ("GET", "/graphql", &[], 400, "BAD_REQUEST"),
        ("GET", "/graphql?query=mutation%7Brename(name:%22x%22)%7D", &[], 405, "METHOD_NOT_ALLOWED"),
        (
            "GET",
            "/graphql?query=mutation%7Brename(name:%22x%22)%7D",
            &[("accept", JSON)],
            405,
            "METHOD_NOT_ALLOWED",
        ),
    ];
    for (method, uri, headers, status, code) in cases {
        let body = if *method == "POST" { r#"{"query":"{ hello }"}"# } else { "" };
        let reply = send(&gateway, method, uri, headers, body).await;
        assert_eq!(
            (reply.status.as_u16(), reply.code().as_str()),
            (*status, *code),
            "{method} {uri} {headers:?} {}",
            reply.text
        );
        if *status == 405 {
            assert_eq!(reply.header("allow"), "GET, HEAD, POST");
        }
    }
}

#[tokio::test]
async fn errors_say_where_and_why() {
    let gateway = gateway();
    let told = async |body: serde_json::Value| post(&gateway, &body).await.text;
    assert_snapshot!(told(json!({ "query": "{ hello\n  nothing }" })).await, @r#"{"errors":[{"message":"Cannot query field \"nothing\" on type \"Query\".","locations":[{"line":2,"column":3}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}"#);
    assert_snapshot!(told(json!({ "query": "{ hello(" })).await, @r#"{"errors":[{"message":"syntax error: expected an Argument","locations":[{"line":1,"column":9}],"extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]}"#);
    assert_snapshot!(told(json!({ "query": "query($of: [Size!]!) { sizes(of: $of) }", "variables": { "of": ["S", "XL"] } })).await, @r#"{"errors":[{"message":"Variable \"$of\" got invalid value \"XL\" at \"of[1]\"; Value \"XL\" does not exist in \"Size\" enum.","locations":[{"line":1,"column":7}],"extensions":{"code":"BAD_USER_INPUT"}}]}"#);
    assert_snapshot!(told(json!({ "query": "{ fails hello }" })).await, @r#"{"data":{"fails":null,"hello":"Hello you"},"errors":[{"message":"It failed.","path":["fails"],"extensions":{"code":"BROKEN"}}]}"#);
}

#[tokio::test]
async fn introspection_keeps_its_place_among_other_fields() {
    let gateway = gateway();
    let query = "query($yes: Boolean!, $name: String!) {
        first: hello
        ... on Query { __typename @include(if: $yes) ...Schema }
        again: hello(name: \"again\") @skip(if: $yes)
        named: __type(name: $name) { kind }
        last: hello(name: \"last\")
    }
    fragment Schema on Query { __schema { queryType { name } } }";
    let reply =
        post(&gateway, &json!({ "query": query, "variables": { "yes": true, "name": "Size" } })).await;
    assert_snapshot!(reply.text, @r#"{"data":{"first":"Hello you","__typename":"Query","__schema":{"queryType":{"name":"Query"}},"named":{"kind":"ENUM"},"last":"Hello last"}}"#);
    let reply = post(&gateway, &json!({ "query": "{ __schema { mutationType { name } } }" })).await;
    assert_snapshot!(reply.text, @r#"{"data":{"__schema":{"mutationType":{"name":"Mutation"}}}}"#);
    let reply = post(&gateway, &json!({ "query": "mutation { __typename rename(name: \"n\") }" })).await;
    assert_snapshot!(reply.text, @r#"{"data":{"__typename":"Mutation","rename":"n"}}"#);
}

#[tokio::test]
async fn fragments_without_a_type_stand_anywhere() {
    let gateway = gateway();
    let query = "{ ... { hello } __schema { ... { queryType { ... @include(if: true) { name } } } } ... @skip(if: true) { caller } }";
    let reply = post(&gateway, &json!({ "query": query })).await;
    assert_eq!(reply.text, r#"{"data":{"hello":"Hello you","__schema":{"queryType":{"name":"Query"}}}}"#);
}

#[tokio::test]
async fn introspection_can_be_switched_off() {
    let mut settings = settings();
    settings.introspection = false;
    let gateway = builder(settings).build().unwrap();
    let reply = post(&gateway, &json!({ "query": "{ __schema { queryType { name } } }" })).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "INTROSPECTION_DISABLED"));
    let reply = post(&gateway, &json!({ "query": "{ __typename }" })).await;
    assert_eq!(reply.text, r#"{"data":{"__typename":"Query"}}"#);
}

#[tokio::test]
async fn a_long_body_and_a_slow_subgraph_are_bounded() {
    let mut settings = settings();
    settings.request_timeout_ms = 100;
    let gateway = builder(settings).build().unwrap();
    let reply =
        post(&gateway, &json!({ "query": format!("{{ hello(name: \"{}\") }}", "x".repeat(200_000)) })).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
    let reply = post(&gateway, &json!({ "query": "{ slow(ms: 10000) }" })).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (504, "REQUEST_TIMEOUT"));
}

struct Tokens;

#[async_trait::async_trait]
impl Authenticate for Tokens {
    async fn authenticate(&self, headers: &http::HeaderMap) -> Result<http::Extensions, GraphqlError> {
        let mut extensions = http::Extensions::new();
        match headers.get("authorization").map(|token| token.to_str().unwrap()) {
            None => {}
            Some("Bearer good") => {
                extensions.insert(Caller("staff".to_owned()));
            }
            Some(_) => return Err(GraphqlError::new(Code::Unauthenticated, "The token is not valid.")),
        }
        Ok(extensions)
    }
}

#[tokio::test]
async fn the_host_says_who_calls_and_subgraphs_hear_it() {
    let gateway = builder(settings()).authenticate(Tokens).build().unwrap();
    let ask = async |token: &str| {
        let headers = [("content-type", JSON), ("authorization", token)];
        send(
            &gateway,
            "POST",
            "/graphql",
            if token.is_empty() { &headers[..1] } else { &headers },
            r#"{"query":"{ caller }"}"#,
        )
        .await
    };
    assert_eq!(ask("").await.text, r#"{"data":{"caller":null}}"#);
    assert_eq!(ask("Bearer good").await.text, r#"{"data":{"caller":"staff"}}"#);
    let refused = ask("Bearer bad").await;
    assert_eq!(
        (refused.status.as_u16(), refused.header("www-authenticate"), refused.code().as_str()),
        (401, "Bearer", "UNAUTHENTICATED")
    );
}

#[tokio::test]
async fn only_listed_headers_reach_subgraphs() {
    let gateway = gateway();
    let query = r#"{ auth: header(name: "authorization") cookie: header(name: "cookie") id: header(name: "x-request-id") parent: header(name: "traceparent") from: header(name: "x-forwarded-for") }"#;
    let headers = [
        ("content-type", JSON),
        ("authorization", "Bearer t"),
        ("cookie", "secret=1"),
        ("x-request-id", "till-7"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("x-forwarded-for", "198.51.100.1"),
    ];
    let reply = send(&gateway, "POST", "/graphql", &headers, json!({ "query": query }).to_string()).await;
    let data = &reply.json()["data"];
    assert_eq!(
        (&data["auth"], &data["cookie"], &data["id"]),
        (&json!("Bearer t"), &json!(null), &json!("till-7"))
    );
    assert!(data["parent"].as_str().unwrap().starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{data}");
    // No socket, no address: then the header of a stranger is not believed either.
    assert_eq!(data["from"], json!(null));
    assert_eq!(reply.header("x-request-id"), "till-7");
}

#[tokio::test]
async fn other_sites_are_admitted_by_the_settings_only() {
    let gateway = gateway();
    let preflight = async |origin: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "content-type"),
        ];
        send(&gateway, "OPTIONS", "/graphql", &headers, "").await
    };
    let admitted = preflight("https://shop.example").await;
    assert_eq!(admitted.header("access-control-allow-origin"), "https://shop.example");
    assert_eq!(admitted.header("access-control-allow-headers"), "content-type");
    assert_eq!(admitted.header("access-control-allow-credentials"), "true");
    assert_eq!(preflight("https://evil.example").await.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_take_it_and_guarded() {
    let gateway = gateway();
    let body = json!({ "query": "{ __schema { types { name description } } }" }).to_string();
    for (accepted, used) in [("br", "br"), ("gzip", "gzip"), ("identity", "")] {
        let headers = [("content-type", JSON), ("accept-encoding", accepted)];
        let reply = send(&gateway, "POST", "/graphql", &headers, body.clone()).await;
        assert_eq!(reply.header("content-encoding"), used);
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("cache-control"), "no-store");
    }
}

#[test]
fn settings_that_make_no_sense_are_refused_by_name() {
    let refusal = |change: fn(&mut souk_gateway::Settings)| {
        let mut settings = settings();
        change(&mut settings);
        builder(settings).build().err().unwrap().to_string()
    };
    assert_snapshot!(refusal(|settings| settings.cors.origins = vec!["*".to_owned()]), @"cors.origins: `*` cannot be combined with `credentials`");
    assert_snapshot!(refusal(|settings| settings.cors.origins = vec!["shop.example".to_owned()]), @"cors.origins: `shop.example` is not an origin such as `https://shop.example`");
    assert_snapshot!(refusal(|settings| settings.headers.forward = vec!["not a header".to_owned()]), @"headers.forward: `not a header` is not a header");
    assert_snapshot!(refusal(|settings| settings.headers.forward = vec!["Host".to_owned()]), @"headers.forward: `host` cannot be handed on");
}

#[tokio::test]
async fn many_conditions_leave_nothing_unwanted_to_ask() {
    let query = "query($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!, $e: Boolean!) {
        a: hello @include(if: $a) b: hello @skip(if: $b) c: hello @include(if: $c)
        d: hello @skip(if: $d) e: fails @include(if: $e) f: hello @include(if: $e) }";
    let gateway = gateway();
    for (e, expected) in [
        (false, json!({ "data": { "a": "Hello you", "c": "Hello you" } })),
        (
            true,
            json!({
                "data": { "a": "Hello you", "c": "Hello you", "e": null, "f": "Hello you" },
                "errors": [{ "message": "It failed.", "path": ["e"], "extensions": { "code": "BROKEN" } }],
            }),
        ),
    ] {
        let variables = json!({ "a": true, "b": true, "c": true, "d": true, "e": e });
        let reply = post(&gateway, &json!({ "query": query, "variables": variables })).await;
        assert_eq!(reply.json(), expected);
    }
}
