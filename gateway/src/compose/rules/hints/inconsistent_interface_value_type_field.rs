//! `INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD`: subgraphs that share a plain interface do not agree on its fields.

use crate::compose::merge::model::Kind;
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD"),
    page: include_str!("inconsistent_interface_value_type_field.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Interface) {
        if ty.sources.iter().any(|source| !source.subgraph.keys(&ty.name).is_empty()) {
            continue;
        }
        for field in ty.fields.values() {
            let has = |subgraph: &str| field.sources.iter().any(|source| *source.subgraph.name == *subgraph);
            let missing: Vec<_> = ty.sources.iter().filter(|source| !has(&source.subgraph.name)).collect();
            let (Some(first), Some(_)) = (missing.first(), field.declaring().next()) else { continue };
            let lacking = wording::list(missing.iter().map(|source| source.subgraph));
            report
                .doubt(RULE.code, first.span(), format!("`{}` is missing in {lacking}", field.coordinate()))
                .hint("define it in every subgraph that has the type");
        }
    }
}
