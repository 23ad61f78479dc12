//! Directive definitions: executable ones by intersection, and what `@composeDirective` carries.

use std::collections::BTreeMap;

use apollo_compiler::Name;
use apollo_compiler::ast::DirectiveLocation;
use apollo_compiler::collections::IndexSet;
use apollo_compiler::parser::SourceSpan;

use super::model::{ComposedDirective, MergedDirective, Source};
use super::{Merging, description, inputs};
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::{self, names};
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

/// The directives that GraphQL and its incremental delivery define: a subgraph that defines one as well says
/// nothing about what clients may use.
const BUILT_IN: [&str; 6] = ["skip", "include", "deprecated", "specifiedBy", "defer", "stream"];

/// Whether operations may use the directive at that place.
pub(crate) fn is_executable(location: DirectiveLocation) -> bool {
    EXECUTABLE.contains(&location)
}

/// The directives that operations may use: those with an executable location in some subgraph. One that is composed
/// has the definition of its specification's newest version and is not merged.
pub(super) fn merge_executable<'a>(
    merging: &Merging<'_>,
    subgraphs: &'a [Subgraph],
    composed: &[ComposedDirective<'_>],
) -> BTreeMap<Name, MergedDirective<'a>> {
    let names: IndexSet<&Name> = subgraphs
        .iter()
        .flat_map(|subgraph| subgraph.schema.directive_definitions.iter())
        .filter(|(_, definition)| {
            !definition.is_built_in() && definition.locations.iter().copied().any(is_executable)
        })
        .map(|(name, _)| name)
        .filter(|name| composed.iter().all(|composed| composed.name != **name))
        .filter(|name| !BUILT_IN.contains(&name.as_str()))
        .collect();
    names.into_iter().map(|name| (name.clone(), merge_one(merging, name, subgraphs))).collect()
}

fn merge_one<'a>(merging: &Merging<'_>, name: &Name, subgraphs: &'a [Subgraph]) -> MergedDirective<'a> {
    let mut sources = Vec::new();
    let mut missing = Vec::new();
    for subgraph in subgraphs {
        match subgraph.schema.directive_definitions.get(name) {
            Some(node) => sources.push(Source { subgraph, node }),
            None => missing.push(subgraph),
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
        arguments: inputs::merge_arguments(merging, &parents),
        sources,
        missing,
    }
}

/// What `@composeDirective` names in any subgraph and is linked there. The newest version of a
/// specification that a subgraph composes from gives the definitions of all its directives.
pub(super) fn composed(subgraphs: &[Subgraph]) -> Vec<ComposedDirective<'_>> {
    let mut composed: BTreeMap<Name, ComposedDirective<'_>> = BTreeMap::new();
    for subgraph in subgraphs {
        for (name, _) in composed_applications(subgraph) {
            let Some((link, bare)) = composable(subgraph, &name) else { continue };
            let Some((newest, link)) = newest(subgraphs, &link.url.identity) else { continue };
            let Some(node) = newest.schema.directive_definitions.get(bare) else { continue };
            let name = Name::new_unchecked(bare);
            let directive = composed.entry(name.clone()).or_insert_with(|| ComposedDirective {
                name,
                link,
                definition: Source { subgraph: newest, node },
                subgraphs: IndexSet::default(),
            });
            directive.subgraphs.insert(subgraph.name.to_string());
        }
    }
    composed.into_values().collect()
}

/// Where a directive to compose comes from, and its name without `@`. `None` for what is not linked, and for
/// federation's own directives, which need no asking.
fn composable<'s>(subgraph: &'s Subgraph, name: &'s str) -> Option<(&'s Link, &'s str)> {
    let bare = name.strip_prefix('@')?;
    let (link, _) = subgraph.links.source_of_directive(bare)?;
    (link.url.identity != federation::IDENTITY).then_some((link, bare))
}

/// The subgraph with the newest version of a specification, among those that compose any directive of it.
pub(crate) fn newest<'a>(subgraphs: &'a [Subgraph], identity: &str) -> Option<(&'a Subgraph, &'a Link)> {
    let composing = subgraphs.iter().filter_map(|subgraph| {
        let names = composed_applications(subgraph);
        let composes = names.iter().filter_map(|(name, _)| composable(subgraph, name));
        let composes = composes.map(|(link, _)| link.url.identity.as_str()).any(|known| known == identity);
        composes.then_some(subgraph).and_then(|subgraph| Some((subgraph, subgraph.links.get(identity)?)))
    });
    // The last of those with the newest version, as the reference has it.
    composing.max_by(|one, next| one.1.url.version.cmp(&next.1.url.version))
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
