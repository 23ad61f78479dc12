//! The executable on real engines: its start waits for them, `/ready` names one that goes, and it is found again.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::souk::Souk;

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

#[tokio::test]
async fn what_an_engine_refuses_ends_the_start_with_its_reason() {
    let Some(redis) = souk_stand::Redis::start().await else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let wrong = redis.url().replace("only-for-tests", "a-wrong-password");
    let mut serve = super::souk::command(&data, &["serve"]);
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
