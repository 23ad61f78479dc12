//! `INTERFACE_FIELD_NO_IMPLEM`: after merging, a type lacks a field of an interface that it implements.

use crate::compose::merge::model::FieldSource;
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("INTERFACE_FIELD_NO_IMPLEM"),
    page: include_str!("interface_field_no_implem.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.composites() {
        for (interface, according_to) in &ty.implements {
            let Some(interface) = graph.types.get(interface) else { continue };
            for field in interface.fields.values().filter(|field| !ty.fields.contains_key(&field.name)) {
                let declaring = wording::list(field.declaring().map(|source| source.subgraph));
                let implementing = wording::list(according_to.iter().copied());
                report
                    .error(
                        RULE.code,
                        field.declaring().next().map(FieldSource::span),
                        format!(
                            "`{}`, declared in {declaring}, is missing on `{}`, which implements `{}` in \
                             {implementing}",
                            field.coordinate(),
                            ty.name,
                            interface.name
                        ),
                    )
                    .labels(ty.sources.iter().map(|source| (source.span(), "the implementation")))
                    .hint(format!("add `{}` to `{}` in some subgraph", field.name, ty.name));
            }
        }
    }
}
