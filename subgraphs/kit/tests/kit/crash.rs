//! A process that is killed while it appends loses nothing that was acknowledged, and its consumer goes on.
//!
//! The test starts its own executable again, told by an environment variable to run only the child's part.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use souk_kit::event_log::{EventLog, Record, SqliteEventLog};
use souk_kit::sql::Durability;

const CHILD_FOLDER: &str = "SOUK_TEST_CRASH_FOLDER";
const CHILD_ROUND: &str = "SOUK_TEST_CRASH_ROUND";
const TOPIC: &str = "t.crash";

/// The child's part: appends from four tasks and says each record that was acknowledged, until it is killed.
/// Without the variable it is an ordinary test that finds nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_appends_until_it_is_killed() {
    let (Some(folder), Some(round)) = (std::env::var_os(CHILD_FOLDER), std::env::var_os(CHILD_ROUND)) else {
        return;
    };
    let round = round.to_string_lossy().into_owned();
    let log = SqliteEventLog::open(Path::new(&folder), Durability::PowerCut).await.unwrap();
    let writers = (0..4).map(|writer| {
        let (log, round) = (log.clone(), round.clone());
        async move {
            for n in 0_u64.. {
                let payload = format!("{round}-{writer}-{n}");
                let record = Record {
                    topic: TOPIC.into(),
                    key: format!("k{writer}"),
                    payload: payload.clone().into(),
                };
                log.append(vec![record]).await.unwrap();
                let mut out = std::io::stderr().lock();
                writeln!(out, "acknowledged {payload}").unwrap();
            }
        }
    });
    futures::future::join_all(writers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_writer_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeSet::new();
    let mut consumed = Vec::new();
    for round in 0..3_usize {
        acknowledged.extend(kill_after(folder.path(), round, 60 + 35 * round));

        let log = SqliteEventLog::open(folder.path(), Durability::PowerCut).await.unwrap();
        let mut member = log.join("crash", &[TOPIC.to_owned()]).await.unwrap();
        while let Ok(found) = tokio::time::timeout(Duration::from_millis(500), member.next(50)).await {
            let found = found.unwrap();
            consumed.extend(found.iter().map(|one| String::from_utf8(one.record.payload.to_vec()).unwrap()));
            member.commit(TOPIC, found.last().unwrap().offset).await.unwrap();
        }
        member.leave().await.unwrap();
    }
    let distinct: BTreeSet<String> = consumed.iter().cloned().collect();
    assert_eq!(distinct.len(), consumed.len(), "a committed record came again");
    let lost: Vec<_> = acknowledged.difference(&distinct).collect();
    assert!(
        lost.is_empty(),
        "{} of {} acknowledged records were lost: {lost:?}",
        lost.len(),
        acknowledged.len()
    );
    println!("counted: {} acknowledged records survived 3 kills", acknowledged.len());
}

/// Runs the child until it has said `count` acknowledgements, kills it in the act, and answers all it had said.
fn kill_after(folder: &Path, round: usize, count: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child_appends_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(CHILD_FOLDER, folder)
        .env(CHILD_ROUND, round.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut said = Vec::new();
    let mut note = |line: std::io::Result<String>| {
        if let Some(payload) = line.ok().as_deref().and_then(|line| line.strip_prefix("acknowledged ")) {
            said.push(payload.to_owned());
        }
        said.len()
    };
    while let Some(line) = lines.next() {
        if note(line) >= count {
            break;
        }
    }
    // On Unix this is SIGKILL.
    child.kill().unwrap();
    // What it had said before it died stands in the pipe.
    lines.for_each(|line| {
        note(line);
    });
    child.wait().unwrap();
    assert!(said.len() >= count, "the child died after {} records", said.len());
    said
}
