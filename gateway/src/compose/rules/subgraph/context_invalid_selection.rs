//! `CONTEXT_INVALID_SELECTION`: what a `@fromContext` selects is not one value of the argument's type.

use apollo_compiler::ast::Type;

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::contexts::selected_type;

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("CONTEXT_INVALID_SELECTION"),
    page: include_str!("context_invalid_selection.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    let contexts = &subgraph.metadata.contexts;
    for reader in &contexts.readers {
        let Some((context, selection)) = &reader.value else { continue };
        if subgraph.schema.get_interface(&reader.ty).is_some() {
            continue;
        }
        for setter in contexts.setters_of(context) {
            let Err(why) = selected_type(&subgraph.schema, &setter.ty, selection)
                .and_then(|found| fits(&found, &reader.argument.ty))
            else {
                continue;
            };
            let message = format!(
                "`{}` of {} cannot take `{selection}` of the context `{context}` from `{}`: {why}",
                reader.coordinate(),
                subgraph.name,
                setter.ty
            );
            report
                .error(RULE.code, subgraph.span(reader.location), message)
                .label(subgraph.span(setter.location), "set here")
                .hint(
                    "select exactly one field, of the argument's type, in every type that sets the context",
                );
            break;
        }
    }
}

fn fits(found: &[Type], wanted: &Type) -> Result<(), String> {
    match found.iter().find(|found| !accepts(found, wanted)) {
        Some(found) => Err(format!("its type `{found}` does not fit `{wanted}`")),
        None => Ok(()),
    }
}

/// A context may be absent, so what is selected from it counts as nullable.
fn accepts(found: &Type, wanted: &Type) -> bool {
    found.clone().nullable().is_assignable_to(wanted)
}
