//! The embedded event log keeps the port's contract.

use souk_kit::event_log::{EventLog, Record, SqliteEventLog, contract};
use souk_kit::sql::Durability;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_embedded_log_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    contract::event_log(|| async {
        SqliteEventLog::open(folder.path(), Durability::PowerCut).await.unwrap()
    })
    .await;
}

#[tokio::test]
async fn appends_that_wait_together_share_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let log = SqliteEventLog::open(folder.path(), Durability::PowerCut).await.unwrap();
    let appends = (0..200).map(|n| {
        log.append(vec![Record { topic: "t".into(), key: "k".into(), payload: n.to_string().into() }])
    });
    for answer in futures::future::join_all(appends).await {
        answer.unwrap();
    }
    assert!(log.commits() <= 3, "{} commits for 200 appends", log.commits());
}
