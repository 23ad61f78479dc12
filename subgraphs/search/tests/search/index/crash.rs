//! The embedded side when its process is killed, and beside other processes.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use souk_search::index::tantivy;

use super::fixture::{ask, deletion, product, upsert};

/// Says in which folder the child writes; set by the test for its own child alone.
const FOLDER: &str = "SOUK_TEST_INDEX_FOLDER";

/// The process that is killed: writes until then, and says after which change each call returned.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a test's child is told by its environment what to do")]
async fn child_writes_until_it_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let index = tantivy::open_writer(std::path::Path::new(&folder)).unwrap();
    let already = index.count().await.unwrap();
    for batch in 0_u64.. {
        let first = already + batch * 20 + 1;
        let changes: Vec<_> = (first..first + 20).map(|n| upsert(product(n, "Lamp"))).collect();
        index.write(&changes).await.unwrap();
        println!("written {}", first + 19);
    }
}

#[tokio::test]
async fn what_a_call_returned_from_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for round in 0..6_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "index::crash::child_writes_until_it_is_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut written = lines.filter_map(|line| line.ok()?.rsplit_once("written ")?.1.parse::<u64>().ok());
        for _ in 0..3 + round {
            acknowledged = written.next().unwrap();
        }
        // Somewhere in the next call.
        std::thread::sleep(std::time::Duration::from_millis(round * 7));
        child.kill().unwrap();
        child.wait().unwrap();
        acknowledged = written.last().unwrap_or(acknowledged);
        let index = tantivy::open_writer(folder.path()).unwrap();
        let count = index.count().await.unwrap();
        assert!(count >= acknowledged && count % 20 == 0, "{count} of {acknowledged}");
        let answer = index.search(&ask("lamp")).await.unwrap();
        assert_eq!(answer.total.count, count);
    }
    println!("counted: {acknowledged} changes acknowledged over 6 kills, none lost");
}

#[tokio::test]
async fn one_process_writes_and_others_see_it() {
    let folder = tempfile::tempdir().unwrap();
    assert!(tantivy::open_reader(folder.path()).unwrap_err().is_transient(), "nothing is there yet");
    let writer = tantivy::open_writer(folder.path()).unwrap();
    let refused = tantivy::open_writer(folder.path()).unwrap_err();
    assert!(!refused.is_transient());
    writer.write(&[upsert(product(1, "Lamp"))]).await.unwrap();
    let reader = tantivy::open_reader(folder.path()).unwrap();
    assert_eq!(reader.count().await.unwrap(), 1);
    assert!(reader.write(&[upsert(product(2, "Lamp"))]).await.is_err());
    writer.write(&[upsert(product(2, "Lamp"))]).await.unwrap();
    reader.refresh().await.unwrap();
    assert_eq!(reader.count().await.unwrap(), 2, "who refreshes sees it at once");
    assert_eq!(seen(&reader, 2).await, 2);
    let build = writer.begin_build().await.unwrap();
    writer.write_build(&build, &[upsert(product(3, "Lamp"))]).await.unwrap();
    assert_eq!(reader.count().await.unwrap(), 2, "what is built is not seen");
    writer.publish(build).await.unwrap();
    assert_eq!(seen(&reader, 1).await, 1);
    writer.write(&[deletion(3, 2)]).await.unwrap();
    assert_eq!(seen(&reader, 0).await, 0);
    drop((writer, reader));
    let again = tantivy::open_writer(folder.path()).unwrap();
    assert_eq!(again.write(&[upsert(product(3, "Ghost"))]).await.unwrap().stale, 1);
}

/// How many the reader counts once it counts so many, or a second later.
async fn seen(reader: &souk_search::index::SharedSearchIndex, wanted: u64) -> u64 {
    for _ in 0..50 {
        if reader.count().await.unwrap() == wanted {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    reader.count().await.unwrap()
}
