//! Composition: named subgraph SDLs become one supergraph, or a report that says why they cannot.
//!
//! Written like a compiler. Each phase trusts what the one before has checked, and none starts while
//! the last has reported an error:
//!
//! | phase | reads | rules |
//! |---|---|---|
//! | subgraph | each SDL alone, [`subgraph::Subgraph`] | [`rules::SUBGRAPH`] |
//! | merge | what all subgraphs say, [`merge::Merged`] | [`rules::MERGEABLE`], [`rules::MERGE`], then [`rules::MERGED`] |
//! | API | the printed supergraph, and what it hides | GraphQL's own, then [`rules::API`] |
//! | satisfiability | the graph of who can resolve what | [`rules::SATISFIABILITY`] |
//!
//! [`rules::HINTS`] say what is legal but doubtful, once nothing is wrong.
//!
//! SDL is read by `apollo-compiler` 1: the maintained parser of the federation world, stable, under a
//! permissive licence, and with a source location on every name, which located reports need. (Its 2.0
//! is in beta; `async-graphql-parser` has no locations on names; `graphql-parser` no validation.)

pub mod diff;
mod merge;
pub mod render;
pub mod report;
pub(crate) mod rules;
pub mod satisfiability;
pub(crate) mod subgraph;
pub mod supergraph;

use report::Report;
pub use rules::explain;

/// One subgraph as it was handed in.
#[derive(Clone, Debug)]
pub struct SubgraphSource {
    /// The name by which the graph knows it.
    pub name: String,
    /// Where it is served, if that is known yet.
    pub url: Option<String>,
    /// Its schema: federation 1 or 2.
    pub sdl: String,
}

/// A composed graph.
#[derive(Clone, Debug)]
pub struct Supergraph {
    /// The supergraph SDL, in the join specification's terms.
    pub sdl: String,
    /// The schema that clients see: no join directives, nothing inaccessible.
    pub api_sdl: String,
}

/// How composing goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many nodes and edges the walk that checks satisfiability may look at, before the graph counts as too
    /// intricate. It bounds the walk's time and memory, both in proportion.
    pub most_steps: u64,
}

impl Default for Options {
    /// Enough for graphs of some ten thousand types in a hundred subgraphs; a few seconds' work.
    fn default() -> Self {
        Self { most_steps: 50_000_000 }
    }
}

/// Composes `sources`. A supergraph is there exactly when the report holds no error; a report may hold
/// hints beside it.
pub fn compose(sources: &[SubgraphSource]) -> (Option<Supergraph>, Report) {
    compose_with(sources, Options::default())
}

/// Composes `sources` as `options` say.
pub fn compose_with(sources: &[SubgraphSource], options: Options) -> (Option<Supergraph>, Report) {
    let mut report = Report::default();
    let subgraphs = subgraph::read_all(sources, &mut report);
    let supergraph = if report.has_errors() {
        None
    } else {
        supergraph_of(&merge::merge(&subgraphs), options, &mut report)
    };
    report.sort();
    (supergraph.filter(|_| !report.has_errors()), report)
}

/// The phases after the subgraphs' own: each starts only when the one before reported no error.
fn supergraph_of(merged: &merge::Merged<'_>, options: Options, report: &mut Report) -> Option<Supergraph> {
    judge(rules::MERGEABLE, merged, report)?;
    judge(rules::MERGE, merged, report)?;
    judge(rules::MERGED, merged, report)?;
    let (sdl, document) = supergraph::printed(merged, report)?;
    judge(rules::API, merged, report)?;
    judge(rules::HINTS, merged, report)?;
    let supergraph = supergraph::finished(sdl, &document, report)?;
    satisfiability::judge(&supergraph, merged.subgraphs, options, report);
    Some(supergraph)
}

/// Applies the rules of a phase; `None` when any reported an error.
fn judge(phase: &[rules::merge::Rule], merged: &merge::Merged<'_>, report: &mut Report) -> Option<()> {
    for rule in phase {
        (rule.check)(merged, report);
    }
    (!report.has_errors()).then_some(())
}
