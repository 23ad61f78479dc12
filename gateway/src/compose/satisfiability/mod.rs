//! Satisfiability: can every field that a client may ask for be reached, from every root, by every way?
//!
//! ## What is walked
//! The API schema is walked from its roots. A state of the walk is a type together with the *set* of
//! nodes ([`crate::graph`]) at which the value may stand, and a field is reachable from it when it can
//! be resolved at one of the nodes that keys lead to from there. The nodes at which the field's value
//! may then stand make the next state. An abstract type is left only towards each of its runtime types,
//! which is where its fields are asked for in the end.
//!
//! ## Why it ends, and soon
//! - Whether a key's or a `@requires`' fields can be resolved depends on the node where one stands and
//!   not on how one came there. So these conditions are settled before the walk, as the least fixpoint
//!   over pairs of node and field set ([`reach`]).
//! - A state with more nodes can do all that one with fewer can. So a state is skipped when one of the
//!   same type with a subset of its nodes was visited. In practice a type has one to three states.
//! - Sets of nodes could still multiply in a graph that is made for it. Every step of both parts is
//!   counted against [`Budget`], and composition fails with `MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED`
//!   when it is spent, as it does in the reference. A state is stored for at least as many steps as it has
//!   nodes, so the budget bounds memory as well.
//!
//! ## What a state carries besides
//! - **Labels.** On a path through a field with `@override(label:)` both values of the label are
//!   followed. The value holds for the rest of the path. No key and no `@requires` may rely on either side,
//!   whatever the path has settled: that is how the reference has it. Nothing is forgotten, however many
//!   labels a graph has, and still they do not multiply: a state is also skipped when one that has settled
//!   fewer of the same labels was visited, since all that may follow the one follows the other. Only of a
//!   single field that is moved under more than [`walk::MOST_LABELS_OF_A_FIELD`] labels at a time the
//!   others count as unknown, which can only make the walk stricter.
//! - **Contexts.** The arguments (`@fromContext`) for which a value was found at the nearest ancestor
//!   that sets their context.

mod explain;
mod reach;
#[cfg(test)]
mod tests;
mod walk;

use std::collections::{BTreeMap, HashMap};

use apollo_compiler::Schema;
use itertools::Itertools as _;

use super::report::{Code, Report, Span};
use super::rules::SATISFIABILITY;
use super::subgraph::Subgraph;
use super::{Options, Supergraph};
use crate::graph::{Graph, GraphError, LabelId};

const INVALID_FEDERATION_SUPERGRAPH: Code = Code("INVALID_FEDERATION_SUPERGRAPH");

/// The labels that a path has settled.
pub(super) type Labels = BTreeMap<LabelId, bool>;

/// What walking a graph found.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Fields that some operation cannot get, the shortest such operation each.
    pub(crate) unreachable: Vec<Unreachable>,
    /// Shared fields whose subgraphs disagree about the runtime types.
    pub(crate) mismatches: Vec<Mismatch>,
    /// The graph was too intricate to be walked to the end.
    pub(crate) exhausted: bool,
}

/// A field that cannot be reached.
#[derive(Debug)]
pub(crate) struct Unreachable {
    /// The type.
    pub(crate) type_name: String,
    /// The field; `None` when it is the runtime type of an interface object that nobody can tell.
    pub(crate) field: Option<String>,
    /// A subgraph that declares the field, for pointing at it.
    pub(crate) declared_in: Option<String>,
    /// An operation that a client may send and that cannot be answered.
    pub(crate) operation: String,
    /// Why no subgraph can go on, a sentence each.
    pub(crate) reasons: Vec<String>,
}

/// A shared field of an abstract type whose subgraphs give different runtime types.
#[derive(Debug)]
pub(crate) struct Mismatch {
    /// The type.
    pub(crate) type_name: String,
    /// The field.
    pub(crate) field: String,
    /// The abstract type that it returns.
    pub(crate) returns: String,
    /// The runtime types per subgraph.
    pub(crate) runtime: Vec<(String, Vec<String>)>,
    /// Whether no type is common to all: then the field cannot resolve alike everywhere.
    pub(crate) disjoint: bool,
    /// An operation that gets there.
    pub(crate) operation: String,
}

/// Walks a supergraph that was merged elsewhere and reports what its clients could not reach.
///
/// Findings have no place, since the subgraphs' SDL is not at hand.
pub fn check(supergraph_sdl: &str) -> Result<Report, GraphError> {
    // Unknown directives and the like are no matter here: what the graph needs, it looks for itself.
    let supergraph = match Schema::parse(supergraph_sdl, "supergraph.graphql") {
        Ok(schema) => schema,
        Err(with_errors) => with_errors.partial,
    };
    let walked = Walked::from(&supergraph, &[], Options::default())?;
    let mut report = Report::default();
    for rule in SATISFIABILITY {
        (rule.check)(&walked, &mut report);
    }
    report.sort();
    Ok(report)
}

/// Walks the supergraph that `subgraphs` were composed into and reports what its clients could not reach.
pub(crate) fn judge(supergraph: &Supergraph, subgraphs: &[Subgraph], options: Options, report: &mut Report) {
    let schema = match Schema::parse(supergraph.sdl.as_str(), "supergraph.graphql") {
        Ok(schema) => schema,
        Err(with_errors) => with_errors.partial,
    };
    match Walked::from(&schema, subgraphs, options) {
        Ok(walked) => SATISFIABILITY.iter().for_each(|rule| (rule.check)(&walked, report)),
        Err(fault) => {
            report.error(INVALID_FEDERATION_SUPERGRAPH, None, fault.to_string());
        }
    }
}

impl Mismatch {
    /// Which types each subgraph gives, in a sentence.
    pub(crate) fn sides(&self) -> String {
        let side = |(subgraph, types): &(String, Vec<String>)| match types.as_slice() {
            [] => format!("{subgraph} none"),
            types => format!("{subgraph} {}", types.iter().map(|ty| format!("`{ty}`")).join(", ")),
        };
        self.runtime.iter().map(side).join("; ")
    }
}

/// A supergraph that has been walked from all its roots, with the places its findings stand at.
#[derive(Debug)]
pub(crate) struct Walked {
    /// What was found.
    pub(crate) outcome: Outcome,
    /// Where subgraphs declare the fields that findings are about.
    places: HashMap<(String, String, String), Span>,
}

impl Walked {
    /// Walks the supergraph that `subgraphs` were merged into.
    pub(crate) fn from(
        supergraph: &Schema,
        subgraphs: &[Subgraph],
        options: Options,
    ) -> Result<Self, GraphError> {
        let graph = Graph::from_supergraph(supergraph)?;
        let outcome = walk::walk(&graph, &mut Budget::new(options.most_steps));
        let mut places = HashMap::new();
        let unreachable =
            outcome.unreachable.iter().filter_map(|found| Some((&found.type_name, found.field.as_ref()?)));
        let mismatched = outcome.mismatches.iter().map(|found| (&found.type_name, &found.field));
        for (type_name, field) in unreachable.chain(mismatched) {
            for subgraph in subgraphs {
                let definition = subgraph.schema.type_field(type_name, field);
                let Ok(definition) = definition else { continue };
                let key = (subgraph.name.to_string(), type_name.clone(), field.clone());
                places.insert(key, subgraph.span(definition.name.location()));
            }
        }
        Ok(Self { outcome, places })
    }

    /// Where a subgraph declares a field.
    pub(crate) fn place(&self, subgraph: Option<&str>, type_name: &str, field: Option<&str>) -> Option<Span> {
        let key = (subgraph?.to_owned(), type_name.to_owned(), field?.to_owned());
        self.places.get(&key).cloned()
    }

    /// Where the subgraphs of a mismatch declare its field.
    pub(crate) fn places(&self, found: &Mismatch) -> Vec<Span> {
        let subgraphs = found.runtime.iter().map(|(subgraph, _)| Some(subgraph.as_str()));
        subgraphs.filter_map(|subgraph| self.place(subgraph, &found.type_name, Some(&found.field))).collect()
    }
}

/// What checking may still cost.
#[derive(Debug)]
pub(super) struct Budget {
    steps: u64,
}

impl Budget {
    /// A budget of so many looks at a node or an edge.
    pub(super) fn new(steps: u64) -> Self {
        Self { steps }
    }

    /// Takes `steps` from the budget.
    fn spend(&mut self, steps: usize) {
        self.steps = self.steps.saturating_sub(steps as u64);
    }

    /// Whether nothing is left.
    fn is_spent(&self) -> bool {
        self.steps == 0
    }
}
