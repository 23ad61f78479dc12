//! The federation specification's directives: their canonical names, since when each exists, and their
//! definitions. Source: <https://specs.apollo.dev/federation/v2.9> and the versions around it.

use std::fmt;

/// Where the federation specification lives; a `@link` to it makes a schema federation 2.
pub(crate) const IDENTITY: &str = "https://specs.apollo.dev/federation";

/// What every canonical name starts with. A user's own directive may be called `@key`, so the bare
/// names would not do.
pub(crate) const PREFIX: &str = "federation__";

/// A version of a specification.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Version {
    /// The number before the dot.
    pub(crate) major: u32,
    /// The number after it.
    pub(crate) minor: u32,
}

impl Version {
    /// Federation 1, which had no version of its own and no `@link`.
    pub(crate) const ONE: Self = Self { major: 1, minor: 0 };
    /// The newest federation version that is understood.
    pub(crate) const NEWEST: Self = Self { major: 2, minor: 14 };

    /// Version `2.minor`.
    pub(crate) const fn two(minor: u32) -> Self {
        Self { major: 2, minor }
    }

    /// Reads `v2.3`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.strip_prefix('v')?.split_once('.')?;
        let number = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok());
        Some(Self { major: number(major)??, minor: number(minor)?? })
    }

    /// Whether composition knows this version of the federation specification.
    pub(crate) fn is_known_federation(self) -> bool {
        self.major == 2 && self <= Self::NEWEST
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}", self.major, self.minor)
    }
}

/// The canonical names, under which a [`super::Subgraph`]'s schema applies federation directives
/// whatever `@link` calls them.
pub(crate) mod names {
    pub(crate) const KEY: &str = "federation__key";
    pub(crate) const REQUIRES: &str = "federation__requires";
    pub(crate) const PROVIDES: &str = "federation__provides";
    pub(crate) const EXTERNAL: &str = "federation__external";
    pub(crate) const TAG: &str = "federation__tag";
    pub(crate) const EXTENDS: &str = "federation__extends";
    pub(crate) const SHAREABLE: &str = "federation__shareable";
    pub(crate) const INACCESSIBLE: &str = "federation__inaccessible";
    pub(crate) const OVERRIDE: &str = "federation__override";
    pub(crate) const COMPOSE_DIRECTIVE: &str = "federation__composeDirective";
    pub(crate) const INTERFACE_OBJECT: &str = "federation__interfaceObject";
    pub(crate) const AUTHENTICATED: &str = "federation__authenticated";
    pub(crate) const REQUIRES_SCOPES: &str = "federation__requiresScopes";
    pub(crate) const POLICY: &str = "federation__policy";
    pub(crate) const CONTEXT: &str = "federation__context";
    pub(crate) const FROM_CONTEXT: &str = "federation__fromContext";
    pub(crate) const COST: &str = "federation__cost";
    pub(crate) const LIST_SIZE: &str = "federation__listSize";
}

/// One directive of the federation specification.
pub(crate) struct DirectiveSpec {
    /// Its bare name in the specification, `key`.
    pub(crate) name: &'static str,
    /// The first federation 2 version that has it.
    pub(crate) since: Version,
    /// Whether federation 1 schemas may use it.
    pub(crate) in_federation_1: bool,
    /// Its definition in a version, after `directive @name`. `FieldSet`, `Scope`, `Policy` and
    /// `ContextFieldValue` stand for the specification's scalars, in angle brackets.
    definition: fn(Version) -> &'static str,
}

impl DirectiveSpec {
    /// Its canonical name, `federation__key`.
    pub(crate) fn canonical(&self) -> String {
        format!("{PREFIX}{}", self.name)
    }

    /// Whether schemas of `version` may use it.
    pub(crate) fn exists_in(&self, version: Version) -> bool {
        if version == Version::ONE { self.in_federation_1 } else { self.since <= version }
    }

    /// Its definition under the name `name`, `scalar` giving the local names of the scalars.
    pub(crate) fn definition(&self, version: Version, name: &str, scalar: impl Fn(&str) -> String) -> String {
        let mut text = (self.definition)(version).to_owned();
        for bare in SCALARS {
            text = text.replace(&format!("<{bare}>"), &scalar(bare));
        }
        format!("directive @{name}{text}\n")
    }
}

/// The specification's scalars, by their bare names.
pub(crate) const SCALARS: [&str; 4] = ["FieldSet", "Scope", "Policy", "ContextFieldValue"];

/// Since when a scalar of [`SCALARS`] exists.
pub(crate) fn scalar_since(bare: &str) -> Version {
    match bare {
        "Scope" => Version::two(5),
        "Policy" => Version::two(6),
        "ContextFieldValue" => Version::two(8),
        _ => Version::two(0),
    }
}

/// The specification's directive of that bare name.
pub(crate) fn directive(bare: &str) -> Option<&'static DirectiveSpec> {
    DIRECTIVES.iter().find(|spec| spec.name == bare)
}

const fn since(name: &'static str, minor: u32, definition: fn(Version) -> &'static str) -> DirectiveSpec {
    DirectiveSpec { name, since: Version::two(minor), in_federation_1: false, definition }
}

const fn always(name: &'static str, definition: fn(Version) -> &'static str) -> DirectiveSpec {
    DirectiveSpec { name, since: Version::two(0), in_federation_1: true, definition }
}

const ON_PROTECTED: &str = " on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM";

/// Every directive of the specification.
pub(crate) const DIRECTIVES: &[DirectiveSpec] = &[
    always("key", |_| "(fields: <FieldSet>!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE"),
    always("requires", |_| "(fields: <FieldSet>!) on FIELD_DEFINITION"),
    always("provides", |_| "(fields: <FieldSet>!) on FIELD_DEFINITION"),
    always("external", |_| "(reason: String) on OBJECT | FIELD_DEFINITION"),
    always("tag", |version| {
        if version >= Version::two(3) {
            "(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION \
             | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION | SCHEMA"
        } else {
            "(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION \
             | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION"
        }
    }),
    always("extends", |_| " on OBJECT | INTERFACE"),
    since("shareable", 0, |version| {
        if version >= Version::two(2) {
            " repeatable on OBJECT | FIELD_DEFINITION"
        } else {
            " on OBJECT | FIELD_DEFINITION"
        }
    }),
    since("inaccessible", 0, |_| {
        " on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE \
         | INPUT_OBJECT | INPUT_FIELD_DEFINITION"
    }),
    since("override", 0, |version| {
        if version >= Version::two(7) {
            "(from: String!, label: String) on FIELD_DEFINITION"
        } else {
            "(from: String!) on FIELD_DEFINITION"
        }
    }),
    since("composeDirective", 1, |_| "(name: String) repeatable on SCHEMA"),
    since("interfaceObject", 3, |_| " on OBJECT"),
    since("authenticated", 5, |_| ON_PROTECTED),
    since(
        "requiresScopes",
        5,
        |_| "(scopes: [[<Scope>!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM",
    ),
    since(
        "policy",
        6,
        |_| "(policies: [[<Policy>!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM",
    ),
    since("context", 8, |_| "(name: String!) repeatable on INTERFACE | OBJECT | UNION"),
    since("fromContext", 8, |_| "(field: <ContextFieldValue>) on ARGUMENT_DEFINITION"),
    since(
        "cost",
        9,
        |_| "(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR",
    ),
    since("listSize", 9, |_| {
        "(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], \
         requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION"
    }),
    since("cacheTag", 12, |_| "(format: String!) repeatable on OBJECT | FIELD_DEFINITION"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_two_numbers_after_a_v() {
        assert_eq!(Version::parse("v2.9"), Some(Version::two(9)));
        for text in ["2.9", "v2", "v2.", "v.9", "v+2.9", "v2.9.1", "v99999999999.0", ""] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }
}
