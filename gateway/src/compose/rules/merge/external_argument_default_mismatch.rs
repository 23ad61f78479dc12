//! `EXTERNAL_ARGUMENT_DEFAULT_MISMATCH`: an external declaration gives an argument another default.

use super::Rule;
use crate::compose::merge::model::MergedDefault;
use crate::compose::merge::{Merged, same_value};
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule = Rule {
    code: Code("EXTERNAL_ARGUMENT_DEFAULT_MISMATCH"),
    page: include_str!("external_argument_default_mismatch.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (_, field) in graph.fields() {
        for argument in field.arguments.values().filter(|argument| argument.is_kept()) {
            let ours = match &argument.default {
                MergedDefault::Same(value) => value.as_ref(),
                MergedDefault::Partial(_) | MergedDefault::Different => None,
            };
            for external in field.external() {
                let Some(theirs) = external.definition.argument_by_name(&argument.name) else { continue };
                let same = match (ours, &theirs.default_value) {
                    (Some(ours), Some(theirs)) => same_value(ours, theirs),
                    (None, None) => true,
                    _ => false,
                };
                if same {
                    continue;
                }
                report
                    .error(
                        RULE.code,
                        external.subgraph.span(theirs.location()),
                        format!(
                            "`{}({}:)` has another default in {}, where the field is `@external`",
                            field.coordinate(),
                            argument.name,
                            external.subgraph.name,
                        ),
                    )
                    .labels(argument.sources.iter().map(|source| (source.span(), "resolved here")))
                    .hint("give it the default of the subgraphs that resolve the field");
            }
        }
    }
}
