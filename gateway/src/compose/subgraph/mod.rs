//! One subgraph, read and normalised: its schema with federation's directives under canonical names,
//! and what those directives say, ready to ask.

mod applied;
pub(crate) mod contexts;
pub(crate) mod default_values;
pub(crate) mod definitions;
pub(crate) mod draft;
mod extensions;
pub(crate) mod federation;
pub(crate) mod field_sets;
mod join_name;
pub(crate) mod links;
pub(crate) mod list_sizes;
mod literals;
pub(crate) mod metadata;
pub(crate) mod misplaced_provides;
mod normalise;
mod read;
pub(crate) mod upgrade;

use std::sync::Arc;

use apollo_compiler::ast::OperationType;
use apollo_compiler::collections::IndexSet;
use apollo_compiler::parser::{SourceMap, SourceSpan};
use apollo_compiler::schema::{Component, ExtendedType, FieldDefinition};
use apollo_compiler::{Name, Schema};

pub(crate) use read::read_all;

use super::report::{Position, Span};
use federation::Version;
use field_sets::FieldSetFault;
use links::Links;
use metadata::{FieldFacts, Key, Metadata};

/// One subgraph.
///
/// Its schema is normalised: whatever the SDL looked like,
/// - federation 1 is upgraded to 2;
/// - the root types are called `Query`, `Mutation` and `Subscription`, and `Query` is always there,
///   though it may have no fields;
/// - extensions are folded into their types (a component's `origin` still tells them apart);
/// - federation directives are applied under the names of [`federation::names`], and neither they nor
///   `@link` nor `_Any`, `_Entity`, `_Service`, `_entities`, `_service` and the specification's scalars
///   are defined in it;
/// - every element that came from the SDL has its location, which [`Subgraph::span`] turns into a span.
#[derive(Clone, Debug)]
pub(crate) struct Subgraph {
    /// The name as given.
    pub(crate) name: Arc<str>,
    /// Where it is served; empty when unknown.
    pub(crate) url: String,
    /// Its value of the `join__Graph` enum.
    pub(crate) join_name: Name,
    /// The normalised schema.
    pub(crate) schema: Schema,
    /// The specifications it links; empty for federation 1.
    pub(crate) links: Links,
    /// The federation version it was written in; [`Version::ONE`] before the upgrade, too.
    pub(crate) version: Version,
    /// What its directives say.
    pub(crate) metadata: Metadata,
    /// The types that it extends without defining them.
    pub(crate) extensions: IndexSet<Name>,
    /// The texts that locations point into.
    pub(crate) sources: SourceMap,
}

impl Subgraph {
    /// The place of a location in this subgraph's SDL.
    pub(crate) fn span(&self, location: Option<SourceSpan>) -> Span {
        span_in(&self.name, &self.sources, location)
    }

    /// The place of the wrong part of a field set, or of the field set as a whole.
    pub(crate) fn field_set_span(&self, fault: &FieldSetFault) -> Span {
        self.inside_field_set(fault).unwrap_or_else(|| self.span(fault.location))
    }

    fn inside_field_set(&self, fault: &FieldSetFault) -> Option<Span> {
        let ((text, at), location) = (fault.part.as_ref()?, fault.location?);
        let source = self.sources.get(&location.file_id())?;
        let literal = source.source_text().get(location.offset()..)?;
        let offset = location.offset() + literals::place(literal, text, *at)?;
        let start = source.get_line_column(offset)?;
        let position = Position { offset, line: start.line, column: start.column };
        Some(Span { subgraph: Arc::clone(&self.name), position: Some(position) })
    }

    /// Whether the SDL linked federation 2.
    pub(crate) fn is_federation_2(&self) -> bool {
        self.version != Version::ONE
    }

    /// The types that the SDL brought, without the built-in ones, in its order.
    pub(crate) fn types(&self) -> impl Iterator<Item = &ExtendedType> {
        self.schema.types.values().filter(|ty| !ty.is_built_in())
    }

    /// The fields of its objects and interfaces, each with its parent, in the schema's order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&ExtendedType, &Component<FieldDefinition>)> {
        self.types().flat_map(|ty| {
            let fields = match ty {
                ExtendedType::Object(object) => Some(&object.fields),
                ExtendedType::Interface(interface) => Some(&interface.fields),
                _ => None,
            };
            fields.into_iter().flat_map(|fields| fields.values()).map(move |field| (ty, field))
        })
    }

    /// Whether some `@key` of the type cannot be read, so that comparing its keys would mislead.
    pub(crate) fn has_unread_keys(&self, type_name: &str) -> bool {
        let keys = self
            .schema
            .types
            .get(type_name)
            .map_or(0, |ty| ty.directives().get_all(federation::names::KEY).count());
        self.keys(type_name).len() < keys
    }

    /// The keys that cannot be read of interfaces, and of what implements an interface with keys.
    pub(crate) fn unread_keys_on_interfaces(&self) -> impl Iterator<Item = &FieldSetFault> {
        let has_keys = |interface: &Name| {
            self.schema.get_interface(interface).is_some_and(|ty| ty.directives.has(federation::names::KEY))
        };
        self.field_set_faults().iter().filter(move |fault| {
            let is_concerned = match self.schema.types.get(fault.coordinate.as_str()) {
                Some(ExtendedType::Interface(_)) => true,
                Some(ExtendedType::Object(object)) => {
                    object.implements_interfaces.iter().any(|interface| has_keys(interface))
                }
                _ => false,
            };
            fault.of == field_sets::Use::Key && fault.is_unread && is_concerned
        })
    }

    /// The kind of operation that `type_name` is the root of.
    pub(crate) fn root_kind(&self, type_name: &str) -> Option<OperationType> {
        [OperationType::Query, OperationType::Mutation, OperationType::Subscription]
            .into_iter()
            .find(|kind| self.schema.root_operation(*kind).is_some_and(|root| root == type_name))
    }

    /// What directives say about a field; all false when they say nothing.
    pub(crate) fn facts(&self, type_name: &str, field: &str) -> &FieldFacts {
        self.metadata.field(type_name, field)
    }

    /// The keys of a type, in the order written; empty when it is no entity.
    pub(crate) fn keys(&self, type_name: &str) -> &[Key] {
        self.metadata.keys.get(type_name).map_or(&[], Vec::as_slice)
    }

    /// Whether the supergraph calls the type an extension: what has `@extends`, and what federation 2 only
    /// extends. The upgrade of federation 1 turns `extend type` into a definition, but leaves `@extends`.
    /// A key of an extension makes the type one for that key, even if a definition stands beside it.
    pub(crate) fn is_extension(&self, ty: &ExtendedType, key: &Key) -> bool {
        let is_marked = ty.directives().has(federation::names::EXTENDS);
        let is_extended = self.is_federation_2() && (self.only_extends(ty) || key.extends);
        (is_marked || is_extended) && self.root_kind(ty.name()).is_none()
    }

    /// Whether the SDL has no definition of the type. The upgrade of federation 1 makes definitions of
    /// extended objects and interfaces.
    pub(crate) fn only_extends(&self, ty: &ExtendedType) -> bool {
        self.extensions.contains(ty.name()) && self.root_kind(ty.name()).is_none()
    }

    /// Whether any element of the schema has the directive, which is given by its canonical name.
    pub(crate) fn applies(&self, directive: &str) -> bool {
        applied::names(&self.schema).contains(directive)
    }

    /// Every use of `@key`, `@requires` or `@provides` whose field set is wrong, for their rules.
    pub(crate) fn field_set_faults(&self) -> &[FieldSetFault] {
        &self.metadata.field_set_faults
    }

    /// Whether the type is marked `@interfaceObject`.
    pub(crate) fn is_interface_object(&self, type_name: &str) -> bool {
        self.schema
            .get_object(type_name)
            .is_some_and(|object| object.directives.has(federation::names::INTERFACE_OBJECT))
    }
}

fn span_in(subgraph: &Arc<str>, sources: &SourceMap, location: Option<SourceSpan>) -> Span {
    let position = location.and_then(|location| {
        let start = location.line_column(sources)?;
        Some(Position { offset: location.offset(), line: start.line, column: start.column })
    });
    Span { subgraph: Arc::clone(subgraph), position }
}

#[cfg(test)]
mod tests;
