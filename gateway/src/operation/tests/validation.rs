//! Every validation rule of the specification: an operation that keeps it and one that breaks it.

use super::{bounds, lines, schema};
use crate::error::Code;
use crate::operation::document::validate;

/// Rule (section of the specification), an operation that keeps it, one that breaks it.
const RULES: &[(&str, &str, &str)] = &[
    ("5.1.1 executable definitions", "{ me { id } }", "{ me { id } } type T { a: Int }"),
    (
        "5.2.1 operation type exists",
        "mutation { rename(id: 1, name: \"\") { id } }",
        "subscription { nothing }",
    ),
    (
        "5.2.2 operation names are unique",
        "query A { me { id } } query B { me { id } }",
        "query A { me { id } } query A { me { id } }",
    ),
    ("5.2.3 a lone anonymous operation", "{ me { id } }", "{ me { id } } query B { me { id } }"),
    (
        "5.2.4 one subscription root field",
        "subscription { renamed { id } }",
        "subscription { renamed { id } removed { id } }",
    ),
    (
        "5.2.4 no introspection in subscriptions",
        "subscription { renamed { __typename } }",
        "subscription { __typename }",
    ),
    ("5.3.1 fields exist", "{ me { name } }", "{ me { nickname } }"),
    ("5.3.1 unions have no fields", "{ search { __typename } }", "{ search { name } }"),
    ("5.3.2 merged fields have one meaning", "{ me { a: name a: name } }", "{ me { a: name a: role } }"),
    (
        "5.3.2 merged arguments are equal",
        "{ me { friends(first: 1) { id } friends(first: 1) { name } } }",
        "{ me { friends(first: 1) { id } friends(first: 2) { name } } }",
    ),
    (
        "5.3.2 merged shapes are equal",
        "{ pets { ... on Cat { a: name } ... on Dog { a: name } } }",
        "{ pets { ... on Cat { a: meows } ... on Dog { a: barks } } }",
    ),
    (
        "5.3.2 nested fields merge",
        "{ x: me { a: name } x: me { a: name } }",
        "{ x: me { a: name } x: me { a: role } }",
    ),
    ("5.3.3 leaves have no selection", "{ me { name } }", "{ me { name { x } } }"),
    ("5.3.3 composites have a selection", "{ me { id } }", "{ me }"),
    ("5.4.1 arguments exist", "{ node(id: 1) { id } }", "{ node(id: 1, other: 2) { id } }"),
    (
        "5.4.1 directive arguments exist",
        "{ me @include(if: true) { id } }",
        "{ me @include(if: true, unless: false) { id } }",
    ),
    ("5.4.2 arguments are unique", "{ node(id: 1) { id } }", "{ node(id: 1, id: 2) { id } }"),
    ("5.4.3 required arguments are there", "{ node(id: 1) { id } }", "{ node { id } }"),
    ("5.4.3 required directive arguments are there", "{ me @skip(if: true) { id } }", "{ me @skip { id } }"),
    ("5.4.3 required arguments are not null", "{ node(id: 1) { id } }", "{ node(id: null) { id } }"),
    (
        "5.5.1.1 fragment names are unique",
        "{ me { ...A } } fragment A on User { id }",
        "{ me { ...A } } fragment A on User { id } fragment A on User { name }",
    ),
    ("5.5.1.2 fragment types exist", "{ me { ... on User { id } } }", "{ me { ... on Nobody { id } } }"),
    ("5.5.1.3 fragments are on composites", "{ me { ... on Node { id } } }", "{ me { ... on Role { id } } }"),
    (
        "5.5.1.4 fragments are used",
        "{ me { ...A } } fragment A on User { id }",
        "{ me { id } } fragment A on User { id }",
    ),
    ("5.5.2.1 spread fragments exist", "{ me { ...A } } fragment A on User { id }", "{ me { ...B id } }"),
    (
        "5.5.2.2 fragments form no cycle",
        "{ me { ...A } } fragment A on User { id }",
        "{ me { ...A } } fragment A on User { ...B } fragment B on User { ...A }",
    ),
    (
        "5.5.2.3 spreads are possible",
        "{ node(id: 1) { ... on User { id } } }",
        "{ me { ... on Island { name } } }",
    ),
    (
        "5.5.2.3 abstract spreads are possible",
        "{ search { ... on Node { id } } }",
        "{ search { ... on Pet { name } } }",
    ),
    ("5.6.1 Int", "{ number(int: 1) }", "{ number(int: \"1\") }"),
    ("5.6.1 Int has 32 bits", "{ number(int: 2147483647) }", "{ number(int: 2147483648) }"),
    ("5.6.1 Float", "{ number(float: 1) }", "{ number(float: \"1\") }"),
    ("5.6.1 String", "{ number(text: \"a\") }", "{ number(text: 1) }"),
    ("5.6.1 Boolean", "{ number(flag: true) }", "{ number(flag: 1) }"),
    ("5.6.1 ID", "{ number(id: 1) }", "{ number(id: 1.5) }"),
    ("5.6.1 enums", "{ number(role: ADMIN) }", "{ number(role: \"ADMIN\") }"),
    ("5.6.1 enum values exist", "{ number(role: GUEST) }", "{ number(role: BOSS) }"),
    (
        "5.6.1 lists",
        "{ search(sizes: [1, 2]) { __typename } }",
        "{ search(sizes: [1, \"2\"]) { __typename } }",
    ),
    (
        "5.6.1 a single item is a list",
        "{ search(sizes: 1) { __typename } }",
        "{ search(sizes: \"1\") { __typename } }",
    ),
    (
        "5.6.1 items are not null",
        "{ search(sizes: [1]) { __typename } }",
        "{ search(sizes: [null]) { __typename } }",
    ),
    ("5.6.1 no list for a scalar", "{ number(int: 1) }", "{ number(int: [1]) }"),
    (
        "5.6.1 objects",
        "{ search(filter: {text: \"\"}) { __typename } }",
        "{ search(filter: 1) { __typename } }",
    ),
    (
        "5.6.1 default values",
        "query($a: Int = 1) { number(int: $a) }",
        "query($a: Int = \"1\") { number(int: $a) }",
    ),
    (
        "5.6.2 input fields exist",
        "{ search(filter: {text: \"\"}) { __typename } }",
        "{ search(filter: {text: \"\", size: 1}) { __typename } }",
    ),
    (
        "5.6.3 input fields are unique",
        "{ search(filter: {text: \"\"}) { __typename } }",
        "{ search(filter: {text: \"\", text: \"a\"}) { __typename } }",
    ),
    (
        "5.6.4 required input fields are there",
        "{ search(filter: {text: \"\"}) { __typename } }",
        "{ search(filter: {role: ADMIN}) { __typename } }",
    ),
    (
        "5.6.5 one of: exactly one",
        "{ search(pick: {id: 1}) { __typename } }",
        "{ search(pick: {id: 1, slug: \"a\"}) { __typename } }",
    ),
    (
        "5.6.5 one of: not none",
        "{ search(pick: {id: 1}) { __typename } }",
        "{ search(pick: {}) { __typename } }",
    ),
    (
        "5.6.5 one of: not null",
        "{ search(pick: {slug: \"a\"}) { __typename } }",
        "{ search(pick: {slug: null}) { __typename } }",
    ),
    (
        "5.6.5 one of: nested",
        "{ search(filter: {text: \"\", pick: {id: 1}}) { __typename } }",
        "{ search(filter: {text: \"\", pick: {}}) { __typename } }",
    ),
    (
        "5.6.5 one of: in a default",
        "query($p: Pick = {id: 1}) { search(pick: $p) { __typename } }",
        "query($p: Pick = {id: 1, slug: \"\"}) { search(pick: $p) { __typename } }",
    ),
    (
        "5.6.5 one of: variables are non-null",
        "query($a: ID!) { search(pick: {id: $a}) { __typename } }",
        "query($a: ID) { search(pick: {id: $a}) { __typename } }",
    ),
    ("5.7.1 directives exist", "{ me @skip(if: true) { id } }", "{ me @unknown { id } }"),
    (
        "5.7.2 directives stand where they may",
        "{ me @tagged(name: \"\") { id } }",
        "query @tagged(name: \"\") { me { id } }",
    ),
    (
        "5.7.3 directives are unique",
        "{ me @tagged(name: \"\") @tagged(name: \"\") { id } }",
        "{ me @once @once { id } }",
    ),
    (
        "5.8.1 variables are unique",
        "query($a: Int) { number(int: $a) }",
        "query($a: Int, $a: Int) { number(int: $a) }",
    ),
    (
        "5.8.2 variables are of input types",
        "query($a: Filter) { search(filter: $a) { __typename } }",
        "query($a: User) { search(filter: $a) { __typename } }",
    ),
    (
        "5.8.2 variable types exist",
        "query($a: Date) { search(when: $a) { __typename } }",
        "query($a: Dater) { search(when: $a) { __typename } }",
    ),
    ("5.8.3 variables are defined", "query($a: Int) { number(int: $a) }", "{ number(int: $a) }"),
    (
        "5.8.3 variables of fragments are defined",
        "query($a: ID!) { ...Q } fragment Q on Query { node(id: $a) { id } }",
        "{ ...Q } fragment Q on Query { node(id: $a) { id } }",
    ),
    (
        "5.8.3 variables in lists are defined",
        "query($a: Int!) { search(sizes: [$a]) { __typename } }",
        "{ search(sizes: [$a]) { __typename } }",
    ),
    ("5.8.4 variables are used", "query($a: Int) { number(int: $a) }", "query($a: Int) { me { id } }"),
    ("5.8.5 variables fit", "query($a: Int) { number(int: $a) }", "query($a: String) { number(int: $a) }"),
    (
        "5.8.5 nullable variables do not fit non-null",
        "query($a: ID!) { node(id: $a) { id } }",
        "query($a: ID) { node(id: $a) { id } }",
    ),
    (
        "5.8.5 a default lets nullable variables fit",
        "query($a: ID = 1) { node(id: $a) { id } }",
        "query($a: ID = null) { node(id: $a) { id } }",
    ),
    (
        "5.8.5 lists do not fit scalars",
        "query($a: [Int!]) { search(sizes: $a) { __typename } }",
        "query($a: [Int!]) { number(int: $a) }",
    ),
    (
        "5.8.5 scalars do not fit lists",
        "query($a: [Int!]!) { search(sizes: $a) { __typename } }",
        "query($a: Int!) { search(sizes: $a) { __typename } }",
    ),
    (
        "5.8.5 variables fit within lists",
        "query($a: Int!) { search(sizes: [$a]) { __typename } }",
        "query($a: Int) { search(sizes: [$a]) { __typename } }",
    ),
    (
        "5.8.5 variables fit within objects",
        "query($a: String!) { search(filter: {text: $a}) { __typename } }",
        "query($a: String) { search(filter: {text: $a}) { __typename } }",
    ),
    (
        "5.8.5 lists fit within objects",
        "query($a: [Int!]) { search(filter: {text: \"\", sizes: $a}) { __typename } }",
        "query($a: [Int]) { search(filter: {text: \"\", sizes: $a}) { __typename } }",
    ),
    (
        "5.8.5 variables fit directives",
        "query($a: Boolean!) { me @skip(if: $a) { id } }",
        "query($a: Boolean) { me @skip(if: $a) { id } }",
    ),
    (
        "5.8.5 variables fit in fragments",
        "query($a: ID!) { ...Q } fragment Q on Query { node(id: $a) { id } }",
        "query($a: ID) { ...Q } fragment Q on Query { node(id: $a) { id } }",
    ),
    (
        "ours: numbers have 64 bits",
        "{ node(id: 9223372036854775807) { id } }",
        "{ node(id: 9223372036854775808) { id } }",
    ),
    (
        "ours: numbers are finite",
        "{ search(when: 1e300) { __typename } }",
        "{ search(when: [1e999]) { __typename } }",
    ),
];

#[test]
fn every_rule_admits_what_keeps_it_and_refuses_what_breaks_it() {
    let schema = schema();
    let mut wrong = Vec::new();
    for (rule, kept, broken) in RULES {
        if let Err(errors) = validate(&schema, &bounds(), kept) {
            wrong.push(format!("{rule}: refused {kept}\n  {}", lines(&errors)));
        }
        match validate(&schema, &bounds(), broken) {
            Ok(_) => wrong.push(format!("{rule}: admitted {broken}")),
            Err(errors) => {
                let told = errors
                    .iter()
                    .all(|error| error.code == Code::GraphqlValidationFailed && !error.message.is_empty());
                assert!(told, "{rule}: {}", lines(&errors));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_unknown_field_is_told_once() {
    let refusal = |text: &str| lines(&validate(&schema(), &bounds(), text).unwrap_err());
    assert_eq!(refusal("{ me { nickname } }"), "1:8 Cannot query field \"nickname\" on type \"User\".");
    let both = "1:8 Cannot query field \"nickname\" on type \"User\".\n\
        1:27 Field \"friends\" of type \"User\" must have a selection of subfields. Did you mean \"friends { ... }\"?";
    assert_eq!(refusal("{ me { nickname } a: me { friends(first: 1) } }"), both);
}
