//! A realistic graph, composed: what is printed, what clients see, and that the planner takes it.

use apollo_compiler::ast::Document;

use super::api_document;
use crate::compose::{SubgraphSource, Supergraph, compose, render};
use crate::plan::Planner;

fn sources() -> Vec<SubgraphSource> {
    [
        ("products", include_str!("fixtures/products.graphql")),
        ("stock", include_str!("fixtures/stock.graphql")),
        ("companies", include_str!("fixtures/companies.graphql")),
    ]
    .map(|(name, sdl)| SubgraphSource {
        name: name.to_owned(),
        url: Some(format!("http://{name}.test/graphql")),
        sdl: sdl.to_owned(),
    })
    .into()
}

fn composed(sources: &[SubgraphSource]) -> Supergraph {
    let (supergraph, report) = compose(sources);
    supergraph.unwrap_or_else(|| panic!("{}", render::text(&report, sources)))
}

#[test]
fn the_supergraph_says_who_has_what() {
    insta::assert_snapshot!("supergraph", composed(&sources()).sdl);
}

#[test]
fn clients_see_no_machinery_and_nothing_inaccessible() {
    insta::assert_snapshot!("api", composed(&sources()).api_sdl);
}

#[test]
fn the_order_of_the_subgraphs_makes_no_difference() {
    let mut reversed = sources();
    reversed.reverse();
    assert_eq!(composed(&sources()).sdl, composed(&reversed).sdl);
}

#[test]
fn the_planner_takes_the_supergraph() {
    let supergraph = composed(&sources());
    let planner = Planner::new(&supergraph.sdl).expect("the planner takes it");
    let subgraphs: Vec<&str> = planner.subgraphs().map(|(name, _)| name).collect();
    assert_eq!(subgraphs.len(), 3, "{subgraphs:?}");
}

#[test]
fn a_supergraph_under_other_names_gives_the_same_api() {
    let supergraph = r#"
        schema @link(url: "https://specs.apollo.dev/link/v1.0")
          @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION, as: "j")
          @link(url: "https://specs.apollo.dev/inaccessible/v0.2", import: [{name: "@inaccessible", as: "@hidden"}])
          { query: Query mutation: Mutation }
        directive @hidden on FIELD_DEFINITION | OBJECT
        directive @j__type(graph: j__Graph!) repeatable on OBJECT
        directive @link(url: String) repeatable on SCHEMA
        directive @live on QUERY
        enum j__Graph { A }
        type Query @j__type(graph: A) { a: Int b: Int @hidden u: U }
        type Mutation @hidden { c: Int }
        type X { x: Int } type Y @hidden { y: Int }
        union U = X | Y
        input I @oneOf { a: Int b: Int }
    "#;
    let document = Document::parse(supergraph, "supergraph.graphql").expect("it parses");
    let api = api_document(&document);
    assert!(api.to_schema_validate().is_ok());
    insta::assert_snapshot!("api_of_renamed_features", api);
}
