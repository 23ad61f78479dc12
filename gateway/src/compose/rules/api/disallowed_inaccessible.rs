//! `DISALLOWED_INACCESSIBLE`: `@inaccessible` stands where it cannot hide anything.

use std::collections::BTreeSet;

use crate::compose::merge::Merged;
use crate::compose::merge::model::MergedType;
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;
use crate::compose::subgraph::federation::names;
use crate::compose::supergraph::specifications;

pub(super) const RULE: Rule =
    Rule { code: Code("DISALLOWED_INACCESSIBLE"), page: include_str!("disallowed_inaccessible.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    check_composed(graph, report);
    let specifications = specifications(graph);
    for ty in graph.types.values().filter(|ty| is_disallowed(&specifications, ty)) {
        report
            .error(
                RULE.code,
                ty.span(),
                format!(
                    "`{}` belongs to a specification that the supergraph links, and uses `@inaccessible`",
                    ty.name
                ),
            )
            .hint("remove `@inaccessible` from it: clients do not see it anyway");
    }
}

/// The arguments of composed directives, in every subgraph that has the directive from the same specification.
fn check_composed(graph: &Merged<'_>, report: &mut Report) {
    for directive in &graph.composed {
        for subgraph in graph.subgraphs {
            let source = subgraph.links.source_of_directive(&directive.name);
            if source.is_none_or(|(link, _)| link.url.identity != directive.link.url.identity) {
                continue;
            }
            let Some(definition) = subgraph.schema.directive_definitions.get(&directive.name) else {
                continue;
            };
            for argument in definition.arguments.iter().filter(|a| a.directives.has(names::INACCESSIBLE)) {
                report
                    .error(
                        RULE.code,
                        subgraph.span(argument.location()),
                        format!(
                            "`@{}({}:)` in {} is `@inaccessible`, but the directive is applied in schemas only",
                            directive.name, argument.name, subgraph.name
                        ),
                    )
                    .hint("remove `@inaccessible`: clients do not see the directive anyway");
            }
        }
    }
}

/// Whether a type of that name belongs to one of the specifications.
pub(super) fn is_of_specification(specifications: &BTreeSet<String>, name: &str) -> bool {
    name.split_once("__").is_some_and(|(prefix, _)| specifications.contains(prefix))
}

/// Whether the type belongs to a specification and has something `@inaccessible` in it.
pub(super) fn is_disallowed(specifications: &BTreeSet<String>, ty: &MergedType<'_>) -> bool {
    is_of_specification(specifications, &ty.name) && uses_inaccessible(ty)
}

fn uses_inaccessible(ty: &MergedType<'_>) -> bool {
    let mut fields = ty.fields.values();
    let mut arguments = ty.fields.values().flat_map(|field| field.arguments.values());
    Merged::is_hidden(&ty.directives)
        || fields.any(|field| Merged::is_hidden(&field.directives))
        || arguments.any(|argument| Merged::is_hidden(&argument.directives))
        || ty.values.values().any(|value| Merged::is_hidden(&value.directives))
        || ty.inputs.values().any(|input| Merged::is_hidden(&input.directives))
}
