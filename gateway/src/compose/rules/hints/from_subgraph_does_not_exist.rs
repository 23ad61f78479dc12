//! `FROM_SUBGRAPH_DOES_NOT_EXIST`: an override names no subgraph.

use crate::compose::merge::Merged;
use crate::compose::merge::model::Kind;
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("FROM_SUBGRAPH_DOES_NOT_EXIST"),
    page: include_str!("from_subgraph_does_not_exist.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for field in graph.of_kind(Kind::Object).flat_map(|ty| ty.fields.values()) {
        for source in field.declaring() {
            let Some(over) = &source.facts.overrides else { continue };
            if graph.subgraphs.iter().any(|subgraph| *subgraph.name == *over.from) {
                continue;
            }
            let name = &source.subgraph.name;
            let mut finding = report.doubt(
                RULE.code,
                source.subgraph.span(over.location),
                format!("`{}` in {name} overrides `{}`, which is no subgraph", field.coordinate(), over.from),
            );
            finding = finding.hint("correct the name, or remove the `@override`");
            let nearest = graph.subgraphs.iter().max_by(|a, b| {
                strsim::jaro(&a.name, &over.from).total_cmp(&strsim::jaro(&b.name, &over.from))
            });
            if let Some(nearest) = nearest.filter(|subgraph| strsim::jaro(&subgraph.name, &over.from) > 0.8) {
                finding.hint(format!("did you mean `{}`?", nearest.name));
            }
        }
    }
}
