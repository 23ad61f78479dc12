//! The walk ends, and soon, on graphs that are large or made to multiply.

use std::fmt::Write as _;

use apollo_compiler::Schema;

use super::{Budget, Outcome, walk};
use crate::compose::Options;
use crate::graph::Graph;

fn supergraph(subgraphs: usize, types: &str) -> Graph {
    let mut sdl = "schema { query: Query }\nenum join__Graph {".to_owned();
    for at in 0..subgraphs {
        let _ = write!(sdl, " G{at} @join__graph(name: \"g{at}\", url: \"\")");
    }
    let _ = write!(sdl, " }}\n{types}");
    let schema = match Schema::parse(sdl, "supergraph.graphql") {
        Ok(schema) => schema,
        Err(with_errors) => with_errors.partial,
    };
    Graph::from_supergraph(&schema).unwrap()
}

fn walk_with(steps: u64, graph: &Graph) -> (Outcome, u64) {
    let mut budget = Budget::new(steps);
    let outcome = walk::walk(graph, &mut budget);
    (outcome, steps - budget.steps)
}

/// A value type of which each field leads to one subgraph less: every subset can be reached.
fn subsets(subgraphs: usize) -> Graph {
    let joins = |name: &str, left_out: Option<usize>| -> String {
        let graphs = (0..subgraphs).filter(|&at| Some(at) != left_out);
        graphs.map(|at| format!("@{name}(graph: G{at})")).collect::<Vec<_>>().join(" ")
    };
    let mut types = format!(
        "type Query {} {{ v: V }}\ntype V {} {{ x: Int",
        joins("join__type", None),
        joins("join__type", None)
    );
    for at in 0..subgraphs {
        let _ = write!(types, " without{at}: V {}", joins("join__field", Some(at)));
    }
    supergraph(subgraphs, &(types + " }"))
}

#[test]
fn a_graph_made_to_multiply_ends_with_its_budget() {
    let (outcome, spent) = walk_with(200_000, &subsets(24));
    assert!(outcome.exhausted);
    assert_eq!(spent, 200_000);
}

#[test]
fn a_small_graph_of_that_kind_is_walked_to_the_end() {
    let (outcome, _) = walk_with(Options::default().most_steps, &subsets(6));
    assert!(!outcome.exhausted);
}

#[test]
fn a_large_graph_of_entities_takes_a_small_part_of_the_budget() {
    let (subgraphs, entities) = (20, 100);
    let mut types = "type Query @join__type(graph: G0) { e0: E0 @join__field(graph: G0) }\n".to_owned();
    for entity in 0..entities {
        let _ = write!(types, "type E{entity}");
        for at in 0..subgraphs {
            let _ = write!(types, " @join__type(graph: G{at}, key: \"id\")");
        }
        types.push_str(" { id: ID!");
        for at in 0..subgraphs {
            let next = (entity * 7 + at + 1) % entities;
            let _ = write!(types, " to{at}: E{next} @join__field(graph: G{at})");
        }
        types.push_str(" }\n");
    }
    let (outcome, spent) = walk_with(Options::default().most_steps, &supergraph(subgraphs, &types));
    assert!(outcome.unreachable.is_empty() && !outcome.exhausted);
    assert!(spent < Options::default().most_steps / 25, "{spent} steps");
}

#[test]
fn keys_that_depend_on_each_other_in_a_circle_open_nothing() {
    let graph = supergraph(
        3,
        r#"
        type Query @join__type(graph: G0) @join__type(graph: G1) @join__type(graph: G2) {
          t: T @join__field(graph: G0)
        }
        type T @join__type(graph: G0) @join__type(graph: G1, key: "b") @join__type(graph: G2, key: "a") {
          n: Int @join__field(graph: G0)
          a: ID! @join__field(graph: G1) @join__field(graph: G2, external: true)
          b: ID! @join__field(graph: G2) @join__field(graph: G1, external: true)
        }
        "#,
    );
    let (outcome, _) = walk_with(Options::default().most_steps, &graph);
    let unreachable: Vec<_> = outcome.unreachable.iter().filter_map(|found| found.field.as_deref()).collect();
    assert_eq!(unreachable, ["a", "b"]);
}

#[test]
fn many_labels_do_not_multiply_the_states() {
    let mut types =
        r#"type Query @join__type(graph: G0) @join__type(graph: G1) { t: T @join__field(graph: G0) }
        type T @join__type(graph: G0, key: "id") @join__type(graph: G1, key: "id") { id: ID!"#
            .to_owned();
    for at in 0..40 {
        let _ = write!(
            types,
            " f{at}: T @join__field(graph: G0, override: \"g1\", overrideLabel: \"percent({at})\") \
             @join__field(graph: G1, overrideLabel: \"percent({at})\")"
        );
    }
    let (outcome, _) = walk_with(2_000_000, &supergraph(2, &(types + " }")));
    assert!(outcome.unreachable.is_empty());
    assert!(!outcome.exhausted, "labels multiply");
}

#[test]
fn a_field_that_many_overrides_move_at_a_time_is_followed_a_bounded_number_of_ways() {
    let subgraphs = 2 * (walk::MOST_LABELS_OF_A_FIELD + 4);
    let mut types = "type Query @join__type(graph: G0) { t: T }\ntype T".to_owned();
    for at in 0..subgraphs {
        let _ = write!(types, " @join__type(graph: G{at}, key: \"id\")");
    }
    types.push_str(" { id: ID! f: T");
    for at in (0..subgraphs).step_by(2) {
        let _ = write!(
            types,
            " @join__field(graph: G{at}, override: \"g{0}\", overrideLabel: \"percent({at})\") \
             @join__field(graph: G{0}, overrideLabel: \"percent({at})\")",
            at + 1
        );
    }
    let (outcome, _) = walk_with(2_000_000, &supergraph(subgraphs, &(types + " }")));
    assert!(outcome.unreachable.is_empty());
    assert!(!outcome.exhausted, "the ways multiply");
}
