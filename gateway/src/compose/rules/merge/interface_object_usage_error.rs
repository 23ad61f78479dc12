//! `INTERFACE_OBJECT_USAGE_ERROR`: an `@interfaceObject` stands for no interface, or beside what it stands
//! for.

use super::Rule;
use crate::compose::merge::Merged;
use crate::compose::merge::model::{Kind, MergedType};
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule = Rule {
    code: Code("INTERFACE_OBJECT_USAGE_ERROR"),
    page: include_str!("interface_object_usage_error.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for interface in graph.of_kind(Kind::Interface) {
        let mut objects = interface
            .sources
            .iter()
            .filter(|source| source.subgraph.is_interface_object(&interface.name))
            .peekable();
        let Some(first) = objects.peek() else { continue };
        if interface.sources.iter().all(|source| source.subgraph.is_interface_object(&interface.name)) {
            report
                .error(
                    RULE.code,
                    first.span(),
                    format!(
                        "`{}` is an `@interfaceObject`, but no subgraph defines the interface",
                        interface.name
                    ),
                )
                .hint("define it as an interface in the subgraph that knows its implementations");
            continue;
        }
        for source in objects {
            for implementation in implementations(graph, interface) {
                let Some(there) = implementation.source_in(source.subgraph) else { continue };
                report
                    .error(
                        RULE.code,
                        source.span(),
                        format!(
                            "{} has `{}` as an `@interfaceObject` and its implementation `{}` as well",
                            source.subgraph.name, interface.name, implementation.name
                        ),
                    )
                    .label(there.span(), "the implementation")
                    .hint("a subgraph that uses `@interfaceObject` must not know the implementations");
            }
        }
    }
}

fn implementations<'g>(
    graph: &'g Merged<'_>,
    interface: &'g MergedType<'_>,
) -> impl Iterator<Item = &'g MergedType<'g>> {
    graph.of_kind(Kind::Object).filter(|object| object.implements.contains_key(&interface.name))
}
