//! `EXTERNAL_TYPE_MISMATCH`: an external declaration gives the field another type than its owners.

use apollo_compiler::ast::Type;

use super::Rule;
use crate::compose::merge::model::Agreement;
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule =
    Rule { code: Code("EXTERNAL_TYPE_MISMATCH"), page: include_str!("external_type_mismatch.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (_, field) in graph.fields() {
        let Some(ty) = &field.ty.ty else { continue };
        let owners = wording::list(field.deciding().map(|source| source.subgraph));
        // Where owners differ in how narrow they are, so may those who do not resolve the field.
        let agrees = |other: &Type| match field.ty.agreement {
            Agreement::Same => other == ty,
            Agreement::Compatible | Agreement::Incompatible => graph.subtyping.fits(other, ty),
        };
        for external in field.external().filter(|source| !agrees(&source.definition.ty)) {
            report
                .error(
                    RULE.code,
                    external.span(),
                    format!(
                        "`{}` is of type `{}` in {}, where it is `@external`, but `{ty}` in {owners}",
                        field.coordinate(),
                        external.definition.ty,
                        external.subgraph.name,
                    ),
                )
                .labels(field.deciding().map(|source| (source.span(), "resolved here")))
                .hint(format!("declare it as `{ty}`"));
        }
    }
}
