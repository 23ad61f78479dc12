//! The two documents that composition writes: the supergraph, and the API schema that clients see of it.

mod api;
mod features;
mod join;
mod linked;
mod print;
mod specs;

pub use api::api_document;
pub use features::Features;
pub(crate) use print::print;

use apollo_compiler::ast::Document;

use super::Supergraph;
use super::merge::Merged;
use super::report::{Code, Report};

const INVALID_GRAPHQL: Code = Code("INVALID_GRAPHQL");

/// Prints a merged graph that the rules let pass, and derives its API schema. What the GraphQL
/// specification's own rules find in the result is reported: each subgraph may be valid where all together
/// are not.
pub(crate) fn build(merged: &Merged<'_>, report: &mut Report) -> Option<Supergraph> {
    let sdl = print(merged);
    let document = match Document::parse(sdl.as_str(), "supergraph.graphql") {
        Ok(document) => document,
        Err(errors) => {
            for error in errors.errors.iter() {
                report.error(INVALID_GRAPHQL, None, format!("the merged schema is invalid: {}", error.error));
            }
            return None;
        }
    };
    let api = api_document(&document);
    if let Err(errors) = api.to_schema_validate() {
        for error in errors.errors.iter() {
            report.error(INVALID_GRAPHQL, None, format!("the merged schema is invalid: {}", error.error));
        }
        return None;
    }
    Some(Supergraph { sdl, api_sdl: api.to_string() })
}

#[cfg(test)]
mod tests;
