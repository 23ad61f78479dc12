//! `CONTEXT_NO_RESOLVABLE_KEY`: a type reads a context but has no key by which it can be looked up again.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("CONTEXT_NO_RESOLVABLE_KEY"),
    page: include_str!("context_no_resolvable_key.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    let mut seen = Vec::new();
    for reader in &subgraph.metadata.contexts.readers {
        let has_key = subgraph.keys(&reader.ty).iter().any(|key| key.resolvable);
        let has_key = has_key || subgraph.has_unread_keys(&reader.ty);
        if has_key || subgraph.schema.get_object(&reader.ty).is_none() || seen.contains(&&reader.ty) {
            continue;
        }
        seen.push(&reader.ty);
        let message = format!(
            "`{}` of {} reads a context in `{}`, but has no resolvable key",
            reader.ty,
            subgraph.name,
            reader.coordinate()
        );
        report
            .error(RULE.code, subgraph.span(reader.location), message)
            .hint("give the type a resolvable `@key`, so that it can be fetched once the context is known");
    }
}
