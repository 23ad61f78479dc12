//! The API schema that operations are validated against: composition derives it from the supergraph, and what the
//! compiler crate does not know of the specification's introspection is put in.

use apollo_compiler::ast::{DirectiveList, Document};
use apollo_compiler::collections::HashMap;
use apollo_compiler::schema::{Component, ExtendedType, FieldDefinition, Implementers};
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{Name, Schema, name, ty};

use super::cost::CostRules;
use super::rollout::Rollout;
use crate::compose::supergraph::api_document;

/// The schema of the API, and what is looked up in it for every operation.
#[derive(Debug)]
pub(crate) struct ApiSchema {
    schema: Valid<Schema>,
    implementers: HashMap<Name, Implementers>,
    rollout: Rollout,
    cost_rules: CostRules,
}

/// Why a supergraph yields no API schema.
#[derive(Debug, thiserror::Error)]
#[error("the supergraph is not a valid schema: {0}")]
pub struct SchemaFault(String);

impl ApiSchema {
    /// The API schema of a supergraph (join spec), or of a schema without any federation in it.
    pub(crate) fn from_supergraph(sdl: &str) -> Result<Self, SchemaFault> {
        let supergraph =
            Document::parse(sdl, "supergraph.graphql").map_err(|failed| first_of(&failed.errors))?;
        let schema =
            api_document(&supergraph).to_schema_validate().map_err(|failed| first_of(&failed.errors))?;
        let mut schema = schema.into_inner();
        describe_one_of(&mut schema);
        // Valid: the only change since validation is one more field of an introspection type.
        let schema = Valid::assume_valid(schema);
        Ok(Self {
            implementers: schema.implementers_map(),
            schema,
            rollout: Rollout::of(&supergraph),
            cost_rules: CostRules::of(&supergraph),
        })
    }

    /// The schema itself.
    pub(crate) fn schema(&self) -> &Valid<Schema> {
        &self.schema
    }

    /// Which fields are on the move between subgraphs.
    pub(super) fn rollout(&self) -> &Rollout {
        &self.rollout
    }

    /// What fields cost.
    pub(super) fn cost_rules(&self) -> &CostRules {
        &self.cost_rules
    }

    /// The object types of an interface, in the order of the schema.
    pub(crate) fn objects_of(&self, interface: &str) -> impl Iterator<Item = &Name> {
        self.implementers.get(interface).into_iter().flat_map(|found| &found.objects)
    }
}

/// Whether an input object takes exactly one of its fields.
pub(super) fn is_one_of(definition: &ExtendedType) -> bool {
    definition.directives().has("oneOf")
}

fn first_of(errors: &DiagnosticList) -> SchemaFault {
    SchemaFault(errors.iter().next().map_or_else(String::new, |first| first.to_string()))
}

/// Lets operations ask for `__Type.isOneOf` (September 2025 edition, section 4.2.2).
fn describe_one_of(schema: &mut Schema) {
    let Some(ExtendedType::Object(definition)) = schema.types.get_mut("__Type") else { return };
    let field = FieldDefinition {
        description: None,
        name: name!("isOneOf"),
        arguments: Vec::new(),
        ty: ty!(Boolean),
        directives: DirectiveList::new(),
    };
    definition.make_mut().fields.insert(name!("isOneOf"), Component::new(field));
}
