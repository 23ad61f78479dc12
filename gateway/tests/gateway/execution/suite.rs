//! A federated graph as one text file: a section per subgraph, and operations that must be part of the test.
use apollo_compiler::{Schema, validation::Valid};
use souk_gateway::compose::{SubgraphSource, compose};

/// Prepended to each subgraph; the executor of the tests gets definitions instead.
const LINK: &str = r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires", "@provides", "@override", "@inaccessible", "@interfaceObject", "@tag"])"#;

/// What the subgraphs' directives mean to a plain GraphQL server: nothing.
const DEFINITIONS: &str = "
directive @key(fields: String!, resolvable: Boolean = true) repeatable on OBJECT | INTERFACE
directive @shareable repeatable on OBJECT | FIELD_DEFINITION
directive @external on OBJECT | FIELD_DEFINITION
directive @requires(fields: String!) on FIELD_DEFINITION
directive @provides(fields: String!) on FIELD_DEFINITION
directive @override(from: String!, label: String) on FIELD_DEFINITION
directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION
directive @interfaceObject on OBJECT
directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION
scalar _Any
type _Service { sdl: String }
";

/// A composed suite.
pub(crate) struct Suite {
    pub(crate) supergraph: String,
    /// The schema that clients see, as one server would have it.
    pub(crate) api: Valid<Schema>,
    /// The supergraph with everything inaccessible: what there is data for.
    pub(crate) full: Schema,
    pub(crate) subgraphs: Vec<(String, Valid<Schema>)>,
    /// Operations written by hand.
    pub(crate) operations: Vec<String>,
}

impl Suite {
    pub(crate) fn read(name: &'static str, text: &str) -> Self {
        let (mut sources, mut operations) = (Vec::new(), Vec::new());
        for section in text.split("### ").skip(1) {
            let (heading, body) = section.split_once('\n').unwrap();
            match heading.trim() {
                "operations" => {
                    operations.extend(body.split("\n\n").map(str::trim).filter(|it| !it.is_empty()));
                }
                subgraph => sources.push((subgraph.to_owned(), body)),
            }
        }
        let (supergraph, api) = composed(name, &sources);
        let subgraphs = sources.iter().map(|(name, sdl)| (name.clone(), server_schema(sdl))).collect();
        Self {
            api: Schema::parse_and_validate(&api, "api.graphql").unwrap(),
            full: Schema::builder()
                .adopt_orphan_extensions()
                .parse(&supergraph, "full.graphql")
                .build()
                .unwrap(),
            supergraph,
            subgraphs,
            operations: operations.into_iter().map(str::to_owned).collect(),
        }
    }
}

fn composed(name: &str, sources: &[(String, &str)]) -> (String, String) {
    let source = |(name, sdl): &(String, &str)| SubgraphSource {
        name: name.clone(),
        url: Some(format!("http://{name}")),
        sdl: format!("{LINK}\n{sdl}"),
    };
    let sources: Vec<_> = sources.iter().map(source).collect();
    let (supergraph, report) = compose(&sources);
    let supergraph = supergraph.unwrap_or_else(|| panic!("{name} does not compose: {report:?}"));
    (supergraph.sdl, supergraph.api_sdl)
}

/// The subgraph's schema as a server has it: with `_entities`.
fn server_schema(sdl: &str) -> Valid<Schema> {
    let own = Schema::builder().adopt_orphan_extensions().parse(format!("{DEFINITIONS}{sdl}"), "own.graphql");
    let own = own.build().unwrap();
    let is_entity = |directives: &apollo_compiler::schema::DirectiveList| {
        directives.get_all("key").any(|key| {
            key.specified_argument_by_name("resolvable").and_then(|it| it.to_bool()).unwrap_or(true)
        })
    };
    let mut entities: Vec<String> = Vec::new();
    for (name, ty) in &own.types {
        if ty.is_object() && is_entity(ty.directives()) {
            entities.push(name.to_string());
        }
        if ty.is_interface() && is_entity(ty.directives()) {
            let objects = own.implementers_map().get(name).map(|it| it.objects.clone()).unwrap_or_default();
            entities.extend(objects.iter().map(ToString::to_string));
        }
    }
    entities.sort();
    entities.dedup();
    let root = if own.get_object("Query").is_some() { "extend type" } else { "type" };
    let mut extra = format!("{root} Query {{ _service: _Service! }}\n");
    if !entities.is_empty() {
        extra = format!(
            "{extra}union _Entity = {}\nextend type Query {{ _entities(representations: [_Any!]!): [_Entity]! }}\n",
            entities.join(" | ")
        );
    }
    let schema = Schema::builder()
        .adopt_orphan_extensions()
        .parse(format!("{DEFINITIONS}{sdl}\n{extra}"), "server.graphql")
        .build()
        .unwrap();
    schema.validate().unwrap()
}
