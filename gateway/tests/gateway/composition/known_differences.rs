//! Where we differ from the reference on purpose, each with what the specifications say.

use super::Set;
use super::compare::{Class, Difference};

/// A difference that is meant.
pub(super) struct Known {
    /// Its name in the counts.
    pub(super) name: &'static str,
    /// Why ours is right, or as right.
    #[expect(dead_code, reason = "written for those who read the list")]
    pub(super) because: &'static str,
    /// Whether a difference is this one.
    pub(super) explains: fn(&Set, &Difference) -> bool,
}

/// All of them.
pub(super) const KNOWN: &[Known] = &[
    Known {
        name: "the version of the join specification",
        because: "the reference writes the oldest join version that the subgraphs' federation versions need; \
                  join/v0.5 only adds to its predecessors, and one version is one thing to read",
        explains: |_, difference| {
            matches!(&difference.class, Class::Supergraph(what)
                if matches!(what.as_str(), "@link" | "directive definition" | "input field" | "type"))
                && difference.detail.contains("join")
        },
    },
    Known {
        name: "a value twice in an enum",
        because: "the GraphQL specification wants the values of an enum to be unique (type validation of enums)",
        explains: |_, difference| {
            matches!(&difference.class, Class::TooStrict(codes) if codes == "INVALID_GRAPHQL")
                && difference.detail.lines().all(|line| {
                    line.contains("duplicate definitions for the `") && line.contains("value of enum")
                })
        },
    },
    Known {
        name: "a fragment that can never apply",
        because: "the GraphQL specification refuses a fragment whose type has no object in common with its \
                  parent (fragment spread is possible); the reference takes it in a field set",
        explains: |_, difference| {
            let mut ours = difference.detail.lines().filter(|line| line.starts_with("ours: "));
            matches!(&difference.class, Class::TooStrict(_) | Class::Codes { .. })
                && ours.all(|line| {
                    line.contains("inline fragment with type condition") && line.contains("cannot be applied")
                })
        },
    },
    Known {
        name: "@oneOf",
        because: "the GraphQL specification of September 2025 has it as a built-in directive; the reference \
                  does not know it",
        explains: |set, difference| {
            set.subgraphs.iter().any(|(_, sdl)| sdl.contains("@oneOf"))
                && matches!(&difference.class,
                    Class::TooLenient(codes) | Class::Codes { reference: codes, .. } if codes.contains("INVALID_GRAPHQL"))
        },
    },
    Known {
        name: "what is in a type whose kind is in dispute",
        because: "after TYPE_KIND_MISMATCH the reference goes on to merge the type as what the first subgraph \
                  says it is, and reports what it meets; nothing follows from fields of a type that has no kind",
        explains: |_, difference| {
            matches!(&difference.class, Class::Codes { ours, reference }
                if ours == "TYPE_KIND_MISMATCH" && reference.split(' ').any(|code| code == ours))
        },
    },
];
