//! `OVERRIDE_ON_INTERFACE`: `@override` stands on a field of an interface, which nobody resolves.

use super::Rule;
use crate::compose::merge::Merged;
use crate::compose::merge::model::Kind;
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule =
    Rule { code: Code("OVERRIDE_ON_INTERFACE"), page: include_str!("override_on_interface.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Interface) {
        for source in ty.fields.values().flat_map(|field| field.declaring().map(move |s| (field, s))) {
            let (field, source) = source;
            let Some(over) = &source.facts.overrides else { continue };
            if source.subgraph.is_interface_object(&ty.name) {
                continue;
            }
            report
                .error(
                    RULE.code,
                    source.subgraph.span(over.location),
                    format!(
                        "`@override` stands on `{}` in {}, a field of an interface",
                        field.coordinate(),
                        source.subgraph.name
                    ),
                )
                .hint("put it on the field of each object that implements the interface");
        }
    }
}
