//! `MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL`: a directive that would reach the supergraph stands on an
//! external declaration, whose say does not count.

use super::Rule;
use crate::compose::merge::Merged;
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule = Rule {
    code: Code("MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"),
    page: include_str!("merged_directive_application_on_external.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    // Where every declaration is external, that alone is what has to be mended.
    for (_, field) in graph.fields().filter(|(_, field)| field.deciding().next().is_some()) {
        for external in field.external() {
            let carried = external
                .definition
                .directives
                .iter()
                .filter(|d| graph.carried.takes(&d.name, external.subgraph))
                .filter(|d| !graph.carried.is_composed(&d.name));
            for directive in carried {
                let name = directive.name.trim_start_matches("federation__");
                report
                    .error(
                        RULE.code,
                        external.subgraph.span(directive.location()),
                        format!(
                            "`@{name}` stands on `{}` in {}, where the field is `@external`",
                            field.coordinate(),
                            external.subgraph.name
                        ),
                    )
                    .hint(format!("put `@{name}` on the field in a subgraph that resolves it"));
            }
        }
    }
}
