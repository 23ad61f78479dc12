//! How a subgraph writes federation: in which version, under which names, in which order.
//!
//! A plan speaks of `@key` and its like under their names in the specification; a dialect says the same in the
//! subgraph's own words, without what its version does not have.

use std::fmt::Write as _;

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;

/// Federation's directives, each with the first minor version of federation 2 that has it, and whether
/// federation 1 has it.
const DIRECTIVES: &[(&str, u32, bool)] = &[
    ("key", 0, true),
    ("requires", 0, true),
    ("provides", 0, true),
    ("external", 0, true),
    ("extends", 0, true),
    ("tag", 0, true),
    ("shareable", 0, false),
    ("inaccessible", 0, false),
    ("override", 0, false),
    ("composeDirective", 1, false),
    ("interfaceObject", 3, false),
    ("authenticated", 5, false),
    ("requiresScopes", 5, false),
    ("policy", 6, false),
    ("context", 8, false),
    ("fromContext", 8, false),
    ("cost", 9, false),
    ("listSize", 9, false),
];

/// Those that reach the supergraph, where all subgraphs must call them the same.
const CARRIED: &[&str] =
    &["tag", "inaccessible", "authenticated", "requiresScopes", "policy", "cost", "listSize"];

/// How the subgraph calls federation's directives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// Imported under their own names.
    Imported,
    /// Some of them imported under other names.
    Renamed,
    /// Not imported: `@federation__key`, but for those that reach the supergraph.
    Prefixed,
    /// The same, under another name for the specification.
    Aliased,
    /// Not imported, none of them.
    AllPrefixed,
}

/// The dialect of one subgraph.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent choices, each asked by name")]
pub(super) struct Dialect {
    /// The minor version of federation 2; `None` for federation 1.
    pub(super) minor: Option<u32>,
    naming: Naming,
    /// Whether root types have names of their own, which a schema definition says.
    pub(super) has_own_roots: bool,
    /// Whether what federation defines is written out.
    has_definitions: bool,
    /// Whether the link specification is linked, too.
    has_link_link: bool,
    /// Whether the links stand behind the types.
    is_linked_last: bool,
}

/// Dialects of a set: half of the sets have the newest version in the plainest words everywhere.
pub(super) fn dialects(count: usize, random: &mut StdRng) -> Vec<Dialect> {
    let plain = Dialect {
        minor: Some(9),
        naming: Naming::Imported,
        has_own_roots: false,
        has_definitions: false,
        has_link_link: false,
        is_linked_last: false,
    };
    match random.random_range(0..8) {
        0..3 => vec![plain; count],
        // One version, in the words of each.
        3 | 4 => {
            let minor = [Some(random.random_range(0..=9)), Some(9), Some(9), None].choose(random).copied();
            (0..count).map(|_| Dialect { minor: minor.flatten(), ..any(random) }).collect()
        }
        _ => (0..count).map(|_| any(random)).collect(),
    }
}

fn any(random: &mut StdRng) -> Dialect {
    let one_in = |random: &mut StdRng, times: u32| random.random_range(0..times) == 0;
    let namings = [
        Naming::Imported,
        Naming::Imported,
        Naming::Imported,
        Naming::Renamed,
        Naming::Prefixed,
        Naming::Aliased,
    ];
    Dialect {
        minor: if one_in(random, 4) { None } else { Some(random.random_range(0..=9)) },
        naming: if one_in(random, 40) {
            Naming::AllPrefixed
        } else {
            namings.choose(random).copied().unwrap_or(Naming::Imported)
        },
        has_own_roots: one_in(random, 5),
        has_definitions: one_in(random, 6),
        has_link_link: one_in(random, 8),
        is_linked_last: one_in(random, 3),
    }
}

impl Dialect {
    /// Whether every directive of federation 2.`minor` is there.
    pub(super) fn knows(&self, minor: u32) -> bool {
        self.minor.is_some_and(|own| own >= minor)
    }

    fn has(&self, directive: &str) -> Option<bool> {
        let (_, since, in_one) = DIRECTIVES.iter().find(|(name, ..)| *name == directive)?;
        Some(self.minor.map_or(*in_one, |minor| minor >= *since))
    }

    /// What the subgraph calls one of federation's directives.
    fn local(&self, directive: &str) -> String {
        let is_imported = match self.naming {
            Naming::Prefixed | Naming::Aliased => CARRIED.contains(&directive),
            Naming::Imported | Naming::Renamed => true,
            Naming::AllPrefixed => false,
        };
        let is_renamed = self.naming == Naming::Renamed && !CARRIED.contains(&directive);
        match self.minor {
            None => directive.to_owned(),
            Some(_) if is_renamed => format!("{directive}_here"),
            Some(_) if is_imported => directive.to_owned(),
            Some(_) => format!("{}__{directive}", self.specification()),
        }
    }

    fn specification(&self) -> &'static str {
        if self.naming == Naming::Aliased { "fed" } else { "federation" }
    }

    /// The whole SDL: `body` in the subgraph's words, with links and definitions.
    pub(super) fn written(&self, body: &str, roots: &str, custom: &str) -> String {
        let body = self.spoken(body);
        let mut links = self.links();
        let custom = if self.knows(1) { self.spoken(custom) } else { String::new() };
        links.push_str(&custom);
        let schema = match (links.is_empty(), roots.is_empty()) {
            (true, true) => String::new(),
            (true, false) => format!("schema {{{roots} }}\n\n"),
            (false, true) => format!("extend schema{links}\n\n"),
            (false, false) => format!("schema{links} {{{roots} }}\n\n"),
        };
        if body.is_empty() && schema.is_empty() {
            // Nothing at all is no document.
            return "type Query { nothing: Int }\n".to_owned();
        }
        let definitions = if self.has_definitions { self.definitions() } else { String::new() };
        if self.is_linked_last {
            format!("{body}{definitions}{schema}")
        } else {
            format!("{schema}{definitions}{body}")
        }
    }

    fn links(&self) -> String {
        let Some(minor) = self.minor else { return String::new() };
        let mut links = String::new();
        if self.has_link_link {
            links.push_str(" @link(url: \"https://specs.apollo.dev/link/v1.0\")");
        }
        let imports: Vec<String> = DIRECTIVES
            .iter()
            .filter(|(name, ..)| self.has(name) == Some(true))
            .filter_map(|(name, ..)| {
                let local = self.local(name);
                if local == *name {
                    Some(format!("\"@{name}\""))
                } else if self.naming == Naming::Renamed {
                    Some(format!("{{name: \"@{name}\", as: \"@{local}\"}}"))
                } else {
                    None
                }
            })
            .collect();
        let alias = if self.naming == Naming::Aliased { ", as: \"fed\"" } else { "" };
        let _ = write!(
            links,
            " @link(url: \"https://specs.apollo.dev/federation/v2.{minor}\"{alias}, import: [{}])",
            imports.join(", ")
        );
        links
    }

    fn definitions(&self) -> String {
        let fields = match self.minor {
            None => "_FieldSet".to_owned(),
            Some(_) => format!("{}__FieldSet", self.specification()),
        };
        let (key, external) = (self.local("key"), self.local("external"));
        let resolvable = if self.minor.is_some() { ", resolvable: Boolean = true" } else { "" };
        format!(
            "scalar {fields}\n\ndirective @{key}(fields: {fields}!{resolvable}) repeatable on OBJECT | INTERFACE\n\n\
             directive @{external} on FIELD_DEFINITION\n\n"
        )
    }

    /// `sdl` with federation's directives under their local names, and without those of later versions.
    fn spoken(&self, sdl: &str) -> String {
        let sdl = if self.knows(7) { sdl.to_owned() } else { without_labels(sdl) };
        let mut spoken = String::new();
        let mut rest = sdl.as_str();
        while let Some(at) = rest.find(['@', '"']) {
            let (before, from) = rest.split_at(at);
            spoken.push_str(before);
            if let Some(quoted) = from.strip_prefix('"') {
                let end = quoted.find('"').map_or(from.len(), |end| end + 2);
                let (string, after) = from.split_at(end);
                spoken.push_str(string);
                rest = after;
                continue;
            }
            let name: String =
                from.chars().skip(1).take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let after = from.split_at(1 + name.len()).1;
            match self.has(&name) {
                None => {
                    let _ = write!(spoken, "@{name}");
                    rest = after;
                }
                Some(true) => {
                    let _ = write!(spoken, "@{}", self.local(&name));
                    rest = after;
                }
                Some(false) => rest = after.strip_prefix('(').map_or(after, after_arguments),
            }
        }
        spoken + rest
    }
}

/// What follows the arguments of a directive.
fn after_arguments(arguments: &str) -> &str {
    let mut in_string = false;
    for (at, character) in arguments.char_indices() {
        match character {
            '"' => in_string = !in_string,
            ')' if !in_string => return arguments.split_at(at + 1).1,
            _ => {}
        }
    }
    ""
}

/// Versions before 2.7 override at once.
fn without_labels(sdl: &str) -> String {
    let mut parts = sdl.split(", label: \"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |sdl, part| sdl + part.split_once('"').map_or("", |(_, rest)| rest))
}
