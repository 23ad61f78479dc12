//! The walk over the graph of who can resolve what, on supergraphs that the reference has merged.

use std::collections::{BTreeMap, BTreeSet};

use souk_gateway::compose::satisfiability;

use super::oracle::Oracle;
use super::{generate, mutate};

#[test]
fn the_walk_agrees_with_the_reference() {
    let mut oracle = Oracle::start().unwrap();
    let n: u64 = std::env::var("SETS").ok().and_then(|s| s.parse().ok()).unwrap_or(300);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut shown = 0;
    for seed in 0..n {
        let mut set = generate::set(seed);
        if seed % 2 == 1 {
            set = mutate::mutated(&set, seed);
        }
        let answer = oracle.compose(&set);
        let reference: BTreeSet<String> = answer.codes().iter().map(|code| (*code).to_owned()).collect();
        if let Some(fault) = &answer.fault {
            *counts.entry("fault".into()).or_default() += 1;
            println!("FAULT {} {fault}", set.name);
        }
        *counts.entry(format!("{reference:?}")).or_default() += 1;
        let Some(sdl) = answer.supergraph_sdl.as_ref().or(answer.merged_sdl.as_ref()) else { continue };
        let report = satisfiability::check(sdl).unwrap();
        let ours: BTreeSet<String> = report.errors().map(|finding| finding.code.0.to_owned()).collect();
        if ours != reference {
            shown += 1;
            if shown < 4 {
                println!("=== {} ours {ours:?} reference {reference:?}", set.name);
                for (name, sdl) in &set.subgraphs {
                    println!("### {name}\n{sdl}");
                }
                for f in report.errors() {
                    println!("OURS {}", f.message);
                }
                for e in &answer.errors {
                    println!("REF {}", e.message);
                }
            }
        }
    }
    println!("{counts:#?} differences {shown}");
    assert_eq!(shown, 0);
}
