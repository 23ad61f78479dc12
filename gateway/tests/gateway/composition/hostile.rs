//! No input makes composition panic: broken, mangled and mistyped SDLs all end in a report.
//!
//! | variable | meaning | default |
//! |---|---|---|
//! | `SOUK_TEST_FUZZ_SETS` | how many sets are composed | 1500 |
//! | `SOUK_TEST_FUZZ_SEED` | the first seed | 0 |

use std::panic::{AssertUnwindSafe, catch_unwind};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use souk_gateway::compose::{SubgraphSource, compose};

use super::{Set, corpus, generate, setting};

/// What is put into an SDL: everything that composition gives a meaning to, and a few things that it
/// does not.
const FRAGMENTS: &[&str] = &[
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "!",
    ":",
    "=",
    "|",
    "&",
    "@",
    "$",
    "...",
    "\"",
    "\"\"\"",
    "#",
    ",",
    "null",
    "true",
    "1",
    "-1",
    "9999999999999",
    "1.5e400",
    "\"id\"",
    "\"{\"",
    "\"\"",
    "\"é\"",
    "\u{0}",
    "\u{feff}",
    "é",
    "type",
    "extend",
    "interface",
    "union",
    "enum",
    "input",
    "scalar",
    "schema",
    "directive",
    "implements",
    "on",
    "query",
    "fragment",
    "repeatable",
    "Query",
    "Mutation",
    "Subscription",
    "_Any",
    "_Entity",
    "_Service",
    "_service: _Service!",
    "_entities: [_Entity]",
    "__typename",
    "Int",
    "String",
    "ID",
    "link__Import",
    "federation__FieldSet",
    "@key(fields: \"id\")",
    "@key(fields: \"a { b }\", resolvable: false)",
    "@key(fields: [\"id\"])",
    "@key(fields: \"... on T { id }\")",
    "@requires(fields: \"id\")",
    "@provides(fields: \"id { id }\")",
    "@external",
    "@shareable",
    "@override(from: \"a\")",
    "@override(from: \"a\", label: \"percent(5)\")",
    "@inaccessible",
    "@tag(name: \"x\")",
    "@interfaceObject",
    "@extends",
    "@composeDirective(name: \"@x\")",
    "@authenticated",
    "@requiresScopes(scopes: [[\"a\"]])",
    "@policy(policies: [[\"a\"]])",
    "@cost(weight: 1)",
    "@listSize(assumedSize: -1, sizedFields: [\"a\"])",
    "@context(name: \"c\")",
    "(a: Int @fromContext(field: \"$c { id }\"))",
    "@oneOf",
    "@deprecated(reason: null)",
    "@specifiedBy(url: \"x\")",
    "@federation__key(fields: \"id\")",
    "= { a: [1, null] }",
    "= $v",
    "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.9\", import: [{name: \"@key\", as: \"@k\"}])",
    "@link(url: \"x\")",
    "@link(url: \"https://a.dev/x/v1.0\", as: \"__\", import: [1, {}])",
    "directive @key(fields: Int) on OBJECT",
    "directive @x(a: Int @x) on ARGUMENT_DEFINITION",
    "schema { query: Q mutation: Q }",
    "enum link__Purpose { A }",
];

#[test]
fn no_input_makes_composition_panic() {
    let (count, first) = (setting("SOUK_TEST_FUZZ_SETS", 1500), setting("SOUK_TEST_FUZZ_SEED", 0));
    let corpus = corpus::sets();
    for seed in (first as u64..).take(count) {
        let mut random = StdRng::seed_from_u64(seed);
        let set = match usize::try_from(seed / 2).ok().and_then(|at| corpus.get(at % corpus.len())) {
            Some(set) if seed % 2 == 0 => set.clone(),
            _ => generate::set(seed),
        };
        let sources = mangled(&set, &mut random);
        let outcome = catch_unwind(AssertUnwindSafe(|| compose(&sources)));
        let Ok((supergraph, report)) = outcome else {
            panic!("seed {seed} panics:\n{}", shown(&sources));
        };
        assert_eq!(supergraph.is_some(), !report.has_errors(), "seed {seed}:\n{}", shown(&sources));
    }
    println!("counted: {count} mangled sets of subgraphs composed, no panic");
}

fn mangled(set: &Set, random: &mut StdRng) -> Vec<SubgraphSource> {
    let mut sources: Vec<SubgraphSource> = set
        .subgraphs
        .iter()
        .map(|(name, sdl)| SubgraphSource { name: name.clone(), url: None, sdl: sdl.clone() })
        .collect();
    for _ in 0..random.random_range(1..=3) {
        let at = random.random_range(0..sources.len());
        let tokens: Vec<&str> = tokens(&sources[at].sdl);
        sources[at].sdl = mangle(&tokens, random);
    }
    sources
}

/// One edit: a token dropped, doubled, swapped, replaced or inserted, or the rest cut off.
fn mangle(tokens: &[&str], random: &mut StdRng) -> String {
    let mut tokens = tokens.to_vec();
    if tokens.is_empty() {
        return FRAGMENTS[random.random_range(0..FRAGMENTS.len())].to_owned();
    }
    let (at, other) = (random.random_range(0..tokens.len()), random.random_range(0..tokens.len()));
    let fragment = FRAGMENTS[random.random_range(0..FRAGMENTS.len())];
    match random.random_range(0..12) {
        0 => {
            tokens.remove(at);
        }
        1 => tokens.insert(at, tokens[at]),
        2 => tokens.swap(at, other),
        3 | 4 => tokens[at] = tokens[other],
        5 => tokens[at] = fragment,
        6 => tokens.truncate(at),
        _ => tokens.insert(at, fragment),
    }
    tokens.join(" ")
}

/// Words, strings and single signs, without the space between them.
fn tokens(sdl: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = sdl.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let end = if first == '"' {
            rest.match_indices('"').nth(1).map_or(rest.len(), |(end, _)| end + 1)
        } else if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, tail) = rest.split_at(end);
        found.push(token);
        rest = tail.trim_start();
    }
    found
}

fn shown(sources: &[SubgraphSource]) -> String {
    sources.iter().flat_map(|source| ["--- ", &source.name, "\n", &source.sdl, "\n"]).collect()
}
