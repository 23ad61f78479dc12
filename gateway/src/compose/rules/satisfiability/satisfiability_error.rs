//! `SATISFIABILITY_ERROR`: a client may ask for a field that the subgraphs cannot reach.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::satisfiability::{Unreachable, Walked};

pub(super) const RULE: Rule<Walked> =
    Rule { code: Code("SATISFIABILITY_ERROR"), page: include_str!("satisfiability_error.md"), check };

fn check(walked: &Walked, report: &mut Report) {
    for found in &walked.outcome.unreachable {
        report
            .error(
                RULE.code,
                walked.place(found.declared_in.as_deref(), &found.type_name, found.field.as_deref()),
                message(found),
            )
            .hint(hint(found));
    }
}

fn message(found: &Unreachable) -> String {
    let subject = match &found.field {
        Some(field) => format!("`{}.{field}` cannot be reached", found.type_name),
        None => format!("the type of a `{}` cannot be told", found.type_name),
    };
    let mut message = format!("{subject} in `{}`", found.operation);
    for reason in &found.reasons {
        message.push_str("\n  - ");
        message.push_str(reason);
    }
    message
}

fn hint(found: &Unreachable) -> String {
    match (&found.field, &found.declared_in) {
        (Some(field), Some(subgraph)) => format!(
            "give `{}` a `@key` in {subgraph} that the subgraphs on the way can resolve, or let one of them \
             resolve `{field}` too, `@shareable` in both",
            found.type_name
        ),
        (Some(field), None) => format!("let a subgraph resolve `{}.{field}`", found.type_name),
        (None, _) => format!(
            "give the interface `{}` a resolvable `@key`, the same as that of the interface object",
            found.type_name
        ),
    }
}
