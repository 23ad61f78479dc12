//! `INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM`: an enum that clients pass lacks a value in some subgraphs.

use crate::compose::merge::model::Kind;
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM"),
    page: include_str!("inconsistent_enum_value_for_input_enum.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Enum).filter(|ty| ty.usage.input && !ty.usage.output) {
        for value in ty.values.values().filter(|value| !value.missing.is_empty()) {
            let missing = wording::list(value.missing.iter().copied());
            report
                .doubt(
                    RULE.code,
                    value.span(),
                    format!("`{}.{}` is missing in {missing}: clients cannot pass it", ty.name, value.name),
                )
                .hint("define it in every subgraph that takes the enum");
        }
    }
}
