//! `EXTERNAL_UNUSED`: a field is marked `@external` and nothing uses it.

use apollo_compiler::Node;

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::names;

pub(super) const RULE: Rule<Subgraph> =
    Rule { code: Code("EXTERNAL_UNUSED"), page: include_str!("external_unused.md"), check };

fn check(subgraph: &Subgraph, report: &mut Report) {
    for (ty, field) in subgraph.fields() {
        let facts = subgraph.facts(ty.name(), &field.name);
        let is_used = subgraph.metadata.is_external_used(&subgraph.schema, ty.name(), &field.name);
        if !facts.external || is_used {
            continue;
        }
        let location = field.directives.get(names::EXTERNAL).map_or(field.location(), Node::location);
        let message = format!(
            "`{}.{}` of {} is `@external`, but no `@key`, `@requires` or `@provides` selects it and no interface wants it",
            ty.name(),
            field.name,
            subgraph.name
        );
        report
            .error(RULE.code, subgraph.span(location), message)
            .hint("remove the field, or the `@external` if this subgraph resolves it");
    }
}
