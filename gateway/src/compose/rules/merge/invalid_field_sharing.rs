//! `INVALID_FIELD_SHARING`: several subgraphs resolve a field that not all of them share.

use super::Rule;
use crate::compose::merge::Merged;
use crate::compose::merge::model::{FieldSource, Kind, MergedField, MergedType};
use crate::compose::report::{Code, Report};
use crate::compose::subgraph::federation::names;

pub(super) const RULE: Rule =
    Rule { code: Code("INVALID_FIELD_SHARING"), page: include_str!("invalid_field_sharing.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Object) {
        for field in ty.fields.values() {
            if let Some(marked) = shared_stream(ty, field) {
                refuse(field, marked, "a stream of events has one source: keep it in one subgraph", report);
            } else if let Some(unshared) = unshared(field) {
                let remedy = mistaken_override(graph, field).unwrap_or_else(|| {
                    "mark it `@shareable` in each subgraph that resolves it, or keep it in one".to_owned()
                });
                refuse(field, unshared, &remedy, report);
            }
        }
    }
}

/// Where a subscription is marked `@shareable`, which none can be.
fn shared_stream<'f>(ty: &MergedType<'_>, field: &'f MergedField<'f>) -> Option<&'f FieldSource<'f>> {
    let mut marked = field.declaring().filter(|source| source.definition.directives.has(names::SHAREABLE));
    marked.next().filter(|_| ty.name == "Subscription")
}

/// The first of several resolvers that does not share the field.
fn unshared<'f>(field: &'f MergedField<'f>) -> Option<&'f FieldSource<'f>> {
    let several = field.resolvers().nth(1).is_some();
    field.resolvers().find(|resolver| several && !is_shared(resolver))
}

fn refuse(field: &MergedField<'_>, at: &FieldSource<'_>, remedy: &str, report: &mut Report) {
    report
        .error(RULE.code, at.span(), format!("`{}` is resolved by {}", field.coordinate(), owners(field)))
        .labels(field.resolvers().map(|resolver| (resolver.span(), "resolved here")))
        .hint(remedy);
}

/// A field that is resolved on some paths only is shared by the `@provides` that says so.
fn is_shared(resolver: &FieldSource<'_>) -> bool {
    resolver.facts.shareable || resolver.facts.is_partially_external()
}

fn owners(field: &MergedField<'_>) -> String {
    let owners: Vec<String> = field
        .resolvers()
        .map(|resolver| match &resolver.via {
            Some(interface) => format!("{} (through `{interface}`)", resolver.subgraph.name),
            None => resolver.subgraph.name.to_string(),
        })
        .collect();
    owners.join(", ")
}

/// An `@override` that names no subgraph may be why the field has two owners.
fn mistaken_override(graph: &Merged<'_>, field: &MergedField<'_>) -> Option<String> {
    field.declaring().find_map(|source| {
        let from = &source.facts.overrides.as_ref()?.from;
        let known = graph.subgraphs.iter().any(|subgraph| *subgraph.name == **from);
        (!known).then(|| format!("`@override(from: \"{from}\")` names no subgraph: correct its name"))
    })
}
