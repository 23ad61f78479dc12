//! `INVALID_GRAPHQL`: a union of one subgraph has a member that another makes something else than an object.

use super::Rule;
use crate::compose::merge::model::Kind;
use crate::compose::merge::{Merged, kind_in};
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule =
    Rule { code: Code("INVALID_GRAPHQL"), page: include_str!("invalid_graphql.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for union in graph.types.values() {
        for (member, listing) in &union.members {
            let first = graph.types.get(member).and_then(|ty| ty.sources.first());
            let Some(first) = first.filter(|first| kind_in(first) != Kind::Object) else { continue };
            let what = match kind_in(first) {
                Kind::Interface if first.node.is_object() => "an `@interfaceObject`",
                Kind::Interface => "an interface",
                Kind::Scalar => "a scalar",
                Kind::Union => "a union",
                Kind::Enum => "an enum",
                Kind::Input => "an input object",
                Kind::Object => continue,
            };
            let message = format!(
                "`{member}` is {what} in {}, and the union `{}` has it as a member",
                first.subgraph.name, union.name
            );
            let unions = listing.iter().filter_map(|subgraph| union.source_in(subgraph));
            report
                .error(RULE.code, first.span(), message)
                .labels(unions.map(|source| (source.span(), "a member here")))
                .hint("make it an object type everywhere, or take it out of the union");
        }
    }
}
