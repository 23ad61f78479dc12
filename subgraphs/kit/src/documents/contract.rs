//! What every engine of [`Documents`] must do, as tests that take any of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use futures::future::join_all;

use super::{
    Direction, Documents, Filter, Found, Index, IndexValue, Outcome, Query, Record, Sort, Test, Write,
};
use crate::call::Call;
use crate::clock::Timestamp;
use crate::event::{AnyEnvelope, Told};
use crate::fault::Fault;
use crate::principal::Principal;

const PEOPLE: &str = "contract_people";

/// Runs every test against engines that `open` makes, each empty.
///
/// # Panics
/// When the engine breaks the contract; `Err` when it faults.
#[expect(clippy::panic, reason = "a test suite fails by panicking")]
pub async fn documents<F>(open: impl Fn() -> F) -> Result<(), Fault>
where
    F: Future<Output = Arc<dyn Documents>>,
{
    let tests: [(&str, Option<String>); 9] = [
        ("tests of values", filters(&*open().await).await?),
        ("paging", pages(&*open().await).await?),
        ("unique keys", unique_keys(&*open().await).await?),
        ("indexes that change", changed_index(&*open().await).await?),
        ("versions", versions(&*open().await).await?),
        ("concurrency", one_of_many_wins(open().await).await?),
        ("tombstones", tombstones(&*open().await).await?),
        ("events that wait", waiting(&*open().await).await?),
        ("forgetting", forgetting(&*open().await).await?),
    ];
    for (test, failure) in tests {
        if let Some(failure) = failure {
            panic!("{test}: {failure}");
        }
    }
    Ok(())
}

fn record(id: &str, index: Index) -> Record {
    Record {
        id: id.to_owned(),
        version: 1,
        schema_version: 1,
        company: None,
        state: format!("\"{id}\""),
        tombstone: false,
        pending: Vec::new(),
        outcomes: Vec::new(),
        index,
    }
}

async fn ids(engine: &dyn Documents, filter: Filter, sort: Sort) -> Result<Vec<String>, Fault> {
    let query = Query { filter, sort, backward: false, from: None, limit: 100 };
    Ok(engine.find(PEOPLE, &query).await?.into_iter().map(|found| found.id).collect())
}

fn compare<T: PartialEq + std::fmt::Debug>(what: &str, got: &T, expected: &T) -> Option<String> {
    (got != expected).then(|| format!("{what}: got {got:?}, expected {expected:?}"))
}

async fn filters(engine: &dyn Documents) -> Result<Option<String>, Fault> {
    engine.prepare(PEOPLE).await?;
    let people = [
        ("ada", Index::default().field("age", 36).field("likes", "tea").field("likes", "maths")),
        ("bob", Index::default().field("age", -1).field("likes", "team")),
        ("cyd", Index::default().unique("mail:cyd")),
    ];
    for (id, index) in people {
        engine.insert(PEOPLE, &record(id, index)).await?;
    }
    let cases: [(Filter, &[&str]); 14] = [
        (Filter::everything(), &["ada", "bob", "cyd"]),
        (Filter::nothing(), &[]),
        (Filter::equal("likes", "tea"), &["ada"]),
        (Filter::one_of("likes", ["maths", "team"]), &["ada", "bob"]),
        (Filter::one_of("likes", Vec::<&str>::new()), &[]),
        (Filter::Field("likes".into(), Test::Prefix("tea".into())), &["ada", "bob"]),
        (Filter::Field("likes".into(), Test::Exists), &["ada", "bob"]),
        (Filter::Field("likes".into(), Test::Exists).negated(), &["cyd"]),
        (Filter::at_least("age", 0), &["ada"]),
        (Filter::below("age", 36), &["bob"]),
        (Filter::below("age", 37).and(Filter::at_least("age", -1)), &["ada", "bob"]),
        (Filter::Any(vec![Filter::equal("likes", "tea"), Filter::Ids(vec!["cyd".into()])]), &["ada", "cyd"]),
        (Filter::Ids(vec!["bob".into(), "eve".into()]), &["bob"]),
        (Filter::Keys(vec!["mail:cyd".into()]), &["cyd"]),
    ];
    for (filter, expected) in cases {
        let what = format!("{filter:?}");
        let count = engine.count(PEOPLE, &filter).await?;
        let got = ids(engine, filter, Sort::by_id(Direction::Ascending)).await?;
        let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        let failure = compare(&what, &got, &expected)
            .or_else(|| compare(&format!("count of {what}"), &count, &(expected.len() as u64)));
        if failure.is_some() {
            return Ok(failure);
        }
    }
    Ok(None)
}

async fn pages(engine: &dyn Documents) -> Result<Option<String>, Fault> {
    engine.prepare(PEOPLE).await?;
    for (id, rank) in [("a", Some("x")), ("b", None), ("c", Some("x")), ("d", Some("w")), ("e", None)] {
        let index = rank.map_or_else(Index::default, |rank| Index::default().field("rank", rank));
        engine.insert(PEOPLE, &record(id, index)).await?;
    }
    let cases = [
        (Sort::by_id(Direction::Descending), "edcba"),
        (Sort::by("rank", Direction::Ascending), "dac"),
        (Sort::by_optional("rank", Direction::Ascending), "dacbe"),
        (Sort::by_optional("rank", Direction::Descending), "cadeb"),
    ];
    let each: Vec<Query> = (0..120)
        .map(|limit| {
            let sort = Sort::by("rank", Direction::Ascending);
            Query { filter: Filter::everything(), sort, backward: false, from: None, limit: limit % 4 }
        })
        .collect();
    let sizes: Vec<usize> = engine.find_each(PEOPLE, &each).await?.iter().map(Vec::len).collect();
    let expected: Vec<usize> = (0..120).map(|limit| limit % 4).collect();
    if let Some(failure) = compare("many queries at once", &sizes, &expected) {
        return Ok(Some(failure));
    }
    for (sort, expected) in cases {
        for backward in [false, true] {
            let expected: String =
                if backward { expected.chars().rev().collect() } else { expected.to_owned() };
            for limit in 1..4 {
                let walked = walk(engine, &sort, backward, limit).await?;
                let failure =
                    compare(&format!("{sort:?} by {limit}, backward: {backward}"), &walked, &expected);
                if failure.is_some() {
                    return Ok(failure);
                }
            }
        }
    }
    Ok(None)
}

/// The ids of the whole list, read in pages.
async fn walk(engine: &dyn Documents, sort: &Sort, backward: bool, limit: usize) -> Result<String, Fault> {
    let (mut walked, mut from): (String, Option<(Option<IndexValue>, String)>) = (String::new(), None);
    loop {
        let query =
            Query { filter: Filter::everything(), sort: sort.clone(), backward, from: from.clone(), limit };
        let found: Vec<Found> = engine.find(PEOPLE, &query).await?;
        let Some(last) = found.last() else { return Ok(walked) };
        from = Some((last.sorted_by.clone(), last.id.clone()));
        walked.extend(found.iter().map(|one| one.id.as_str()));
        if walked.len() > 100 {
            return Ok(walked);
        }
    }
}

async fn unique_keys(engine: &dyn Documents) -> Result<Option<String>, Fault> {
    engine.prepare(PEOPLE).await?;
    let held = |id: &str, keys: &[&str]| {
        record(id, keys.iter().fold(Index::default(), |index, key| index.unique(*key)))
    };
    let steps = [
        (engine.insert(PEOPLE, &held("a", &["k1", "k2"])).await?, Write::Done),
        (engine.insert(PEOPLE, &held("b", &["k3", "k2"])).await?, Write::Taken("k2".into())),
        (engine.insert(PEOPLE, &held("a", &[])).await?, Write::Stale),
        (engine.insert(PEOPLE, &held("b", &["k3"])).await?, Write::Done),
        (engine.replace(PEOPLE, &held("b", &["k1"]), 1).await?, Write::Taken("k1".into())),
        (engine.replace(PEOPLE, &held("a", &["k2"]), 1).await?, Write::Done),
        (engine.replace(PEOPLE, &held("b", &["k1", "k3"]), 1).await?, Write::Done),
    ];
    for (step, (got, expected)) in steps.iter().enumerate() {
        if let Some(failure) = compare(&format!("step {step}"), got, expected) {
            return Ok(Some(failure));
        }
    }
    let holder = engine.holder(PEOPLE, "k1").await?.map(|record| record.id);
    Ok(compare("the holder of k1", &holder, &Some("b".to_owned())))
}

/// Ten of 900 values stay, and one of two keys; a change that is refused leaves all as it was.
async fn changed_index(engine: &dyn Documents) -> Result<Option<String>, Fault> {
    engine.prepare(PEOPLE).await?;
    let numbered = |from: i64, keys: [&str; 2]| {
        let index = keys.iter().fold(Index::default(), |index, key| index.unique(*key));
        Index { fields: (from..from + 900).map(|n| ("number".into(), n.into())).collect(), ..index }
    };
    engine.insert(PEOPLE, &record("a", numbered(0, ["k1", "k2"]))).await?;
    engine.insert(PEOPLE, &record("b", Index::default().unique("k4"))).await?;
    let changed = Record { version: 2, ..record("a", numbered(890, ["k2", "k3"])) };
    let refused = Record { version: 3, ..record("a", numbered(5_000, ["k3", "k4"])) };
    let writes = (engine.replace(PEOPLE, &changed, 1).await?, engine.replace(PEOPLE, &refused, 2).await?);
    if let Some(failure) = compare("the writes", &writes, &(Write::Done, Write::Taken("k4".into()))) {
        return Ok(Some(failure));
    }
    for (number, expected) in
        [(0, 0), (889, 0), (890, 1), (899, 1), (900, 1), (1_789, 1), (1_790, 0), (5_000, 0)]
    {
        let count = engine.count(PEOPLE, &Filter::equal("number", number)).await?;
        if let Some(failure) = compare(&format!("documents with {number}"), &count, &expected) {
            return Ok(Some(failure));
        }
    }
    let mut holders = Vec::new();
    for key in ["k1", "k2", "k3", "k4"] {
        holders.push(engine.holder(PEOPLE, key).await?.map(|record| record.id));
    }
    let expected = [None, Some("a"), Some("a"), Some("b")].map(|id| id.map(str::to_owned)).to_vec();
    Ok(compare("the holders", &holders, &expected))
}

async fn versions(engine: &dyn Documents) -> Result<Option<String>, Fault> {
    engine.prepare(PEOPLE).await?;
    let first = record("a", Index::default());
    engine.insert(PEOPLE, &first).await?;
    let second = Record { version: 2, state: "2".into(), ..first.clone() };
    let done = engine.replace(PEOPLE, &second, 1).await?;
    let late = engine.replace(PEOPLE, &Record { state: "late".into(), ..second.clone() }, 1).await?;
    let kept = engine.load(PEOPLE, "a").await?;
    Ok(compare("writes", &(done, late), &(Write::Done, Write::Stale))
        .or_else(|| compare("what is kept", &kept, &Some(second))))
}

/// Events of a document wait in order until they are acknowledged, some or all, of one document or of many.
async fn waiting(engine: &dyn Documents) -> Result<Option<String>, Fault> {
    engine.prepare(PEOPLE).await?;
    let at = Timestamp::UNIX_EPOCH;
    let event = |seconds: i64| {
        let call = Call::new(&Principal::service("contract"), "wait", at + TimeDelta::seconds(seconds));
        let told = Told {
            source: "/contract".to_owned(),
            kind: "person.changed",
            subject: "a".to_owned(),
            company: None,
            sequence: seconds,
            schema_version: 1,
            data: serde_json::Value::Null,
        };
        AnyEnvelope::caused_by(&call, told)
    };
    let (first, second, third) = (event(1), event(2), event(3));
    let with = |id: &str, pending: &[&AnyEnvelope]| Record {
        pending: pending.iter().copied().cloned().collect(),
        ..record(id, Index::default())
    };
    for record in [with("c", &[&third]), with("b", &[]), with("a", &[&first, &second])] {
        engine.insert(PEOPLE, &record).await?;
    }
    let told = async || -> Result<Vec<(String, Vec<i64>)>, Fault> {
        let waiting = engine.pending(PEOPLE, 10).await?.into_iter();
        Ok(waiting.map(|one| (one.id, one.events.iter().map(|event| event.sequence).collect())).collect())
    };
    let all = told().await?;
    // The oldest document has as many events as are asked for.
    let few = engine.pending(PEOPLE, 2).await?.into_iter().map(|one| one.id).collect::<Vec<_>>();
    if few != ["a"] {
        return Ok(Some(format!("two events that wait are read with {few:?}")));
    }
    engine.acknowledge(PEOPLE, "a", &[first.id]).await?;
    let some = told().await?;
    let each =
        [("a".to_owned(), vec![second.id]), ("c".to_owned(), vec![third.id]), ("gone".to_owned(), vec![])];
    engine.acknowledge_each(PEOPLE, &each).await?;
    let none = told().await?;
    let many: Vec<_> = (10..70).map(|n| (format!("{n}"), event(n))).collect();
    for (id, event) in &many {
        engine.insert(PEOPLE, &with(id, &[event])).await?;
    }
    let found = engine.pending(PEOPLE, 50).await?.into_iter().map(|one| one.id).collect::<Vec<_>>();
    if !found.iter().eq(many.iter().map(|(id, _)| id).take(50)) {
        return Ok(Some(format!("the first fifty of sixty documents that wait are {found:?}")));
    }
    let expected = [vec![("a", vec![1, 2]), ("c", vec![3])], vec![("a", vec![2]), ("c", vec![3])], vec![]];
    let expected =
        expected.map(|step| step.into_iter().map(|(id, events)| (id.to_owned(), events)).collect());
    Ok(compare("what waits, the oldest first", &[all, some, none], &expected))
}

/// Twenty writers claim one key and one version; one of each wins, and the index is the winner's.
async fn one_of_many_wins(engine: Arc<dyn Documents>) -> Result<Option<String>, Fault> {
    engine.prepare(PEOPLE).await?;
    let claims = (0..20).map(|n| {
        let engine = Arc::clone(&engine);
        tokio::spawn(async move {
            let index = Index::default().unique("slug:one").field("claimant", i64::from(n));
            engine.insert(PEOPLE, &record(&format!("p{n}"), index)).await
        })
    });
    let mut outcomes = Vec::new();
    for claim in join_all(claims).await {
        outcomes.push(claim.map_err(Fault::internal)??);
    }
    let done = outcomes.iter().filter(|outcome| **outcome == Write::Done).count();
    let there = ids(&*engine, Filter::everything(), Sort::by_id(Direction::Ascending)).await?;
    if let Some(failure) = compare("documents", &(done, there.len()), &(1, 1)) {
        return Ok(Some(failure));
    }
    let Some(winner) = there.first().cloned() else { return Ok(Some("no winner".into())) };
    let changes = (0..20).map(|n| {
        let (engine, winner) = (Arc::clone(&engine), winner.clone());
        tokio::spawn(async move {
            let index = Index::default().field("change", i64::from(n));
            engine.replace(PEOPLE, &Record { version: 2, ..record(&winner, index) }, 1).await
        })
    });
    let mut done = 0;
    for change in join_all(changes).await {
        done += usize::from(change.map_err(Fault::internal)?? == Write::Done);
    }
    let indexed = engine.count(PEOPLE, &Filter::Field("change".into(), Test::Exists)).await?;
    Ok(compare("changes", &(done, indexed), &(1, 1)))
}

async fn tombstones(engine: &dyn Documents) -> Result<Option<String>, Fault> {
    engine.prepare(PEOPLE).await?;
    let index = || Index::default().unique("k").field("f", "v");
    engine.insert(PEOPLE, &record("a", index())).await?;
    let gone = Record { version: 2, tombstone: true, ..record("a", Index::default()) };
    engine.replace(PEOPLE, &gone, 1).await?;
    let found = ids(engine, Filter::everything(), Sort::by_id(Direction::Ascending)).await?;
    let still = engine.load(PEOPLE, "a").await?.is_some();
    let again = engine.insert(PEOPLE, &record("b", index())).await?;
    engine.acknowledge(PEOPLE, "a", &[]).await?;
    let after = engine.load(PEOPLE, "a").await?.is_some();
    let all: BTreeSet<bool> = BTreeSet::from([still, !after]);
    Ok(compare("found", &found, &Vec::new())
        .or_else(|| compare("its keys are free", &again, &Write::Done))
        .or_else(|| compare("kept until acknowledged, then gone", &all, &BTreeSet::from([true]))))
}

/// Outcomes are forgotten with their keys, whatever else is there stays, and tombstones go once nothing needs them.
async fn forgetting(engine: &dyn Documents) -> Result<Option<String>, Fault> {
    engine.prepare(PEOPLE).await?;
    let at = |seconds| Timestamp::from_timestamp(seconds, 0).unwrap_or_default();
    let told = |key: &str, seconds| Outcome {
        key: key.to_owned(),
        request: "r".to_owned(),
        answer: "{}".to_owned(),
        at: at(seconds),
    };
    let both = |id: &str| Record {
        outcomes: vec![told(&format!("{id}-old"), 10), told(&format!("{id}-new"), 30)],
        ..record(id, Index::default().unique(format!("{id}-old")).unique(format!("{id}-new")).unique(id))
    };
    let refused = Record {
        tombstone: true,
        outcomes: vec![told("refused", 10)],
        ..record("r", Index::default().unique("refused"))
    };
    for one in [both("a"), both("b"), refused] {
        engine.insert(PEOPLE, &one).await?;
    }
    let touched = engine.forget(PEOPLE, at(20)).await?;
    let again = engine.forget(PEOPLE, at(20)).await?;
    let mut holders = Vec::new();
    for key in ["a-old", "a-new", "a", "b-old", "b-new", "b", "refused"] {
        holders.push(engine.holder(PEOPLE, key).await?.map(|record| record.id));
    }
    let left = engine.load(PEOPLE, "a").await?.map(|record| (record.version, record.outcomes));
    let (a, b) = (Some("a".to_owned()), Some("b".to_owned()));
    let expected = vec![None, a.clone(), a, None, b.clone(), b, None];
    Ok(compare("touched, then and again", &(touched, again), &(3, 0))
        .or_else(|| compare("holders", &holders, &expected))
        .or_else(|| compare("what is left", &left, &Some((1, vec![told("a-new", 30)]))))
        .or(compare("a tombstone without outcomes", &engine.load(PEOPLE, "r").await?, &None)))
}
