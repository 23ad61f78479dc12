//! `INCONSISTENT_INPUT_OBJECT_FIELD`: an input field is missing in some subgraphs.

use crate::compose::merge::model::Kind;
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("INCONSISTENT_INPUT_OBJECT_FIELD"),
    page: include_str!("inconsistent_input_object_field.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Input) {
        for input in ty.inputs.values().filter(|input| !input.is_kept()) {
            let missing = wording::list(input.missing.iter().copied());
            report
                .doubt(
                    RULE.code,
                    input.span(),
                    format!("`{}.{}` is missing in {missing}: clients cannot pass it", ty.name, input.name),
                )
                .hint("define it in every subgraph that takes the input object");
        }
    }
}
