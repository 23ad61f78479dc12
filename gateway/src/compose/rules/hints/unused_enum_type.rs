//! `UNUSED_ENUM_TYPE`: no field, argument or input field is of an enum.

use crate::compose::merge::Merged;
use crate::compose::merge::model::Kind;
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule =
    Rule { code: Code("UNUSED_ENUM_TYPE"), page: include_str!("unused_enum_type.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Enum).filter(|ty| !ty.usage.input && !ty.usage.output) {
        report
            .doubt(
                RULE.code,
                ty.span(),
                format!("`{}` is not used by any field, argument or input field", ty.name),
            )
            .hint("remove it, or use it");
    }
}
