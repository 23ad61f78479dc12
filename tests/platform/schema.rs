//! The generated files of `schema/` are what the code says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use apollo_compiler::ast::{Definition, Document, FieldDefinition};

use crate::souk::run;

#[test]
fn the_checked_in_schemas_are_those_of_the_code() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&folder.path().join("data"), &["schema", "print", "--write", "schema"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let checked_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema");
    let mut compared = 0;
    for file in fs::read_dir(folder.path().join("schema")).unwrap() {
        let file = file.unwrap();
        let ours = fs::read_to_string(checked_in.join(file.file_name())).unwrap_or_default();
        let generated = fs::read_to_string(file.path()).unwrap();
        assert!(
            ours == generated,
            "schema/{} has drifted from the code: run `cargo run -- schema print --write schema`",
            file.file_name().to_string_lossy()
        );
        compared += 1;
    }
    assert!(compared >= 4, "only {compared} schemas were printed");
}

#[test]
fn nothing_breaks_clients_of_the_checked_in_schema() {
    let folder = tempfile::tempdir().unwrap();
    let api = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/api.graphql");
    let output = run(&folder.path().join("data"), &["schema", "check", "--against", api.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));

    let fewer = folder.path().join("old.graphql");
    let more = fs::read_to_string(&api).unwrap().replacen("type Query {", "type Query {\n  gone: Int\n", 1);
    fs::write(&fewer, more).unwrap();
    let output = run(&folder.path().join("data"), &["schema", "check", "--against", fewer.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("Query.gone"));
}

fn supergraph() -> Document {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/supergraph.graphql");
    Document::parse(fs::read_to_string(path).unwrap(), "supergraph.graphql").unwrap()
}

/// The only subgraph that resolves a field, if there is only one.
fn resolver(field: &FieldDefinition) -> Option<&str> {
    let mut joins = field.directives.get_all("join__field");
    let only = joins.next()?.specified_argument_by_name("graph")?.as_enum()?;
    joins.next().is_none().then_some(only.as_str())
}

/// A subgraph that is gone takes nothing along but its own fields: those must be free to be null, at the root and on
/// the entities of others.
#[test]
fn what_one_subgraph_adds_to_the_root_or_to_an_entity_of_others_is_nullable() {
    let supergraph = supergraph();
    let mut looked_at = 0;
    for definition in &supergraph.definitions {
        let Definition::ObjectTypeDefinition(object) = definition else { continue };
        if object.directives.get_all("join__type").count() < 2 {
            continue;
        }
        let mut shares = BTreeMap::<&str, usize>::new();
        for field in &object.fields {
            *shares.entry(resolver(field).unwrap_or_default()).or_default() += 1;
        }
        let is_root = object.name == "Query" || object.name == "Mutation";
        // Whoever resolves most of an entity is at home there.
        let home = shares.iter().max_by_key(|(_, share)| **share).map(|(name, _)| *name);
        let foreign = |field: &FieldDefinition| {
            let is_foreign = |resolver| is_root || Some(resolver) != home;
            resolver(field).is_some_and(is_foreign) && !field.directives.has("inaccessible")
        };
        for field in object.fields.iter().filter(|field| foreign(field)) {
            assert!(!field.ty.is_non_null(), "{}.{}: {}", object.name, field.name, field.ty);
            looked_at += 1;
        }
    }
    assert!(looked_at > 50, "only {looked_at} fields were looked at");
}
