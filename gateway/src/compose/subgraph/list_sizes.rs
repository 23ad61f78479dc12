//! `@listSize`: what its applications say, for the rules on them.
//! Source: <https://ibm.github.io/graphql-specs/cost-spec.html>.

use apollo_compiler::Name;
use apollo_compiler::ast::{Directive, FieldDefinition, Value};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::ExtendedType;

use super::Subgraph;
use super::federation::names;

/// A `@listSize`.
pub(crate) struct ListSize<'a> {
    subgraph: &'a Subgraph,
    parent: &'a Name,
    /// The field that it stands on.
    pub(crate) field: &'a FieldDefinition,
    /// Whether the field's type has fields.
    pub(crate) is_composite: bool,
    /// Whether `assumedSize` is below zero.
    pub(crate) has_negative_assumed_size: bool,
    /// `slicingArguments`.
    pub(crate) slicing_arguments: Vec<String>,
    /// `sizedFields`.
    pub(crate) sized_fields: Vec<String>,
    /// Where the directive stands.
    pub(crate) location: Option<SourceSpan>,
}

impl ListSize<'_> {
    /// `Type.field`.
    pub(crate) fn coordinate(&self) -> String {
        format!("{}.{}", self.parent, self.field.name)
    }

    /// A field of the field's type.
    pub(crate) fn sized_field(&self, name: &str) -> Option<&FieldDefinition> {
        match self.subgraph.schema.types.get(self.field.ty.inner_named_type())? {
            ExtendedType::Object(object) => object.fields.get(name).map(|field| &***field),
            ExtendedType::Interface(interface) => interface.fields.get(name).map(|field| &***field),
            _ => None,
        }
    }
}

/// Every `@listSize` of a subgraph, in the schema's order.
pub(crate) fn list_sizes(subgraph: &Subgraph) -> impl Iterator<Item = ListSize<'_>> {
    subgraph.fields().filter_map(|(ty, field)| {
        let application = field.directives.get(names::LIST_SIZE)?;
        let is_composite = subgraph
            .schema
            .types
            .get(field.ty.inner_named_type())
            .is_some_and(|ty| ty.is_object() || ty.is_interface() || ty.is_union());
        let negative = |value: &Value| matches!(value, Value::Int(size) if size.as_str().starts_with('-'));
        Some(ListSize {
            subgraph,
            parent: ty.name(),
            field,
            is_composite,
            has_negative_assumed_size: application
                .specified_argument_by_name("assumedSize")
                .is_some_and(|value| negative(value)),
            slicing_arguments: strings(application, "slicingArguments"),
            sized_fields: strings(application, "sizedFields"),
            location: application.location(),
        })
    })
}

fn strings(directive: &Directive, argument: &str) -> Vec<String> {
    match directive.specified_argument_by_name(argument).map(|value| &**value) {
        Some(Value::List(items)) => {
            items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
        }
        Some(Value::String(item)) => vec![item.clone()],
        _ => Vec::new(),
    }
}
