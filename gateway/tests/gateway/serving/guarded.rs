//! Requests that ask for fields and types that not everyone may have, refused as a whole.
use std::sync::Arc;

use http::{Extensions, HeaderMap};
use serde_json::json;
use souk_gateway::{
    Authenticate, Claims, Gateway, GraphqlError,
    compose::{SubgraphSource, compose},
};

use super::bed::{echo, send, settings};

const SDL: &str = r#"
type Query { hello: String secret: String @authenticated pick: String @requiresScopes(scopes: [["read:pick"]]) fails: Vault sizes: [Entry] }
type Vault @policy(policies: [["vault"]]) { hello: String }
interface Entry { hello: String }
type Open implements Entry { hello: String }
type Shut implements Entry @authenticated { hello: String }
"#;

/// Believes every word: `claims: scope scope` of someone who is known.
pub(super) struct Believing;

#[async_trait::async_trait]
impl Authenticate for Believing {
    async fn authenticate(&self, headers: &HeaderMap) -> Result<Extensions, GraphqlError> {
        let mut extensions = Extensions::new();
        if let Some(scopes) = headers.get("claims").and_then(|value| value.to_str().ok()) {
            let names: Vec<String> = scopes.split(' ').map(str::to_owned).collect();
            let claims = Claims { is_authenticated: true, scopes: names.clone(), policies: names };
            extensions.insert(claims);
        }
        Ok(extensions)
    }
}

fn gateway() -> Gateway {
    let link = r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@authenticated", "@requiresScopes", "@policy"])"#;
    let sdl = format!("{link}{SDL}");
    let source = SubgraphSource { name: "echo".to_owned(), url: None, sdl };
    let (supergraph, report) = compose(&[source]);
    let supergraph = supergraph.unwrap_or_else(|| panic!("{report:?}")).sdl;
    let definitions = "directive @authenticated on FIELD_DEFINITION | OBJECT
        directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION
        directive @policy(policies: [[String!]!]!) on OBJECT";
    let mut settings = settings();
    settings.authorization.reject_unauthorized = true;
    Gateway::builder(settings)
        .supergraph(supergraph)
        .subgraph("echo", Arc::new(echo(&format!("{definitions}{SDL}"))))
        .authenticate(Believing)
        .build()
        .unwrap()
}

async fn asked(query: &str, claims: Option<&str>) -> String {
    let mut headers =
        vec![("content-type", "application/json"), ("accept", "application/graphql-response+json")];
    headers.extend(claims.map(|claims| ("claims", claims)));
    let body = json!({ "query": query, "variables": { "w": false } }).to_string();
    let reply = send(&gateway(), "POST", "/graphql", &headers, body).await;
    format!("{} {}", reply.status.as_u16(), reply.code_or_data())
}

#[tokio::test]
async fn a_request_for_what_its_caller_may_not_have_is_refused_before_anything_is_asked() {
    let refused = "403 UNAUTHORIZED_FIELD_OR_TYPE";
    for (query, claims, expected) in [
        ("{ hello }", None, "200 data"),
        ("{ hello secret }", None, refused),
        ("{ hello secret }", Some(""), "200 data"),
        ("{ ...F } fragment F on Query { a: secret }", None, refused),
        ("query($w: Boolean!) { hello secret @include(if: $w) }", None, "200 data"),
        ("{ pick }", Some("read:other"), refused),
        ("{ pick }", Some("read:other read:pick"), "200 data"),
        ("{ fails { hello } }", Some("other"), refused),
        ("{ fails { hello } }", Some("vault"), "200 data"),
        ("{ secret hello }", None, refused),
        ("{ sizes { hello } }", None, refused),
        ("{ sizes { ... on Shut { hello } } }", None, refused),
        // Composition lets an interface require what any of its objects does.
        ("{ sizes { ... on Open { hello } } }", None, refused),
        ("{ sizes { ... on Open { hello } } }", Some(""), "200 data"),
        ("{ __type(name: \"Shut\") { name } }", None, "200 data"),
    ] {
        assert_eq!(asked(query, claims).await, expected, "{query} {claims:?}");
    }
}
