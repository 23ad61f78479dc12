//! `TYPE_KIND_MISMATCH`: subgraphs give one name to types of different kinds.

use super::Rule;
use crate::compose::merge::model::{Kind, Source};
use crate::compose::merge::{Merged, kind_in, wording};
use crate::compose::report::{Code, Report};
use apollo_compiler::schema::ExtendedType;

pub(super) const RULE: Rule =
    Rule { code: Code("TYPE_KIND_MISMATCH"), page: include_str!("type_kind_mismatch.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.types.values().filter(|ty| ty.kind.is_none()) {
        let who = wording::by_value(ty.sources.iter().map(|s| (describe(s).to_owned(), s.subgraph)));
        report
            .error(RULE.code, ty.span(), format!("`{}` is {who}", ty.name))
            .labels(ty.sources.iter().map(|s| (s.span(), describe(s))))
            .hint("make it the same kind of type everywhere, or rename one of them");
    }
}

fn describe(source: &Source<'_, ExtendedType>) -> &'static str {
    match kind_in(source) {
        Kind::Scalar => "a scalar",
        Kind::Object => "an object type",
        Kind::Interface if source.node.is_object() => "an `@interfaceObject`",
        Kind::Interface => "an interface",
        Kind::Union => "a union",
        Kind::Enum => "an enum",
        Kind::Input => "an input object",
    }
}
