//! `REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH`: a mandatory input field is not known everywhere.

use super::Rule;
use crate::compose::merge::model::Kind;
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule = Rule {
    code: Code("REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH"),
    page: include_str!("required_input_field_missing_in_some_subgraph.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Input) {
        for input in ty.inputs.values().filter(|input| !input.is_kept()) {
            let Some(first) = input.requiring().next() else { continue };
            let requiring = wording::list(input.requiring().map(|source| source.subgraph));
            let missing = wording::list(input.missing.iter().copied());
            report
                .error(
                    RULE.code,
                    first.span(),
                    format!(
                        "`{}.{}` is required in {requiring} but missing in {missing}",
                        ty.name, input.name
                    ),
                )
                .labels(input.requiring().map(|source| (source.span(), "required here")))
                .hint("add it to every subgraph, make it nullable, or give it a default");
        }
    }
}
