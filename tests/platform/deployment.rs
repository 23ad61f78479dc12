//! What docker-compose.yml starts, started here: the same roles with the same settings, on real engines.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::compose;
use crate::side::{Settings, Side};
use crate::souk::{Souk, command};

/// A port of this machine for each role that others reach, held by nobody a moment ago.
fn addresses(roles: &BTreeMap<String, Settings>) -> BTreeMap<String, String> {
    let listeners: Vec<_> =
        roles.keys().map(|name| (name.clone(), TcpListener::bind("127.0.0.1:0").unwrap())).collect();
    let address =
        |(name, listener): (String, TcpListener)| (name, listener.local_addr().unwrap().to_string());
    listeners.into_iter().map(address).collect()
}

/// `http://catalog:4100/graphql` where catalog is now.
fn moved(value: &str, addresses: &BTreeMap<String, String>) -> String {
    let Some(rest) = value.strip_prefix("http://") else { return value.to_owned() };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let name = host.split(':').next().unwrap_or(host);
    addresses.get(name).map_or_else(|| value.to_owned(), |address| format!("http://{address}/{path}"))
}

#[tokio::test]
async fn the_roles_of_the_compose_file_are_a_platform() {
    if !Side::all().contains(&Side::Engines) || !compose::has_go() {
        return;
    }
    let here = Side::Engines.settings();
    let mut secrets = compose::secrets();
    secrets.insert("SOUK_SIGNING_KEY".to_owned(), compose::SIGNING_KEY.to_owned());
    let project = compose::project(&secrets).unwrap();
    let mut roles = compose::roles(&project);
    let addresses = addresses(&roles);
    for settings in roles.values_mut() {
        settings.values_mut().for_each(|value| *value = moved(value, &addresses));
        settings.extend(here.clone());
    }
    let folder = tempfile::tempdir().unwrap();
    // Each container has a data folder of its own, which must stay empty: engines keep everything.
    let data = |name: &str| folder.path().join(name).join("data");
    let make = |name: &str| std::fs::create_dir_all(data(name).parent().unwrap()).unwrap();

    make("migrate");
    let migrated = command(&data("migrate"), &["migrate"]).envs(&roles["migrate"]).output().unwrap();
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));

    let mut running = BTreeMap::new();
    for name in compose::in_order(&project).into_iter().filter(|name| name != "migrate") {
        make(&name);
        let arguments = arguments(&project, &name, &addresses[&name]);
        let started = Souk::start_as(&data(&name), &arguments, &roles[&name]);
        is_ready(&started).await;
        running.insert(name, started);
    }

    let seeded = command(&data("migrate"), &["seed"]).envs(&roles["migrate"]).output().unwrap();
    assert!(seeded.status.success(), "{}", String::from_utf8_lossy(&seeded.stderr));
    let gateway = &running["gateway"];
    let asked = "{ company(slug: \"blossom-and-bloom\") { id name shops { totalCount }
        products(first: 1) { totalCount nodes { name image { url } company { slug } } } } }";
    let listed = gateway.ask(None, asked, json!({})).await;
    let company = &listed["company"];
    assert_eq!(company["shops"]["totalCount"], 3, "{listed}");
    assert!(company["products"]["totalCount"].as_u64().unwrap() >= 450, "{listed}");
    assert_eq!(company["products"]["nodes"][0]["company"]["slug"], "blossom-and-bloom");

    let mut token = command(&data("gateway"), &["token", "--role", "super-admin"]);
    let token = token.envs(&roles["gateway"]).output().unwrap();
    let token = String::from_utf8(token.stdout).unwrap().trim().to_owned();
    let made = gateway.ask(Some(&token), CREATE, json!({ "input": product(&company["id"]) })).await;
    let id = made["productCreate"]["product"]["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    found(gateway, "samovar", &id).await;

    // A role that dies and comes back under its address is a part of the platform again.
    let listed = gateway.ask(None, asked, json!({})).await;
    let arguments = arguments(&project, "catalog", &addresses["catalog"]);
    running.remove("catalog").unwrap().kill();
    let gone = running["gateway"].answer(None, asked, json!({})).await;
    assert!(gone["errors"].is_array(), "{gone}");
    let again = Souk::start_as(&data("catalog"), &arguments, &roles["catalog"]);
    is_ready(&again).await;
    running.insert("catalog".to_owned(), again);
    assert_eq!(running["gateway"].ask(None, asked, json!({})).await, listed);
    for (name, role) in running {
        assert_eq!(role.terminate(), Some(0), "{name}");
        let left: Vec<_> = std::fs::read_dir(data(&name)).into_iter().flatten().flatten().collect();
        assert!(left.is_empty(), "{name} keeps {left:?} in its data folder, which a container forgets");
    }
}

const CREATE: &str = "mutation($input: ProductCreateInput!) { productCreate(input: $input) {
    product { id } userErrors { code message } } }";

fn product(company: &Value) -> Value {
    json!({
        "company": company, "name": "Samovar", "status": "ACTIVE", "idempotencyKey": "samovar",
        "variants": [{ "sku": "SAMOVAR-1", "prices": [{ "amount": "99.00", "currency": "GBP" }] }],
    })
}

/// Waits until a search for `text` finds `id`.
async fn found(gateway: &Souk, text: &str, id: &str) {
    let asked = "query($text: String!) { search(text: $text, first: 5) { edges { node { id name } } } }";
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let answer = gateway.ask(None, asked, json!({ "text": text })).await;
        let edges = answer["search"]["edges"].as_array().unwrap().clone();
        if edges.iter().any(|edge| edge["node"]["id"] == id) {
            return;
        }
        assert!(Instant::now() < deadline, "{text} does not find {id}: {answer}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What a container's command says, on an address of this machine.
fn arguments(project: &Value, name: &str, address: &str) -> Vec<String> {
    let mut arguments = compose::arguments(project, name);
    arguments.retain(|argument| argument != "--listen" && argument != "0.0.0.0:4100");
    arguments.extend(["--listen".to_owned(), address.to_owned()]);
    arguments
}

/// Waits until a role has what it needs.
async fn is_ready(role: &Souk) {
    let deadline = Instant::now() + Duration::from_mins(1);
    loop {
        let answer = role.get("/ready").await;
        if answer.status() == 200 {
            return;
        }
        let missing = answer.text().await.unwrap();
        assert!(Instant::now() < deadline, "{} is not ready: {missing}", role.address);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
