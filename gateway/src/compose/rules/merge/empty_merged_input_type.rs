//! `EMPTY_MERGED_INPUT_TYPE`: subgraphs share no field of an input object.

use super::Rule;
use crate::compose::merge::model::{Kind, MergedInput};
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule =
    Rule { code: Code("EMPTY_MERGED_INPUT_TYPE"), page: include_str!("empty_merged_input_type.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Input) {
        if ty.inputs.values().any(MergedInput::is_kept) {
            continue;
        }
        let who = wording::list(ty.sources.iter().map(|source| source.subgraph));
        report
            .error(RULE.code, ty.span(), format!("no field of `{}` is known to all of {who}", ty.name))
            .labels(ty.sources.iter().map(|source| (source.span(), "defined here")))
            .hint("clients may pass only what every subgraph knows: give them a field in common");
    }
}
