//! `INCONSISTENT_ENTITY`: a type is an entity in some subgraphs only.

use apollo_compiler::schema::ExtendedType;

use crate::compose::merge::model::{Kind, Source};
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule =
    Rule { code: Code("INCONSISTENT_ENTITY"), page: include_str!("inconsistent_entity.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Object) {
        let (with, without): (Vec<Source<'_, ExtendedType>>, Vec<Source<'_, ExtendedType>>) =
            ty.sources.iter().partition(|source| !source.subgraph.keys(&ty.name).is_empty());
        let Some(first) = without.first().filter(|_| !with.is_empty()) else { continue };
        let keyed = wording::list(with.iter().map(|source| source.subgraph));
        let plain = wording::list(without.iter().map(|source| source.subgraph));
        report
            .doubt(
                RULE.code,
                first.span(),
                format!("`{}` has a `@key` in {keyed} but none in {plain}", ty.name),
            )
            .hint("give it a `@key` there too, with `resolvable: false` if the subgraph cannot look it up");
    }
}
