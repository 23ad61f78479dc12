//! The executable on real engines: its start waits for them, `/ready` names one that goes, and it is found again.

use std::fs;
use std::net::TcpListener;
use std::process::Child;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::souk::{Souk, command};

const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until `/ready` answers 200 and says that it goes on without `engines`.
async fn goes_on_without(souk: &Souk, engines: Value) {
    let start = Instant::now();
    loop {
        let answer = souk.get("/ready").await;
        let (status, body) = (answer.status(), answer.json::<Value>().await.unwrap());
        if status == 200 && body["without"] == engines {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "{status}: {body}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_start_waits_for_redis_and_a_running_platform_goes_on_without_it() {
    let Some(mut redis) = souk_stand::Redis::start().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let settings = [("SOUK_REDIS__URL", redis.url()), ("SOUK_DEMO__SEED", "false".to_owned())];
    redis.kill().await;
    let starting = tokio::task::spawn_blocking(move || Souk::start(&data, &["serve"], &settings));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(!starting.is_finished(), "it does not start without");
    redis.restart().await.unwrap();
    let souk = tokio::time::timeout(PATIENCE, starting).await.unwrap().unwrap();
    goes_on_without(&souk, Value::Null).await;

    redis.kill().await;
    goes_on_without(&souk, json!(["Redis"])).await;
    let companies = souk.ask(None, "{ companies { nodes { id } } }", json!({})).await;
    assert_eq!(companies["companies"]["nodes"], json!([]));
    redis.restart().await.unwrap();
    goes_on_without(&souk, Value::Null).await;
    assert_eq!(souk.terminate(), Some(0));
    redis.stop().await;
}

/// A process that is killed when the test is through with it, or fails.
struct Starting(Child);

impl Drop for Starting {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An engine, the role that waits for it, and the settings with which it does.
type Waiting<'s> = (&'s str, [&'s str; 2], Vec<(&'s str, String)>);

#[tokio::test]
async fn a_start_says_which_engine_it_waits_for() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let at = |scheme: &str| format!("{scheme}://souk:secret@{nobody}");
    let s3 = [
        ("SOUK_S3__ENDPOINT", format!("http://{nobody}")),
        ("SOUK_S3__BUCKET", "souk".to_owned()),
        ("SOUK_S3__ACCESS_KEY", "souk".to_owned()),
        ("SOUK_S3__SECRET_KEY", "secret".to_owned()),
    ];
    let cases: [Waiting<'_>; 8] = [
        ("Redis", ["subgraph", "merchants"], vec![("SOUK_REDIS__URL", at("redis"))]),
        ("S3", ["subgraph", "catalog"], s3.to_vec()),
        ("PostgreSQL", ["subgraph", "merchants"], vec![("SOUK_POSTGRES__URL", at("postgres"))]),
        ("PostgreSQL", ["subgraph", "analytics"], vec![("SOUK_POSTGRES__URL", at("postgres"))]),
        ("MongoDB", ["subgraph", "catalog"], vec![("SOUK_MONGODB__URL", at("mongodb"))]),
        ("Kafka", ["subgraph", "merchants"], vec![("SOUK_KAFKA__BROKERS", nobody.to_string())]),
        ("Elasticsearch", ["subgraph", "search"], vec![("SOUK_ELASTICSEARCH__URL", at("http"))]),
        ("Elasticsearch", ["worker", "search-indexer"], vec![("SOUK_ELASTICSEARCH__URL", at("http"))]),
    ];
    let folder = tempfile::tempdir().unwrap();
    let starting: Vec<_> = cases
        .iter()
        .enumerate()
        .map(|(n, (_, role, settings))| {
            let (data, log) = (folder.path().join(n.to_string()), folder.path().join(format!("{n}.log")));
            let mut command = command(&data, role);
            if role[0] == "subgraph" {
                command.args(["--listen", "127.0.0.1:0"]);
            }
            command.envs(settings.iter().cloned()).stderr(fs::File::create(&log).unwrap());
            for name in ["MERCHANTS", "CATALOG"].iter().filter(|name| !role[1].eq_ignore_ascii_case(name)) {
                command.env(format!("SOUK_{name}__URL"), format!("http://{nobody}/graphql"));
            }
            (log, Starting(command.env("SOUK_TELEMETRY__LOG", "warn").spawn().unwrap()))
        })
        .collect();
    let start = Instant::now();
    for ((engine, role, _), (log, _)) in cases.iter().zip(&starting) {
        loop {
            let said = fs::read_to_string(log).unwrap();
            if said.contains(&format!("waiting for {engine}")) {
                assert!(!said.contains("secret"), "{said}");
                break;
            }
            assert!(start.elapsed() < PATIENCE, "{role:?} does not say that it waits for {engine}: {said}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test]
async fn what_an_engine_refuses_ends_the_start_with_its_reason() {
    let Some(redis) = souk_stand::Redis::start().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let wrong = redis.url().replace("only-for-tests", "a-wrong-password");
    let mut serve = command(&data, &["serve"]);
    let output = tokio::task::spawn_blocking(move || serve.env("SOUK_REDIS__URL", wrong).output().unwrap());
    let output = tokio::time::timeout(PATIENCE, output).await.unwrap().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("Redis does not take us"), "{said}");
    assert!(!said.contains("a-wrong-password"), "{said}");
    redis.stop().await;
}

#[tokio::test]
async fn a_bucket_takes_the_place_of_the_folder_of_files() {
    let Some(mut s3) = souk_stand::S3::start().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let url = s3.url();
    let (credentials, host) = url.strip_prefix("http://").and_then(|url| url.split_once('@')).unwrap();
    let (access_key, secret_key) = credentials.split_once(':').unwrap();
    let settings = [
        ("SOUK_S3__BUCKET", "souk-files".to_owned()),
        ("SOUK_S3__ENDPOINT", format!("http://{host}")),
        ("SOUK_S3__ACCESS_KEY", access_key.to_owned()),
        ("SOUK_S3__SECRET_KEY", secret_key.to_owned()),
        ("SOUK_DEMO__SEED", "false".to_owned()),
    ];
    let souk = tokio::task::spawn_blocking(move || Souk::start(&data, &["serve"], &settings)).await.unwrap();
    goes_on_without(&souk, Value::Null).await;
    s3.kill().await;
    goes_on_without(&souk, json!(["S3"])).await;
    s3.restart().await.unwrap();
    goes_on_without(&souk, Value::Null).await;
    assert_eq!(souk.terminate(), Some(0));
    s3.stop().await;
}
