//! `INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM`: an enum that clients receive lacks a value in some subgraphs.

use crate::compose::merge::model::Kind;
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM"),
    page: include_str!("inconsistent_enum_value_for_output_enum.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Enum).filter(|ty| !ty.usage.input) {
        for value in ty.values.values().filter(|value| !value.missing.is_empty()) {
            let missing = wording::list(value.missing.iter().copied());
            report
                .doubt(
                    RULE.code,
                    value.span(),
                    format!("`{}.{}` is missing in {missing}", ty.name, value.name),
                )
                .hint("define it in every subgraph that answers the enum, if it can answer it");
        }
    }
}
