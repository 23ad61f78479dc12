//! Every kind of change, found and not found.

use apollo_compiler::Schema;

use super::{RULES, changes};

const OLD: &str = r#"
    directive @live(first: Int, only: Int) repeatable on QUERY | FIELD
    directive @gone on FIELD
    type Query { node(id: ID!, depth: Int = 1, hint: String): Node  list(first: Int): [Item!]!  any: Any  m: Mode }
    type Mutation { put(input: ItemInput): Item }
    interface Node { id: ID! }
    interface Named { name: String }
    type Item implements Node & Named { id: ID! name: String  size: Int! }
    type Box implements Node { id: ID! name: String }
    type Odd { id: ID }
    union Any = Item | Odd
    enum Mode { FAST SLOW }
    input ItemInput { name: String = "a"  note: String  size: Int }
    input Choice { a: Int  b: Int }
    input Loose @oneOf { a: Int  b: Int }
    scalar Gone
    scalar Turned
    directive @oneOf on INPUT_OBJECT
"#;

const NEW: &str = r#"
    directive @live(only: Int, must: Int!) on QUERY
    type Query { node(id: ID!, depth: Int = 2, extra: Int): Node  list(first: Int!): [Item]!  any: Any  m: Mode }
    interface Node { id: ID! }
    interface Named { name: String }
    type Item implements Node { id: ID! name: String! }
    type Box implements Node & Named { id: ID! name: String }
    type Odd { id: ID at(now: Int!): Int }
    union Any = Item | Box
    enum Mode { FAST TURBO }
    input ItemInput { name: String = "b"  size: Int!  must: Int!  may: Int }
    input Choice @oneOf { a: Int  b: Int }
    input Loose { a: Int  b: Int }
    enum Turned { A }
    directive @oneOf on INPUT_OBJECT
"#;

fn found(old: &str, new: &str) -> String {
    let schema = |sdl: &str| Schema::parse(sdl, "schema.graphql").expect("the case parses");
    let mut found = changes(&schema(old), &schema(new)).iter().map(ToString::to_string).collect::<Vec<_>>();
    found.push(String::new());
    found.join("\n")
}

#[test]
fn each_kind_of_change_is_found() {
    insta::assert_snapshot!(found(OLD, NEW));
}

#[test]
fn a_required_argument_added_to_a_known_field_is_breaking() {
    let found = found("type Query { a: Int }", "type Query { a(b: Int!): Int }");
    assert_eq!(
        found,
        "breaking[REQUIRED_ARG_ADDED]: required argument `Query.a(b:)` of type `Int!` was added\n"
    );
}

#[test]
fn every_rule_is_in_the_snapshot_of_all_changes() {
    let found = found(OLD, NEW) + &found("type Query { a: Int }", "type Query { a(b: Int!): Int }");
    for rule in RULES {
        assert!(found.contains(&format!("[{}]", rule.kind)), "no case for {}", rule.kind);
    }
}

#[test]
fn what_no_operation_can_notice_is_no_change() {
    let old = "type Query { a(b: Int!): Int  c: [Int] } input I { a: Int! }";
    let new = "type Query { a(b: Int = 3): Int!  c: [Int!]!  d: T } type T { e: Int } input I { a: Int }";
    assert_eq!(found(old, new), "");
}

#[test]
fn the_order_of_definitions_is_no_change() {
    let old = "type Query { a: E } enum E { A B }";
    let new = "enum E { B A } type Query { a: E }";
    assert_eq!(found(old, new), "");
}
