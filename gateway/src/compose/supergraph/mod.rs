//! The two documents that composition writes: the supergraph, and the API schema that clients see of it.

mod api;
mod defaults;
mod features;
mod join;
mod linked;
mod print;
mod specs;

pub use api::api_document;
pub use features::Features;
pub(crate) use print::print;

use std::collections::BTreeSet;

use apollo_compiler::ast::Document;
use apollo_compiler::validation::DiagnosticList;

use super::Supergraph;
use super::merge::Merged;
use super::report::{Code, Report};

const INVALID_GRAPHQL: Code = Code("INVALID_GRAPHQL");

/// The names of the specifications that the supergraph of `merged` links: a type `name__Anything` belongs to the
/// specification, and clients do not see it.
pub(crate) fn specifications(merged: &Merged<'_>) -> BTreeSet<String> {
    let linked = linked::Linked::of(merged);
    let own = ["join", "link"].into_iter().chain(linked.prefixes()).map(str::to_owned);
    own.chain(merged.composed.iter().map(|directive| directive.link.url.name.clone())).collect()
}

/// Prints a merged graph that its rules let pass, and holds the result against the GraphQL specification's
/// own rules: each subgraph may be valid where all together are not.
pub(crate) fn printed(merged: &Merged<'_>, report: &mut Report) -> Option<(String, Document)> {
    defaults::check(merged, report);
    let sdl = print(merged);
    let document = match Document::parse(sdl.as_str(), "supergraph.graphql") {
        Ok(document) => document,
        Err(errors) => {
            invalid(&errors.errors, report);
            return None;
        }
    };
    if let Err(errors) = document.to_schema_validate() {
        invalid(&errors.errors, report);
    }
    (!report.has_errors()).then_some((sdl, document))
}

/// Derives the API schema of a printed supergraph that the rules on `@inaccessible` let pass.
pub(crate) fn finished(sdl: String, document: &Document, report: &mut Report) -> Option<Supergraph> {
    let api = api_document(document);
    if let Err(errors) = api.to_schema_validate() {
        invalid(&errors.errors, report);
        return None;
    }
    Some(Supergraph { sdl, api_sdl: api.to_string() })
}

fn invalid(errors: &DiagnosticList, report: &mut Report) {
    for error in errors.iter() {
        report.error(INVALID_GRAPHQL, None, format!("the merged schema is invalid: {}", error.error));
    }
}

#[cfg(test)]
mod tests;
