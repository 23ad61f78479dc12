//! No tenant reaches another one's data through any field that takes an id or a filter: `tests/tenancy/operations.graphql`
//! has a line for each, and every line answers for what is hidden exactly as for what does not exist.

mod coverage;
mod stage;

use std::collections::BTreeSet;
use std::path::Path;

use futures::StreamExt;
use serde_json::Value;

use self::stage::{Stage, World};
use crate::side::Side;

/// How many arguments have no line. This number may only shrink.
const EXCEPTIONS: usize = 6;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The lines that are no comments.
fn lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

#[test]
fn every_argument_that_takes_an_id_or_a_filter_has_a_line() {
    let (api, operations) = (read("schema/api.graphql"), read("tests/tenancy/operations.graphql"));
    let needed = coverage::needed(&api);
    assert!(needed.len() > 100, "only {} arguments were found", needed.len());
    let covered: BTreeSet<String> =
        lines(&operations).into_iter().flat_map(|line| coverage::covered(&api, line)).collect();
    let list = read("tests/tenancy/exceptions");
    let exceptions: BTreeSet<String> = lines(&list)
        .into_iter()
        .map(|line| line.split_once(": ").unwrap_or_else(|| panic!("`{line}` gives no reason")).0.to_owned())
        .collect();
    let missing: Vec<_> = needed.difference(&covered).filter(|one| !exceptions.contains(*one)).collect();
    assert!(missing.is_empty(), "tests/tenancy/operations.graphql lacks a line for {missing:#?}");
    let stale: Vec<_> =
        exceptions.iter().filter(|one| covered.contains(*one) || !needed.contains(*one)).collect();
    assert!(stale.is_empty(), "strike out of tests/tenancy/exceptions: {stale:#?}");
    assert_eq!(
        exceptions.len(),
        EXCEPTIONS,
        "the list of exceptions may only shrink, and EXCEPTIONS with it"
    );
}

#[test]
fn a_new_argument_without_a_line_is_missed() {
    let api =
        read("schema/api.graphql").replacen("type Query {", "type Query {\n  secret(of: ID): String", 1);
    assert!(coverage::needed(&api).contains("Query.secret(of)"));
    let covers = |line| coverage::covered(&api, line);
    assert_eq!(covers("query($x: ID!) { secret(of: $x) }"), ["Query.secret(of)".to_owned()].into());
    assert!(covers("query($ownX: ID!) { secret(of: $ownX) }").is_empty(), "the caller's own says nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_another_tenants_answers_like_what_does_not_exist() {
    for side in Side::all() {
        on(side).await;
    }
}

async fn on(side: Side) {
    let stage = &Stage::set(side).await;
    let operations = read("tests/tenancy/operations.graphql");
    let operations = lines(&operations);
    let checks = operations.iter().flat_map(|line| {
        let worlds = worlds(stage, line);
        worlds.into_iter().flat_map(move |world| {
            stage
                .callers
                .iter()
                .map(move |caller| differs(stage, line, world, (caller.0, caller.1.as_deref())))
        })
    });
    let checked: Vec<Option<String>> = futures::stream::iter(checks).buffer_unordered(8).collect().await;
    let leaks: Vec<String> = checked.iter().flatten().cloned().collect();
    assert!(leaks.is_empty(), "{} of {} answers tell:\n{}", leaks.len(), checked.len(), leaks.join("\n"));

    // Lines that say nothing to those who may see it all prove nothing. Mutations take effect here.
    let mut silent = Vec::new();
    for line in operations.iter().filter(|line| !line.contains("$own")) {
        let world = worlds(stage, line).remove(0);
        let operator = ("the operator", Some(stage.operator.as_str()));
        if differs(stage, line, world, operator).await.is_none() {
            silent.push(*line);
        }
    }
    assert!(silent.is_empty(), "the operator sees no difference either:\n{}", silent.join("\n"));
    println!("counted: {side:?}: {} answers of {} operations, none told", checked.len(), operations.len());
}

/// What a line is asked for: mutations for what is wholly hidden and for what is public or a draft.
fn worlds<'s>(stage: &'s Stage, line: &str) -> Vec<&'s World> {
    match (line.starts_with("mutation"), line.contains("$open")) {
        // Visitors may name whatever company is open.
        (true, _) if line.contains("track(") => vec![&stage.closed],
        (true, _) => vec![&stage.open, &stage.closed],
        (false, true) => vec![&stage.open],
        (false, false) => vec![&stage.closed],
    }
}

/// How the answer for `world` differs from the one for what does not exist.
async fn differs(
    stage: &Stage,
    line: &str,
    world: &World,
    (who, token): (&str, Option<&str>),
) -> Option<String> {
    let nothing = stage::nothing(world);
    let none = stage.answer(token, line, &nothing).await;
    let real = stage.answer(token, line, world).await;
    let (none, real) = (anonymous(&none, &nothing), anonymous(&real, world));
    (none != real).then(|| format!("{who}: {line}\n  for nothing: {none}\n  for theirs:  {real}"))
}

/// The answer with the names of what was asked for in place of their values.
fn anonymous(answer: &Value, world: &World) -> String {
    world.iter().fold(answer.to_string(), |text, (name, value)| text.replace(value.as_str(), name))
}
