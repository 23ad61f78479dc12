//! Search settings: who may change them, and that a change is made once.

use serde_json::{Value as Json, json};
use souk_kit::testing::principals;

use crate::floor::{Floor, eventually};

const UPDATE: &str = "mutation($input: SearchSettingsUpdateInput!) { searchSettingsUpdate(input: $input) {
    settings { version stopWords synonyms { from words } curations { searches pinned { id } } }
    userErrors { code path currentVersion } } }";
const READ: &str = "query($company: ID!) { searchSettings(company: $company) { version stopWords } }";

async fn known(floor: &Floor) {
    let read = async || {
        let reply = floor.admin().send(READ, json!({ "company": floor.company })).await;
        reply["data"]["searchSettings"].is_object().then_some(())
    };
    eventually("a known company", read).await;
}

fn payload(reply: &Json) -> &Json {
    &reply["data"]["searchSettingsUpdate"]
}

#[tokio::test]
async fn an_admin_sets_them_once_and_a_stale_version_is_refused() {
    let floor = Floor::open().await;
    let running = floor.run().await;
    known(&floor).await;
    let input = json!({ "company": floor.company, "stopWords": [" the "], "idempotencyKey": "k", "expectedVersion": 0,
        "synonyms": [{ "words": ["cup", "mug"] }], "curations": [{ "searches": ["tea"], "pinned": [floor.id()] }] });
    let admin = floor.admin();
    for _first_and_again in 0..2 {
        let reply = admin.send(UPDATE, json!({ "input": input })).await;
        let settings = &payload(&reply)["settings"];
        assert_eq!((&settings["version"], &settings["stopWords"]), (&json!(1), &json!(["the"])), "{reply}");
        assert_eq!(settings["curations"][0]["pinned"].as_array().unwrap().len(), 1);
    }
    let stale = json!({ "company": floor.company, "stopWords": [], "expectedVersion": 0 });
    let reply = admin.send(UPDATE, json!({ "input": stale })).await;
    let error = &payload(&reply)["userErrors"][0];
    assert_eq!(
        (&error["code"], &error["currentVersion"]),
        (&json!("VERSION_CONFLICT"), &json!(1)),
        "{reply}"
    );
    let bad = json!({ "synonyms": [{ "words": ["cup"] }] });
    let reply = admin.send(UPDATE, json!({ "input": bad })).await;
    assert_eq!(
        payload(&reply)["userErrors"][0]["path"],
        json!(["input", "synonyms", "0", "words"]),
        "{reply}"
    );
    running.stop().await;
}

#[tokio::test]
async fn only_the_companys_own_people_see_them_and_only_admins_change_them() {
    let floor = Floor::open().await;
    let running = floor.run().await;
    known(&floor).await;
    let (company, shops) = (floor.company, floor.shops);
    let update = json!({ "input": { "company": company, "stopWords": ["x"] } });
    let read = json!({ "company": company });
    let cases = [
        (principals::nobody(), "UNAUTHENTICATED", false),
        (principals::customer(), "FORBIDDEN", false),
        (principals::shop_staff(company, &shops), "FORBIDDEN", true),
        (principals::shop_manager(company, &shops), "FORBIDDEN", true),
        (principals::company_admin(floor.rival), "NOT_FOUND", false),
        (principals::super_admin(), "", true),
    ];
    for (principal, refusal, sees) in cases {
        let caller = floor.search.caller(principal);
        let reply = caller.send(UPDATE, update.clone()).await;
        let code = match &reply["errors"][0]["extensions"]["code"] {
            Json::Null => payload(&reply)["userErrors"][0]["code"].as_str().unwrap_or_default(),
            code => code.as_str().unwrap(),
        };
        assert_eq!(code, refusal, "{reply}");
        let reply = caller.send(READ, read.clone()).await;
        assert_eq!(reply["data"]["searchSettings"].is_object(), sees, "{reply}");
    }
    running.stop().await;
}
