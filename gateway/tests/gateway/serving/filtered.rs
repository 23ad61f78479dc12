//! Fields and types that not everyone may have, left out of answers.
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::{Value as Json, json};
use souk_gateway::{
    Gateway,
    compose::{SubgraphSource, compose},
    transport::{InProcess, SubgraphRequest},
};

use super::{
    bed::{send, settings},
    guarded::Believing,
};

const LINK: &str = r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated", "@requiresScopes", "@policy"])"#;

const MAIN: &str = r#"
type Query { hello: String me: User people: [Person!] items: [Item] grid: [[Item]] vault: Vault must: Must! maybe: Must }
type Mutation { rename: String wipe: String @authenticated }
interface Person { name: String email: String friend: User }
type User implements Person @key(fields: "id") {
  id: ID! name: String email: String @authenticated friend: User @authenticated hobby: String secret: String! @authenticated
}
type Bot implements Person { name: String email: String friend: User }
union Item = Book | Film
type Book { title: String price: Int @requiresScopes(scopes: [["price"]]) }
type Film @policy(policies: [["adult"]]) { title: String }
type Vault @policy(policies: [["vault"]]) { code: String }
type Must { open: String shut: String! @authenticated }
"#;

const REVIEWS: &str = r#"type User @key(fields: "id") { id: ID! stars: Int score: Int @authenticated }"#;

/// What the subgraphs know; more than is asked does no harm.
fn known(subgraph: &str) -> Json {
    let user = json!({
        "__typename": "User", "id": "1", "name": "Ann", "email": "ann@", "mail": "ann@", "hobby": "chess", "secret": "s",
        "friend": { "__typename": "User", "id": "1", "name": "Ann", "hobby": "chess" },
    });
    let bot = json!({
        "__typename": "Bot", "name": "R2", "email": "r2@",
        "friend": { "__typename": "User", "id": "1", "name": "Ann", "hobby": "chess" },
    });
    let (book, film) = (
        json!({ "__typename": "Book", "title": "B", "price": 7 }),
        json!({ "__typename": "Film", "title": "F" }),
    );
    let must = json!({ "open": "o", "shut": "s" });
    match subgraph {
        "reviews" => json!({ "_entities": [{ "__typename": "User", "stars": 4, "score": 5 }] }),
        _ => json!({
            "hello": "you", "me": user, "people": [user, bot], "items": [book, film, null], "grid": [[book, null], [film], null],
            "vault": { "code": "c" }, "must": must, "maybe": must, "rename": "done", "wipe": "done",
        }),
    }
}

/// The gateway, and what its subgraphs were asked.
struct Bed {
    gateway: Gateway,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Bed {
    fn new() -> Self {
        let subgraphs = [("main", MAIN), ("reviews", REVIEWS)];
        let sources = subgraphs.map(|(name, sdl)| SubgraphSource {
            name: name.to_owned(),
            url: None,
            sdl: format!("{LINK}{sdl}"),
        });
        let (supergraph, report) = compose(&sources);
        let supergraph = supergraph.unwrap_or_else(|| panic!("{report:?}")).sdl;
        let asked = Arc::new(Mutex::new(Vec::new()));
        let mut builder = Gateway::builder(settings()).supergraph(supergraph).authenticate(Believing);
        for (name, _) in subgraphs {
            let log = Arc::clone(&asked);
            let answer = move |request: SubgraphRequest| {
                log.lock().unwrap().push(request.query.to_string());
                let body = Bytes::from(json!({ "data": known(name) }).to_string());
                async move { body }
            };
            builder = builder.subgraph(name, Arc::new(InProcess::new(answer)));
        }
        Self { gateway: builder.build().unwrap(), asked }
    }

    async fn answer(&self, query: &str, variables: Json, claims: Option<&str>) -> Json {
        let mut headers =
            vec![("content-type", "application/json"), ("accept", "application/graphql-response+json")];
        headers.extend(claims.map(|claims| ("claims", claims)));
        let body = json!({ "query": query, "variables": variables }).to_string();
        let reply = send(&self.gateway, "POST", "/graphql", &headers, body).await;
        assert_eq!(reply.status, 200, "{query}: {}", reply.text);
        reply.json()
    }

    /// Checks an anonymous caller's answer: its data, and the paths of its errors, each of which has the code.
    async fn check(&self, query: &str, variables: Json, data: Json, paths: Json) {
        let answer = self.answer(query, variables, None).await;
        assert_eq!(answer["data"], data, "{query}: {answer}");
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        assert!(
            errors.iter().all(|error| error["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"),
            "{query}: {answer}"
        );
        let told: Vec<&Json> = errors.iter().map(|error| &error["path"]).collect();
        assert_eq!(json!(told), paths, "{query}: {answer}");
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

#[tokio::test]
async fn what_a_caller_may_not_have_is_null_with_an_error_at_its_path_and_the_rest_is_answered() {
    let bed = Bed::new();
    let cases = [
        ("{ hello }", json!({ "hello": "you" }), json!([])),
        (
            "{ hello me { name email } }",
            json!({ "hello": "you", "me": { "name": "Ann", "email": null } }),
            json!([["me", "email"]]),
        ),
        (
            "{ me { mail: email t: __typename } }",
            json!({ "me": { "mail": null, "t": "User" } }),
            json!([["me", "mail"]]),
        ),
        ("{ me { email } }", json!({ "me": { "email": null } }), json!([["me", "email"]])),
        (
            "{ me { ...F ...F } } fragment F on User { email }",
            json!({ "me": { "email": null } }),
            json!([["me", "email"]]),
        ),
        // Entities of another subgraph.
        ("{ me { stars score } }", json!({ "me": { "stars": 4, "score": null } }), json!([["me", "score"]])),
        // What may not be null takes what holds it along.
        (
            "{ hello maybe { open shut } }",
            json!({ "hello": "you", "maybe": null }),
            json!([["maybe", "shut"]]),
        ),
        ("{ hello must { shut } }", json!(null), json!([["must", "shut"]])),
        // Types.
        ("{ hello vault { code } }", json!({ "hello": "you", "vault": null }), json!([["vault"]])),
        // An interface requires what any of its objects does; an object does for itself.
        (
            "{ people { name email } }",
            json!({ "people": [{ "name": "Ann", "email": null }, { "name": "R2", "email": null }] }),
            json!([["people", 0, "email"], ["people", 1, "email"]]),
        ),
        (
            "{ people { ... on User { email } ... on Bot { email } } }",
            json!({ "people": [{ "email": null }, { "email": "r2@" }] }),
            json!([["people", 0, "email"]]),
        ),
        (
            "{ people { email ... on Bot { email } } }",
            json!({ "people": [{ "email": null }, { "email": "r2@" }] }),
            json!([["people", 0, "email"]]),
        ),
        // Below a field that is refused in one place and open in another, only the open place counts.
        (
            "{ people { friend { name } ... on Bot { friend { hobby } } } }",
            json!({ "people": [{ "friend": null }, { "friend": { "name": null, "hobby": "chess" } }] }),
            json!([["people", 0, "friend"], ["people", 1, "friend", "name"]]),
        ),
        // Unions and lists of lists.
        (
            "{ items { ... on Book { title price } ... on Film { title } } }",
            json!({ "items": [{ "title": "B", "price": null }, { "title": null }, null] }),
            json!([["items", 0, "price"], ["items", 1, "title"]]),
        ),
        (
            "{ grid { __typename ... on Book { price } } }",
            json!({ "grid": [[{ "__typename": "Book", "price": null }, null], [{ "__typename": "Film" }], null] }),
            json!([["grid", 0, 0, "price"]]),
        ),
        ("{ __type(name: \"Vault\") { name } }", json!({ "__type": { "name": "Vault" } }), json!([])),
    ];
    for (query, data, paths) in cases {
        bed.check(query, json!({}), data, paths).await;
    }
    for query in bed.asked() {
        for word in ["score", "shut", "vault", "price"] {
            assert!(!query.contains(word), "{query}");
        }
    }
}

#[tokio::test]
async fn subgraphs_are_not_asked_for_what_is_refused() {
    let bed = Bed::new();
    bed.check("{ vault { code } }", json!({}), json!({ "vault": null }), json!([["vault"]])).await;
    assert_eq!(bed.asked(), Vec::<String>::new());
    let data = json!({ "rename": "done", "wipe": null });
    bed.check("mutation { rename wipe }", json!({}), data, json!([["wipe"]])).await;
    assert_eq!(bed.asked(), ["mutation{rename}"]);
    bed.check("{ me { score } }", json!({}), json!({ "me": { "score": null } }), json!([["me", "score"]]))
        .await;
    assert_eq!(bed.asked().len(), 1, "the reviews have nothing to say");
}

#[tokio::test]
async fn conditions_decide_what_is_refused() {
    let bed = Bed::new();
    let query = "query($w: Boolean!) { me { name email @include(if: $w) } }";
    for (w, data, paths) in [
        (false, json!({ "me": { "name": "Ann" } }), json!([])),
        (true, json!({ "me": { "name": "Ann", "email": null } }), json!([["me", "email"]])),
    ] {
        bed.check(query, json!({ "w": w }), data, paths).await;
    }
    let query = "query($w: Boolean!) { people { email ... on Bot @include(if: $w) { email } } }";
    for (w, bot, paths) in [
        (false, json!(null), json!([["people", 0, "email"], ["people", 1, "email"]])),
        (true, json!("r2@"), json!([["people", 0, "email"]])),
    ] {
        bed.check(
            query,
            json!({ "w": w }),
            json!({ "people": [{ "email": null }, { "email": bot }] }),
            paths,
        )
        .await;
    }
    // More variables than one plan tells apart.
    let query = "query($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!) { hello @include(if: $a)
        me { name @include(if: $b) hobby @include(if: $c) email @include(if: $d) } }";
    for d in [false, true] {
        let mut me = json!({ "hobby": "chess" });
        if d {
            me["email"] = Json::Null;
        }
        let paths = if d { json!([["me", "email"]]) } else { json!([]) };
        bed.check(query, json!({ "a": false, "b": false, "c": true, "d": d }), json!({ "me": me }), paths)
            .await;
    }
}

#[tokio::test]
async fn callers_with_other_claims_get_other_answers_to_the_same_operation() {
    let bed = Bed::new();
    let query = "{ me { email } items { ... on Book { price } ... on Film { title } } }";
    for _ in 0..2 {
        for (claims, email, price, title) in [
            (None, json!(null), json!(null), json!(null)),
            (Some(""), json!("ann@"), json!(null), json!(null)),
            (Some("price"), json!("ann@"), json!(7), json!(null)),
            (Some("adult price"), json!("ann@"), json!(7), json!("F")),
        ] {
            let answer = bed.answer(query, json!({}), claims).await;
            let expected =
                json!({ "me": { "email": email }, "items": [{ "price": price }, { "title": title }, null] });
            assert_eq!(answer["data"], expected, "{claims:?}: {answer}");
        }
    }
}
