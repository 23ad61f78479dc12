//! `EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE`: a field is marked `@external` and has a directive that makes no sense there.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::misplaced_provides::{Misplaced, misplaced_provides};

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE"),
    page: include_str!("external_collision_with_another_directive.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    for (ty, field, application) in misplaced_provides(subgraph, Misplaced::OnExternal) {
        let message = format!(
            "`{}.{}` of {} is both `@external` and `@provides`",
            ty.name(),
            field.name,
            subgraph.name
        );
        report
            .error(RULE.code, subgraph.span(application.location()), message)
            .hint("a subgraph can only provide below fields that it resolves itself: remove one of the two");
    }
}
