//! `@context` and `@fromContext`: who sets a context, and which arguments read it.
//! Source: <https://specs.apollo.dev/federation/v2.8>.

use apollo_compiler::ast::{FieldDefinition, InputValueDefinition, Type};
use apollo_compiler::executable::{FieldSet as ParsedFieldSet, Selection, SelectionSet};
use apollo_compiler::parser::{Parser, SourceSpan};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Node, Schema};

use super::federation::names;
use super::field_sets::well_formed;
use super::links::string_argument;
use super::metadata::selected;

/// A `@context`.
#[derive(Clone, Debug)]
pub(crate) struct ContextSetter {
    /// The context's name.
    pub(crate) context: String,
    /// The type below which it is set.
    pub(crate) ty: Name,
    /// Where the directive stands.
    pub(crate) location: Option<SourceSpan>,
}

/// A `@fromContext`.
#[derive(Clone, Debug)]
pub(crate) struct ContextReader {
    /// The type of the field.
    pub(crate) ty: Name,
    /// The field.
    pub(crate) field: Name,
    /// The argument that the context fills.
    pub(crate) argument: InputValueDefinition,
    /// The context's name and the selection from its setters, as written after it; `None` when it names
    /// no context.
    pub(crate) value: Option<(String, String)>,
    /// Where the directive stands.
    pub(crate) location: Option<SourceSpan>,
}

impl ContextReader {
    /// `Type.field(argument:)`.
    pub(crate) fn coordinate(&self) -> String {
        format!("{}.{}({}:)", self.ty, self.field, self.argument.name)
    }
}

/// Every context of a subgraph.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contexts {
    /// Who sets them, in the schema's order.
    pub(crate) setters: Vec<ContextSetter>,
    /// Who reads them, in the schema's order.
    pub(crate) readers: Vec<ContextReader>,
}

impl Contexts {
    /// The types below which a context is set.
    pub(crate) fn setters_of<'a>(&'a self, context: &'a str) -> impl Iterator<Item = &'a ContextSetter> {
        self.setters.iter().filter(move |setter| setter.context == context)
    }

    pub(super) fn gather(schema: &Schema) -> Self {
        let mut contexts = Self::default();
        for ty in schema.types.values().filter(|ty| !ty.is_built_in()) {
            for application in ty.directives().get_all(names::CONTEXT) {
                if let Some(context) = string_argument(application, "name") {
                    let setter =
                        ContextSetter { context, ty: ty.name().clone(), location: application.location() };
                    contexts.setters.push(setter);
                }
            }
            let fields = match ty {
                ExtendedType::Object(object) => &object.fields,
                ExtendedType::Interface(interface) => &interface.fields,
                _ => continue,
            };
            for field in fields.values() {
                contexts.readers.extend(readers(ty.name(), field));
            }
        }
        contexts
    }

    /// Every field that some argument reads from a context.
    pub(super) fn selected(&self, schema: &Schema) -> Vec<(Name, Name)> {
        let mut found = Vec::new();
        for reader in &self.readers {
            let Some((context, selection)) = &reader.value else { continue };
            for setter in self.setters_of(context) {
                if let Ok(selections) = parse_selection(schema, &setter.ty, selection) {
                    found.extend(selected(schema, &selections));
                }
            }
        }
        found
    }
}

fn readers(ty: &Name, field: &FieldDefinition) -> impl Iterator<Item = ContextReader> {
    field.arguments.iter().filter_map(|argument| {
        let application = argument.directives.get(names::FROM_CONTEXT)?;
        Some(ContextReader {
            ty: ty.clone(),
            field: field.name.clone(),
            argument: InputValueDefinition::clone(argument),
            value: string_argument(application, "field").as_deref().and_then(split),
            location: application.location(),
        })
    })
}

/// Splits `$name selection`; the selection may be missing.
fn split(value: &str) -> Option<(String, String)> {
    let rest = value.trim_start().strip_prefix('$')?.trim_start();
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let (name, selection) = rest.split_at_checked(end)?;
    if name.is_empty() || selection.is_empty() {
        return None;
    }
    Some((name.to_owned(), selection.trim().to_owned()))
}

/// The selection of a `@fromContext` as selections from one of the context's setters, or why it is none.
pub(crate) fn parse_selection(
    schema: &Schema,
    setter: &Name,
    selection: &str,
) -> Result<SelectionSet, String> {
    let bare = match selection.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}').ok_or("its braces do not match")?,
        None => selection,
    };
    well_formed(bare)?;
    let parsed: Result<ParsedFieldSet, _> =
        Parser::new().parse_field_set(Valid::assume_valid_ref(schema), setter.clone(), bare, "fields");
    match parsed {
        Ok(parsed) if parsed.selection_set.is_empty() => Err("it selects nothing".to_owned()),
        Ok(parsed) => Ok(parsed.selection_set),
        Err(errors) => Err(errors.errors.iter().next().map(|e| e.error.to_string()).unwrap_or_default()),
    }
}

/// The types of the one value that a selection takes from a setter, one for each object it may take it
/// from, or why it takes none or several.
pub(crate) fn selected_type(schema: &Schema, setter: &Name, selection: &str) -> Result<Vec<Type>, String> {
    let selections = parse_selection(schema, setter, selection)?;
    let mut found = Vec::new();
    refuse_interface_objects(schema, &selections)?;
    value_types(&selections, false, &mut found)?;
    let has_fragments = selections.selections.iter().any(|one| one.as_inline_fragment().is_some());
    if selections.selections.len() > 1 && !has_fragments {
        return Err("several fields are selected".to_owned());
    }
    Ok(found)
}

/// An interface object stands for objects that its subgraph does not know, so a context cannot be read there.
fn refuse_interface_objects(schema: &Schema, selections: &SelectionSet) -> Result<(), String> {
    let object = schema.get_object(&selections.ty);
    if object.is_some_and(|object| object.directives.has(names::INTERFACE_OBJECT)) {
        return Err(format!("`{}` is an `@interfaceObject`", selections.ty));
    }
    selections.selections.iter().try_for_each(|selection| match selection {
        Selection::Field(field) => refuse_interface_objects(schema, &field.selection_set),
        Selection::InlineFragment(fragment) => refuse_interface_objects(schema, &fragment.selection_set),
        Selection::FragmentSpread(_) => Ok(()),
    })
}

fn value_types(selections: &SelectionSet, in_list: bool, found: &mut Vec<Type>) -> Result<(), String> {
    for selection in &selections.selections {
        match selection {
            Selection::Field(field) => {
                if field.alias.is_some() {
                    return Err("it has an alias".to_owned());
                }
                if !field.directives.is_empty() {
                    return Err("it has a directive".to_owned());
                }
                let given = |argument: &&Node<InputValueDefinition>| {
                    field.arguments.iter().any(|given| given.name == argument.name)
                };
                let mut required =
                    field.definition.arguments.iter().filter(|argument| argument.is_required());
                if let Some(missing) = required.find(|argument| !given(argument)) {
                    return Err(format!("`{}` needs the argument `{}`", field.name, missing.name));
                }
                let ty = field.definition.ty.clone();
                if field.selection_set.is_empty() {
                    let ty = if in_list { Type::List(Box::new(ty)) } else { ty };
                    found.push(ty);
                } else if field.selection_set.selections.len() > 1 {
                    return Err("several fields are selected".to_owned());
                } else if field.selection_set.selections.iter().any(|inside| inside.as_field().is_none()) {
                    return Err("a fragment stands below a field".to_owned());
                } else {
                    value_types(&field.selection_set, in_list || ty.is_list(), found)?;
                }
            }
            Selection::InlineFragment(fragment) => {
                if !fragment.directives.is_empty() {
                    return Err("it has a directive".to_owned());
                }
                if fragment.type_condition.is_none() {
                    return Err("a fragment has no type condition".to_owned());
                }
                if fragment
                    .selection_set
                    .selections
                    .iter()
                    .any(|inside| inside.as_inline_fragment().is_some())
                {
                    return Err("a fragment stands in another".to_owned());
                }
                value_types(&fragment.selection_set, in_list, found)?;
            }
            Selection::FragmentSpread(spread) => {
                return Err(format!("there is no fragment `{}`", spread.fragment_name));
            }
        }
    }
    Ok(())
}
