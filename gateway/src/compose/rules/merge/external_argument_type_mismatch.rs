//! `EXTERNAL_ARGUMENT_TYPE_MISMATCH`: an external declaration gives an argument a type that does not take
//! what the field's argument takes.

use super::Rule;
use crate::compose::merge::Merged;
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule = Rule {
    code: Code("EXTERNAL_ARGUMENT_TYPE_MISMATCH"),
    page: include_str!("external_argument_type_mismatch.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (_, field) in graph.fields() {
        for argument in field.arguments.values().filter(|argument| argument.is_kept()) {
            let Some(ty) = &argument.ty.ty else { continue };
            for external in field.external() {
                let Some(theirs) = external.definition.argument_by_name(&argument.name) else { continue };
                if graph.subtyping.fits(ty, &theirs.ty) {
                    continue;
                }
                report
                    .error(
                        RULE.code,
                        external.subgraph.span(theirs.location()),
                        format!(
                            "`{}({}:)` is of type `{}` in {}, where the field is `@external`, but `{ty}` where \
                             it is resolved",
                            field.coordinate(),
                            argument.name,
                            theirs.ty,
                            external.subgraph.name,
                        ),
                    )
                    .labels(argument.sources.iter().map(|source| (source.span(), "resolved here")))
                    .hint(format!("declare it as `{ty}`"));
            }
        }
    }
}
