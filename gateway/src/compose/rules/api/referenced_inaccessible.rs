//! `REFERENCED_INACCESSIBLE`: what clients see is of a type that they do not.

use apollo_compiler::ast::Type;

use super::disallowed_inaccessible::{is_disallowed, is_of_specification};
use crate::compose::merge::Merged;
use crate::compose::merge::model::FieldSource;
use crate::compose::report::{Code, Report, Span};
use crate::compose::rules::merge::Rule;
use crate::compose::subgraph::federation::names;
use crate::compose::supergraph::specifications;

pub(super) const RULE: Rule =
    Rule { code: Code("REFERENCED_INACCESSIBLE"), page: include_str!("referenced_inaccessible.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    let specifications = specifications(graph);
    for reference in references(graph) {
        let Reference { coordinate, ty, span, .. } = &reference;
        let Some(referred) = graph.types.get(ty.inner_named_type()) else { continue };
        let ty = &referred.name;
        let (why, remedy) = if is_of_specification(&specifications, ty) {
            // Its own parts may refer to it, and to hide any of it is another rule's matter.
            let is_inside = reference.is_composed || is_of_specification(&specifications, coordinate);
            if is_inside || is_disallowed(&specifications, referred) {
                continue;
            }
            let remedy = format!("call `{ty}` something without that prefix");
            ("belongs to a specification that the supergraph links", remedy)
        } else if !graph.is_hidden_type(ty) {
            continue;
        } else if reference.is_composed {
            ("is `@inaccessible`", format!("let clients see `{ty}`"))
        } else {
            let remedy = format!("mark `{coordinate}` `@inaccessible` as well, or let clients see `{ty}`");
            ("is `@inaccessible`", remedy)
        };
        let message = format!("clients see `{coordinate}`, but its type `{ty}` {why}");
        report.error(RULE.code, span.clone(), message).hint(remedy);
    }
}

/// A field, argument or input field that counts as seen, and its type.
struct Reference<'m> {
    coordinate: String,
    ty: &'m Type,
    span: Option<Span>,
    /// Whether it is an argument of a composed directive, which counts as seen though clients cannot apply it.
    is_composed: bool,
}

fn references<'m>(graph: &'m Merged<'_>) -> impl Iterator<Item = Reference<'m>> {
    let fields = graph.visible_fields().filter_map(|(_, field)| {
        let span = field.deciding().next().map(FieldSource::span);
        let ty = field.ty.ty.as_ref()?;
        Some(Reference { coordinate: field.coordinate(), ty, span, is_composed: false })
    });
    let inputs = graph.visible_inputs().filter_map(|(coordinate, input)| {
        let ty = input.ty.ty.as_ref()?;
        Some(Reference { coordinate, ty, span: input.span(), is_composed: false })
    });
    let composed = graph.composed.iter().flat_map(|directive| {
        let source = directive.definition;
        let seen =
            source.node.arguments.iter().filter(|argument| !argument.directives.has(names::INACCESSIBLE));
        seen.map(move |argument| Reference {
            coordinate: format!("@{}({}:)", directive.name, argument.name),
            ty: &argument.ty,
            span: Some(source.subgraph.span(argument.location())),
            is_composed: true,
        })
    });
    fields.chain(inputs).chain(composed)
}
