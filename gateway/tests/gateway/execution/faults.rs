//! Random operations on subgraphs whose answers are damaged: what came must be in the client's answer, nulls stand where the specification puts them, and errors tell why.
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::{Arc, Mutex},
};

use apollo_compiler::{ExecutableDocument, response::JsonMap};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Value as Json, json};
use souk_gateway::transport::{Subgraph, SubgraphRequest, SubgraphResponse, Subgraphs, TransportError};

use super::{
    differential::{seed, told},
    gateway::Bed,
    judge::Judge,
    operations::generate,
    suite::Suite,
    world::{Odds, World},
};

/// How many operations all suites together get: `SOUK_TEST_FAULTS`, or this.
const DEFAULT_COUNT: u64 = 1_000;

/// Suites without `@requires`: what is computed from a damaged value is another value.
const SUITES: &[(&str, &str)] = &[
    ("abstracts", include_str!("suites/abstracts.graphql")),
    ("enums", include_str!("suites/enums.graphql")),
    ("fragments", include_str!("suites/fragments.graphql")),
    ("keys", include_str!("suites/keys.graphql")),
    ("mutations", include_str!("suites/mutations.graphql")),
    ("nullability", include_str!("suites/nullability.graphql")),
    ("unions", include_str!("suites/unions.graphql")),
];

/// What can happen to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Fault {
    Dead,
    Malformed,
    /// No data, and an error without a path.
    Refused,
    /// An entity is null, and an error says so.
    EntityFails,
    ShortList,
    WrongType,
    Null,
    Missing,
    ExtraFields,
}

use Fault::{Dead, EntityFails, ExtraFields, Malformed, Missing, Null, Refused, ShortList, WrongType};

/// Those of which an error must tell: of a null that a subgraph may answer with none need, nor of a key without which
/// there is no more to ask.
const TOLD: &[Fault] = &[Dead, Malformed, Refused, EntityFails, ShortList, ExtraFields];

const ALL: &[Fault] =
    &[Dead, Malformed, Refused, EntityFails, ShortList, WrongType, Null, Missing, ExtraFields];

/// A subgraph whose answers are damaged at times, the same request always in the same way.
struct Damaged {
    below: Arc<dyn Subgraph>,
    seed: u64,
    faults: &'static [Fault],
    done: Arc<Mutex<Vec<Fault>>>,
}

#[async_trait::async_trait]
impl Subgraph for Damaged {
    async fn execute(&self, request: SubgraphRequest) -> Result<SubgraphResponse, TransportError> {
        let mut hasher = DefaultHasher::new();
        (self.seed, &request.query, &request.variables).hash(&mut hasher);
        let mut rng = StdRng::seed_from_u64(hasher.finish());
        let mut response = self.below.execute(request).await?;
        if rng.random_bool(0.5) {
            return Ok(response);
        }
        let fault = *self.faults.choose(&mut rng).unwrap();
        let mut body: Json = serde_json::from_slice(&response.body).unwrap();
        let is_done = match fault {
            Dead | Malformed => true,
            Refused => {
                body = json!({ "data": null, "errors": [{ "message": "refused" }] });
                true
            }
            EntityFails => fail_entity(&mut body, &mut rng),
            ShortList => shorten(&mut body, &mut rng),
            WrongType | Null | Missing | ExtraFields => change(&mut body["data"], fault, &mut rng),
        };
        if is_done {
            self.done.lock().unwrap().push(fault);
        }
        response.body = match fault {
            Dead => return Err(TransportError::Unreachable),
            Malformed => response.body.slice(..response.body.len() - 1),
            _ => serde_json::to_vec(&body).unwrap().into(),
        };
        Ok(response)
    }
}

/// The lists of entities of an answer.
fn entities(body: &Json) -> Vec<String> {
    let data = body["data"].as_object().into_iter().flatten();
    data.filter(|(key, list)| key.starts_with("_e") && list.as_array().is_some_and(|it| !it.is_empty()))
        .map(|(key, _)| key.clone())
        .collect()
}

fn fail_entity(body: &mut Json, rng: &mut StdRng) -> bool {
    let lists = entities(body);
    let Some(key) = lists.choose(rng) else { return false };
    let index = rng.random_range(0..body["data"][key].as_array().unwrap().len());
    body["data"][key][index] = Json::Null;
    let mut errors = body["errors"].as_array().cloned().unwrap_or_default();
    errors.push(json!({ "message": "no entity", "path": [key, index] }));
    body["errors"] = errors.into();
    true
}

fn shorten(body: &mut Json, rng: &mut StdRng) -> bool {
    let lists = entities(body);
    let Some(key) = lists.choose(rng) else { return false };
    body["data"][key].as_array_mut().unwrap().pop();
    true
}

/// Changes a random field somewhere in `data`, but no list of entities and no type name.
fn change(data: &mut Json, fault: Fault, rng: &mut StdRng) -> bool {
    let mut objects = Vec::new();
    find(data, String::new(), &mut objects);
    let Some((object, keys)) = objects.choose(rng) else { return false };
    let key = keys.choose(rng).unwrap();
    let object = data.pointer_mut(object).unwrap().as_object_mut().unwrap();
    match fault {
        WrongType if object[key].is_null() => return false,
        Null => object[key] = Json::Null,
        Missing => {
            object.remove(key);
        }
        ExtraFields => {
            object.insert(
                "superfluous".to_owned(),
                json!({ "__typename": "Extra", "more": [1, { "x": null }] }),
            );
        }
        _ => object[key] = if object[key].is_array() { json!("wrong") } else { json!([["wrong"]]) },
    }
    true
}

fn find(value: &Json, at: String, objects: &mut Vec<(String, Vec<String>)>) {
    match value {
        Json::Object(members) => {
            let keys = members.keys().filter(|key| !key.starts_with('_'));
            let keys: Vec<String> = keys.cloned().collect();
            for (key, value) in members {
                find(value, format!("{at}/{key}"), objects);
            }
            if !keys.is_empty() {
                objects.push((at, keys));
            }
        }
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find(item, format!("{at}/{index}"), objects);
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn damaged_answers_null_what_they_must_and_nothing_else() {
    let each = told("SOUK_TEST_FAULTS").unwrap_or(DEFAULT_COUNT).div_ceil(SUITES.len() as u64);
    let mut failures = Vec::new();
    for (number, (name, text)) in SUITES.iter().enumerate() {
        let suite = Suite::read(name, text);
        let world = World::new(&suite, seed() + 1, Odds { null: 0.1, fault: 0.0 });
        let bed = Bed::new(suite, world);
        let healthy = bed.in_process(None);
        let mut rng = StdRng::seed_from_u64(seed() * 1_000_003 + number as u64);
        let (mut checked, mut damaged) = (0, 0);
        while checked < each {
            let root = if *name == "mutations" && rng.random_bool(0.5) { "Mutation" } else { "Query" };
            let operation = generate(&bed.suite.api, root, &mut rng);
            let Ok(document) =
                ExecutableDocument::parse_and_validate(&bed.suite.api, &operation.text, "random.graphql")
            else {
                continue;
            };
            let variables: JsonMap = serde_json::from_value(operation.variables.clone()).unwrap();
            let Ok(plan) = bed.plan(&document, &operation.variables) else { continue };
            let whole = bed.actual(&plan, &document, &variables, &healthy).await;
            let whole: Json = serde_json::from_str(&whole).unwrap();
            if whole["data"].is_null() || !whole["errors"].is_null() {
                continue;
            }
            let done = Arc::new(Mutex::new(Vec::new()));
            let faults = if rng.random_bool(0.5) { TOLD } else { ALL };
            let subgraphs: Subgraphs = bed
                .suite
                .subgraphs
                .iter()
                .map(|(name, _)| {
                    let below = Arc::clone(healthy.get(name).unwrap());
                    let done = Arc::clone(&done);
                    let damaged = Damaged { below, seed: rng.random(), faults, done };
                    (name.clone(), Arc::new(damaged) as Arc<dyn Subgraph>)
                })
                .collect();
            let text = bed.actual(&plan, &document, &variables, &subgraphs).await;
            let answer: Json = serde_json::from_str(&text).unwrap();
            let faults = done.lock().unwrap().clone();
            let judge = Judge {
                api: &bed.suite.api,
                document: &document,
                whole: &whole,
                all_is_told: faults.iter().all(|fault| TOLD.contains(fault)),
            };
            checked += 1;
            damaged += u64::from(!faults.is_empty());
            let mut verdict = judge.verdict(&answer);
            if faults.iter().all(|fault| *fault == ExtraFields) && !answer["errors"].is_null() {
                verdict = Err("there are errors though nothing was lost".to_owned());
            }
            if let Err(why) = verdict {
                failures.push(format!(
                    "{name}: {why}\n{faults:?}\nwhole  {whole}\nanswer {answer}\n{plan}\n{}\n{}",
                    operation.text, operation.variables
                ));
            }
        }
        println!("counted: {name}: {checked} operations, {damaged} with damaged answers");
    }
    failures.sort_by_key(String::len);
    let shown = failures.iter().take(5).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(failures.is_empty(), "{} failures\n{shown}", failures.len());
}
