//! `EXTERNAL_ARGUMENT_MISSING`: an external declaration lacks an argument that the field has.

use super::Rule;
use crate::compose::merge::Merged;
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule = Rule {
    code: Code("EXTERNAL_ARGUMENT_MISSING"),
    page: include_str!("external_argument_missing.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (_, field) in graph.fields() {
        for argument in field.arguments.values().filter(|argument| argument.is_kept()) {
            for external in field.external() {
                if external.definition.argument_by_name(&argument.name).is_some() {
                    continue;
                }
                report
                    .error(
                        RULE.code,
                        external.span(),
                        format!(
                            "`{}` is `@external` in {} without the argument `{}`",
                            field.coordinate(),
                            external.subgraph.name,
                            argument.name
                        ),
                    )
                    .labels(argument.sources.iter().map(|source| (source.span(), "the argument")))
                    .hint("declare the argument there as well");
            }
        }
    }
}
