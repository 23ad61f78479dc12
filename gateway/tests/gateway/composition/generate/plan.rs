//! The plan of a set: which types each subgraph has, and who owns which entity.

use indexmap::IndexMap;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use super::dialect::{Dialect, dialects};

pub(super) type Types = IndexMap<String, TypePlan>;

#[derive(Default, Clone)]
pub(super) struct TypePlan {
    pub(super) keyword: &'static str,
    pub(super) implements: Vec<String>,
    pub(super) directives: Vec<String>,
    pub(super) fields: IndexMap<String, FieldPlan>,
    /// Members of a union, values of an enum, what follows the name of a directive.
    pub(super) members: Vec<String>,
    pub(super) description: String,
    /// Whether it only extends what another subgraph defines.
    pub(super) is_extension: bool,
    /// Whether half of its fields stand in an extension.
    pub(super) is_split: bool,
}

#[derive(Clone)]
pub(super) struct FieldPlan {
    pub(super) arguments: String,
    pub(super) ty: String,
    pub(super) directives: Vec<String>,
    pub(super) description: String,
}

impl FieldPlan {
    pub(super) fn of(ty: impl Into<String>) -> Self {
        Self { arguments: String::new(), ty: ty.into(), directives: Vec::new(), description: String::new() }
    }
    pub(super) fn with(mut self, directive: impl Into<String>) -> Self {
        self.directives.push(directive.into());
        self
    }
}

/// An entity of the plan.
#[derive(Clone)]
pub(super) struct Entity {
    pub(super) name: String,
    /// Alternatives; a subgraph has one or several of them.
    pub(super) keys: Vec<&'static str>,
    pub(super) owners: Vec<usize>,
}

/// Everything that is planned, and the chance by which it is.
pub(super) struct Plan {
    pub(super) random: StdRng,
    pub(super) subgraphs: Vec<(String, Types)>,
    pub(super) dialects: Vec<Dialect>,
    pub(super) entities: Vec<Entity>,
    pub(super) values: Vec<String>,
    /// The subgraphs that compose `@note`.
    pub(super) composing: Vec<usize>,
}

pub(super) const SCALARS: [&str; 5] = ["String", "Int", "ID", "Boolean", "Float"];
pub(super) const KEYS: [&str; 5] = ["id", "sku", "id sku", "ref { id }", "ref { id code }"];

impl Plan {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let count = random.random_range(2..=4);
        let names = ["alpha", "beta", "gamma", "delta"];
        let subgraphs = names.iter().take(count).map(|name| ((*name).to_owned(), Types::new())).collect();
        let dialects = dialects(count, &mut random);
        let (entities, values, composing) = (Vec::new(), Vec::new(), Vec::new());
        Self { random, subgraphs, dialects, entities, values, composing }
    }

    /// Whether a chance of one in so many comes true.
    pub(super) fn chance(&mut self, one_in: u32) -> bool {
        self.random.random_range(0..one_in) == 0
    }

    pub(super) fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        from.choose(&mut self.random).cloned()
    }

    /// A random non-empty subset of the subgraphs.
    pub(super) fn some_subgraphs(&mut self) -> Vec<usize> {
        let mut chosen: Vec<usize> = (0..self.subgraphs.len()).collect();
        chosen.retain(|_| self.random.random_bool(0.6));
        if chosen.is_empty() {
            chosen.push(self.random.random_range(0..self.subgraphs.len()));
        }
        chosen
    }

    pub(super) fn types(&mut self, subgraph: usize) -> &mut Types {
        &mut self.subgraphs[subgraph].1
    }

    /// The type in the subgraph, which is made to know it.
    pub(super) fn object(&mut self, subgraph: usize, name: &str) -> &mut TypePlan {
        self.types(subgraph)
            .entry(name.to_owned())
            .or_insert_with(|| TypePlan { keyword: "type", ..TypePlan::default() })
    }

    /// Adds a field, unless it is there already.
    pub(super) fn add(&mut self, subgraph: usize, ty: &str, field: impl Into<String>, plan: FieldPlan) {
        self.object(subgraph, ty).fields.entry(field.into()).or_insert(plan);
    }
}
