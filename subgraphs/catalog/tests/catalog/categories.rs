//! The category tree: made, moved, looked up, and never a cycle.

use futures::future::join_all;
use serde_json::{Value as Json, json};
use souk_kit::event::Topic;

use crate::shop_floor::{Floor, codes, fault, payload};

const CREATE: &str = "mutation($input: CategoryCreateInput!) { categoryCreate(input: $input) {
    category { id slug version breadcrumbs { slug } } userErrors { code path } } }";
const MOVE: &str = "mutation($input: CategoryMoveInput!) { categoryMove(input: $input) {
    category { id version parent { id } } userErrors { code currentVersion } } }";

async fn category(floor: &Floor, name: &str, parent: &Json) -> Json {
    let input = json!({ "company": floor.company, "name": name, "parent": parent });
    let reply = floor.admin().send(CREATE, json!({ "input": input })).await;
    payload(&reply)["category"].clone()
}

#[tokio::test]
async fn a_category_is_found_with_its_way_from_the_top() {
    let floor = Floor::open().await;
    let kitchen = category(&floor, "Kitchen", &Json::Null).await;
    let pots = category(&floor, "Tea Pots", &kitchen["id"]).await;
    assert_eq!(pots["breadcrumbs"], json!([{ "slug": "kitchen" }, { "slug": "tea-pots" }]));
    let query =
        "query($company: ID!) { category(slug: \"tea-pots\", company: $company) { id parent { slug } }
        categories(company: $company, parent: null) { nodes { slug children { nodes { slug } } } } }";
    let reply = floor.nobody().send(query, json!({ "company": floor.company })).await;
    assert_eq!(reply["data"]["category"], json!({ "id": pots["id"], "parent": { "slug": "kitchen" } }));
    assert_eq!(
        reply["data"]["categories"]["nodes"],
        json!([{ "slug": "kitchen", "children": { "nodes": [{ "slug": "tea-pots" }] } }])
    );
}

#[tokio::test]
async fn no_two_moves_at_once_make_a_cycle() {
    let floor = Floor::open().await;
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(category(&floor, &format!("c{n}"), &Json::Null).await["id"].clone());
    }
    let moves =
        (0..4).flat_map(|one| (0..4).map(move |other| (one, other))).filter(|(one, other)| one != other);
    let replies = join_all(moves.map(|(one, other)| {
        let (admin, input) = (floor.admin(), json!({ "id": ids[one], "parent": ids[other] }));
        async move { admin.send(MOVE, json!({ "input": input })).await }
    }));
    for reply in replies.await {
        let codes = codes(&reply);
        assert!(codes.is_empty() || codes == ["CATEGORY_CYCLE"], "{reply}");
    }
    let query = "query($company: ID!) { categories(company: $company) { nodes { id } } }";
    let reply = floor.admin().send(query, json!({ "company": floor.company })).await;
    let tree = reply["data"]["categories"].to_string();
    assert!(ids.iter().all(|id| tree.contains(id.as_str().unwrap())), "each is reached from the top: {tree}");
}

#[tokio::test]
async fn only_company_people_above_the_shops_change_the_tree() {
    let floor = Floor::open().await;
    let input = json!({ "input": { "company": floor.company, "name": "Kitchen" } });
    assert_eq!(fault(&floor.manager().send(CREATE, input.clone()).await), "FORBIDDEN");
    assert_eq!(fault(&floor.nobody().send(CREATE, input.clone()).await), "UNAUTHENTICATED");
    assert_eq!(codes(&floor.rival().send(CREATE, input).await), ["COMPANY_UNKNOWN"]);
    let kitchen = category(&floor, "Kitchen", &Json::Null).await;
    let stolen = json!({ "input": { "id": kitchen["id"] } });
    assert_eq!(codes(&floor.rival().send(MOVE, stolen).await), ["NOT_FOUND"]);
    let nowhere = json!({ "input": { "id": "cat_01h2xcejqtf2nbrexx3vqjhp41" } });
    assert_eq!(codes(&floor.rival().send(MOVE, nowhere).await), ["NOT_FOUND"]);
}

#[tokio::test]
async fn events_of_categories_have_subjects_and_sequences_of_their_own() {
    let floor = Floor::open().await;
    let kitchen = category(&floor, "Kitchen", &Json::Null).await;
    let garden = category(&floor, "Garden", &Json::Null).await;
    let reply =
        floor.admin().send(MOVE, json!({ "input": { "id": garden["id"], "parent": kitchen["id"] } })).await;
    assert_eq!(payload(&reply)["category"]["version"], 2);
    let events = floor.catalog.events(Topic::Product).await.unwrap();
    let told: Vec<_> = events.iter().map(|e| (e.kind.as_str(), json!(e.subject), e.sequence)).collect();
    assert_eq!(
        told,
        [
            ("category.created", kitchen["id"].clone(), 1),
            ("category.created", garden["id"].clone(), 1),
            ("category.updated", garden["id"].clone(), 2),
        ]
    );
}

#[tokio::test]
async fn a_category_lists_what_stands_in_it_or_below() {
    let floor = Floor::open().await;
    let kitchen = category(&floor, "Kitchen", &Json::Null).await;
    let pots = category(&floor, "Pots", &kitchen["id"]).await;
    floor.product("Tea Pot", json!({ "categories": [pots["id"]] })).await;
    floor.product("Spade", json!({})).await;
    let query = "query($company: ID!) { category(slug: \"kitchen\", company: $company) {
        products { totalCount nodes { name categories { slug } } } } }";
    let reply = floor.nobody().send(query, json!({ "company": floor.company })).await;
    let expected =
        json!({ "totalCount": 1, "nodes": [{ "name": "Tea Pot", "categories": [{ "slug": "pots" }] }] });
    assert_eq!(reply["data"]["category"]["products"], expected);
}

#[tokio::test]
async fn a_move_that_says_nothing_of_the_parent_keeps_it_and_null_is_the_top() {
    let floor = Floor::open().await;
    let kitchen = category(&floor, "Kitchen", &Json::Null).await;
    let pots = category(&floor, "Pots", &kitchen["id"]).await;
    let cups = category(&floor, "Cups", &kitchen["id"]).await;
    let sideways = json!({ "input": { "id": cups["id"], "before": pots["id"] } });
    let reply = floor.admin().send(MOVE, sideways).await;
    assert_eq!(payload(&reply)["category"]["parent"]["id"], kitchen["id"], "{reply}");
    let query = "query($company: ID!) { categories(company: $company, parent: null) { nodes { children { nodes { id } } } } }";
    let reply = floor.admin().send(query, json!({ "company": floor.company })).await;
    let children = json!([{ "children": { "nodes": [{ "id": cups["id"] }, { "id": pots["id"] }] } }]);
    assert_eq!(reply["data"]["categories"]["nodes"], children);
    let up = json!({ "input": { "id": cups["id"], "parent": null } });
    let reply = floor.admin().send(MOVE, up).await;
    assert_eq!(payload(&reply)["category"]["parent"], Json::Null, "{reply}");
}
