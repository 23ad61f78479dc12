//! The generated files of `schema/` are what the code says.

use std::fs;
use std::path::Path;

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
