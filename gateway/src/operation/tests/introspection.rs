//! What the schema says of itself.

use std::time::{Duration, Instant};

use apollo_compiler::response::JsonMap;
use insta::assert_snapshot;

use super::{bounds, schema};
use crate::error::Code;
use crate::operation::{ApiSchema, document, roots};

fn soon() -> Instant {
    Instant::now() + Duration::from_mins(1)
}

fn ask(schema: &ApiSchema, text: &str, variables: &str) -> String {
    let document = document::validate(schema, &bounds(), text).unwrap();
    let operation = document::select(&document, None).unwrap();
    let variables: JsonMap = serde_json::from_str(variables).unwrap();
    let answers = roots::answer(schema, &document, operation, &variables, soon()).unwrap();
    let fields: Vec<String> = answers
        .iter()
        .map(|(key, json)| format!("{key}: {}", serde_json::from_slice::<serde_json::Value>(json).unwrap()))
        .collect();
    fields.join("\n")
}

#[test]
fn one_of_inputs_and_scalar_specifications_are_shown() {
    assert_snapshot!(ask(&schema(), r#"{
        pick: __type(name: "Pick") { isOneOf kind name }
        filter: __type(name: "Filter") { isOneOf }
        date: __type(name: "Date") { isOneOf specifiedByURL kind }
        none: __type(name: "Nothing") { name }
    }"#, "{}"), @r#"
    pick: {"isOneOf":true,"kind":"INPUT_OBJECT","name":"Pick"}
    filter: {"isOneOf":false}
    date: {"isOneOf":null,"specifiedByURL":"https://scalars.example/date","kind":"SCALAR"}
    none: null
    "#);
}

#[test]
fn deprecated_elements_are_shown_on_request() {
    assert_snapshot!(ask(&schema(), r#"query($all: Boolean) {
        role: __type(name: "Role") { enumValues { name } all: enumValues(includeDeprecated: $all) { name isDeprecated deprecationReason } }
        user: __type(name: "User") { fields { name } all: fields(includeDeprecated: true) { name isDeprecated deprecationReason } }
    }"#, r#"{"all":true}"#), @r#"
    role: {"enumValues":[{"name":"ADMIN"},{"name":"GUEST"}],"all":[{"name":"ADMIN","isDeprecated":false,"deprecationReason":null},{"name":"GUEST","isDeprecated":false,"deprecationReason":null},{"name":"OLD","isDeprecated":true,"deprecationReason":"gone"}]}
    user: {"fields":[{"name":"id"},{"name":"name"},{"name":"role"},{"name":"friends"}],"all":[{"name":"id","isDeprecated":false,"deprecationReason":null},{"name":"name","isDeprecated":false,"deprecationReason":null},{"name":"role","isDeprecated":false,"deprecationReason":null},{"name":"friends","isDeprecated":false,"deprecationReason":null},{"name":"old","isDeprecated":true,"deprecationReason":"No longer supported"}]}
    "#);
}

#[test]
fn wrapped_types_are_unfolded() {
    assert_snapshot!(ask(&schema(), r#"{ __type(name: "Query") { fields { name type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { name } } } } } args { name defaultValue type { kind ofType { kind ofType { kind name } } } } } } }"#, "{}"), @r#"__type: {"fields":[{"name":"me","type":{"kind":"OBJECT","name":"User","ofType":null},"args":[]},{"name":"node","type":{"kind":"INTERFACE","name":"Node","ofType":null},"args":[{"name":"id","defaultValue":null,"type":{"kind":"NON_NULL","ofType":{"kind":"SCALAR","ofType":null}}}]},{"name":"search","type":{"kind":"NON_NULL","name":null,"ofType":{"kind":"LIST","name":null,"ofType":{"kind":"NON_NULL","name":null,"ofType":{"kind":"UNION","name":"Result","ofType":null}}}},"args":[{"name":"text","defaultValue":"\"\"","type":{"kind":"SCALAR","ofType":null}},{"name":"filter","defaultValue":null,"type":{"kind":"INPUT_OBJECT","ofType":null}},{"name":"pick","defaultValue":null,"type":{"kind":"INPUT_OBJECT","ofType":null}},{"name":"sizes","defaultValue":null,"type":{"kind":"LIST","ofType":{"kind":"NON_NULL","ofType":{"kind":"SCALAR","name":"Int"}}}},{"name":"when","defaultValue":null,"type":{"kind":"SCALAR","ofType":null}}]},{"name":"pets","type":{"kind":"LIST","name":null,"ofType":{"kind":"INTERFACE","name":"Pet","ofType":null}},"args":[]},{"name":"number","type":{"kind":"SCALAR","name":"String","ofType":null},"args":[{"name":"int","defaultValue":null,"type":{"kind":"SCALAR","ofType":null}},{"name":"float","defaultValue":null,"type":{"kind":"SCALAR","ofType":null}},{"name":"text","defaultValue":null,"type":{"kind":"SCALAR","ofType":null}},{"name":"flag","defaultValue":null,"type":{"kind":"SCALAR","ofType":null}},{"name":"id","defaultValue":null,"type":{"kind":"SCALAR","ofType":null}},{"name":"role","defaultValue":null,"type":{"kind":"ENUM","ofType":null}}]}]}"#);
}

#[test]
fn abstract_types_know_their_objects_and_directives_their_places() {
    assert_snapshot!(ask(&schema(), r#"{
        node: __type(name: "Node") { kind possibleTypes { name interfaces { name } } }
        result: __type(name: "Result") { kind possibleTypes { name } fields { name } }
        __schema { queryType { name } mutationType { name } subscriptionType { name } directives { name isRepeatable locations args { name } } }
    }"#, "{}"), @r#"
    node: {"kind":"INTERFACE","possibleTypes":[{"name":"User","interfaces":[{"name":"Node"}]},{"name":"Shop","interfaces":[{"name":"Node"}]}]}
    result: {"kind":"UNION","possibleTypes":[{"name":"User"},{"name":"Shop"}],"fields":null}
    __schema: {"queryType":{"name":"Query"},"mutationType":{"name":"Mutation"},"subscriptionType":{"name":"Subscription"},"directives":[{"name":"skip","isRepeatable":false,"locations":["FIELD","FRAGMENT_SPREAD","INLINE_FRAGMENT"],"args":[{"name":"if"}]},{"name":"include","isRepeatable":false,"locations":["FIELD","FRAGMENT_SPREAD","INLINE_FRAGMENT"],"args":[{"name":"if"}]},{"name":"deprecated","isRepeatable":false,"locations":["FIELD_DEFINITION","ARGUMENT_DEFINITION","INPUT_FIELD_DEFINITION","ENUM_VALUE"],"args":[{"name":"reason"}]},{"name":"specifiedBy","isRepeatable":false,"locations":["SCALAR"],"args":[{"name":"url"}]},{"name":"tagged","isRepeatable":true,"locations":["FIELD"],"args":[{"name":"name"}]},{"name":"once","isRepeatable":false,"locations":["FIELD","QUERY"],"args":[]},{"name":"oneOf","isRepeatable":false,"locations":["INPUT_OBJECT"],"args":[]}]}
    "#);
}

#[test]
fn conditions_and_fragments_decide_which_root_fields_are_answered() {
    assert_snapshot!(ask(&schema(), r#"query($yes: Boolean!, $name: String!) {
        __typename
        a: __type(name: $name) @include(if: $yes) { __typename ...N }
        b: __type(name: $name) @skip(if: $yes) { name }
        ... on Query @include(if: $yes) { c: __type(name: "Cat") { ...N } }
        ...Root
    } fragment N on __Type { name kind } fragment Root on Query { a: __type(name: $name) { description } }"#, r#"{"yes":true,"name":"Dog"}"#), @r#"
    a: {"__typename":"__Type","name":"Dog","kind":"OBJECT","description":null}
    c: {"name":"Cat","kind":"OBJECT"}
    "#);
}

#[test]
fn a_short_query_cannot_ask_for_gigabytes() {
    let fields: Vec<String> = (0..60).map(|n| format!("q{n}: Query")).collect();
    let schema = ApiSchema::from_supergraph(&format!("type Query {{ {} }}", fields.join(" "))).unwrap();
    let text =
        format!("{{ __schema {{ types {{ {}name{} }} }} }}", "fields { type { ".repeat(5), "} }".repeat(5));
    let document = document::validate(&schema, &bounds(), &text).unwrap();
    let operation = document::select(&document, None).unwrap();
    let answer = roots::answer(&schema, &document, operation, &JsonMap::new(), soon());
    assert_eq!(answer.unwrap_err().message, "The answer to the introspection is too long.");
}

#[test]
fn aliases_of_the_root_share_one_bound() {
    let fields: Vec<String> = (0..60).map(|n| format!("q{n}: Query")).collect();
    let schema = ApiSchema::from_supergraph(&format!("type Query {{ {} }}", fields.join(" "))).unwrap();
    let one = format!("__schema {{ types {{ {}name{} }} }}", "fields { type { ".repeat(3), "} }".repeat(3));
    let of = |aliases: usize| {
        let text = (0..aliases).map(|n| format!("a{n}: {one}")).collect::<Vec<_>>().join(" ");
        let document = document::validate(&schema, &bounds(), &format!("{{ {text} }}")).unwrap();
        let operation = document::select(&document, None).unwrap();
        roots::answer(&schema, &document, operation, &JsonMap::new(), soon()).map_err(|error| error.message)
    };
    assert_eq!(of(2).unwrap().len(), 2);
    assert_eq!(of(100).unwrap_err(), "The answer to the introspection is too long.");
}

#[test]
fn an_answer_that_nobody_waits_for_is_not_finished() {
    let schema = schema();
    let document = document::validate(&schema, &bounds(), "{ __schema { types { name } } }").unwrap();
    let operation = document::select(&document, None).unwrap();
    let answer = roots::answer(&schema, &document, operation, &JsonMap::new(), Instant::now());
    assert_eq!(answer.unwrap_err().code, Code::RequestTimeout);
}

#[test]
fn only_variables_within_it_make_introspection_vary() {
    use roots::Introspection::{self, Constant, Variable};
    let schema = schema();
    let of = |text: &str| {
        let document = document::validate(&schema, &bounds(), text).unwrap();
        roots::introspection_of(&document, document::select(&document, None).unwrap())
    };
    for (text, expected) in [
        ("query($x: Boolean!) { me @include(if: $x) { id } }", Introspection::None),
        ("query($x: Boolean!) { __schema { types { name } } me @include(if: $x) { id } }", Constant),
        ("query($x: Boolean!) { __schema @include(if: $x) { types { name } } }", Variable),
        ("query($x: Boolean!) { ... @skip(if: $x) { __schema { types { name } } } }", Variable),
        ("query($x: String!) { __type(name: $x) { name } }", Variable),
        (
            "query($x: Boolean!) { ...A } fragment A on Query { __schema { ...B } }
          fragment B on __Schema { types { name @skip(if: $x) } }",
            Variable,
        ),
        (
            "query($x: Boolean!) { ...A ...A } fragment A on Query { __schema { types { name } } me { id @skip(if: $x) } }",
            Constant,
        ),
    ] {
        assert_eq!(of(text), expected, "{text}");
    }
}

#[test]
fn nothing_of_federation_is_visible() {
    let schema = ApiSchema::from_supergraph(SUPERGRAPH).unwrap();
    let text = "{ __schema { types { name fields(includeDeprecated: true) { name args { name } } enumValues { name } } directives { name } } }";
    let answer = ask(&schema, text, "{}");
    let answer: serde_json::Value = serde_json::from_str(answer.strip_prefix("__schema: ").unwrap()).unwrap();
    let is_own = |found: &&serde_json::Value| !found["name"].as_str().unwrap().starts_with("__");
    let types = answer["types"].as_array().unwrap().iter().filter(is_own);
    let lines: Vec<String> =
        types.chain(answer["directives"].as_array().unwrap()).map(ToString::to_string).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    {"name":"String","fields":null,"enumValues":null}
    {"name":"Boolean","fields":null,"enumValues":null}
    {"name":"ID","fields":null,"enumValues":null}
    {"name":"Query","fields":[{"name":"product","args":[{"name":"id"},{"name":"size"}]}],"enumValues":null}
    {"name":"Product","fields":[{"name":"id","args":[]},{"name":"name","args":[]}],"enumValues":null}
    {"name":"Size","fields":null,"enumValues":[{"name":"S"},{"name":"L"}]}
    {"name":"skip"}
    {"name":"include"}
    {"name":"deprecated"}
    {"name":"specifiedBy"}
    {"name":"shown"}
    "#);
}

const SUPERGRAPH: &str = r#"
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)
  @link(url: "https://specs.apollo.dev/tag/v0.3")
  @link(url: "https://acme.example/audit/v1.0", import: ["@audited", {name: "Level", as: "AuditLevel"}])
{ query: Query }
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!, key: join__FieldSet) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__field(graph: join__Graph) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @inaccessible on FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION | ENUM_VALUE | INPUT_FIELD_DEFINITION | ENUM
directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT
directive @audited(level: AuditLevel) on FIELD_DEFINITION
directive @shown on FIELD
scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { A @join__graph(name: "a", url: "http://a") }
enum AuditLevel { LOW HIGH }
type Query @join__type(graph: A) {
  product(id: ID!, secret: Int @inaccessible, size: Size): Product @audited(level: LOW)
  internal(of: Hidden): Int @inaccessible
}
type Product @join__type(graph: A, key: "id") @tag(name: "public") { id: ID! cost: Int @inaccessible name: String @tag(name: "x") @deprecated(reason: "old") }
type Hidden2 @join__type(graph: A) @inaccessible { id: ID }
enum Hidden @join__type(graph: A) @inaccessible { A }
enum Size @join__type(graph: A) { S L XXL @inaccessible }
"#;
