//! Prepared operations are shared, by text and name, and only as long as they are true.

use std::sync::Arc;

use apollo_compiler::executable::OperationType;

use super::{SDL, bounds};
use crate::compose::{SubgraphSource, compose};
use crate::error::Code;
use crate::operation::{ApiSchema, Operations, Variant};
use crate::plan::Planner;
use crate::settings::Settings;

fn operations(change: impl FnOnce(&mut Settings)) -> Operations {
    let source = SubgraphSource { name: "all".to_owned(), url: None, sdl: SDL.replace("@oneOf", "") };
    let supergraph = compose(&[source]).0.unwrap().sdl;
    let mut settings = settings();
    change(&mut settings);
    let schema = Arc::new(ApiSchema::from_supergraph(&supergraph).unwrap());
    Operations::new(schema, Planner::new(&supergraph).unwrap(), Arc::new(settings))
}

fn settings() -> Settings {
    let limits = serde_json::to_value(bounds()).unwrap();
    serde_json::from_value(serde_json::json!({
        "host": "127.0.0.1", "port": 0, "request_timeout_ms": 0, "head_timeout_ms": 2_000, "shutdown_grace_ms": 0, "body_limit_bytes": 0,
        "compression": false, "graphiql": false, "introspection": true, "operation_cache_bytes": 1_000_000,
        "limits": limits, "authorization": { "reject_unauthorized": false }, "uploads": { "enabled": false, "files": 0, "file_bytes": 0, "at_once": 1 },
        "cors": { "origins": [], "credentials": false, "max_age_seconds": 0 },
        "csrf": { "prevention": false, "required_headers": [] },
        "headers": { "forward": [], "trusted_proxies": [] },
        "subgraphs": { "timeout_ms": 0, "connect_timeout_ms": 0, "idle_timeout_ms": 0, "response_bytes": 0, "h2c": false },
    }))
    .unwrap()
}

const TWO: &str = "query A { me { id } } mutation B { rename(id: 1, name: \"b\") { id } }";

#[tokio::test]
async fn an_operation_is_prepared_once_for_all_who_send_it_at_the_same_time() {
    let operations = operations(|_| {});
    let all = futures::future::join_all((0..20).map(|_| operations.prepare(TWO, Some("A")))).await;
    let first = all[0].as_ref().unwrap();
    assert!(all.iter().all(|other| Arc::ptr_eq(first, other.as_ref().unwrap())));
    assert!(Arc::ptr_eq(first, &operations.prepare(TWO, Some("A")).await.unwrap()), "and later");
}

#[tokio::test]
async fn the_name_is_part_of_what_is_remembered() {
    let operations = operations(|_| {});
    assert_eq!(operations.prepare(TWO, Some("A")).await.unwrap().kind(), OperationType::Query);
    assert_eq!(operations.prepare(TWO, Some("B")).await.unwrap().kind(), OperationType::Mutation);
    assert_eq!(operations.prepare(TWO, None).await.unwrap_err()[0].code, Code::OperationResolutionFailure);
}

#[tokio::test]
async fn refusals_are_remembered_but_lateness_is_not() {
    let operations = operations(|_| {});
    let first = operations.prepare("{ nothing }", None).await.unwrap_err();
    assert!(Arc::ptr_eq(&first, &operations.prepare("{ nothing }", None).await.unwrap_err()));
    let late = self::operations(|settings| settings.limits.planning_timeout_ms = 0);
    let first = late.prepare("{ me { id } }", None).await.unwrap_err();
    assert_eq!(first[0].code, Code::RequestTimeout);
    assert!(!Arc::ptr_eq(&first, &late.prepare("{ me { id } }", None).await.unwrap_err()));
}

#[tokio::test]
async fn where_requests_differ_too_much_each_kind_is_planned_when_it_comes() {
    let operations = operations(|_| {});
    let conditions =
        ["a", "b", "c", "d", "e"].map(|name| format!("{name}: me @include(if: ${name}) {{ id }}"));
    let definitions = ["a", "b", "c", "d", "e"].map(|name| format!("${name}: Boolean!"));
    let text = format!("query({}) {{ {} }}", definitions.join(" "), conditions.join(" "));
    let prepared = operations.prepare(&text, None).await.unwrap();
    assert!(prepared.plan().is_none(), "nothing is planned before the values are known");
    assert_eq!(prepared.undecided().len(), 2);
    let plan = async |decided: [bool; 2]| {
        let variant = Variant { decided: decided.into(), ..Variant::default() };
        operations.plan(&prepared, &text, None, variant).await.unwrap()
    };
    let first = plan([true, false]).await;
    assert!(Arc::ptr_eq(&first, &plan([true, false]).await));
    assert!(!Arc::ptr_eq(&first, &plan([false, false]).await));
    assert!(Arc::ptr_eq(&prepared, &operations.prepare(&text, None).await.unwrap()));
    let few = operations.prepare("query($a: Boolean!) { me @include(if: $a) { id } }", None).await.unwrap();
    assert!(few.plan().is_some());
}

#[tokio::test]
async fn memory_is_bounded_by_dropping_what_is_not_asked_for() {
    let operations = operations(|settings| settings.operation_cache_bytes = 30_000);
    for number in 0..50 {
        operations.prepare(&format!("{{ a{number}: me {{ id name }} }}"), None).await.unwrap();
    }
    let weight = operations.weight().await;
    assert!((1..=30_000).contains(&weight), "{weight}");
}

#[tokio::test]
async fn an_operation_weighs_what_it_holds_and_not_what_it_says() {
    let operations = operations(|settings| settings.operation_cache_bytes = 100_000_000);
    operations.prepare("{ __schema { types { name description fields { name } } } }", None).await.unwrap();
    let short = operations.weight().await;
    let text = "{ __schema { types { name description fields { name description args { name } } } } directives: __schema { directives { name } } }";
    let long = operations.prepare(text, None).await.unwrap();
    let held: usize = long.constant().iter().map(|(_, bytes)| bytes.len()).sum();
    let grown = usize::try_from(operations.weight().await - short).unwrap();
    assert!(grown > held && held > text.len(), "{grown} for {held}");
}

#[tokio::test]
async fn what_costs_too_much_is_refused_whether_literals_or_variables_ask_for_it() {
    let operations = operations(|_| {});
    let nested = |first: &str| {
        format!(
            "query($n: Int! = 1) {{ me {{ friends(first: {first}) {{ friends(first: {first}) {{ friends(first: {first}) {{ id }} }} }} }} }}"
        )
    };
    let refused = operations.prepare(&nested("100").replace("($n: Int! = 1)", ""), None).await.unwrap_err();
    assert!(refused[0].message.contains("1010101 objects"), "{refused:?}");
    let prepared = operations.prepare(&nested("$n"), None).await.unwrap();
    let schema = ApiSchema::from_supergraph(SDL).unwrap();
    let checked = |n: u64| {
        let variables = serde_json::from_value(serde_json::json!({ "n": n })).unwrap();
        prepared.check_cost(&schema, &variables, operations.limits()).is_ok()
    };
    assert_eq!([1, 20, 21, 100].map(checked), [true, true, true, false]);
}
