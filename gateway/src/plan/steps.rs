//! The fetches of a plan and the order they run in: what the executor reads.
use std::sync::Arc;

use super::{
    requires::Requires,
    schedule::Schedule,
    shape::Shape,
    types::{TypeSet, TypeTable},
};
use crate::transport::OperationKind;

/// What answers one operation: shared by all requests that send it, whatever their variables.
#[derive(Debug)]
pub struct Plan {
    pub(crate) kind: OperationKind,
    pub(crate) routes: Routes,
    pub(crate) shape: Shape,
    pub(crate) types: Arc<TypeTable>,
}

/// The routes of a plan: one for each way that the conditions of its operation can turn out.
#[derive(Debug)]
pub(crate) struct Routes {
    /// The variables that decide.
    pub(crate) conditions: Vec<Box<str>>,
    /// The position of the route to take; the value of `conditions[n]` is bit `n` of the index.
    pub(crate) by_values: Vec<usize>,
    pub(crate) all: Vec<Route>,
}

/// Fetches and the order they run in.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) step: Step,
    pub(crate) schedule: Schedule,
    pub(crate) fetches: Vec<Fetch>,
}

/// The position of a fetch in its route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FetchId(pub(crate) u16);

/// What runs when.
#[derive(Debug)]
pub(crate) enum Step {
    /// The gateway answers alone.
    Nothing,
    /// Each after the one before.
    Sequence(Vec<Step>),
    /// All at once.
    Parallel(Vec<Step>),
    /// One request to one subgraph.
    Fetch(FetchId),
    /// Only if the variable says so.
    When { condition: Condition, step: Box<Step> },
}

/// A Boolean variable, as `@include` or `@skip` (`negated`) reads it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Condition {
    pub(crate) variable: Box<str>,
    pub(crate) negated: bool,
}

/// One request to one subgraph.
#[derive(Debug)]
pub(crate) struct Fetch {
    pub(crate) subgraph: Arc<str>,
    pub(crate) kind: OperationKind,
    pub(crate) query: Arc<str>,
    /// The client's variables that `query` uses.
    pub(crate) variables: Vec<Box<str>>,
    pub(crate) target: Target,
}

/// Where the data of a fetch belongs.
#[derive(Debug)]
pub(crate) enum Target {
    /// Root fields, which every place of the path takes over; the path is empty unless a field deep in the answer has a root type.
    Root { path: Path, output: Output },
    /// Entities, which extend the objects at their paths.
    Entities(Vec<EntitySet>),
}

/// One `_entities` field of a fetch.
#[derive(Debug)]
pub(crate) struct EntitySet {
    /// `_entities`, or its alias where a fetch asks several.
    pub(crate) key: Box<str>,
    /// The variable that takes the representations.
    pub(crate) variable: Box<str>,
    pub(crate) paths: Vec<Path>,
    pub(crate) requires: Requires,
    pub(crate) output: Output,
}

/// What comes back from a fetch.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// Response keys of the topmost fields, after rewriting: what is missing if the fetch fails.
    pub(crate) keys: Vec<Box<str>>,
    pub(crate) rewrites: Vec<Rewrite>,
}

/// The way from the root of the answer to the objects that a fetch extends.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    pub(crate) segments: Vec<PathSegment>,
    /// Whether all places that refer to one entity may share its data: not if another fetch extends only some of them.
    pub(crate) shared: bool,
}

/// One step of a [`Path`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathSegment {
    Field(Box<str>),
    /// Every item, however deeply the lists are nested.
    Items,
    OnType(TypeCondition),
}

/// A type condition: its names to read, its set to test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypeCondition {
    pub(crate) names: Box<[Box<str>]>,
    pub(crate) set: Arc<TypeSet>,
}

/// A change to the data that a subgraph answered with.
#[derive(Debug, Clone)]
pub(crate) struct Rewrite {
    pub(crate) path: Vec<RewriteSegment>,
    pub(crate) change: Change,
}

/// One step on the way to what a [`Rewrite`] changes; lists are walked through.
#[derive(Debug, Clone)]
pub(crate) enum RewriteSegment {
    Key(Box<str>),
    OnType(TypeCondition),
}

/// What a [`Rewrite`] does to the field that its path ends in.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    RenameKey(Box<str>),
    SetString(Box<str>),
}

impl Plan {
    /// What kind of operation the plan answers.
    pub fn kind(&self) -> OperationKind {
        self.kind
    }

    /// The names of the subgraphs that the plan may ask, each once.
    pub fn subgraphs(&self) -> Vec<&str> {
        let fetches = self.routes.all.iter().flat_map(|route| &route.fetches);
        let mut names: Vec<&str> = fetches.map(|fetch| &*fetch.subgraph).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// About how much memory the plan takes, in bytes: its parts times what such a part takes.
    pub(crate) fn footprint(&self) -> usize {
        const FIELD: usize = 256;
        const FETCH: usize = 2048;
        let groups = |selection: &super::shape::Selection| {
            let all = selection.groups.iter().chain(&selection.untyped);
            all.map(|group| group.fields.len() + 1).sum::<usize>() + 1
        };
        let fields: usize = self.shape.selections.iter().map(groups).sum();
        let fetches = self.routes.all.iter().flat_map(|route| &route.fetches);
        fetches.map(|fetch| FETCH + fetch.query.len()).sum::<usize>() + fields * FIELD
    }

    /// Which of the shape's guards hold for a request, of whose variables `is_true` tells the value.
    pub(crate) fn guards(&self, is_true: impl Fn(&str) -> bool) -> Vec<bool> {
        let hold = |all: &Vec<Condition>| all.iter().all(|it| is_true(&it.variable) != it.negated);
        self.shape.guards.iter().map(hold).collect()
    }

    /// The route for a request, of whose variables `is_true` tells the value.
    pub(crate) fn route(&self, is_true: impl Fn(&str) -> bool) -> &Route {
        let conditions = self.routes.conditions.iter().enumerate();
        let values = conditions.fold(0, |bits, (at, name)| bits | usize::from(is_true(name)) << at);
        let route = self.routes.by_values.get(values).and_then(|at| self.routes.all.get(*at));
        route.unwrap_or(&NOWHERE)
    }
}

static NOWHERE: Route =
    Route { step: Step::Nothing, schedule: Schedule { tasks: Vec::new() }, fetches: Vec::new() };

impl Route {
    pub(crate) fn fetch(&self, id: FetchId) -> Option<&Fetch> {
        self.fetches.get(usize::from(id.0))
    }
}

impl Path {
    /// The answer's root.
    pub(crate) const ROOT: Self = Self { segments: Vec::new(), shared: true };

    fn without_types(&self) -> impl Iterator<Item = &PathSegment> {
        self.segments.iter().filter(|segment| !matches!(segment, PathSegment::OnType(_)))
    }

    /// Whether `other` goes through only some of this path's places, for the types it asks on the way.
    fn is_split_by(&self, other: &Self) -> bool {
        let mut longer = other.without_types();
        let along = self.without_types().all(|segment| longer.next() == Some(segment));
        along && !other.segments.starts_with(&self.segments)
    }
}

/// Decides for every path of `fetches` whether its places may share an entity's data.
pub(crate) fn mark_shared(fetches: &mut [Fetch]) {
    let all: Vec<Path> = fetches.iter().flat_map(|fetch| fetch.target.paths()).cloned().collect();
    for fetch in fetches {
        for path in fetch.target.paths_mut() {
            path.shared = !all.iter().any(|other| path.is_split_by(other));
        }
    }
}

impl Target {
    fn paths(&self) -> Box<dyn Iterator<Item = &Path> + '_> {
        match self {
            Self::Root { path, .. } => Box::new(std::iter::once(path)),
            Self::Entities(sets) => Box::new(sets.iter().flat_map(|set| &set.paths)),
        }
    }

    fn paths_mut(&mut self) -> Box<dyn Iterator<Item = &mut Path> + '_> {
        match self {
            Self::Root { path, .. } => Box::new(std::iter::once(path)),
            Self::Entities(sets) => Box::new(sets.iter_mut().flat_map(|set| &mut set.paths)),
        }
    }
}
