//! `OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE`: `@override` meets a directive that it cannot live with.

use super::Rule;
use crate::compose::merge::Merged;
use crate::compose::merge::model::{FieldSource, Kind, MergedField};
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule = Rule {
    code: Code("OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE"),
    page: include_str!("override_collision_with_another_directive.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Interface) {
        for field in ty.fields.values() {
            for source in field.declaring().filter(|s| s.subgraph.is_interface_object(&ty.name)) {
                if source.facts.overrides.is_some() {
                    collision(field, source, "the `@interfaceObject` on its type", report);
                }
            }
        }
    }
    for ty in graph.of_kind(Kind::Object) {
        for (field, source, target) in ty.overridden_pairs() {
            if source.subgraph.name == target.subgraph.name {
                continue;
            }
            if source.facts.external {
                collision(field, source, "the `@external` beside it", report);
            } else if target.facts.overrides.is_none() && target.facts.requires.is_some() {
                collision(field, source, &format!("the `@requires` in {}", target.subgraph.name), report);
            } else if target.facts.overrides.is_none() && target.facts.provides.is_some() {
                collision(field, source, &format!("the `@provides` in {}", target.subgraph.name), report);
            }
        }
    }
}

fn collision(field: &MergedField<'_>, source: &FieldSource<'_>, other: &str, report: &mut Report) {
    let over = source.facts.overrides.as_ref().and_then(|over| over.location);
    report
        .error(
            RULE.code,
            source.subgraph.span(over),
            format!(
                "`@override` on `{}` in {} collides with {other}",
                field.coordinate(),
                source.subgraph.name
            ),
        )
        .hint("remove one of the two");
}
