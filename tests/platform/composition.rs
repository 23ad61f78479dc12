//! `souk schema compose` and `souk gateway --supergraph` on a graph that is none of ours.

use std::path::Path;

use serde_json::Value;

use crate::souk::run;

const PRODUCTS: &str = r#"
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
type Query { products: [Product!]! }
type Product @key(fields: "id") { id: ID! name: String @shareable }
"#;

fn compose(folder: &Path, reviews: &str, args: &[&str]) -> std::process::Output {
    std::fs::write(folder.join("products.graphql"), PRODUCTS).unwrap();
    std::fs::write(folder.join("reviews.graphql"), reviews).unwrap();
    let subgraphs = ["--subgraph", "products=products.graphql", "--subgraph", "reviews=reviews.graphql"];
    let args: Vec<_> = ["schema", "compose"].iter().chain(&subgraphs).chain(args).copied().collect();
    run(&folder.join("data"), &args)
}

#[test]
fn subgraphs_compose_into_a_supergraph_with_their_urls() {
    let folder = tempfile::tempdir().unwrap();
    let reviews = "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.3\", import: [\"@key\"])
        type Product @key(fields: \"id\") { id: ID! reviews: [String!]! }";
    let output = compose(
        folder.path(),
        reviews,
        &["--url", "reviews=http://127.0.0.1:1/graphql", "--output", "out.graphql"],
    );
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let supergraph = std::fs::read_to_string(folder.path().join("out.graphql")).unwrap();
    assert!(
        supergraph.contains("REVIEWS @join__graph(name: \"reviews\", url: \"http://127.0.0.1:1/graphql\")"),
        "{supergraph}"
    );
}

#[test]
fn errors_are_told_as_json_with_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let reviews = "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.3\", import: [\"@key\"])
type Product @key(fields: \"id\") { id: ID! name: String }";
    let output = compose(folder.path(), reviews, &["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let errors: Value = serde_json::from_slice(&output.stdout).unwrap();
    let error = &errors[0];
    assert_eq!(error["code"], "INVALID_FIELD_SHARING", "{errors}");
    assert!(error["message"].as_str().unwrap().contains("Product.name"), "{errors}");
    assert!(error["line"].is_u64() && error["column"].is_u64() && error["subgraph"].is_string(), "{errors}");
}
