//! `DISALLOWED_INACCESSIBLE`: `@inaccessible` stands where it cannot hide anything.

use crate::compose::merge::Merged;
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;
use crate::compose::subgraph::federation::names;

pub(super) const RULE: Rule =
    Rule { code: Code("DISALLOWED_INACCESSIBLE"), page: include_str!("disallowed_inaccessible.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for directive in &graph.composed {
        let source = directive.definition;
        for argument in source.node.arguments.iter().filter(|a| a.directives.has(names::INACCESSIBLE)) {
            report
                .error(
                    RULE.code,
                    source.subgraph.span(argument.location()),
                    format!(
                        "`@{}({}:)` in {} is `@inaccessible`, but the directive is applied in schemas only",
                        directive.name, argument.name, source.subgraph.name
                    ),
                )
                .hint("remove `@inaccessible`: clients do not see the directive anyway");
        }
    }
}
