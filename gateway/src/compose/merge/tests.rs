//! What comes of several subgraphs saying different things, element by element.

use crate::compose::{SubgraphSource, compose, render};

const LINK: &str = r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@shareable", "@cost", "@listSize", "@requiresScopes", "@policy", "@tag", "@authenticated"])
"#;

/// The line of the supergraph that starts with `wanted` and a colon or bracket, composed of these bodies of
/// `type Query`, in subgraphs a, b, c.
fn line(wanted: &str, bodies: &[&str]) -> String {
    let sdl = |body: &&str| {
        format!(
            "{LINK}type Query {{ {body} }} interface I {{ x: Int }} type T implements I @shareable {{ x: Int }} union U = T"
        )
    };
    line_of(wanted, bodies.iter().map(sdl))
}

/// The same of whole subgraphs.
fn line_of(wanted: &str, sdls: impl IntoIterator<Item = String>) -> String {
    let named = ["a", "b", "c"].into_iter().zip(sdls);
    let sources: Vec<SubgraphSource> =
        named.map(|(name, sdl)| SubgraphSource { name: name.to_owned(), url: None, sdl }).collect();
    let (supergraph, report) = compose(&sources);
    let sdl = supergraph.unwrap_or_else(|| panic!("{}", render::text(&report, &sources))).sdl;
    let lines: Vec<&str> = sdl.lines().map(str::trim).collect();
    let found = lines.iter().find(|line| line.starts_with(wanted)).expect("the element is there");
    (*found).to_owned()
}

#[test]
fn an_output_takes_the_type_that_covers_the_others() {
    for (types, expected) in [
        (["Int!", "Int", "Int!"], "f: Int "),
        (["[Int!]!", "[Int]", "[Int!]"], "f: [Int] "),
        (["T", "I", "T!"], "f: I "),
        (["U", "T", "T"], "f: U "),
    ] {
        let bodies = types.map(|ty| format!("f: {ty} @shareable"));
        let line = line("f:", &bodies.each_ref().map(String::as_str));
        assert!(line.starts_with(expected), "{types:?}: {line}");
    }
}

#[test]
fn an_input_takes_the_strictest_type() {
    let line = line("f(", &["f(a: [Int]): Int @shareable", "f(a: [Int!]!): Int @shareable"]);
    assert_eq!(line, "f(a: [Int!]!): Int");
}

#[test]
fn arguments_that_not_all_know_are_left_out() {
    let line = line("f", &["f(a: Int, b: Int): Int @shareable", "f(b: Int, c: Int): Int @shareable"]);
    assert_eq!(line, "f(b: Int): Int");
}

#[test]
fn directives_merge_each_in_its_way() {
    for (a, b, expected) in [
        ("@cost(weight: 3)", "@cost(weight: 5)", "@cost(weight: 5)"),
        ("@tag(name: \"x\")", "@tag(name: \"y\")", "@tag(name: \"x\") @tag(name: \"y\")"),
        ("@authenticated", "", "@authenticated"),
        (
            "@policy(policies: [[\"p\"]])",
            "@policy(policies: [[\"q\"]])",
            "@policy(policies: [[\"p\", \"q\"]])",
        ),
        (
            "@listSize(assumedSize: 3, requireOneSlicingArgument: false)",
            "@listSize(assumedSize: 5)",
            "@listSize(assumedSize: 5, requireOneSlicingArgument: false)",
        ),
        ("@deprecated(reason: \"x\")", "@deprecated(reason: \"y\")", "@deprecated(reason: \"x\")"),
    ] {
        let line = line("f:", &[&format!("f: [Int] @shareable {a}"), &format!("f: [Int] @shareable {b}")]);
        assert_eq!(line, format!("f: [Int] {expected}"));
    }
}

#[test]
fn the_commonest_description_is_kept() {
    let bodies = ["\"one\" f: Int @shareable", "\"two\" f: Int @shareable", "\"two\" f: Int @shareable"];
    assert_eq!(line("\"\"\"two", &bodies), "\"\"\"two\"\"\"");
}

#[test]
fn a_composed_directive_is_defined_as_the_last_subgraph_of_the_newest_version_has_it() {
    for (versions, definitions, expected) in [
        (["1.0", "1.0"], ["(n: Int!) on FIELD", "(n: Int! = 1) on FIELD"], "(n: Int! = 1) on FIELD"),
        (["1.0", "1.0"], ["(n: Int = 1) on OBJECT", "(n: Int = 2) on OBJECT"], "(n: Int = 2) on OBJECT"),
        (["1.0", "1.0"], [" on FIELD | OBJECT", " on FIELD"], " on FIELD"),
        (["1.1", "1.0"], [" on FIELD", "(n: Int) on FIELD"], " on FIELD"),
    ] {
        let sdls = [0, 1].map(|at| {
            format!(
                "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.9\", import: [\"@composeDirective\"])
                  @link(url: \"https://example.com/access/v{}\", import: [\"@access\"]) @composeDirective(name: \"@access\")
                directive @access{} type Query {{ f{at}: Int }}",
                versions[at], definitions[at]
            )
        });
        assert_eq!(line_of("directive @access", sdls), format!("directive @access{expected}"));
    }
}
