//! `INCONSISTENT_UNION_MEMBER`: a union has a member in some subgraphs only.

use crate::compose::merge::model::Kind;
use crate::compose::merge::{Merged, wording};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("INCONSISTENT_UNION_MEMBER"),
    page: include_str!("inconsistent_union_member.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Union) {
        for (member, having) in &ty.members {
            let lacks = |name: &str| !having.iter().any(|subgraph| *subgraph.name == *name);
            let missing: Vec<_> = ty.sources.iter().filter(|source| lacks(&source.subgraph.name)).collect();
            let Some(first) = missing.first() else { continue };
            let lacking = wording::list(missing.iter().map(|source| source.subgraph));
            report
                .doubt(RULE.code, first.span(), format!("`{}` lacks `{member}` in {lacking}", ty.name))
                .hint(
                    "clients must expect every member: name them all in each subgraph, if it can answer them",
                );
        }
    }
}
