//! `EXTENSION_WITH_NO_BASE`: a federation 1 subgraph extends a type that no subgraph defines.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::upgrade::Upgraded;

pub(super) const RULE: Rule<Upgraded> =
    Rule { code: Code("EXTENSION_WITH_NO_BASE"), page: include_str!("extension_with_no_base.md"), check };

fn check(upgraded: &Upgraded, report: &mut Report) {
    for orphan in &upgraded.orphans {
        let Some(subgraph) = upgraded.subgraphs.get(orphan.subgraph) else { continue };
        let message = format!("{} extends `{}`, which no subgraph defines", subgraph.name, orphan.name);
        report
            .error(RULE.code, subgraph.span(orphan.location), message)
            .hint("define the type in the subgraph that owns it, or drop the `extend`");
    }
}
