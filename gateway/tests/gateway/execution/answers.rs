//! Exact answers: partial data, nulls and errors where the GraphQL and federation specifications put them.
use insta::assert_snapshot;
use souk_gateway::transport::TransportError;

use super::script::{Graph, SHOP, Script};

async fn answer(operation: &str, script: Script) -> String {
    Graph::new(SHOP).answer(operation, &script).await
}

const TWO: &str = r#"{"data":{"products":[{"__typename":"Product","id":"1","name":"A"},{"__typename":"Product","id":"2","name":"B"}]}}"#;

#[tokio::test]
async fn a_dead_subgraph_nulls_its_own_fields_only_and_each_has_its_error() {
    let script = Script::new().with("products", TWO).failing("reviews", TransportError::Unreachable);
    assert_snapshot!(answer("{ products { name score } }", script).await, @r#"{"data":{"products":[{"name":"A","score":null},{"name":"B","score":null}]},"errors":[{"message":"subgraph `reviews`: the subgraph cannot be reached","path":["products",0,"score"],"extensions":{"code":"SUBGRAPH_UNAVAILABLE","service":"reviews"}},{"message":"subgraph `reviews`: the subgraph cannot be reached","path":["products",1,"score"],"extensions":{"code":"SUBGRAPH_UNAVAILABLE","service":"reviews"}}]}"#);
}

#[tokio::test]
async fn a_missing_non_null_field_nulls_what_holds_it() {
    let script = Script::new().with("products", TWO).failing("reviews", TransportError::Status(503));
    assert_snapshot!(answer("{ products { name stars } count }", script).await, @r#"{"data":{"products":null,"count":null},"errors":[{"message":"subgraph `reviews`: the subgraph answered with status 503 and no GraphQL response","path":["products",0,"stars"],"extensions":{"code":"SUBGRAPH_UNAVAILABLE","service":"reviews"}}]}"#);
    let entity = r#"{"data":{"_entities":[null,{"stars":4}]}}"#;
    let pair = TWO.replace("products", "pair");
    let script = Script::new().with("products", pair).with("reviews", entity);
    assert_snapshot!(answer("{ pair { stars } }", script).await, @r#"{"data":{"pair":[null,{"stars":4}]},"errors":[{"message":"`stars` may not be null, but no subgraph gave a value","path":["pair",0,"stars"],"extensions":{"code":"INVALID_VALUE"}}]}"#);
}

#[tokio::test]
async fn an_entity_is_asked_for_once_and_its_error_is_at_every_place() {
    let products = r#"{"data":{"product":{"__typename":"Product","id":"1"},"products":[{"__typename":"Product","id":"1"}]}}"#;
    let reviews = r#"{"data":{"_e0":[{"score":null}]},"errors":[{"message":"no","path":["_e0",0,"score"],"locations":[{"line":1,"column":9}],"extensions":{"code":"LATE","n":[1]}}]}"#;
    let script = Script::new().with("products", products).with("reviews", reviews);
    let graph = Graph::new(SHOP);
    let answer = graph.answer("{ product { score } products { score } }", &script).await;
    let seen: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(
        seen["data"],
        serde_json::json!({ "product": { "score": null }, "products": [{ "score": null }] })
    );
    let mut errors: Vec<String> =
        seen["errors"].as_array().unwrap().iter().map(ToString::to_string).collect();
    errors.sort();
    assert_snapshot!(errors.join("\n"), @r#"
    {"message":"no","path":["product","score"],"extensions":{"code":"LATE","n":[1]}}
    {"message":"no","path":["products",0,"score"],"extensions":{"code":"LATE","n":[1]}}
    "#);
    assert_snapshot!(script.asked().join("\n"), @r#"
    products {product{...a} products{...a}}

    fragment a on Product {__typename id} {}
    reviews query($__batch_reps_0:[_Any!]!){_e0: _entities(representations: $__batch_reps_0){...on Product{score}}} {"__batch_reps_0":[{"__typename":"Product","id":"1"}]}
    "#);
}

#[tokio::test]
async fn an_error_without_data_is_told_at_the_fields_that_are_missing_for_it() {
    let refused = r#"{"data":null,"errors":[{"message":"log in","extensions":{"code":"UNAUTHENTICATED"}}]}"#;
    let script = Script::new().with("products", TWO).with("reviews", refused);
    assert_snapshot!(answer("{ products { a: score name } }", script).await, @r#"{"data":{"products":[{"a":null,"name":"A"},{"a":null,"name":"B"}]},"errors":[{"message":"log in","path":["products",0,"a"],"extensions":{"code":"UNAUTHENTICATED"}},{"message":"log in","path":["products",1,"a"],"extensions":{"code":"UNAUTHENTICATED"}}]}"#);
}

#[tokio::test]
async fn an_error_of_a_root_field_keeps_its_path_and_nulls_no_more_than_the_subgraph_did() {
    let reply = r#"{"data":{"product":null,"count":3},"errors":[{"message":"gone","path":["product"]}]}"#;
    let script = Script::new().with("products", reply);
    assert_snapshot!(answer("{ product { name } count }", script).await, @r#"{"data":{"product":null,"count":3},"errors":[{"message":"gone","path":["product"]}]}"#);
}

#[tokio::test]
async fn an_entity_behind_an_entity_has_its_whole_path() {
    let products = r#"{"data":{"product":{"__typename":"Product","id":"1"}}}"#;
    let reviews = r#"{"data":{"_entities":[{"by":[{"__typename":"Author","id":"a"},{"__typename":"Author","id":"b"}]}]}}"#;
    let authors = r#"{"data":{"_entities":[{"name":"Ann"},null]},"errors":[{"message":"unknown","path":["_entities",1,"name"]}]}"#;
    let script = Script::new().with("products", products).with("reviews", reviews).with("authors", authors);
    assert_snapshot!(answer("{ product { by { name } } }", script).await, @r#"{"data":{"product":{"by":null}},"errors":[{"message":"unknown","path":["product","by",1,"name"]}]}"#);
}

#[tokio::test]
async fn malformed_answers_are_clean_errors() {
    let deep = format!("{{\"data\":{{\"any\":{}{}}}}}", "[".repeat(100_000), "]".repeat(100_000));
    for (body, why) in [
        ("<html>", "its answer is malformed: no JSON at byte 0"),
        ("", "its answer is malformed: no JSON at byte 0"),
        ("{\"data\":{\"any\":1}", "its answer is malformed: no JSON at byte 17"),
        ("[1]", "its answer has neither data nor errors"),
        ("{\"data\":[]}", "its answer has neither data nor errors"),
        ("{}", "its answer has neither data nor errors"),
        (deep.as_str(), "its answer is malformed: nested deeper than 500 levels"),
    ] {
        let answer = answer("{ any }", Script::new().with("products", body)).await;
        let expected = format!(
            r#"{{"data":{{"any":null}},"errors":[{{"message":"subgraph `products`: {why}","path":["any"],"extensions":{{"code":"SUBGRAPH_MALFORMED_RESPONSE","service":"products"}}}}]}}"#
        );
        assert_eq!(answer, expected);
    }
    let short = r#"{"data":{"_entities":[{"score":1}]}}"#;
    let script = Script::new().with("products", TWO).with("reviews", short);
    assert_snapshot!(answer("{ products { score } }", script).await, @r#"{"data":{"products":[{"score":null},{"score":null}]},"errors":[{"message":"subgraph `reviews`: its answer lacks what was asked","path":["products",0,"score"],"extensions":{"code":"SUBGRAPH_MALFORMED_RESPONSE","service":"reviews"}},{"message":"subgraph `reviews`: its answer lacks what was asked","path":["products",1,"score"],"extensions":{"code":"SUBGRAPH_MALFORMED_RESPONSE","service":"reviews"}}]}"#);
}

#[tokio::test]
async fn values_that_their_type_does_not_have_are_null_with_an_error() {
    let reply = r#"{"data":{"kind":"SECRET","count":"3","product":[],"products":{"name":1}}}"#;
    let script = Script::new().with("products", reply);
    let answer = answer("{ kind count product { name } products { name } }", script).await;
    let seen: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(
        seen["data"],
        serde_json::json!({ "kind": null, "count": null, "product": null, "products": null })
    );
    let paths: Vec<String> =
        seen["errors"].as_array().unwrap().iter().map(|error| error["path"].to_string()).collect();
    assert_eq!(paths, [r#"["kind"]"#, r#"["count"]"#, r#"["product"]"#, r#"["products"]"#]);
}

#[tokio::test]
async fn a_custom_scalar_keeps_every_byte() {
    let reply = r#"{"data":{"any":{"__typename" : "x", "n": 1.50e+03, "s": "\u00e9\/", "l": [ [ ] ]}}}"#;
    let script = Script::new().with("products", reply);
    assert_snapshot!(answer("{ any }", script).await, @r#"{"data":{"any":{"__typename" : "x", "n": 1.50e+03, "s": "\u00e9\/", "l": [ [ ] ]}}}"#);
}

#[tokio::test]
async fn a_subgraph_that_is_not_configured_is_an_error() {
    let script = Script::new();
    assert_snapshot!(answer("{ count }", script).await, @r#"{"data":{"count":null},"errors":[{"message":"subgraph `products`: no such subgraph is configured","path":["count"],"extensions":{"code":"SUBGRAPH_UNAVAILABLE","service":"products"}}]}"#);
}
