//! The specifications that a supergraph links: their addresses, purposes and definitions.
//!
//! Sources: <https://specs.apollo.dev/link/v1.0>, <https://specs.apollo.dev/join/v0.5> and the pages of the
//! other specifications named below.

use crate::compose::subgraph::federation::names;

/// Definitions that every supergraph has.
pub(super) const MACHINERY: &str = r#"
directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION

directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE

directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean, overrideLabel: String, contextArguments: [join__ContextArgument!]) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION

directive @join__graph(name: String!, url: String!) on ENUM_VALUE

directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE

directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR

directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION

directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA

input join__ContextArgument {
  name: String!
  type: String!
  context: String!
  selection: join__FieldValue!
}

scalar join__DirectiveArguments

scalar join__FieldSet

scalar join__FieldValue

scalar link__Import

enum link__Purpose {
  """
  `SECURITY` features provide metadata necessary to securely resolve fields.
  """
  SECURITY
  """
  `EXECUTION` features provide metadata necessary for operation execution.
  """
  EXECUTION
}
"#;

/// The links that every supergraph has.
pub(super) const MACHINERY_LINKS: &str = r#"
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)"#;

/// A specification of which a supergraph may use directives.
pub(super) struct Spec {
    /// The last segment of its address: the name of its main directive, and the prefix of what is not
    /// imported.
    pub(super) name: &'static str,
    /// Where it is.
    pub(super) url: &'static str,
    /// Whether a router that does not know it must refuse the supergraph.
    pub(super) is_security: bool,
    /// Its directives.
    pub(super) directives: &'static [SpecDirective],
    /// Other definitions that come with it.
    pub(super) types: &'static str,
}

/// A directive of a specification.
pub(super) struct SpecDirective {
    /// Its name in the specification.
    pub(super) element: &'static str,
    /// Its canonical name in subgraphs.
    pub(super) canonical: &'static str,
    /// Its definition after `directive @name`.
    pub(super) definition: &'static str,
}

const fn directive(
    element: &'static str,
    canonical: &'static str,
    definition: &'static str,
) -> SpecDirective {
    SpecDirective { element, canonical, definition }
}

/// Every specification whose directives merging carries into the supergraph.
pub(super) const SPECS: &[Spec] = &[
    Spec {
        name: "tag",
        url: "https://specs.apollo.dev/tag/v0.3",
        is_security: false,
        directives: &[directive(
            "tag",
            names::TAG,
            "(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION \
             | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION | SCHEMA",
        )],
        types: "",
    },
    Spec {
        name: "inaccessible",
        url: "https://specs.apollo.dev/inaccessible/v0.2",
        is_security: true,
        directives: &[directive(
            "inaccessible",
            names::INACCESSIBLE,
            " on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM \
             | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION",
        )],
        types: "",
    },
    Spec {
        name: "authenticated",
        url: "https://specs.apollo.dev/authenticated/v0.1",
        is_security: true,
        directives: &[directive(
            "authenticated",
            names::AUTHENTICATED,
            " on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM",
        )],
        types: "",
    },
    Spec {
        name: "requiresScopes",
        url: "https://specs.apollo.dev/requiresScopes/v0.1",
        is_security: true,
        directives: &[directive(
            "requiresScopes",
            names::REQUIRES_SCOPES,
            "(scopes: [[requiresScopes__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM",
        )],
        types: "scalar requiresScopes__Scope\n",
    },
    Spec {
        name: "policy",
        url: "https://specs.apollo.dev/policy/v0.1",
        is_security: true,
        directives: &[directive(
            "policy",
            names::POLICY,
            "(policies: [[policy__Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM",
        )],
        types: "scalar policy__Policy\n",
    },
    Spec {
        name: "context",
        url: "https://specs.apollo.dev/context/v0.1",
        is_security: true,
        directives: &[directive(
            "context",
            names::CONTEXT,
            "(name: String!) repeatable on INTERFACE | OBJECT | UNION",
        )],
        types: "directive @context__fromContext(field: context__ContextFieldValue) on ARGUMENT_DEFINITION\n\n\
                scalar context__ContextFieldValue\n",
    },
    Spec {
        name: "cost",
        url: "https://specs.apollo.dev/cost/v0.1",
        is_security: false,
        directives: &[
            directive(
                "cost",
                names::COST,
                "(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION \
                 | OBJECT | SCALAR",
            ),
            directive(
                "listSize",
                names::LIST_SIZE,
                "(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], \
                 requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION",
            ),
        ],
        types: "",
    },
];
