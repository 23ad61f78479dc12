//! `ONLY_INACCESSIBLE_CHILDREN`: clients see a type, but nothing in it.

use crate::compose::merge::Merged;
use crate::compose::merge::model::{Kind, MergedType};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;
use crate::compose::supergraph::specifications;

use super::disallowed_inaccessible::is_of_specification;

pub(super) const RULE: Rule = Rule {
    code: Code("ONLY_INACCESSIBLE_CHILDREN"),
    page: include_str!("only_inaccessible_children.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    let specifications = specifications(graph);
    // Clients see nothing of a specification anyway.
    let is_shown = |ty: &&MergedType<'_>| {
        ty.is_kept() && !graph.is_hidden_type(&ty.name) && !is_of_specification(&specifications, &ty.name)
    };
    for ty in graph.types.values().filter(is_shown) {
        let Some(children) = hidden_children(graph, ty) else { continue };
        report
            .error(
                RULE.code,
                ty.span(),
                format!("clients see `{}`, but all of its {children} are `@inaccessible`", ty.name),
            )
            .labels(ty.sources.iter().map(|source| (source.span(), "defined here")))
            .hint("mark the type itself `@inaccessible`, or leave something in it to see");
    }
}

/// What the type has in it, if all of that is hidden.
fn hidden_children(graph: &Merged<'_>, ty: &MergedType<'_>) -> Option<&'static str> {
    let (children, any_visible) = match ty.kind? {
        Kind::Scalar => return None,
        Kind::Object | Kind::Interface => {
            ("fields", ty.fields.values().any(|field| !Merged::is_hidden(&field.directives)))
        }
        Kind::Union => ("members", ty.members.keys().any(|member| !graph.is_hidden_type(member))),
        Kind::Enum => ("values", ty.kept_values().any(|value| !Merged::is_hidden(&value.directives))),
        Kind::Input => {
            let mut kept = ty.inputs.values().filter(|input| input.is_kept());
            ("input fields", kept.any(|input| !Merged::is_hidden(&input.directives)))
        }
    };
    (!any_visible).then_some(children)
}
