//! `INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE`: subgraphs give an argument types that differ but fit.

use apollo_compiler::Node;

use crate::compose::merge::model::{Agreement, Source};
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE"),
    page: include_str!("inconsistent_but_compatible_argument_type.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (coordinate, argument) in graph.arguments().filter(|(_, argument)| argument.is_kept()) {
        let (Agreement::Compatible, Some(kept)) = (argument.ty.agreement, &argument.ty.ty) else { continue };
        let said = argument.sources.iter().map(|s| (format!("`{}`", s.node.ty), s.subgraph));
        report
            .doubt(
                RULE.code,
                argument.sources.iter().find(|s| *s.node.ty != *kept).map(Source::<Node<_>>::span),
                format!("`{coordinate}` is of type {}: clients see `{kept}`", wording::by_value(said)),
            )
            .hint("give it the same type in every subgraph");
    }
}
