//! Relational subgraphs on PostgreSQL: migrations that run at once, several replicas of one subgraph, a server that
//! comes late and goes away meanwhile.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use souk_stand::Postgres;

use crate::souk::{Souk, command, http, line};

const CREATE: &str = "mutation($input: CompanyCreateInput!) { companyCreate(input: $input) { company { id } userErrors { code } } }";
const COMPANIES: &str = "{ companies(first: 100) { nodes { slug } } }";

fn company(slug: &str) -> Value {
    let settings = json!({ "currency": "EUR", "timeZone": "Europe/Berlin" });
    json!({ "input": { "name": slug, "slug": slug, "settings": settings, "idempotencyKey": slug } })
}

async fn slugs(souk: &Souk) -> Vec<String> {
    let answer = souk.answer(None, COMPANIES, json!({})).await;
    let nodes = answer["data"]["companies"]["nodes"].as_array().unwrap_or_else(|| panic!("{answer}"));
    nodes.iter().map(|node| node["slug"].as_str().unwrap().to_owned()).collect()
}

const MERCHANTS_GONE: &str = "the database of merchants";

/// Waits until `/ready` answers with `status` and names `what`.
async fn ready(souk: &Souk, status: u16, what: &str) {
    let mut answer = String::new();
    for _ in 0..600 {
        let response = http().get(souk.url("/ready")).send().await.unwrap();
        let is_status = response.status() == status;
        answer = response.text().await.unwrap();
        if is_status && answer.contains(what) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("/ready never answers {status} with {what:?}; at last: {answer}");
}

/// Repeats a call until it has no errors, as clients do whose calls carry idempotency keys.
async fn create(souk: &Souk, token: &str, slug: &str) {
    for _ in 0..200 {
        let answer = souk.answer(Some(token), CREATE, company(slug)).await;
        if answer["errors"].is_null() {
            assert_eq!(answer["data"]["companyCreate"]["userErrors"], json!([]), "{answer}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{slug} cannot be created");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_of_a_subgraph_share_a_database_and_outlive_its_server() {
    let Some(mut server) = Postgres::start().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let settings = [("SOUK_POSTGRES__URL", server.url())];
    // Each replica has a folder of its own; both sign with the same key.
    let data = |n: usize| folder.path().join(format!("{n}/data"));
    std::fs::create_dir_all(folder.path().join("0")).unwrap();
    let token = line(&data(0), &["token", "--role", "super-admin"]);
    copy_folder(&folder.path().join("0"), &folder.path().join("1"));

    let migrating: Vec<_> = (0..2)
        .map(|n| command(&data(n), &["migrate"]).envs(settings.iter().cloned()).spawn().unwrap())
        .collect();
    for mut migration in migrating {
        assert!(migration.wait().unwrap().success());
    }
    let replicas: Vec<Souk> =
        (0..2).map(|n| Souk::start(&data(n), &["subgraph", "merchants"], &settings)).collect();
    create(&replicas[0], &token, "first").await;
    create(&replicas[1], &token, "second").await;
    // The same call at the other replica: its first outcome.
    create(&replicas[1], &token, "first").await;
    for replica in &replicas {
        assert_eq!(slugs(replica).await, ["first", "second"]);
        ready(replica, 200, "").await;
    }

    server.kill().await;
    for replica in &replicas {
        ready(replica, 503, MERCHANTS_GONE).await;
    }
    server.restart().await.unwrap();
    for replica in &replicas {
        ready(replica, 200, "").await;
    }
    create(&replicas[0], &token, "third").await;
    assert_eq!(slugs(&replicas[1]).await, ["first", "second", "third"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serve_waits_for_its_database_says_so_and_makes_the_demo_there() {
    let Some(mut server) = Postgres::start().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    let settings = [("SOUK_POSTGRES__URL", server.url())];
    server.kill().await;
    let starting = {
        let (data, log) = (data.clone(), log.clone());
        std::thread::spawn(move || Souk::start_logging(&data, &["serve"], &settings, &log))
    };
    let waiting = async {
        while !std::fs::read_to_string(&log).unwrap_or_default().contains("waiting for PostgreSQL") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waiting).await.unwrap();
    server.restart().await.unwrap();
    let souk = tokio::task::spawn_blocking(|| starting.join().unwrap()).await.unwrap();
    assert_eq!(slugs(&souk).await, ["blossom-and-bloom"]);
    assert!(!data.join("merchants.sqlite").exists(), "companies are in PostgreSQL");
    server.kill().await;
    ready(&souk, 503, MERCHANTS_GONE).await;
    server.restart().await.unwrap();
    ready(&souk, 200, "").await;
    assert_eq!(slugs(&souk).await, ["blossom-and-bloom"]);
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
