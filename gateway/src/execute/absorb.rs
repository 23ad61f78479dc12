//! Takes a subgraph's reply into the store: data to the places that asked for it, errors to their places, and a mark where nothing came.
use std::sync::Arc;

use super::{
    error::{ClientError, Errors, Fault, PathStep},
    json::{Json, Kind, NodeId, scan},
    places::Place,
    request::{Asked, AskedEntities, AskedFor},
    store::{FailureId, NodeRef, RuntimeType, Store},
};
use crate::{
    plan::{
        Plan,
        steps::{Change, EntitySet, Fetch, Output, Path, RewriteSegment, Target},
        types::TypeTable,
    },
    transport::{SubgraphResponse, TransportError},
};

type Reply = Result<SubgraphResponse, TransportError>;

/// Takes `reply` to `asked` in.
pub(super) fn absorb(
    store: &mut Store,
    errors: &mut Errors,
    plan: &Plan,
    fetch: &Fetch,
    asked: &Asked,
    reply: Reply,
) {
    let answer = match read(fetch, reply, &store.types) {
        Ok(answer) => answer,
        Err(fault) => return fail_all(store, fetch, asked, &fault),
    };
    let told = Told::all(&answer.json, answer.errors);
    tell(errors, &About { fetch, asked, plan, store }, &answer.json, &told, answer.data.is_some());
    let fault = told.fault(&answer.json, fetch);
    match (answer.data, &asked.what, &fetch.target) {
        (Some(data), AskedFor::Root(places), Target::Root { path, .. }) => {
            place(store, &answer.json, path, places.all.iter().map(|place| (*place, data)));
        }
        (Some(data), AskedFor::Entities { lists, of_sets }, Target::Entities(sets)) => {
            for (set, list) in sets.iter().zip(of_sets) {
                let Some(list) = lists.get(*list) else { continue };
                if !place_entities(store, &answer.json, data, set, list) {
                    let failure = store.add_failure(fault.clone(), &set.output.keys);
                    mark(store, failure, list);
                }
            }
        }
        _ => fail_all(store, fetch, asked, &fault),
    }
}

/// A reply that is a GraphQL response.
struct Answer {
    json: Arc<Json>,
    /// The object under `data`.
    data: Option<NodeId>,
    errors: Option<NodeId>,
}

fn read(fetch: &Fetch, reply: Reply, types: &TypeTable) -> Result<Answer, Fault> {
    let fault = |code, why: &str| Fault::of_subgraph(&fetch.subgraph, code, why);
    let response = reply.map_err(|error| {
        let code = match error {
            TransportError::TimedOut(_) => "SUBGRAPH_TIMEOUT",
            TransportError::TooLarge(_) => "SUBGRAPH_RESPONSE_TOO_LARGE",
            TransportError::Unreachable | TransportError::Status(_) | TransportError::Unsupported(_) => {
                "SUBGRAPH_UNAVAILABLE"
            }
        };
        fault(code, &error.to_string())
    })?;
    let malformed = |why: &str| fault("SUBGRAPH_MALFORMED_RESPONSE", why);
    let mut json =
        scan(response.body).map_err(|error| malformed(&format!("its answer is malformed: {error}")))?;
    let data = json.get(NodeId::ROOT, "data").filter(|data| json.kind(*data) != Kind::Null);
    let errors = json.get(NodeId::ROOT, "errors").filter(|errors| json.items(*errors).next().is_some());
    if data.is_some_and(|data| json.kind(data) != Kind::Object) || (data.is_none() && errors.is_none()) {
        return Err(malformed("its answer has neither data nor errors"));
    }
    if let Some(data) = data {
        let outputs: Vec<(NodeId, &Output)> = match &fetch.target {
            Target::Root { output, .. } => vec![(data, output)],
            Target::Entities(sets) => {
                sets.iter().filter_map(|set| Some((json.get(data, &set.key)?, &set.output))).collect()
            }
        };
        for (at, output) in outputs {
            output.rewrites.iter().for_each(|rewrite| json.rewrite(at, rewrite, types));
        }
    }
    Ok(Answer { json: Arc::new(json), data, errors })
}

/// The errors that a subgraph told.
struct Told(Vec<NodeId>);

impl Told {
    fn all(json: &Json, errors: Option<NodeId>) -> Self {
        Self(errors.map(|errors| json.items(errors).collect()).unwrap_or_default())
    }

    /// What explains data that did not come: an error of the subgraph, at best one that is about all of it.
    fn fault(&self, json: &Arc<Json>, fetch: &Fetch) -> Fault {
        let general = self.0.iter().find(|error| path_of(json, **error).is_none());
        match general.or(self.0.first()) {
            Some(error) => Fault::Told { json: Arc::clone(json), error: *error },
            None => Fault::of_subgraph(
                &fetch.subgraph,
                "SUBGRAPH_MALFORMED_RESPONSE",
                "its answer lacks what was asked",
            ),
        }
    }
}

/// Adds what the subgraph told to the client's errors. Without data, an error that is about all of it is left to the
/// marks, which name the fields that are missing for it.
fn tell(errors: &mut Errors, about: &About<'_>, json: &Arc<Json>, told: &Told, has_data: bool) {
    let mut add_general = has_data;
    for (at, error) in told.0.iter().enumerate() {
        if errors.is_full() {
            errors.omit(told.0.len() - at);
            return;
        }
        let fault = Fault::Told { json: Arc::clone(json), error: *error };
        match path_of(json, *error).and_then(|path| whole_paths(about, &path)) {
            Some(paths) => {
                for path in paths {
                    errors.add(ClientError { fault: fault.clone(), path: Some(path) });
                }
            }
            None if add_general => errors.add(ClientError { fault, path: None }),
            None => add_general = true,
        }
    }
}

fn path_of(json: &Json, error: NodeId) -> Option<Vec<PathStep>> {
    let path = json.get(error, "path").filter(|path| json.kind(*path) == Kind::Array)?;
    let steps = json.items(path).map(|step| match json.string(step) {
        Some(key) => Some(PathStep::Key(key.into())),
        None => std::str::from_utf8(json.text(step)).ok()?.parse().ok().map(PathStep::Index),
    });
    steps.collect::<Option<Vec<_>>>().filter(|path| !path.is_empty())
}

/// Where a path of the subgraph's answer is in the whole, under the plan's keys: an entity is wherever it was asked for, and nowhere if it is
/// about a field that could not be computed and that no client asked for there. `None` if the path leads nowhere known.
fn whole_paths(about: &About<'_>, path: &[PathStep]) -> Option<Vec<Vec<PathStep>>> {
    match (&about.asked.what, &about.fetch.target) {
        (AskedFor::Root(places), Target::Root { path: at, output }) => {
            let join = |place: &Place| [places.path_of(*place, at), renamed(path, output)].concat();
            Some(places.all.iter().map(join).collect())
        }
        (AskedFor::Entities { lists, of_sets }, Target::Entities(sets)) => {
            let [PathStep::Key(key), PathStep::Index(index), rest @ ..] = path else { return None };
            let (set, list) = sets.iter().zip(of_sets).find(|(set, _)| set.key == *key)?;
            let list = lists.get(*list)?;
            let is_incomplete = list.incomplete.contains(index);
            let mut paths = Vec::new();
            for (at, waiting) in set.paths.iter().zip(&list.waiting) {
                let asked = waiting.places.all.iter().zip(&waiting.representations);
                for (place, _) in asked.filter(|(_, representation)| *representation == index) {
                    let (place_path, rest) = (waiting.places.path_of(*place, at), renamed(rest, &set.output));
                    if !is_incomplete || about.is_selected(*place, &place_path, &rest) {
                        paths.push([place_path, rest].concat());
                    }
                }
            }
            Some(paths)
        }
        _ => None,
    }
}

/// What the errors of a reply are about.
struct About<'a> {
    fetch: &'a Fetch,
    asked: &'a Asked,
    plan: &'a Plan,
    store: &'a Store,
}

impl About<'_> {
    /// Whether the client asks for the field of the object at `place` that `rest` begins with.
    fn is_selected(&self, place: Place, path: &[PathStep], rest: &[PathStep]) -> bool {
        let Some(PathStep::Key(key)) = rest.first() else { return true };
        let ty = match self.store.type_of(&self.store.object(place.anchor)) {
            RuntimeType::Known(ty) if self.store.types.is_object(ty) => Some(ty),
            _ => None,
        };
        let keys = path.iter().filter_map(|step| match step {
            PathStep::Key(key) => Some(&**key),
            PathStep::Index(_) => None,
        });
        self.plan.shape.selects(keys, ty, key)
    }
}

/// A path with the keys of the plan.
fn renamed(path: &[PathStep], output: &Output) -> Vec<PathStep> {
    let rename = |step: &PathStep| {
        let PathStep::Key(key) = step else { return step.clone() };
        let rewrite =
            output.rewrites.iter().find_map(|rewrite| match (rewrite.path.last(), &rewrite.change) {
                (Some(RewriteSegment::Key(from)), Change::RenameKey(to)) if from == key => Some(to),
                _ => None,
            });
        PathStep::Key(rewrite.unwrap_or(key).clone())
    };
    path.iter().map(rename).collect()
}

/// Extends each place by a node of `json`: all in one layer if the path's places may share.
fn place(store: &mut Store, json: &Arc<Json>, path: &Path, places: impl Iterator<Item = (Place, NodeId)>) {
    let mut shared = None;
    for (place, node) in places {
        let layer = match shared {
            Some(layer) if path.shared => layer,
            _ => store.add_layer(json),
        };
        shared = Some(layer);
        store.extend(place.anchor, NodeRef { layer, node });
    }
}

/// Gives every place its entity; `false` if the subgraph answered with no list of the right length.
fn place_entities(
    store: &mut Store,
    json: &Arc<Json>,
    data: NodeId,
    set: &EntitySet,
    list: &AskedEntities,
) -> bool {
    let Some(entities) = json.get(data, &set.key).filter(|entities| json.kind(*entities) == Kind::Array)
    else {
        return list.count == 0;
    };
    let entities: Vec<NodeId> = json.items(entities).collect();
    if entities.len() != list.count {
        return false;
    }
    for (path, waiting) in set.paths.iter().zip(&list.waiting) {
        let found =
            waiting.places.all.iter().zip(&waiting.representations).filter_map(|(place, representation)| {
                let entity = entities.get(usize::try_from(*representation).ok()?)?;
                (json.kind(*entity) == Kind::Object).then_some((*place, *entity))
            });
        place(store, json, path, found);
    }
    true
}

fn fail_all(store: &mut Store, fetch: &Fetch, asked: &Asked, fault: &Fault) {
    match (&asked.what, &fetch.target) {
        (AskedFor::Root(places), Target::Root { output, .. }) => {
            let failure = store.add_failure(fault.clone(), &output.keys);
            places.all.iter().for_each(|place| store.mark(place.anchor, failure));
        }
        (AskedFor::Entities { lists, of_sets }, Target::Entities(sets)) => {
            for (set, list) in sets.iter().zip(of_sets) {
                let failure = store.add_failure(fault.clone(), &set.output.keys);
                if let Some(list) = lists.get(*list) {
                    mark(store, failure, list);
                }
            }
        }
        _ => {}
    }
}

fn mark(store: &mut Store, failure: FailureId, list: &AskedEntities) {
    for place in list.waiting.iter().flat_map(|waiting| &waiting.places.all) {
        store.mark(place.anchor, failure);
    }
}
