//! `ENUM_VALUE_MISMATCH`: an enum that clients pass and receive has not the same values everywhere.

use super::Rule;
use crate::compose::merge::model::Kind;
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::subgraph::federation::names;

pub(super) const RULE: Rule =
    Rule { code: Code("ENUM_VALUE_MISMATCH"), page: include_str!("enum_value_mismatch.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Enum).filter(|ty| ty.usage.input && ty.usage.output) {
        for value in ty.values.values().filter(|value| !value.missing.is_empty()) {
            // What clients never see cannot surprise the subgraphs that do not know it.
            if value.directives.iter().any(|directive| directive.name == names::INACCESSIBLE) {
                continue;
            }
            let defining = wording::list(value.sources.iter().map(|source| source.subgraph));
            let missing = wording::list(value.missing.iter().copied());
            report
                .error(
                    RULE.code,
                    value.span(),
                    format!(
                        "`{}`, which clients both pass and receive, has `{}` in {defining} but not in {missing}",
                        ty.name, value.name
                    ),
                )
                .hint("define the same values in every subgraph, or mark the new one `@inaccessible` until all have it");
        }
    }
}
