//! From SDL to [`Subgraph`]: parse, complete, check, normalise, gather, upgrade, check again.

use std::collections::BTreeMap;

use apollo_compiler::collections::IndexSet;

use super::draft::Draft;
use super::federation::{Version, names};
use super::join_name::join_names;
use super::metadata::Metadata;
use super::{Subgraph, default_values, normalise, upgrade};
use crate::compose::SubgraphSource;
use crate::compose::report::Report;
use crate::compose::rules::{BESIDE_UPGRADED, DRAFT, ROOTS, Rule, SUBGRAPH, UPGRADE};

/// Reads and checks every subgraph. When the report holds errors afterwards, the result is not to be
/// used.
///
/// The result is in the order of the subgraphs' names, which the supergraph keeps.
pub(crate) fn read_all(sources: &[SubgraphSource], report: &mut Report) -> Vec<Subgraph> {
    let subgraphs: Vec<Subgraph> = drafts(sources)
        .into_iter()
        .filter_map(|draft| {
            let mut found = Report::default();
            check_stages(DRAFT, &draft, &mut found);
            let subgraph = (!found.has_errors()).then(|| normalised(draft));
            match &subgraph {
                Some(subgraph) if subgraph.is_federation_2() => check_stages(SUBGRAPH, subgraph, &mut found),
                Some(subgraph) => check(ROOTS, subgraph, &mut found),
                None => {}
            }
            report.append(found);
            subgraph
        })
        .collect();
    if report.has_errors() {
        return subgraphs;
    }
    let upgraded = upgrade::upgrade(subgraphs);
    check(UPGRADE, &upgraded, report);
    let is_sound =
        |at: usize| upgraded.orphans.iter().chain(&upgraded.emptied).all(|leftover| leftover.subgraph != at);
    for (at, subgraph) in upgraded.subgraphs.iter().enumerate() {
        if subgraph.is_federation_2() || !is_sound(at) {
            continue;
        }
        let mut found = Report::default();
        check_stages(SUBGRAPH, subgraph, &mut found);
        report.append(found);
    }
    if !report.has_errors() {
        check(BESIDE_UPGRADED, &upgraded, report);
    }
    upgraded.subgraphs
}

/// Checks stage after stage, up to the first that reports an error. `found` starts empty.
fn check_stages<Input>(stages: &[&[Rule<Input>]], input: &Input, found: &mut Report) {
    for stage in stages {
        check(stage, input, found);
        if found.has_errors() {
            return;
        }
    }
}

fn check<Input>(rules: &[Rule<Input>], input: &Input, report: &mut Report) {
    for rule in rules {
        (rule.check)(input, report);
    }
}

fn drafts(sources: &[SubgraphSource]) -> Vec<Draft> {
    let mut sources: Vec<&SubgraphSource> = sources.iter().collect();
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    let mut times = BTreeMap::new();
    for source in &sources {
        *times.entry(source.name.as_str()).or_insert(0_usize) += 1;
    }
    let is_duplicate = |name: &str| times.get(name).is_some_and(|times| *times > 1);
    sources
        .iter()
        .zip(join_names(sources.iter().map(|source| source.name.as_str())))
        .map(|(source, join_name)| Draft::parse(source, join_name, is_duplicate(&source.name)))
        .collect()
}

fn normalised(draft: Draft) -> Subgraph {
    let Draft { name, url, join_name, mut schema, links, version, sources, extensions, .. } = draft;
    normalise::rename_roots(&mut schema);
    normalise::canonicalise(&mut schema, &links, version);
    normalise::strip(&mut schema, &links, version);
    default_values::fit_enum_values(&mut schema);
    if version == Version::ONE {
        normalise::join_field_lists(&mut schema);
    }
    // `@extends` is federation 1's way to write `extend`; federation 2 takes it for a definition.
    let marked =
        schema.types.values().filter(|ty| version == Version::ONE && ty.directives().has(names::EXTENDS));
    let extensions: IndexSet<_> = marked.map(|ty| ty.name().clone()).chain(extensions).collect();
    let metadata = Metadata::gather(&schema, version);
    Subgraph { name, url, join_name, schema, links, version, metadata, extensions, sources }
}
