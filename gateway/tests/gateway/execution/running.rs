//! How plans run: order of mutations, subscriptions, files, what reaches a subgraph, and what the gateway answers itself.
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::{StreamExt as _, stream::BoxStream};
use insta::assert_snapshot;
use serde_json::json;
use souk_gateway::{
    execute::{Response, run, subscribe},
    transport::{InProcess, Subgraph, SubgraphRequest, Subgraphs, Upload, UploadContent},
};

use super::script::{Graph, SHOP, Script};

#[tokio::test]
async fn the_next_mutation_waits_for_the_entities_of_the_one_before() {
    let script = Script::new()
        .with_each(
            "products",
            &[
                r#"{"data":{"add":{"__typename":"Product","id":"1"}}}"#,
                r#"{"data":{"touch":{"__typename":"Product","id":"2"}}}"#,
            ],
        )
        .with_each(
            "reviews",
            &[r#"{"data":{"_entities":[{"score":1}]}}"#, r#"{"data":{"_entities":[{"score":2}]}}"#],
        );
    let answer = Graph::new(SHOP).answer("mutation { add { score } touch { score } }", &script).await;
    assert_snapshot!(answer, @r#"{"data":{"add":{"score":1},"touch":{"score":2}}}"#);
    let order: Vec<String> = script
        .asked()
        .iter()
        .map(|asked| asked.split(['{', '(']).next().unwrap().trim().to_owned())
        .collect();
    assert_eq!(order, ["products mutation", "reviews query", "products mutation", "reviews query"]);
}

#[tokio::test]
async fn each_event_of_a_subscription_runs_the_rest_of_the_plan() {
    let events = |request: SubgraphRequest| async move {
        assert_eq!(&*request.query, "subscription{changed{__typename name id}}");
        let events = [
            Ok(Bytes::from_static(br#"{"data":{"changed":{"__typename":"Product","id":"1","name":"A"}}}"#)),
            Ok(Bytes::from_static(
                br#"{"data":{"changed":null},"errors":[{"message":"lost","path":["changed"]}]}"#,
            )),
            Err(souk_gateway::transport::TransportError::Unreachable),
        ];
        Ok(futures::stream::iter(events).boxed())
    };
    let nothing = |_| async { Bytes::new() };
    let products: Arc<dyn Subgraph> = Arc::new(InProcess::new(nothing).with_subscriptions(events));
    let scores = |_| async { Bytes::from_static(br#"{"data":{"_entities":[{"score":9}]}}"#) };
    let reviews: Arc<dyn Subgraph> = Arc::new(InProcess::new(scores));
    let subgraphs: Subgraphs =
        [("products".to_owned(), products), ("reviews".to_owned(), reviews)].into_iter().collect();

    let graph = Graph::new(SHOP);
    let text = "subscription { changed { name score } }";
    let (plan, input) = (Arc::new(graph.plan(text).unwrap()), Arc::new(graph.input(text, &json!({}))));
    let answers = subscribe(Arc::clone(&plan), Arc::clone(&input), subgraphs).await.unwrap();
    let answers: Vec<String> =
        answers.map(|answer| String::from_utf8(answer.body.to_vec()).unwrap()).collect().await;
    assert_snapshot!(answers.join("\n"), @r#"
    {"data":{"changed":{"name":"A","score":9}}}
    {"data":{"changed":null},"errors":[{"message":"lost","path":["changed"]}]}
    {"data":{"changed":null},"errors":[{"message":"subgraph `products`: the subgraph cannot be reached","path":["changed"],"extensions":{"code":"SUBGRAPH_UNAVAILABLE","service":"products"}}]}
    "#);

    let refused =
        subscribe(plan, input, Script::new().with("products", "{}").subgraphs()).await.err().unwrap();
    assert_snapshot!(String::from_utf8(refused.body.to_vec()).unwrap(), @r#"{"errors":[{"message":"subgraph `products`: this subgraph has no subscriptions","extensions":{"code":"SUBGRAPH_UNAVAILABLE","service":"products"}}]}"#);
}

#[tokio::test]
async fn a_fault_in_one_event_leaves_the_next_whole_and_the_answers_end_with_the_events() {
    let events = |_| async move {
        let event = |id: u32| {
            let product = json!({ "__typename": "Product", "id": id.to_string(), "name": "A" });
            Ok(Bytes::from(json!({ "data": { "changed": product } }).to_string()))
        };
        Ok(futures::stream::iter([1, 2, 3].map(event)).boxed())
    };
    let products = InProcess::new(|_| async { Bytes::new() }).with_subscriptions(events);
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let reviews = InProcess::new(move |request: SubgraphRequest| {
        let log = Arc::clone(&log);
        async move {
            let variables = String::from_utf8(request.variables.to_vec()).unwrap();
            assert!(!variables.contains("\"id\":\"2\""), "a bug");
            log.lock().unwrap().push(variables);
            Bytes::from_static(br#"{"data":{"_entities":[{"score":9}]}}"#)
        }
    });
    let answers = subscription(products, reviews).await;
    let answers: Vec<String> =
        answers.map(|answer| String::from_utf8(answer.body.to_vec()).unwrap()).collect().await;
    assert_snapshot!(answers.join("\n"), @r#"
    {"data":{"changed":{"name":"A","score":9}}}
    {"data":{"changed":{"name":"A","score":null}},"errors":[{"message":"subgraph `reviews`: the subgraph cannot be reached","path":["changed","score"],"extensions":{"code":"SUBGRAPH_UNAVAILABLE","service":"reviews"}}]}
    {"data":{"changed":{"name":"A","score":9}}}
    "#);
    assert_eq!(asked.lock().unwrap().len(), 2, "each event asks for its own entity");
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_source_and_what_runs_for_it() {
    /// Tells when it is dropped.
    struct Told(Arc<Mutex<Vec<&'static str>>>, &'static str);
    impl Drop for Told {
        fn drop(&mut self) {
            self.0.lock().unwrap().push(self.1);
        }
    }
    let told = Arc::new(Mutex::new(Vec::new()));
    let ended = Arc::clone(&told);
    let products = InProcess::new(|_| async { Bytes::new() }).with_subscriptions(move |_| {
        let ended = Told(Arc::clone(&ended), "source");
        async move {
            let events = futures::stream::repeat_with(move || {
                let _held = &ended;
                Ok(Bytes::from_static(
                    br#"{"data":{"changed":{"__typename":"Product","id":"1","name":"A"}}}"#,
                ))
            });
            Ok(events.boxed())
        }
    });
    let ended = Arc::clone(&told);
    let reviews = InProcess::new(move |_| {
        let ended = Told(Arc::clone(&ended), "entities");
        async move {
            let _held = ended;
            std::future::pending().await
        }
    });
    let mut answers = subscription(products, reviews).await;
    assert!(futures::poll!(answers.next()).is_pending(), "the entities do not come");
    assert!(told.lock().unwrap().is_empty());
    drop(answers);
    let mut told = told.lock().unwrap().clone();
    told.sort_unstable();
    assert_eq!(told, ["entities", "source"]);
}

#[tokio::test]
async fn a_source_that_panics_ends_its_subscription_with_an_error() {
    let events = |_| async move {
        let mut left = 2;
        let events = futures::stream::repeat_with(move || {
            left -= 1;
            assert!(left > 0, "a bug");
            Ok(Bytes::from_static(br#"{"data":{"changed":null}}"#))
        });
        Ok(events.boxed())
    };
    let nothing = || InProcess::new(|_| async { Bytes::new() });
    let answers = subscription(nothing().with_subscriptions(events), nothing()).await;
    let answers: Vec<String> =
        answers.map(|answer| String::from_utf8(answer.body.to_vec()).unwrap()).collect().await;
    assert_snapshot!(answers.join("\n"), @r#"
    {"data":{"changed":null}}
    {"data":{"changed":null},"errors":[{"message":"subgraph `products`: the subgraph cannot be reached","path":["changed"],"extensions":{"code":"SUBGRAPH_UNAVAILABLE","service":"products"}}]}
    "#);
}

/// The answers of a subscription to products and their scores.
async fn subscription(products: InProcess, reviews: InProcess) -> BoxStream<'static, Response> {
    let (products, reviews): (Arc<dyn Subgraph>, Arc<dyn Subgraph>) = (Arc::new(products), Arc::new(reviews));
    let subgraphs: Subgraphs =
        [("products".to_owned(), products), ("reviews".to_owned(), reviews)].into_iter().collect();
    let graph = Graph::new(SHOP);
    let text = "subscription { changed { name score } }";
    let (plan, input) = (Arc::new(graph.plan(text).unwrap()), Arc::new(graph.input(text, &json!({}))));
    subscribe(plan, input, subgraphs).await.unwrap()
}

#[tokio::test]
async fn a_file_headers_and_the_principal_reach_the_subgraph_that_takes_them() {
    #[derive(Clone, Debug, PartialEq)]
    struct Principal(u32);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let reviews: Arc<dyn Subgraph> = Arc::new(InProcess::new(move |request: SubgraphRequest| {
        let log = Arc::clone(&log);
        async move {
            assert_eq!(request.extensions.get::<Principal>(), Some(&Principal(7)));
            assert_eq!(request.headers["authorization"], "Bearer x");
            assert_eq!(request.variables, "{\"f\":null}");
            for upload in request.uploads {
                let chunks: Vec<Bytes> = upload.content.take().unwrap().map(Result::unwrap).collect().await;
                log.lock().unwrap().push((upload.path, chunks.concat()));
                assert!(upload.content.take().is_none(), "a file is read once");
            }
            Bytes::from_static(br#"{"data":{"attach":"done"}}"#)
        }
    }));
    let products: Arc<dyn Subgraph> = Arc::new(InProcess::new(|request: SubgraphRequest| async move {
        assert!(request.uploads.is_empty(), "the file is not for this subgraph");
        Bytes::from_static(br#"{"data":{"touch":{"name":"t"}}}"#)
    }));
    let subgraphs: Subgraphs =
        [("products".to_owned(), products), ("reviews".to_owned(), reviews)].into_iter().collect();

    let graph = Graph::new(SHOP);
    let text = "mutation($f: Upload) { touch { name } attach(file: $f) }";
    let mut input = graph.input(text, &json!({ "f": null }));
    input.headers.insert("authorization", "Bearer x".parse().unwrap());
    input.extensions.insert(Principal(7));
    let chunks = ["ab", "c"].map(|chunk| Ok(Bytes::from_static(chunk.as_bytes())));
    input.uploads.push(Upload {
        variable: "f".into(),
        path: "variables.f".into(),
        file_name: None,
        content_type: None,
        content: UploadContent::new(futures::stream::iter(chunks).boxed()),
    });
    let response = run(&graph.plan(text).unwrap(), &input, &subgraphs).await;
    assert_eq!(response.body, r#"{"data":{"touch":{"name":"t"},"attach":"done"}}"#);
    assert_eq!(*seen.lock().unwrap(), [("variables.f".to_owned(), b"abc".to_vec())]);
}

#[tokio::test]
async fn introspection_and_the_root_type_name_stand_in_their_places_and_are_not_asked_for() {
    let graph = Graph::new(SHOP);
    let script = Script::new().with("products", r#"{"data":{"count":2}}"#);
    let text = "{ a: __typename count s: __schema { queryType { name } } }";
    let plan = graph.plan(text).unwrap();
    let mut input = graph.input(text, &json!({}));
    input.local_fields.push(("s".into(), Bytes::from_static(br#"{"queryType":{"name":"Query"}}"#)));
    let response = run(&plan, &input, &script.subgraphs()).await;
    assert_eq!(response.body, r#"{"data":{"a":"Query","count":2,"s":{"queryType":{"name":"Query"}}}}"#);
    assert_eq!(script.asked(), ["products {count} {}"]);
    assert_eq!(graph.plan("{ __typename }").unwrap().to_string(), "nothing to ask\n");
}

#[tokio::test]
async fn a_document_and_its_variables_are_the_same_allocation_for_every_run() {
    let graph = Graph::new(SHOP);
    let queries = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&queries);
    let products: Arc<dyn Subgraph> = Arc::new(InProcess::new(move |request: SubgraphRequest| {
        log.lock().unwrap().push(request.query);
        async { Bytes::from_static(br#"{"data":{"count":1}}"#) }
    }));
    let subgraphs: Subgraphs = [("products".to_owned(), products)].into_iter().collect();
    let (plan, input) = (graph.plan("{ count }").unwrap(), graph.input("{ count }", &json!({})));
    run(&plan, &input, &subgraphs).await;
    run(&plan, &input, &subgraphs).await;
    let queries = queries.lock().unwrap();
    assert!(Arc::ptr_eq(&queries[0], &queries[1]));
}
