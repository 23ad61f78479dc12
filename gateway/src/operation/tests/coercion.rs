//! Variables: what they become, and what is said of those that do not fit.

use apollo_compiler::response::JsonMap;
use insta::assert_snapshot;

use super::{bounds, lines, schema};
use crate::operation::{coerce_variables, document};

/// Coerces `variables` for an operation that declares `declared`; the answer is JSON, or errors a line each.
fn coerce(declared: &str, variables: &str) -> String {
    let schema = schema();
    let text = format!("query({declared}) {{ me {{ id }} }}");
    let syntax = apollo_compiler::ast::Document::parse(text, "query").unwrap();
    // Not validated: these variables are not used.
    let document = syntax.to_executable(schema.schema()).unwrap();
    let operation = document.operations.get(None).unwrap();
    let given: JsonMap = serde_json::from_str(variables).unwrap();
    match coerce_variables(schema.schema(), &document, operation, given) {
        Ok(map) => serde_json::to_string(&map).unwrap(),
        Err(errors) => lines(&errors),
    }
}

#[test]
fn values_that_fit_become_what_their_types_say() {
    let cases = [
        ("$a: Int", r#"{"a":1}"#, r#"{"a":1}"#),
        ("$a: Int", r#"{"a":1.0}"#, r#"{"a":1}"#),
        ("$a: Int", r#"{"a":null}"#, r#"{"a":null}"#),
        ("$a: Int", "{}", "{}"),
        ("$a: Int = 3", "{}", r#"{"a":3}"#),
        ("$a: Int = 3", r#"{"a":null}"#, r#"{"a":null}"#),
        ("$a: Float", r#"{"a":1}"#, r#"{"a":1}"#),
        ("$a: Float", r#"{"a":1.5}"#, r#"{"a":1.5}"#),
        ("$a: ID", r#"{"a":7}"#, r#"{"a":"7"}"#),
        ("$a: ID", r#"{"a":"x"}"#, r#"{"a":"x"}"#),
        ("$a: Role", r#"{"a":"ADMIN"}"#, r#"{"a":"ADMIN"}"#),
        ("$a: Date", r#"{"a":{"any":["thing",1]}}"#, r#"{"a":{"any":["thing",1]}}"#),
        ("$a: [Int]", r#"{"a":1}"#, r#"{"a":[1]}"#),
        ("$a: [[Int]]", r#"{"a":1}"#, r#"{"a":[[1]]}"#),
        ("$a: [Int]", r#"{"a":[1,null]}"#, r#"{"a":[1,null]}"#),
        ("$a: Filter", r#"{"a":{"text":"t"}}"#, r#"{"a":{"text":"t"}}"#),
        (
            "$a: Filter = {text: \"d\", sizes: [1], role: ADMIN}",
            "{}",
            r#"{"a":{"text":"d","sizes":[1],"role":"ADMIN"}}"#,
        ),
        ("$a: Pick", r#"{"a":{"slug":"s"}}"#, r#"{"a":{"slug":"s"}}"#),
        ("$a: Int", r#"{"unknown":1}"#, "{}"),
    ];
    for (declared, given, expected) in cases {
        assert_eq!(coerce(declared, given), expected, "{declared} {given}");
    }
}

#[test]
fn values_that_do_not_fit_are_named_with_their_place() {
    assert_snapshot!(coerce("$a: Int!", "{}"), @r#"1:7 Variable "$a" of required type "Int!" was not provided."#);
    assert_snapshot!(coerce("$a: Int!", r#"{"a":null}"#), @r#"1:7 Variable "$a" of non-null type "Int!" must not be null."#);
    assert_snapshot!(coerce("$a: Int", r#"{"a":"1"}"#), @r#"1:7 Variable "$a" got invalid value "1"; Int cannot represent non-integer value: "1""#);
    assert_snapshot!(coerce("$a: Int", r#"{"a":2147483648}"#), @r#"1:7 Variable "$a" got invalid value 2147483648; Int cannot represent non 32-bit signed integer value: 2147483648"#);
    assert_snapshot!(coerce("$a: Int", r#"{"a":1.5}"#), @r#"1:7 Variable "$a" got invalid value 1.5; Int cannot represent non-integer value: 1.5"#);
    assert_snapshot!(coerce("$a: Float", r#"{"a":"1.5"}"#), @r#"1:7 Variable "$a" got invalid value "1.5"; Float cannot represent non numeric value: "1.5""#);
    assert_snapshot!(coerce("$a: String", r#"{"a":1}"#), @r#"1:7 Variable "$a" got invalid value 1; String cannot represent a non string value: 1"#);
    assert_snapshot!(coerce("$a: Boolean", r#"{"a":0}"#), @r#"1:7 Variable "$a" got invalid value 0; Boolean cannot represent a non boolean value: 0"#);
    assert_snapshot!(coerce("$a: ID", r#"{"a":1.5}"#), @r#"1:7 Variable "$a" got invalid value 1.5; ID cannot represent value: 1.5"#);
    assert_snapshot!(coerce("$a: Role", r#"{"a":"BOSS"}"#), @r#"1:7 Variable "$a" got invalid value "BOSS"; Value "BOSS" does not exist in "Role" enum."#);
    assert_snapshot!(coerce("$a: Role", r#"{"a":1}"#), @r#"1:7 Variable "$a" got invalid value 1; Enum "Role" cannot represent non-string value: 1."#);
    assert_snapshot!(coerce("$a: [Int!]", r#"{"a":[1,null]}"#), @r#"1:7 Variable "$a" got invalid value null at "a[1]"; Expected non-nullable type "Int!" not to be null."#);
    assert_snapshot!(coerce("$a: Filter", r#"{"a":3}"#), @r#"1:7 Variable "$a" got invalid value 3; Expected type "Filter" to be an object."#);
    assert_snapshot!(coerce("$a: Filter", r#"{"a":{"nested":{"text":"t","sizes":[1,"2"]},"size":1}}"#), @r#"
    1:7 Variable "$a" got invalid value {"nested":{"text":"t","sizes":[1,"2"]},"size":1}; Field "size" is not defined by type "Filter".
    1:7 Variable "$a" got invalid value {"nested":{"text":"t","sizes":[1,"2"]},"size":1}; Field "text" of required type "String!" was not provided.
    1:7 Variable "$a" got invalid value "2" at "a.nested.sizes[1]"; Int cannot represent non-integer value: "2"
    "#);
    assert_snapshot!(coerce("$a: Pick, $b: Pick, $c: Pick", r#"{"a":{},"b":{"id":1,"slug":"s"},"c":{"id":null}}"#), @r#"
    1:7 Variable "$a" got invalid value {}; Exactly one key must be specified for OneOf type "Pick".
    1:17 Variable "$b" got invalid value {"id":1,"slug":"s"}; Exactly one key must be specified for OneOf type "Pick".
    1:27 Variable "$c" got invalid value null at "c.id"; Field "id" must be non-null.
    "#);
}

#[test]
fn a_hostile_value_yields_a_bounded_number_of_short_errors() {
    let items = vec!["\"x\""; 1000].join(",");
    let told = coerce("$a: [Int]", &format!("{{\"a\":[{items}]}}"));
    assert_eq!(told.lines().count(), 50);
    let long = "y".repeat(10_000);
    let told = coerce("$a: Int", &format!("{{\"a\":\"{long}\"}}"));
    assert!(told.len() < 500, "{}", told.len());
}

#[test]
fn the_operation_is_found_by_its_name() {
    let schema = schema();
    let select = |text: &str, name: Option<&str>| {
        let document = document::validate(&schema, &bounds(), text).unwrap();
        match document::select(&document, name) {
            Ok(operation) => format!("{:?}", operation.name.as_ref().map(ToString::to_string)),
            Err(error) => format!("{} {}", error.code.name(), error.message),
        }
    };
    let two = "query A { me { id } } query B { me { id } }";
    assert_snapshot!(select("{ me { id } }", None), @"None");
    assert_snapshot!(select(two, Some("B")), @r#"Some("B")"#);
    assert_snapshot!(select(two, None), @"OPERATION_RESOLUTION_FAILURE Must provide operation name if query contains multiple operations.");
    assert_snapshot!(select(two, Some("C")), @r#"OPERATION_RESOLUTION_FAILURE Unknown operation named "C"."#);
}

#[test]
fn any_number_of_unknown_keys_costs_no_more_than_reading_them() {
    let keys: Vec<String> = (0..200_000).map(|n| format!("\"k{n}\":1")).collect();
    let told = coerce("$a: Filter", &format!("{{\"a\":{{{}}}}}", keys.join(",")));
    assert_eq!(told.lines().count(), 50);
    assert!(told.lines().all(|line| line.chars().count() < 400), "{told}");
}
