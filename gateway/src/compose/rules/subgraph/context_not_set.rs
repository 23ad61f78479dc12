//! `CONTEXT_NOT_SET`: an argument reads a context that nothing sets, or cannot read one where it stands.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::contexts::ContextReader;
use crate::compose::subgraph::federation::names;

pub(super) const RULE: Rule<Subgraph> =
    Rule { code: Code("CONTEXT_NOT_SET"), page: include_str!("context_not_set.md"), check };

fn check(subgraph: &Subgraph, report: &mut Report) {
    let contexts = &subgraph.metadata.contexts;
    for reader in &contexts.readers {
        let mut refuse = |why: &str, remedy: &str| {
            let message = format!("`{}` of {} {why}", reader.coordinate(), subgraph.name);
            report.error(RULE.code, subgraph.span(reader.location), message).hint(remedy);
        };
        if subgraph.schema.get_interface(&reader.ty).is_some() {
            refuse(
                "reads a context on a field of an interface",
                "read it on a field of an object that no interface has",
            );
            continue;
        }
        if implements_field(subgraph, reader) {
            refuse(
                "reads a context on a field that an interface has",
                "read it on a field of an object that no interface has",
            );
        }
        if reader.argument.default_value.is_some() {
            refuse("reads a context and has a default value", "remove the default");
        }
        if let Some((context, _)) = &reader.value
            && contexts.setters_of(context).next().is_none()
        {
            refuse(
                &format!("reads the context `{context}`, which nothing sets"),
                "set it with `@context(name:)` on a type above this field",
            );
        }
    }
    for definition in subgraph.schema.directive_definitions.values() {
        for argument in &definition.arguments {
            if let Some(application) = argument.directives.get(names::FROM_CONTEXT) {
                let message = format!(
                    "`@{}({}:)` of {} reads a context, which only arguments of fields can",
                    definition.name, argument.name, subgraph.name
                );
                report
                    .error(RULE.code, subgraph.span(application.location()), message)
                    .hint("remove the `@fromContext`");
            }
        }
    }
}

fn implements_field(subgraph: &Subgraph, reader: &ContextReader) -> bool {
    let Some(object) = subgraph.schema.get_object(&reader.ty) else { return false };
    object.implements_interfaces.iter().any(|interface| {
        subgraph
            .schema
            .get_interface(interface)
            .is_some_and(|interface| interface.fields.contains_key(&reader.field))
    })
}
