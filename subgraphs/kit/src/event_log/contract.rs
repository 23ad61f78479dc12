//! What every event log must do, as a function over a factory: `contract::event_log(open).await`.
//!
//! It asserts by panicking, because engines call it from their tests.
#![expect(clippy::indexing_slicing, reason = "a test suite")]

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;

use super::{Delivered, EventLog, LARGEST_BATCH, LARGEST_RECORD, Lease, Membership, Position, Record, Start};
use crate::clock::{Clock, Timestamp};
use crate::fault::{Code, Fault};

/// Longer than any healthy answer takes, so that a broken log fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs the whole contract. `open` answers the same log each time: a second handle stands for a second process,
/// or for the same one after a restart. New topics of it must have one partition.
pub async fn event_log<L, F>(open: impl Fn() -> F)
where
    L: EventLog,
    F: Future<Output = L>,
{
    let log = Arc::new(open().await);
    order_per_key_survives_concurrent_appends(&log).await;
    a_group_resumes_where_it_committed(&log, open().await).await;
    groups_do_not_disturb_each_other(&log).await;
    one_member_at_a_time_has_a_topic(&log, open().await).await;
    another_process_is_heard(&log, open().await).await;
    tokio::join!(
        a_silent_member_loses_its_topic(&log, open().await),
        a_busy_member_keeps_its_partition(&log, open().await),
    );
    trimming_leaves_what_somebody_needs(&log, open().await).await;
    who_only_looks_moves_nothing(&log, open().await).await;
    headers_travel_along(&log, open().await).await;
    a_group_goes_on_from_where_it_is_put(&log, open().await).await;
    large_records_pass_and_larger_ones_are_refused(&log).await;
    large_records_come_a_few_at_a_time(&log).await;
    who_is_far_behind_gets_everything(&log).await;
    ok(log.ready().await);
}

fn record(topic: &str, key: &str, n: usize) -> Record {
    Record::new(topic, key, n.to_string())
}

fn topics(topic: &str) -> Vec<String> {
    vec![topic.to_owned()]
}

fn number(delivered: &Delivered) -> usize {
    std::str::from_utf8(&delivered.record.payload).ok().and_then(|n| n.parse().ok()).unwrap_or(usize::MAX)
}

fn numbers(delivered: &[Delivered]) -> Vec<usize> {
    delivered.iter().map(number).collect()
}

async fn next(member: &mut Box<dyn Membership>, limit: usize) -> Vec<Delivered> {
    let answer = tokio::time::timeout(PATIENCE, member.next(limit)).await;
    let found = ok(answer.unwrap_or_else(|_| Err(Fault::broken("no record came"))));
    assert!(!found.is_empty(), "an answer has a record");
    let places: BTreeSet<_> = found.iter().map(|one| (&one.record.topic, one.partition)).collect();
    assert_eq!(places.len(), 1, "an answer is of one partition");
    assert!(found.is_sorted_by(|one, next| one.offset < next.offset), "offsets must grow");
    found
}

/// Commits all that was delivered.
async fn commit(member: &mut Box<dyn Membership>, delivered: &[Delivered]) {
    let last: BTreeMap<i32, Position> = delivered.iter().map(|one| (one.partition, one.position())).collect();
    for position in last.values() {
        assert_eq!(ok(member.commit(position).await), Lease::Held);
    }
}

/// All records of a topic from some places on, a few at a time.
async fn look<L: EventLog>(log: &L, places: Vec<Position>) -> Vec<Delivered> {
    let mut all = Vec::new();
    for mut place in places {
        loop {
            let found = ok(log.read(&place, 2).await);
            assert!(found.len() <= 2, "a limit must hold");
            let Some(last) = found.last() else { break };
            place.offset = last.offset + 1;
            all.extend(found);
        }
    }
    all
}

#[expect(clippy::panic, reason = "a contract speaks by failing the test that runs it")]
fn ok<T>(answer: Result<T, Fault>) -> T {
    answer.unwrap_or_else(|fault| panic!("{fault:?}"))
}

async fn read_all(member: &mut Box<dyn Membership>, count: usize) -> Vec<Delivered> {
    let mut all = Vec::new();
    while all.len() < count {
        all.extend(next(member, 100).await);
    }
    all
}

async fn who_only_looks_moves_nothing<L: EventLog>(log: &Arc<L>, other: L) {
    let topic = "t.look";
    ok(log.append((0..5).map(|n| record(topic, "k", n)).collect()).await);
    assert!(ok(other.topics().await).iter().any(|known| known == topic));
    let start = ok(other.committed("look", topic).await);
    assert!(start.iter().all(|place| place.offset == 0), "a group that never joined: {start:?}");
    let found = look(&other, start).await;
    assert_eq!(numbers(&found), [0, 1, 2, 3, 4]);
    assert_eq!(look(&other, ok(other.positions(topic, Start::Beginning).await)).await, found);
    assert_eq!(look(&other, ok(other.positions(topic, Start::End).await)).await, []);
    let mut member = ok(log.join("look", &topics(topic)).await);
    let delivered = read_all(&mut member, 5).await;
    assert_eq!(delivered, found, "as a member gets them");
    commit(&mut member, &delivered[..3]).await;
    assert_eq!(numbers(&look(&other, ok(other.committed("look", topic).await)).await), [3, 4]);
    ok(member.leave().await);
}

async fn headers_travel_along<L: EventLog>(log: &Arc<L>, other: L) {
    let topic = "t.headers";
    let told = [("why", "because".into()), ("raw", vec![0_u8, 255].into())];
    let sent = Record {
        headers: told.map(|(name, value)| (name.to_owned(), value)).into(),
        ..record(topic, "k", 1)
    };
    ok(log.append(vec![sent.clone()]).await);
    let found = look(&other, ok(other.positions(topic, Start::Beginning).await)).await;
    assert_eq!(found.first().map(|one| &one.record), Some(&sent));
}

async fn a_group_goes_on_from_where_it_is_put<L: EventLog>(log: &Arc<L>, other: L) {
    let topic = "t.reset";
    ok(log.append((0..3).map(|n| record(topic, "k", n)).collect()).await);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let between = Clock::system().now();
    tokio::time::sleep(Duration::from_millis(20)).await;
    ok(log.append((3..6).map(|n| record(topic, "k", n)).collect()).await);
    let mut member = ok(log.join("reset", &topics(topic)).await);
    let delivered = read_all(&mut member, 6).await;
    commit(&mut member, &delivered).await;
    let (beginning, later) = (
        ok(other.positions(topic, Start::Beginning).await),
        ok(other.positions(topic, Start::At(between)).await),
    );
    assert!(other.reset("reset", &beginning).await.is_err(), "a member is at work");
    ok(member.leave().await);
    for (places, expected) in [(beginning, vec![0, 1, 2, 3, 4, 5]), (later, vec![3, 4, 5])] {
        ok(other.reset("reset", &places).await);
        assert_eq!(ok(log.lag("reset", &topics(topic)).await), u64::try_from(expected.len()).unwrap_or(0));
        let mut member = ok(log.join("reset", &topics(topic)).await);
        let delivered = read_all(&mut member, expected.len()).await;
        assert_eq!(numbers(&delivered), expected);
        commit(&mut member, &delivered).await;
        ok(member.leave().await);
    }
}

async fn large_records_pass_and_larger_ones_are_refused<L: EventLog>(log: &Arc<L>) {
    let of = |bytes: usize| Record::new("contract.large", "k", vec![b'7'; bytes]);
    let refused = log.append(vec![record("contract.large", "k", 1), of(LARGEST_RECORD)]).await;
    assert_eq!(refused.map_err(|fault| fault.code()), Err(Code::LimitExceeded));
    ok(log.append(vec![of(LARGEST_RECORD - 1), record("contract.large", "k", 2)]).await);
    let mut member = ok(log.join("contract-large", &topics("contract.large")).await);
    let found = read_all(&mut member, 2).await;
    let sizes: Vec<_> = found.iter().map(|one| one.record.payload.len()).collect();
    assert_eq!(sizes, [LARGEST_RECORD - 1, 1], "whole, and nothing of what was refused");
    commit(&mut member, &found).await;
    ok(member.leave().await);
}

async fn large_records_come_a_few_at_a_time<L: EventLog>(log: &Arc<L>) {
    let topic = "contract.bounded";
    let sizes = [LARGEST_RECORD - 1, LARGEST_RECORD - 1, 1, 3_000_000, 3_000_000, 3_000_000, 3_000_000, 1];
    for bytes in sizes {
        ok(log.append(vec![Record::new(topic, "k", vec![b'7'; bytes])]).await);
    }
    let check = |found: &[Delivered]| {
        let before: usize = found.iter().rev().skip(1).map(|one| one.record.payload.len()).sum();
        assert!(before < LARGEST_BATCH, "{before} bytes and another record in one answer");
    };
    let mut member = ok(log.join("contract-bounded", &topics(topic)).await);
    let mut all = Vec::new();
    while all.len() < sizes.len() {
        let found = next(&mut member, 100).await;
        check(&found);
        commit(&mut member, &found).await;
        all.extend(found.iter().map(|one| one.record.payload.len()));
    }
    assert_eq!(all, sizes, "none is left out");
    ok(member.leave().await);

    let mut all = Vec::new();
    for mut place in ok(log.positions(topic, Start::Beginning).await) {
        loop {
            let found = ok(log.read(&place, 100).await);
            let Some(last) = found.last() else { break };
            place.offset = last.offset + 1;
            check(&found);
            all.extend(found.iter().map(|one| one.record.payload.len()));
        }
    }
    assert_eq!(all, sizes, "none is left out");
}

/// More than a member holds at once, in number and in bytes.
async fn who_is_far_behind_gets_everything<L: EventLog>(log: &Arc<L>) {
    let (count, payload) = (5_000, vec![b'7'; 4_000]);
    let all: Vec<_> =
        (0..count).map(|n: usize| Record::new("contract.behind", n.to_string(), payload.clone())).collect();
    for some in all.chunks(500) {
        ok(log.append(some.to_vec()).await);
    }
    let mut member = ok(log.join("contract-behind", &topics("contract.behind")).await);
    let mut keys = Vec::new();
    while keys.len() < count {
        let found = next(&mut member, 100).await;
        keys.extend(found.iter().map(|one| one.record.key.clone()));
        commit(&mut member, &found).await;
    }
    assert!(keys.iter().zip(&all).all(|(key, appended)| *key == appended.key), "all of them, in order");
    ok(member.leave().await);
}

async fn a_busy_member_keeps_its_partition<L: EventLog>(log: &Arc<L>, other: L) {
    let topic = "t.busy";
    ok(log.append(vec![record(topic, "k", 1)]).await);
    let mut busy = ok(log.join("busy", &topics(topic)).await);
    let held = next(&mut busy, 10).await;
    let mut waiting = ok(other.join("busy", &topics(topic)).await);
    // It asks for nothing for longer than a silent member keeps its partitions, and says that it is at work.
    let at_work = async {
        for _ in 0..PATIENCE.as_secs() / 2 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert_eq!(ok(busy.renew(&held[0].position()).await), Lease::Held);
        }
    };
    tokio::select! {
        () = at_work => {}
        found = waiting.next(10) => assert_eq!(ok(found), [], "another got what a busy member has"),
    }
    commit(&mut busy, &held).await;
    ok(busy.leave().await);
    ok(waiting.leave().await);
}

async fn order_per_key_survives_concurrent_appends<L: EventLog>(log: &Arc<L>) {
    let writers = (0..8).map(|writer| {
        let log = Arc::clone(log);
        async move {
            for n in 0..25 {
                ok(log.append(vec![record("t.order", &format!("key-{writer}"), n)]).await);
            }
        }
    });
    join_all(writers).await;
    let mut member = ok(log.join("order", &topics("t.order")).await);
    let mut by_key: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let delivered = read_all(&mut member, 200).await;
    for one in &delivered {
        by_key.entry(one.record.key.clone()).or_default().push(number(one));
    }
    assert_eq!(by_key.len(), 8);
    for (key, numbers) in by_key {
        assert_eq!(numbers, (0..25).collect::<Vec<_>>(), "{key} is out of order");
    }
    ok(member.leave().await);
}

async fn a_group_resumes_where_it_committed<L: EventLog>(log: &Arc<L>, reopened: L) {
    ok(log.append((0..10).map(|n| record("t.resume", "k", n)).collect()).await);
    let mut member = ok(log.join("resume", &topics("t.resume")).await);
    let first = next(&mut member, 4).await;
    assert_eq!(numbers(&first), [0, 1, 2, 3], "a limit must hold");
    let second = next(&mut member, 4).await;
    assert_eq!(number(&second[0]), 4, "what was delivered must not come twice to one member");
    commit(&mut member, &first).await;
    ok(member.leave().await);
    assert_eq!(ok(reopened.lag("resume", &topics("t.resume")).await), 6);
    let mut again = ok(reopened.join("resume", &topics("t.resume")).await);
    let rest = read_all(&mut again, 6).await;
    assert_eq!(numbers(&rest), [4, 5, 6, 7, 8, 9], "uncommitted ones come again");
    ok(again.leave().await);
}

async fn groups_do_not_disturb_each_other<L: EventLog>(log: &Arc<L>) {
    ok(log.append(vec![record("t.groups", "k", 7)]).await);
    for group in ["one", "two"] {
        let mut member = ok(log.join(group, &topics("t.groups")).await);
        let found = next(&mut member, 10).await;
        assert_eq!(numbers(&found), [7], "{group}");
        commit(&mut member, &found).await;
        ok(member.leave().await);
    }
}

async fn one_member_at_a_time_has_a_topic<L: EventLog>(log: &Arc<L>, other: L) {
    ok(log.append(vec![record("t.lease", "k", 1)]).await);
    let mut first = ok(log.join("lease", &topics("t.lease")).await);
    let held = next(&mut first, 10).await;
    let mut second = ok(other.join("lease", &topics("t.lease")).await);
    let early = tokio::time::timeout(Duration::from_millis(300), second.next(10)).await;
    assert!(early.is_err(), "two members must not have one topic");
    ok(first.leave().await);
    let again = next(&mut second, 10).await;
    assert_eq!(again, held, "what the first did not commit comes to the second");
    commit(&mut second, &again).await;
    ok(second.leave().await);
}

async fn another_process_is_heard<L: EventLog>(log: &Arc<L>, other: L) {
    let mut member = ok(log.join("heard", &topics("t.heard")).await);
    let (found, ()) = tokio::join!(next(&mut member, 10), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        ok(other.append(vec![record("t.heard", "k", 3)]).await);
    });
    assert_eq!(numbers(&found), [3]);
    ok(member.leave().await);
}

async fn a_silent_member_loses_its_topic<L: EventLog>(log: &Arc<L>, other: L) {
    ok(log.append(vec![record("t.silent", "k", 5)]).await);
    let mut silent = ok(log.join("silent", &topics("t.silent")).await);
    let held = next(&mut silent, 10).await;
    // As if its process had died: it neither asks, nor commits, nor leaves.
    let mut heir = ok(other.join("silent", &topics("t.silent")).await);
    let found = next(&mut heir, 10).await;
    assert_eq!(found, held, "the heir goes on from what was committed");
    let late = ok(silent.commit(&held[0].position()).await);
    assert_eq!(late, Lease::Lost, "who lost its lease must not commit over the heir");
    commit(&mut heir, &found).await;
    ok(heir.leave().await);
    drop(silent);
}

/// The last record of each key, and whatever a known group has not committed, survive; also when another process
/// trims. What else goes, and when, is the engine's.
async fn trimming_leaves_what_somebody_needs<L: EventLog>(log: &Arc<L>, other: L) {
    let topic = "t.trim";
    let all = [("a", 1), ("b", 2), ("a", 3), ("a", 4), ("c", 5), ("c", 6)];
    ok(log.append(all.map(|(key, n)| record(topic, key, n)).to_vec()).await);
    ok(log.append(vec![record("t.trim.not", "k", 1), record("t.trim.not", "k", 2)]).await);
    let mut slow = ok(log.join("slow", &topics(topic)).await);
    let seen = next(&mut slow, 2).await;
    commit(&mut slow, &seen).await;
    let mut quick = ok(log.join("quick", &topics(topic)).await);
    let all = read_all(&mut quick, 6).await;
    commit(&mut quick, &all).await;

    ok(other.trim(&topics(topic), distant_future()).await);
    let rest = read_all(&mut slow, 6 - seen.len()).await;
    let got: BTreeSet<_> = seen.iter().chain(&rest).map(number).collect();
    assert_eq!(got, (1..=6).collect(), "a group lost what it had not committed");
    commit(&mut slow, &rest).await;

    ok(other.trim(&topics(topic), distant_future()).await);
    ok(log.append(vec![record(topic, "b", 7)]).await);
    let mut late = ok(other.join("late", &topics(topic)).await);
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    while last.get("b") != Some(&7) {
        for one in next(&mut late, 100).await {
            last.insert(one.record.key.clone(), number(&one));
        }
    }
    let expected = [("a", 4), ("b", 7), ("c", 6)].map(|(key, n)| (key.to_owned(), n));
    assert_eq!(last, BTreeMap::from(expected), "a new group must learn how each aggregate is");
    assert_eq!(
        ok(log.lag("nobody", &topics("t.trim.not")).await),
        2,
        "a topic that was not named is left alone"
    );
    for member in [slow, quick, late] {
        ok(member.leave().await);
    }
}

fn distant_future() -> Timestamp {
    Timestamp::from_timestamp(4_000_000_000, 0).unwrap_or_default()
}
