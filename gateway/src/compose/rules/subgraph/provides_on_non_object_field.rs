//! `PROVIDES_ON_NON_OBJECT_FIELD`: a `@provides` stands on a field whose type has no fields.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::misplaced_provides::{Misplaced, misplaced_provides};

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("PROVIDES_ON_NON_OBJECT_FIELD"),
    page: include_str!("provides_on_non_object_field.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    for (ty, field, application) in misplaced_provides(subgraph, Misplaced::OnLeaf) {
        let message = format!(
            "`@provides` on `{}.{}` of {} has nothing to select from: the field's type is `{}`",
            ty.name(),
            field.name,
            subgraph.name,
            field.ty
        );
        report
            .error(RULE.code, subgraph.span(application.location()), message)
            .hint("remove the directive, or let the field return an object, interface or union");
    }
}
