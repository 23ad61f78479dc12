//! Plans as text, and what is refused: the planner crate's faults stay inside its module.
use std::{fmt::Write as _, time::Duration};

use apollo_compiler::ExecutableDocument;
use insta::assert_snapshot;
use souk_gateway::plan::{Overrides, PlanError, Planner, SupergraphError};

use super::script::{Graph, SHOP};

#[test]
fn a_query_over_three_subgraphs_follows_the_keys() {
    let plan = Graph::new(SHOP)
        .plan("query($s: Boolean!) { products { name by @include(if: $s) { name } } }")
        .unwrap();
    assert_snapshot!(plan, @r#"
    with not $s
    fetch products
      {products{name}}
    with $s
    in order
      fetch products
        {products{__typename name id}}
      fetch reviews
        $representations from products.@
        $representations: { ... on Product { __typename id } }
        query($representations:[_Any!]!){_entities(representations: $representations){...on Product{by{__typename id}}}}
      fetch authors
        $representations from products.@.by.@
        $representations: { ... on Author { __typename id } }
        query($representations:[_Any!]!){_entities(representations: $representations){...on Author{name}}}
    "#);
    assert_snapshot!(plan.shape_text(), @r"
    products
      name
      by if $s
        name if $s
    ");
    assert_eq!(plan.subgraphs(), ["authors", "products", "reviews"]);
}

#[test]
fn a_key_towards_a_subgraph_never_means_two_things() {
    let graph = Graph::new(&[
        (
            "zoo",
            r#"type Query { pets: [Pet] }
               interface Pet { id: ID! name: String }
               type Dog implements Pet @key(fields: "id") { id: ID! name: String! @shareable }
               type Cat implements Pet @key(fields: "id") { id: ID! name: String lives: Int }"#,
        ),
        ("care", r#"type Dog @key(fields: "id") { id: ID! name: String @shareable weight: Int }"#),
    ]);
    // To `zoo`, a dog's name and a cat's are of different types, and no alias may hide the key.
    let plan = graph.plan("{ pets { name ... on Dog { id: weight } } }").unwrap();
    assert_snapshot!(plan, @r#"
    in order
      fetch zoo
        {pets{__typename ...on Cat{name} ...on Dog{__typename name__1: name id}}}
      fetch care
        $representations from pets.@|Dog
        $representations: { ... on Dog { __typename id } }
        query($representations:[_Any!]!){_entities(representations: $representations){...on Dog{id__1: weight}}}
    "#);
    assert_snapshot!(plan.shape_text(), @r#"
    pets
      on Cat
        name
      on Dog
        name from name__1
        id from id__1
    "#);
}

#[test]
fn what_cannot_be_planned_at_once_is_planned_up_to_an_entity_and_on_from_there() {
    let graph = Graph::new(&[
        ("tree", r#"type Query { files: [File] } type File @key(fields: "id") { id: ID! bytes: Int! }"#),
        (
            "usage",
            r#"type File @key(fields: "id") { id: ID! bytes: Int! @external blocks: Int @requires(fields: "bytes") twin: File }"#,
        ),
    ]);
    // The planner crate fails with "Path 'files.@.twin' cannot be found in selection set of type Query".
    let plan = graph.plan("{ files { twin { b: blocks } } }").unwrap();
    assert_snapshot!(plan, @r#"
    in order
      fetch tree
        {files{__typename id}}
      in order
        fetch usage
          $representations from files.@
          $representations: { ... on File { __typename id } }
          query($representations:[_Any!]!){_entities(representations: $representations){...on File{twin{__typename id}}}}
        in order
          fetch tree
            $representations from files.@.twin
            $representations: { ... on File { __typename id } }
            query($representations:[_Any!]!){_entities(representations: $representations){...on File{bytes}}}
          fetch usage
            $representations from files.@.twin
            $representations: { ... on File { __typename bytes id } }
            query($representations:[_Any!]!){_entities(representations: $representations){...on File{b: blocks}}}
    "#);
}

#[test]
fn what_is_required_of_an_entity_behind_several_keys_is_planned_in_steps() {
    let graph = Graph::new(&[
        (
            "orders",
            r#"type Query { vip: Buyer } type Order @key(fields: "id") @key(fields: "number") { id: ID! number: Int! status: String }
               type Buyer @key(fields: "id") { id: ID! }"#,
        ),
        (
            "billing",
            r#"type Order @key(fields: "id") { id: ID! status: String @external due: Int @requires(fields: "status") }"#,
        ),
        (
            "crm",
            r#"type Buyer @key(fields: "id") { id: ID! orders: [Order!] } type Order @key(fields: "number") { number: Int! }"#,
        ),
    ]);
    // The planner crate fails with "Expected a single parent".
    let plan = graph.plan("{ vip { orders { due } } }").unwrap();
    assert_snapshot!(plan, @r#"
    in order
      fetch orders
        {vip{__typename id}}
      in order
        in order
          fetch crm
            $representations from vip
            $representations: { ... on Buyer { __typename id } }
            query($representations:[_Any!]!){_entities(representations: $representations){...on Buyer{orders{__typename number}}}}
          fetch orders
            $representations from vip.orders.@
            $representations: { ... on Order { __typename number } }
            query($representations:[_Any!]!){_entities(representations: $representations){...on Order{id}}}
        in order
          fetch orders
            $representations from vip.orders.@
            $representations: { ... on Order { __typename id } }
            query($representations:[_Any!]!){_entities(representations: $representations){...on Order{status}}}
          fetch billing
            $representations from vip.orders.@
            $representations: { ... on Order { __typename status id } }
            query($representations:[_Any!]!){_entities(representations: $representations){...on Order{due}}}
    "#);
}

#[test]
fn of_several_operations_the_one_that_is_asked_for_is_planned() {
    let graph = Graph::new(SHOP);
    let text = "query A { count } query B { kind } query C { any }";
    let document = ExecutableDocument::parse_and_validate(&graph.api, text, "operations.graphql").unwrap();
    let operation = document.operations.get(Some("B")).unwrap();
    let plan =
        graph.planner.plan(&document, operation, &Overrides::default(), Duration::from_secs(20)).unwrap();
    assert_eq!(plan.to_string(), "fetch products\n  {kind}\n");
}

#[test]
fn fragments_that_multiply_are_refused_before_they_are_expanded() {
    let graph = Graph::new(&[("one", "type Query { a: Query b: Query n: Int }")]);
    let mut text = "{ ...F0 }".to_owned();
    for at in 0..40 {
        let _ = write!(text, " fragment F{at} on Query {{ a {{ ...F{0} }} b {{ ...F{0} }} }}", at + 1);
    }
    text += " fragment F40 on Query { n }";
    assert_eq!(graph.plan(&text).unwrap_err(), PlanError::TooLarge(20_000));
}

#[test]
fn one_key_for_different_arguments_is_a_conflict_and_their_order_is_none() {
    let graph = Graph::new(&[("one", "type Query { a(of: [Int!], n: Int): Query n: Int }")]);
    let plan = graph.plan("{ a(of: [1], n: 2) { n } a(n: 2, of: [1]) { m: n } }").unwrap();
    assert_eq!(plan.to_string(), "fetch one\n  {a(n: 2, of: [1]){n m: n}}\n");
    // The compiler crate compares lists as far as the shorter one goes.
    let error = graph.plan("{ a(of: [1]) { n } a(of: [1, 2]) { n } }").unwrap_err();
    assert_eq!(error, PlanError::Conflict("a".to_owned()));
}

#[test]
fn a_deadline_that_has_passed_ends_planning() {
    let graph = Graph::new(SHOP);
    let error = graph.plan_within("{ products { score by { name } } }", Duration::ZERO).unwrap_err();
    assert_eq!(error, PlanError::TimedOut(Duration::ZERO));
}

#[test]
fn supergraphs_that_cannot_be_planned_on_are_refused_with_a_reason() {
    let refused = |sdl: &str| Planner::new(sdl).err().unwrap();
    assert!(matches!(refused("type Query {"), SupergraphError::Syntax(_)));
    // The planner crate panics on a schema without a query type, and on join directives that name no graph.
    assert!(matches!(refused("type A { b: Int }"), SupergraphError::Unusable(_)));
    let context = r#"
        directive @join__field(graph: join__Graph, contextArguments: [join__ContextArgument!]) repeatable on FIELD_DEFINITION
        input join__ContextArgument { name: String! type: String! context: String! selection: String }
        enum join__Graph { A }
        type Query { a(b: Int): Int @join__field(graph: A, contextArguments: [{ name: "b", type: "Int", context: "c", selection: " { d }" }]) }"#;
    assert_snapshot!(refused(context), @"the supergraph uses `@fromContext` (on an argument of `Query.a`), which this gateway cannot plan");
}
