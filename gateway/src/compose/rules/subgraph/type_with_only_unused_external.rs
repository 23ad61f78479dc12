//! `TYPE_WITH_ONLY_UNUSED_EXTERNAL`: a type of a federation 1 subgraph has only `@external` fields that nothing uses.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::upgrade::Upgraded;

pub(super) const RULE: Rule<Upgraded> = Rule {
    code: Code("TYPE_WITH_ONLY_UNUSED_EXTERNAL"),
    page: include_str!("type_with_only_unused_external.md"),
    check,
};

fn check(upgraded: &Upgraded, report: &mut Report) {
    for emptied in &upgraded.emptied {
        let Some(subgraph) = upgraded.subgraphs.get(emptied.subgraph) else { continue };
        let message =
            format!("`{}` of {} has only `@external` fields that nothing uses", emptied.name, subgraph.name);
        report
            .error(RULE.code, subgraph.span(emptied.location), message)
            .hint("remove the type, or declare a field that this subgraph resolves");
    }
}
