//! `EMPTY_MERGED_ENUM_TYPE`: subgraphs share no value of an enum that clients pass.

use super::Rule;
use crate::compose::merge::model::Kind;
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule =
    Rule { code: Code("EMPTY_MERGED_ENUM_TYPE"), page: include_str!("empty_merged_enum_type.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Enum).filter(|ty| ty.kept_values().next().is_none()) {
        let who = wording::list(ty.sources.iter().map(|source| source.subgraph));
        report
            .error(
                RULE.code,
                ty.span(),
                format!("no value of `{}`, which clients pass, is known to all of {who}", ty.name),
            )
            .labels(ty.sources.iter().map(|source| (source.span(), "defined here")))
            .hint("clients may pass only what every subgraph knows: give them a value in common");
    }
}
