//! From SDL to [`Subgraph`]: parse, link, complete, validate, normalise, gather.

use std::sync::Arc;

use apollo_compiler::diagnostic::ToCliReport as _;
use apollo_compiler::{Name, Schema};

use super::federation::Version;
use super::join_name::join_names;
use super::metadata::Metadata;
use super::{Subgraph, links, normalise};
use crate::compose::SubgraphSource;
use crate::compose::report::{Code, Position, Report, Span};
use crate::compose::rules::SUBGRAPH;

const INVALID_GRAPHQL: Code = Code("INVALID_GRAPHQL");

/// Reads and checks every subgraph; those that could not be read are reported and left out.
///
/// The result is in the order of the subgraphs' names, which the supergraph keeps.
pub(crate) fn read_all(sources: &[SubgraphSource], report: &mut Report) -> Vec<Subgraph> {
    let mut sources: Vec<&SubgraphSource> = sources.iter().collect();
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    let join_names = join_names(sources.iter().map(|source| source.name.as_str()));
    sources
        .iter()
        .zip(join_names)
        .filter_map(|(source, join_name)| {
            let subgraph = read(source, join_name, report)?;
            for rule in SUBGRAPH {
                (rule.check)(&subgraph, report);
            }
            Some(subgraph)
        })
        .collect()
}

fn read(source: &SubgraphSource, join_name: Name, report: &mut Report) -> Option<Subgraph> {
    let name: Arc<str> = source.name.as_str().into();
    let builder = Schema::builder().adopt_orphan_extensions().ignore_builtin_redefinitions();
    let mut schema = match builder.parse(source.sdl.clone(), &source.name).build() {
        Ok(schema) => schema,
        Err(errors) => {
            for error in errors.errors.iter() {
                let position = error.error.location().and_then(|location| {
                    let start = location.line_column(error.sources)?;
                    Some(Position { offset: location.offset(), line: start.line, column: start.column })
                });
                let span = Span { subgraph: Arc::clone(&name), position };
                report.error(INVALID_GRAPHQL, span, error.error.to_string());
            }
            return None;
        }
    };
    let (links, _faults) = links::read(&schema);
    let version = links.federation().map_or(Version::ONE, |link| link.url.version);
    normalise::rename_roots(&mut schema);
    normalise::canonicalise(&mut schema, &links, version);
    normalise::strip(&mut schema, &links, version);
    let metadata = Metadata::gather(&schema, version);
    let sources = schema.sources.clone();
    Some(Subgraph {
        name,
        url: source.url.clone().unwrap_or_default(),
        join_name,
        schema,
        links,
        version,
        metadata,
        sources,
    })
}
