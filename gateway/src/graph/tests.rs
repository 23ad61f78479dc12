//! Graphs as text, one supergraph per kind of edge.

use apollo_compiler::Schema;
use insta::assert_snapshot;

use super::Graph;

const HEADER: &str = r#"
schema @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION) { query: Query }
enum join__Graph {
  A @join__graph(name: "a", url: "")
  B @join__graph(name: "b", url: "")
}
"#;

fn graph(types: &str) -> String {
    let schema = match Schema::parse(format!("{HEADER}{types}"), "supergraph.graphql") {
        Ok(schema) => schema,
        Err(with_errors) => with_errors.partial,
    };
    Graph::from_supergraph(&schema).map_or_else(|fault| fault.to_string(), |graph| graph.to_string())
}

#[test]
fn keys_and_requirements_become_edges_with_conditions() {
    assert_snapshot!(graph(r#"
        type Query @join__type(graph: A) { p: P }
        type P @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") {
          id: ID!
          x: Int @join__field(graph: A) @join__field(graph: B, external: true)
          y: Int @join__field(graph: B, requires: "x")
        }
    "#), @r"
    Query@a
      p -> P@a
    P@a
      id
      x
    P@b
      id
      y requires { x }
    Query enters by root Query@a
    P enters by { id } P@a P@b
    ");
}

#[test]
fn what_is_provided_can_be_resolved_on_that_path_only() {
    assert_snapshot!(graph(r#"
        type Query @join__type(graph: A) { p: P @join__field(graph: A, provides: "x o { z }") q: P }
        type P @join__type(graph: A) { x: Int @join__field(graph: A, external: true) o: O }
        type O @join__type(graph: A) { z: Int @join__field(graph: A, external: true) }
    "#), @r"
    Query@a
      p -> P@a+{ o { z } x }
      q -> P@a
    P@a
      o -> O@a
    O@a
    P@a+{ o { z } x }
      x
      o -> O@a+{ z }
    O@a+{ z }
      z
    Query enters by root Query@a
    ");
}

#[test]
fn an_interface_object_is_entered_from_every_implementation() {
    assert_snapshot!(graph(r#"
        type Query @join__type(graph: A) { i: I }
        interface I @join__type(graph: A, key: "id")
          @join__type(graph: B, key: "id", isInterfaceObject: true) {
          id: ID!
          n: Int @join__field(graph: B)
        }
        type R implements I @join__implements(graph: A, interface: "I") @join__type(graph: A, key: "id") {
          id: ID!
          n: Int @join__field
        }
    "#), @r"
    Query@a
      i -> I@a
    I@a
      id
      ... -> R@a
    I@b
      id
      n
    R@a
      id
    Query enters by root Query@a
    I enters by { id } I@a I@b
    R enters by { id } R@a
    R enters by { id } I@b
    ");
}

#[test]
fn both_sides_of_a_progressive_override_have_the_field_under_its_label() {
    assert_snapshot!(graph(r#"
        type Query @join__type(graph: A) { p: P }
        type P @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", resolvable: false) {
          id: ID!
          x: Int @join__field(graph: A, override: "b", overrideLabel: "percent(5)")
            @join__field(graph: B, overrideLabel: "percent(5)")
        }
    "#), @r"
    Query@a
      p -> P@a
    P@a
      id
      x if percent(5) is true
    P@b
      id
      x if percent(5) is false
    Query enters by root Query@a
    P enters by { id } P@a
    ");
}

#[test]
fn a_field_that_implementations_resolve_differently_is_not_asked_on_the_interface() {
    assert_snapshot!(graph(r#"
        type Query @join__type(graph: A) { i: I }
        interface I @join__type(graph: A) { id: ID! x: Int }
        type R implements I @join__implements(graph: A, interface: "I") @join__type(graph: A, key: "id") {
          id: ID!
          x: Int @join__field(graph: A, external: true)
        }
    "#), @r"
    Query@a
      i -> I@a
    I@a
      id
      ... -> R@a
    R@a
      id
    Query enters by root Query@a
    R enters by { id } R@a
    ");
}

#[test]
fn a_field_set_that_does_not_fit_is_named() {
    assert_snapshot!(
        graph(r#"type Query @join__type(graph: A, key: "nothing { at all }") { a: Int }"#),
        @"`nothing { at all }` is not a field set of `Query` in subgraph `a`"
    );
}
