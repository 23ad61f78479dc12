//! Directive definitions: executable ones by intersection, and what `@composeDirective` carries.

use std::collections::BTreeMap;

use apollo_compiler::Name;
use apollo_compiler::ast::DirectiveLocation;
use apollo_compiler::collections::IndexSet;
use apollo_compiler::parser::SourceSpan;

use super::model::{ComposedDirective, MergedDirective, Source};
use super::{Merging, description, inputs};
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::names;
use crate::compose::subgraph::links::{Link, string_argument};

const EXECUTABLE: [DirectiveLocation; 8] = [
    DirectiveLocation::Query,
    DirectiveLocation::Mutation,
    DirectiveLocation::Subscription,
    DirectiveLocation::Field,
    DirectiveLocation::FragmentDefinition,
    DirectiveLocation::FragmentSpread,
    DirectiveLocation::InlineFragment,
    DirectiveLocation::VariableDefinition,
];

/// Whether operations may use the directive at that place.
fn is_executable(location: DirectiveLocation) -> bool {
    EXECUTABLE.contains(&location)
}

/// The directives that operations may use: those with an executable location in some subgraph.
pub(super) fn merge_executable<'a>(
    merging: &Merging<'_>,
    subgraphs: &'a [Subgraph],
) -> BTreeMap<Name, MergedDirective<'a>> {
    let names: IndexSet<&Name> = subgraphs
        .iter()
        .flat_map(|subgraph| subgraph.schema.directive_definitions.iter())
        .filter(|(_, definition)| {
            !definition.is_built_in() && definition.locations.iter().copied().any(is_executable)
        })
        .map(|(name, _)| name)
        .collect();
    names.into_iter().map(|name| (name.clone(), merge_one(merging, name, subgraphs))).collect()
}

fn merge_one<'a>(merging: &Merging<'_>, name: &Name, subgraphs: &'a [Subgraph]) -> MergedDirective<'a> {
    let mut sources = Vec::new();
    let mut missing = Vec::new();
    for subgraph in subgraphs {
        match subgraph.schema.directive_definitions.get(name) {
            Some(node) if node.locations.iter().copied().any(is_executable) => {
                sources.push(Source { subgraph, node });
            }
            _ => missing.push(subgraph),
        }
    }
    let parents: Vec<_> =
        sources.iter().map(|source| (source.subgraph, source.node.arguments.iter().collect())).collect();
    let allowed_by_all =
        |location: &DirectiveLocation| sources.iter().all(|source| source.node.locations.contains(location));
    MergedDirective {
        name: name.clone(),
        description: description::merge(sources.iter().map(|source| source.node.description.as_ref())),
        repeatable: sources.iter().all(|source| source.node.repeatable),
        locations: EXECUTABLE.iter().copied().filter(allowed_by_all).collect(),
        arguments: inputs::merge(merging, &parents),
        sources,
        missing,
    }
}

/// What `@composeDirective` names in any subgraph and is linked there: the newest version's definition.
pub(super) fn composed(subgraphs: &[Subgraph]) -> Vec<ComposedDirective<'_>> {
    let mut composed: BTreeMap<Name, ComposedDirective<'_>> = BTreeMap::new();
    for subgraph in subgraphs {
        for (name, _) in composed_applications(subgraph) {
            let Some(name) = name.strip_prefix('@') else { continue };
            let Some((link, element)) = subgraph.links.source_of_directive(name) else { continue };
            let entry = composed.entry(Name::new_unchecked(name));
            let name = entry.key().clone();
            let Some(candidate) = newest(subgraphs, link, element, &name) else { continue };
            entry.or_insert(candidate).subgraphs.insert(subgraph.name.to_string());
        }
    }
    composed.into_values().collect()
}

/// The names that the subgraph asks to compose, as written, and where.
pub(crate) fn composed_applications(subgraph: &Subgraph) -> Vec<(String, Option<SourceSpan>)> {
    subgraph
        .schema
        .schema_definition
        .directives
        .get_all(names::COMPOSE_DIRECTIVE)
        .map(|application| (string_argument(application, "name").unwrap_or_default(), application.location()))
        .collect()
}

/// The definition in the subgraph that links the newest version of the specification.
fn newest<'a>(
    subgraphs: &'a [Subgraph],
    link: &Link,
    element: &str,
    name: &Name,
) -> Option<ComposedDirective<'a>> {
    let mut newest: Option<ComposedDirective<'a>> = None;
    for subgraph in subgraphs {
        let Some(candidate) = subgraph.links.get(&link.url.identity) else { continue };
        let local = candidate.directive_name(element);
        let Some(node) = subgraph.schema.directive_definitions.get(local.as_str()) else { continue };
        if newest.as_ref().is_none_or(|so_far| so_far.link.url.version < candidate.url.version) {
            newest = Some(ComposedDirective {
                name: name.clone(),
                link: candidate,
                definition: Source { subgraph, node },
                subgraphs: IndexSet::default(),
            });
        }
    }
    newest
}
