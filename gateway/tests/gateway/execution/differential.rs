//! Random operations over every suite: the gateway's answer against that of one server with the whole schema.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use apollo_compiler::{ExecutableDocument, response::JsonMap};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use serde_json::Value as Json;
use souk_gateway::{plan::PlanError, transport::Subgraphs};

use super::{
    gateway::Bed,
    operations::{Generated, generate},
    suite::Suite,
    world::{Odds, World},
};

/// How many valid random operations all suites together get: `SOUK_TEST_DIFFERENTIAL`, or this.
const DEFAULT_COUNT: usize = 1_000;

macro_rules! suites {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("suites/", $name, ".graphql")))),*]
    };
}

/// Every suite: one file, one line.
const SUITES: &[(&str, &str)] = &suites![
    "abstracts",
    "enums",
    "fragments",
    "inputs",
    "interface_aliases",
    "interface_objects",
    "keys",
    "mutations",
    "nested_provides",
    "nested_views",
    "nested_requires",
    "null_keys",
    "nullability",
    "overrides",
    "overrides_more",
    "provides",
    "requires",
    "requires_arguments",
    "requires_chain",
    "root_again",
    "shared_roots",
    "shop",
    "union_interfaces",
    "unions",
];

/// A number that says how a test runs, from the variable `name`.
pub(super) fn told(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "how a test runs is not a setting of the product")]
    let value = std::env::var(name);
    value.ok()?.parse().ok()
}

/// How many operations there are.
fn count() -> usize {
    told("SOUK_TEST_DIFFERENTIAL").and_then(|count| usize::try_from(count).ok()).unwrap_or(DEFAULT_COUNT)
}

/// What the operations and the data are made from: `SOUK_TEST_SEED`, or 0.
pub(super) fn seed() -> u64 {
    told("SOUK_TEST_SEED").unwrap_or(0)
}

/// One suite alone: `SOUK_TEST_SUITE`.
fn is_wanted(suite: &str) -> bool {
    #[expect(clippy::disallowed_methods, reason = "how a test runs is not a setting of the product")]
    let only = std::env::var("SOUK_TEST_SUITE");
    only.map_or(true, |only| only == suite)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_through_subgraphs_equal_the_answers_of_one_server() {
    compare(count(), |_, _| BTreeSet::new()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_caller_may_not_have_is_as_if_it_had_failed() {
    compare(count().div_ceil(4), |suite, rng| {
        let objects = suite.api.types.values().filter_map(|ty| ty.as_object());
        let names: BTreeSet<String> =
            objects.flat_map(|ty| ty.fields.keys()).map(ToString::to_string).collect();
        names.into_iter().filter(|_| rng.random_bool(0.15)).collect()
    })
    .await;
}

/// Compares so many answers, with fields of the names that `refuse` draws refused.
#[expect(clippy::print_stdout, reason = "the count of a test")]
async fn compare(count: usize, refuse: impl Fn(&Suite, &mut StdRng) -> BTreeSet<String>) {
    let each = count.div_ceil(SUITES.len());
    let mut failures = Vec::new();
    for (at, (name, text)) in SUITES.iter().enumerate().filter(|(_, (name, _))| is_wanted(name)) {
        let mut checked = 0;
        let mut with_errors = 0;
        let mut refused = 0;
        // Several worlds per suite: without faults, with nulls, with faults.
        for (number, odds) in [(0.0, 0.0), (0.3, 0.0), (0.15, 0.1)].into_iter().enumerate() {
            let odds = Odds { null: odds.0, fault: odds.1 };
            let suite = Suite::read(name, text);
            let world = World::new(&suite, seed() * 1_000 + number as u64, odds);
            let mut rng = StdRng::seed_from_u64(seed() * 1_000_003 + (at * 31 + number) as u64);
            let bed = Bed::refusing(refuse(&suite, &mut rng), suite, world);
            let by_call = bed.in_process(None);
            let (by_http, servers) = bed.over_http().await;
            let mut operations: Vec<Generated> =
                bed.suite.operations.iter().map(|text| by_hand(text)).collect();
            let goal = checked + each.div_ceil(3);
            while checked < goal {
                let operation = operations.pop().unwrap_or_else(|| random(&bed, &mut rng));
                match check(&bed, &operation, [&by_call, &by_http]).await {
                    Outcome::Invalid => {}
                    Outcome::Refused(why) => {
                        checked += 1;
                        refused += 1;
                        failures.push(format!("{name}: {why}\n{}", operation.text));
                    }
                    Outcome::Equal { errors } => {
                        checked += 1;
                        with_errors += usize::from(errors > 0);
                    }
                    Outcome::Different(how) => {
                        checked += 1;
                        failures.push(format!(
                            "{name} (world {number}, {:?} refused): {how}\n{}\n{}",
                            bed.refused, operation.text, operation.variables
                        ));
                    }
                }
            }
            drop(servers);
        }
        println!("counted: {name}: {checked} operations, {with_errors} with errors, {refused} not planned");
    }
    failures.sort_by_key(String::len);
    let shown = failures.iter().take(5).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(failures.is_empty(), "{} failures\n{shown}", failures.len());
}

fn by_hand(text: &str) -> Generated {
    Generated { text: text.to_owned(), variables: serde_json::json!({}) }
}

fn random(bed: &Bed, rng: &mut StdRng) -> Generated {
    let roots: Vec<&str> = ["Query", "Query", "Mutation"]
        .into_iter()
        .filter(|root| bed.suite.api.get_object(root).is_some())
        .collect();
    let root = roots[rng.random_range(0..roots.len())];
    generate(&bed.suite.api, root, rng)
}

enum Outcome {
    Invalid,
    Refused(String),
    Equal { errors: usize },
    Different(String),
}

async fn check(bed: &Arc<Bed>, operation: &Generated, transports: [&Subgraphs; 2]) -> Outcome {
    let Ok(document) =
        ExecutableDocument::parse_and_validate(&bed.suite.api, &operation.text, "random.graphql")
    else {
        return Outcome::Invalid;
    };
    let variables: JsonMap = serde_json::from_value(operation.variables.clone()).unwrap();
    let expected = bed.expected(&document, &variables);
    if expected["data"].is_null() && expected["errors"].is_null() {
        return Outcome::Invalid;
    }
    let plan = match bed.plan(&document, &operation.variables) {
        Ok(plan) => plan,
        // What the compiler crate lets pass is no valid operation either.
        Err(PlanError::Conflict(_)) => return Outcome::Invalid,
        Err(error) => return Outcome::Refused(error.to_string()),
    };
    for subgraphs in transports {
        let text = bed.actual(&plan, &document, &variables, subgraphs).await;
        let Ok(actual) = serde_json::from_str::<Json>(&text) else {
            return Outcome::Different(format!("no JSON: {text}"));
        };
        if expected["data"] != actual["data"] {
            return Outcome::Different(format!(
                "expected {expected}\nactual   {actual}\n{plan}\n{}",
                plan.shape_text()
            ));
        }
        if !agree(&expected, &actual) {
            return Outcome::Different(format!(
                "expected errors {:?}\nactual errors   {:?}\n{expected}\n{actual}\n{plan}",
                paths(&expected),
                paths(&actual),
            ));
        }
    }
    Outcome::Equal { errors: paths(&expected).len() }
}

/// Whether the errors of two answers with equal data are about the same nulls. Where several fields fail below what is
/// null for them, which of them are tried is no one's business.
fn agree(expected: &Json, actual: &Json) -> bool {
    let (expected, actual) = (by_null(expected), by_null(actual));
    expected.len() == actual.len()
        && expected.iter().zip(&actual).all(|((place, all), (other, some))| {
            place == other && all.contains(place) == some.contains(place)
        })
}

/// The paths of the errors by the path of the null that each has left in the data.
fn by_null(response: &Json) -> BTreeMap<String, BTreeSet<String>> {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for error in response["errors"].as_array().into_iter().flatten() {
        let path = error["path"].as_array().cloned().unwrap_or_default();
        let mut at = Some(&response["data"]);
        let mut steps = 0;
        for step in &path {
            let Some(value) = at.filter(|value| !value.is_null()) else { break };
            at = match step.as_u64().and_then(|index| usize::try_from(index).ok()) {
                Some(index) => value.get(index),
                None => step.as_str().and_then(|key| value.get(key)),
            };
            steps += 1;
        }
        let place = Json::from(path.get(..steps).unwrap_or_default().to_vec()).to_string();
        places.entry(place).or_default().insert(Json::from(path).to_string());
    }
    places
}

/// Where errors are, each place once.
fn paths(response: &Json) -> Vec<String> {
    let errors = response["errors"].as_array().into_iter().flatten();
    let mut paths: Vec<String> = errors.map(|error| error["path"].to_string()).collect();
    paths.sort();
    paths.dedup();
    paths
}
