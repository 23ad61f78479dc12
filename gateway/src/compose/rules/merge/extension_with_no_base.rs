//! `EXTENSION_WITH_NO_BASE`: a type is extended, but no subgraph defines it.

use super::Rule;
use crate::compose::merge::Merged;
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule =
    Rule { code: Code("EXTENSION_WITH_NO_BASE"), page: include_str!("extension_with_no_base.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.types.values() {
        if !ty.sources.iter().all(|source| source.subgraph.only_extends(source.node)) {
            continue;
        }
        for source in &ty.sources {
            report
                .error(
                    RULE.code,
                    source.span(),
                    format!(
                        "`{}` is extended in {}, but no subgraph defines it",
                        ty.name, source.subgraph.name
                    ),
                )
                .hint("define the type in the subgraph that owns it: `type`, not `extend type`");
        }
    }
}
