//! Reading subgraphs: what normalising and upgrading make of an SDL.

use apollo_compiler::schema::ExtendedType;

use super::federation::{Version, names};
use super::{Subgraph, read_all};
use crate::compose::SubgraphSource;
use crate::compose::report::Report;

const PRODUCTS: &str = "type Product @key(fields: \"id\") { id: ID! name: String weight: Int }
    type Query { product: Product }";

fn read(sources: &[(&str, &str)]) -> Vec<Subgraph> {
    let sources: Vec<_> = sources
        .iter()
        .map(|(name, sdl)| SubgraphSource { name: (*name).to_owned(), url: None, sdl: (*sdl).to_owned() })
        .collect();
    let mut report = Report::default();
    let subgraphs = read_all(&sources, &mut report);
    assert!(!report.has_errors(), "{report:?}");
    subgraphs
}

/// The types that the SDL brought, each on a line.
fn shown(subgraph: &Subgraph) -> String {
    subgraph
        .types()
        .map(|ty: &ExtendedType| ty.to_string().replace("\n  ", " ").replace("\n}", " }"))
        .collect()
}

#[test]
fn directives_have_one_name_whatever_the_schema_calls_them() {
    let subgraphs = read(&[(
        "products",
        "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.9\", as: \"fed\",
           import: [{ name: \"@key\", as: \"@entity\" }, \"@tag\"])
         directive @key(note: String) on OBJECT
         type Query { product: Product @tag(name: \"x\") }
         type Product @entity(fields: \"id\") @key(note: \"mine\") { id: ID! @fed__shareable }",
    )]);
    insta::assert_snapshot!(shown(&subgraphs[0]), @r#"
    type Query { product: Product @federation__tag(name: "x") }
    type Product @federation__key(fields: "id") @key(note: "mine") { id: ID! @federation__shareable }
    "#);
    assert_eq!(subgraphs[0].version, Version::two(9));
    assert_eq!(subgraphs[0].keys("Product").len(), 1);
}

#[test]
fn roots_have_their_default_names_and_the_machinery_is_gone() {
    let subgraphs = read(&[(
        "products",
        "schema { query: Root mutation: Changes }
         type Root { product: Product _service: _Service! _entities(representations: [_Any!]!): [_Entity]! }
         type Changes { rename: Root }
         type Product @key(fields: \"id\") { id: ID! }
         scalar _Any type _Service { sdl: String } union _Entity = Product",
    )]);
    insta::assert_snapshot!(shown(&subgraphs[0]), @r#"
    type Query { product: Product }
    type Mutation { rename: Query }
    type Product @federation__key(fields: "id") { id: ID! }
    "#);
}

#[test]
fn federation_1_is_upgraded_to_what_it_meant() {
    let subgraphs = read(&[
        ("products", PRODUCTS),
        (
            "shipping",
            "extend type Product @key(fields: \"id\") {
               id: ID! @external
               name: String
               weight: Int @external
               unused: Int @external
               cost: Int @requires(fields: \"id weight\")
             }
             interface Parcel @key(fields: \"id\") { id: ID! @external }",
        ),
    ]);
    // Key fields of an extension are resolved by it; what two subgraphs resolve is shared; what nothing
    // uses is gone; requirements name only what is external; interfaces carry no keys.
    insta::assert_snapshot!(shown(&subgraphs[1]), @r#"
    interface Parcel { id: ID! }
    type Product

    extend type Product @federation__key(fields: "id") { id: ID! name: String @federation__shareable weight: Int @federation__external cost: Int @federation__requires(fields: "weight") }
    type Query
    "#);
    assert!(!subgraphs[1].is_federation_2());
    assert!(subgraphs[0].facts("Product", "name").shareable);
    assert!(!subgraphs[0].facts("Product", "weight").shareable, "shipping does not resolve it");
}

#[test]
fn a_subgraph_that_only_extends_is_told_from_one_that_defines() {
    let link = "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.3\", import: [\"@key\"])";
    let subgraphs = read(&[
        ("a", &format!("{link} type T @key(fields: \"id\") {{ id: ID! }} type Query {{ t: T }}")),
        ("b", &format!("{link} extend type T @key(fields: \"id\") {{ id: ID! n: Int }}")),
    ]);
    let extends = subgraphs.iter().map(|s| s.schema.types.get("T").is_some_and(|ty| s.only_extends(ty)));
    assert_eq!(extends.collect::<Vec<_>>(), [false, true]);
    let key = subgraphs[1].schema.get_object("T").and_then(|ty| ty.directives.get(names::KEY));
    let span = subgraphs[1].span(key.and_then(|key| key.location()));
    assert_eq!(span.position.map(|at| (at.line, at.column)), Some((1, 102)));
}

#[test]
fn bare_words_are_values_of_enums_and_strings_of_scalars() {
    let subgraphs = read(&[(
        "products",
        "scalar Any enum Sort { UP DOWN } input Filter { sorts: [Sort!] any: Any }
         type Query { a(where: Filter = { sorts: [\"DOWN\"], any: UP }, any: [Any] = [UP, { at: [DOWN] }, 1]): Int }",
    )]);
    insta::assert_snapshot!(shown(&subgraphs[0]), @r#"
    scalar Any
    enum Sort { UP DOWN }
    input Filter { sorts: [Sort!] any: Any }
    type Query { a(where: Filter = {sorts: [DOWN], any: "UP"}, any: [Any] = ["UP", {at: ["DOWN"]}, 1]): Int }
    "#);
}
