//! `CONTEXT_NO_RESOLVABLE_KEY`: a type reads a context but has no key by which it can be looked up again.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::names;
use crate::compose::subgraph::metadata::is_resolvable;

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("CONTEXT_NO_RESOLVABLE_KEY"),
    page: include_str!("context_no_resolvable_key.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    let mut seen = Vec::new();
    // What names no context has a fault of its own, and reads none.
    for reader in subgraph.metadata.contexts.readers.iter().filter(|reader| reader.value.is_some()) {
        let Some(object) = subgraph.schema.get_object(&reader.ty) else { continue };
        // A key that cannot be read has a fault of its own, but it is there.
        let has_key = object.directives.get_all(names::KEY).any(|key| is_resolvable(key));
        if has_key || seen.contains(&&reader.ty) {
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
