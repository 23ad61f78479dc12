//! What a subgraph's federation directives say, gathered once so that rules and merging can ask.
//!
//! Gathering never judges: what does not fit the schema is kept apart, for the rules to report.

use std::collections::HashMap;

use apollo_compiler::ast::Value;
use apollo_compiler::collections::IndexMap;
use apollo_compiler::executable::{Selection, SelectionSet};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::schema::{Component, ExtendedType, FieldDefinition};
use apollo_compiler::{Name, Schema};

use super::contexts::Contexts;
use super::federation::{Version, names};
use super::field_sets::broken::readable;
use super::field_sets::{self, FieldSetFault};
use super::links::string_argument;

/// A parsed `fields:` argument.
#[derive(Clone, Debug)]
pub(crate) struct FieldSet {
    /// As written, without outer braces.
    pub(crate) text: String,
    /// The selections, each with the type it selects from.
    pub(crate) selections: SelectionSet,
    /// Where the directive stands.
    pub(crate) location: Option<SourceSpan>,
}

/// A `@key`.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// What it selects.
    pub(crate) fields: FieldSet,
    /// Whether the subgraph can look the entity up by it.
    pub(crate) resolvable: bool,
    /// Whether it stands on an extension of the type.
    pub(crate) extends: bool,
}

/// An `@override`.
#[derive(Clone, Debug)]
pub(crate) struct Override {
    /// The subgraph that the field is taken from.
    pub(crate) from: String,
    /// The condition of a progressive override.
    pub(crate) label: Option<String>,
    /// Where the directive stands.
    pub(crate) location: Option<SourceSpan>,
}

/// What directives say about one field.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each asked by name")]
pub(crate) struct FieldFacts {
    /// `@external`, on the field or on its type.
    pub(crate) external: bool,
    /// `@shareable` on the field or its type, or shared without saying so, as key fields are.
    pub(crate) shareable: bool,
    /// Selected by some `@provides`: external, but resolved on some paths.
    pub(crate) provided: bool,
    /// Selected by some `@key`.
    pub(crate) used_by_key: bool,
    /// Selected by some `@requires`.
    pub(crate) used_by_requires: bool,
    /// Selected by some `@fromContext`.
    pub(crate) used_by_context: bool,
    /// `@requires`.
    pub(crate) requires: Option<FieldSet>,
    /// `@provides`.
    pub(crate) provides: Option<FieldSet>,
    /// `@override`.
    pub(crate) overrides: Option<Override>,
}

impl FieldFacts {
    /// External, and resolved on no path.
    pub(crate) fn is_fully_external(&self) -> bool {
        self.external && !self.provided
    }

    /// External, but resolved where a `@provides` says so.
    pub(crate) fn is_partially_external(&self) -> bool {
        self.external && self.provided
    }
}

/// What all directives of a subgraph say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metadata {
    /// The keys of each entity.
    pub(crate) keys: IndexMap<Name, Vec<Key>>,
    /// Who sets contexts, and who reads them.
    pub(crate) contexts: Contexts,
    /// Field sets that are wrong.
    pub(crate) field_set_faults: Vec<FieldSetFault>,
    fields: HashMap<Name, HashMap<Name, FieldFacts>>,
}

static NOTHING: FieldFacts = FieldFacts {
    external: false,
    shareable: false,
    provided: false,
    used_by_key: false,
    used_by_requires: false,
    used_by_context: false,
    requires: None,
    provides: None,
    overrides: None,
};

impl Metadata {
    /// What is said about a field.
    pub(crate) fn field(&self, type_name: &str, field: &str) -> &FieldFacts {
        self.fields.get(type_name).and_then(|fields| fields.get(field)).unwrap_or(&NOTHING)
    }

    /// Whether an external field is there for a reason: a field set selects it, or an interface of
    /// its object wants it.
    pub(crate) fn is_external_used(&self, schema: &Schema, type_name: &Name, field: &Name) -> bool {
        let facts = self.field(type_name, field);
        let wanted_by_interface = || {
            let Some(object) = schema.get_object(type_name) else { return false };
            object.implements_interfaces.iter().any(|interface| {
                schema.get_interface(interface).is_some_and(|interface| interface.fields.contains_key(field))
            })
        };
        facts.used_by_key
            || facts.used_by_requires
            || facts.provided
            || facts.used_by_context
            || wanted_by_interface()
    }

    fn field_mut(&mut self, type_name: &Name, field: &Name) -> &mut FieldFacts {
        self.fields.entry(type_name.clone()).or_default().entry(field.clone()).or_default()
    }

    /// Gathers from a normalised schema.
    ///
    /// Key fields of extensions may be marked `@external` though the subgraph resolves them. (What federation 1
    /// forgives is the upgrade's concern.)
    pub(super) fn gather(schema: &Schema, version: Version) -> Self {
        let mut metadata = Self::default();
        for ty in schema.types.values() {
            let (name, fields, is_object) = match ty {
                ExtendedType::Object(object) => (&object.name, &object.fields, true),
                ExtendedType::Interface(interface) => (&interface.name, &interface.fields, false),
                _ => continue,
            };
            metadata.gather_keys(schema, ty, is_object);
            for (field_name, field) in fields {
                metadata.gather_field(schema, ty, name, field_name, field);
            }
        }
        if version != Version::ONE {
            for (parent, field) in extended_keys(schema) {
                metadata.field_mut(&parent, &field).external = false;
            }
        }
        metadata.contexts = Contexts::gather(schema);
        for (parent, field) in metadata.contexts.selected(schema) {
            metadata.field_mut(&parent, &field).used_by_context = true;
        }
        metadata.field_set_faults = field_sets::faults::all(schema, &metadata);
        metadata
    }

    fn gather_keys(&mut self, schema: &Schema, ty: &ExtendedType, is_object: bool) {
        for application in ty.directives().get_all(names::KEY) {
            let keyed = readable(schema, ty.name(), application);
            for (parent, field) in keyed.iter().flat_map(|set| selected(schema, set)) {
                let facts = self.field_mut(&parent, &field);
                facts.used_by_key = true;
                facts.shareable |= is_object;
            }
            let Ok(fields) = field_sets::parse(schema, ty.name(), application) else { continue };
            let resolvable = is_resolvable(application);
            let extends = application.origin.extension_id().is_some();
            let key = Key { fields, resolvable, extends };
            self.keys.entry(ty.name().clone()).or_default().push(key);
        }
    }

    fn gather_field(
        &mut self,
        schema: &Schema,
        ty: &ExtendedType,
        type_name: &Name,
        field_name: &Name,
        field: &Component<FieldDefinition>,
    ) {
        let external = field.directives.has(names::EXTERNAL) || ty.directives().has(names::EXTERNAL);
        // On a type it speaks for the fields of that definition or extension alone.
        let shareable = field.directives.has(names::SHAREABLE)
            || ty
                .directives()
                .get_all(names::SHAREABLE)
                .any(|application| application.origin == field.origin);
        let requires = field.directives.get(names::REQUIRES);
        let provides = field.directives.get(names::PROVIDES);
        let target = field.ty.inner_named_type();
        let asked = requires.and_then(|application| readable(schema, type_name, application));
        for (parent, field) in asked.iter().flat_map(|set| selected(schema, set)) {
            self.field_mut(&parent, &field).used_by_requires = true;
        }
        let given = provides.and_then(|application| readable(schema, target, application));
        for (parent, field) in given.iter().flat_map(|set| selected(schema, set)) {
            self.field_mut(&parent, &field).provided = true;
        }
        let overrides = field.directives.get(names::OVERRIDE).and_then(|application| {
            Some(Override {
                from: string_argument(application, "from")?,
                label: string_argument(application, "label"),
                location: application.location(),
            })
        });
        let facts = self.field_mut(type_name, field_name);
        facts.external = external;
        facts.shareable |= shareable;
        facts.requires = requires.and_then(|one| field_sets::parse(schema, type_name, one).ok());
        facts.provides = provides.and_then(|one| field_sets::parse(schema, target, one).ok());
        facts.overrides = overrides;
    }
}

/// The fields that keys select which stand on an extension, or on what is marked `@extends`.
fn extended_keys(schema: &Schema) -> impl Iterator<Item = (Name, Name)> + use<'_> {
    let keys = schema.types.values().flat_map(|ty| {
        let is_marked = ty.directives().has(names::EXTENDS);
        let applications = ty.directives().get_all(names::KEY);
        let extending = applications.filter(move |key| is_marked || key.origin.extension_id().is_some());
        extending.filter_map(|application| readable(schema, ty.name(), application))
    });
    keys.flat_map(|set| selected(schema, &set))
}

/// Every field that a selection names, at any depth. A field selected from an interface is also
/// selected from each of its implementations.
pub(crate) fn selected(schema: &Schema, selections: &SelectionSet) -> Vec<(Name, Name)> {
    let mut found = Vec::new();
    collect(schema, selections, &mut found);
    found
}

fn collect(schema: &Schema, selections: &SelectionSet, found: &mut Vec<(Name, Name)>) {
    for selection in &selections.selections {
        match selection {
            Selection::Field(field) => {
                found.push((selections.ty.clone(), field.name.clone()));
                if schema.get_interface(&selections.ty).is_some() {
                    for object in implementations(schema, &selections.ty) {
                        found.push((object, field.name.clone()));
                    }
                }
                collect(schema, &field.selection_set, found);
            }
            Selection::InlineFragment(fragment) => collect(schema, &fragment.selection_set, found),
            Selection::FragmentSpread(_) => {}
        }
    }
}

/// The objects that implement an interface, in the schema's order.
pub(crate) fn implementations<'a>(schema: &'a Schema, interface: &'a str) -> impl Iterator<Item = Name> + 'a {
    schema.types.values().filter_map(move |ty| {
        let object = ty.as_object()?;
        object.implements_interfaces.contains(interface).then(|| object.name.clone())
    })
}

/// Whether a `@key` is one by which the subgraph can be asked, as it is unless it says otherwise.
pub(crate) fn is_resolvable(key: &apollo_compiler::ast::Directive) -> bool {
    let resolvable = key.specified_argument_by_name("resolvable").map(|value| &**value);
    !matches!(resolvable, Some(Value::Boolean(false)))
}
