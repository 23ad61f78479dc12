//! The `fields:` of `@key`, `@requires` and `@provides`: reading them, and what can be wrong with them.

use std::collections::BTreeSet;

use apollo_compiler::ast::{self, Directive};
use apollo_compiler::executable::{Field, FieldSet as ParsedFieldSet, Selection, SelectionSet};
use apollo_compiler::parser::{Parser, SourceSpan};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::{Valid, WithErrors};
use apollo_compiler::{Name, Node, Schema};

use super::federation::names;
use super::links::string_argument;
use super::metadata::{FieldSet, Metadata, implementations};

/// Which directive a field set belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Use {
    /// `@key`.
    Key,
    /// `@requires`.
    Requires,
    /// `@provides`.
    Provides,
}

/// What is wrong with a field set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Wrong {
    /// It is no string.
    Type,
    /// It does not parse, or does not fit the schema; why.
    Invalid(String),
    /// It holds a directive.
    Directive(String),
    /// It selects a field that has arguments, which its directive does not allow; which field.
    Arguments(String),
    /// It selects a field that the subgraph resolves itself; which field.
    NotExternal(String),
    /// It selects a field of an interface or union type; which field.
    Abstract(String),
}

/// A field set that is wrong.
#[derive(Clone, Debug)]
pub(crate) struct FieldSetFault {
    /// Which directive it belongs to.
    pub(crate) of: Use,
    /// The coordinate of what carries the directive.
    pub(crate) coordinate: String,
    /// What is wrong.
    pub(crate) wrong: Wrong,
    /// Where the field set stands.
    pub(crate) location: Option<SourceSpan>,
}

/// Reads the `fields:` of a directive as selections from `parent`.
pub(super) fn parse(schema: &Schema, parent: &Name, directive: &Node<Directive>) -> Result<FieldSet, Wrong> {
    let text = text(directive)?;
    match parsed(schema, parent, &text) {
        Ok(parsed) => Ok(FieldSet { text, selections: parsed.selection_set, location: directive.location() }),
        Err(errors) => {
            let first = errors.errors.iter().next().map(|error| error.error.to_string());
            Err(abstract_in_key(schema, directive, &errors.partial.selection_set)
                .unwrap_or_else(|| Wrong::Invalid(first.unwrap_or_default())))
        }
    }
}

/// What can be read of the `fields:` of a directive: a field that is wrong leaves its neighbours in use.
pub(super) fn readable(schema: &Schema, parent: &Name, directive: &Node<Directive>) -> Option<SelectionSet> {
    match parsed(schema, parent, &text(directive).ok()?) {
        Ok(parsed) => Some(parsed.selection_set),
        Err(errors) => Some(errors.partial.selection_set),
    }
}

fn parsed(
    schema: &Schema,
    parent: &Name,
    text: &str,
) -> Result<ParsedFieldSet, Box<WithErrors<ParsedFieldSet>>> {
    let schema = Valid::assume_valid_ref(schema);
    Parser::new().parse_field_set(schema, parent.clone(), text, "fields").map_err(Box::new)
}

/// The text of a field set without outer braces, which is well formed.
fn text(directive: &Node<Directive>) -> Result<String, Wrong> {
    let text = string_argument(directive, "fields").ok_or(Wrong::Type)?;
    let trimmed = text.trim();
    let text = match trimmed.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(bare) => bare.trim().to_owned(),
        None => text,
    };
    well_formed(&text).map_err(Wrong::Invalid)?;
    Ok(text)
}

/// Checks the syntax of a selection without braces. The parser of field sets leaves unread what follows
/// one, so the text must also be well formed as an operation.
pub(super) fn well_formed(text: &str) -> Result<(), String> {
    match ast::Document::parse(format!("{{{text}\n}}"), "fields") {
        Ok(document) if document.definitions.len() == 1 => Ok(()),
        Ok(_) => Err("it is more than one selection".to_owned()),
        Err(errors) => Err(errors.errors.iter().next().map(|e| e.error.to_string()).unwrap_or_default()),
    }
}

/// Below a field of abstract type a key may not select; that comes before what is wrong further down.
fn abstract_in_key(schema: &Schema, directive: &Directive, selections: &SelectionSet) -> Option<Wrong> {
    if directive.name != names::KEY {
        return None;
    }
    selections.selections.iter().find_map(|selection| match selection {
        Selection::Field(field) => {
            let target = schema.types.get(field.definition.ty.inner_named_type())?;
            if target.is_interface() || target.is_union() {
                return Some(Wrong::Abstract(format!("{}.{}", selections.ty, field.name)));
            }
            abstract_in_key(schema, directive, &field.selection_set)
        }
        Selection::InlineFragment(fragment) => abstract_in_key(schema, directive, &fragment.selection_set),
        Selection::FragmentSpread(_) => None,
    })
}

/// Whether two selections select the same, in whatever order.
pub(crate) fn same_selections(a: &SelectionSet, b: &SelectionSet) -> bool {
    canonical(a) == canonical(b)
}

fn canonical(selections: &SelectionSet) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for selection in &selections.selections {
        match selection {
            Selection::Field(field) => {
                found.insert(format!("{} {:?}", field.name, canonical(&field.selection_set)));
            }
            Selection::InlineFragment(fragment) => match &fragment.type_condition {
                Some(on) if *on != selections.ty => {
                    found.insert(format!("... on {on} {:?}", canonical(&fragment.selection_set)));
                }
                _ => found.extend(canonical(&fragment.selection_set)),
            },
            Selection::FragmentSpread(_) => {}
        }
    }
    found
}

/// Every field set of the schema that is wrong.
pub(super) fn faults(schema: &Schema, metadata: &Metadata) -> Vec<FieldSetFault> {
    let mut found = Vec::new();
    let check = Check { schema, metadata };
    for ty in schema.types.values().filter(|ty| !ty.is_built_in()) {
        for application in ty.directives().get_all(names::KEY) {
            check.application(Use::Key, ty.name(), ty.name(), &application.node, &mut found);
        }
        let fields = match ty {
            ExtendedType::Object(object) => &object.fields,
            ExtendedType::Interface(interface) => &interface.fields,
            _ => continue,
        };
        for field in fields.values() {
            let coordinate = format!("{}.{}", ty.name(), field.name);
            for application in field.directives.get_all(names::REQUIRES) {
                check.application(Use::Requires, ty.name(), &coordinate, application, &mut found);
            }
            let target = field.ty.inner_named_type();
            let is_composite = schema.types.get(target).is_some_and(|ty| {
                matches!(ty, ExtendedType::Object(_) | ExtendedType::Interface(_) | ExtendedType::Union(_))
            });
            if is_composite {
                for application in field.directives.get_all(names::PROVIDES) {
                    check.application(Use::Provides, target, &coordinate, application, &mut found);
                }
            }
        }
    }
    found
}

struct Check<'a> {
    schema: &'a Schema,
    metadata: &'a Metadata,
}

impl Check<'_> {
    fn application(
        &self,
        of: Use,
        parent: &Name,
        coordinate: &str,
        directive: &Node<Directive>,
        found: &mut Vec<FieldSetFault>,
    ) {
        let location = directive
            .specified_argument_by_name("fields")
            .and_then(Node::location)
            .or_else(|| directive.location());
        let wrongs = match parse(self.schema, parent, directive) {
            Ok(set) => {
                let mut wrongs = Vec::new();
                self.selections(of, &set.selections, false, &mut wrongs);
                let is_invalid = |wrong: &Wrong| matches!(wrong, Wrong::Invalid(_) | Wrong::Abstract(_));
                if !wrongs.iter().any(is_invalid) {
                    wrongs.extend(self.invalid(&set));
                }
                // What does not fit the schema says nothing else that could be relied on.
                match wrongs.iter().position(is_invalid) {
                    Some(first) => vec![wrongs.swap_remove(first)],
                    None => wrongs,
                }
            }
            Err(wrong) => vec![wrong],
        };
        found.extend(wrongs.into_iter().map(|wrong| FieldSetFault {
            of,
            coordinate: coordinate.to_owned(),
            wrong,
            location,
        }));
    }

    fn selections(&self, of: Use, selections: &SelectionSet, in_external: bool, wrongs: &mut Vec<Wrong>) {
        for selection in &selections.selections {
            let directives = match selection {
                Selection::Field(field) => {
                    self.field(of, &selections.ty, field, in_external, wrongs);
                    &field.directives
                }
                Selection::InlineFragment(fragment) => {
                    self.selections(of, &fragment.selection_set, in_external, wrongs);
                    &fragment.directives
                }
                Selection::FragmentSpread(spread) => {
                    wrongs.push(Wrong::Invalid(format!("there is no fragment `{}`", spread.fragment_name)));
                    continue;
                }
            };
            for directive in directives {
                wrongs.push(if self.schema.directive_definitions.contains_key(&directive.name) {
                    Wrong::Directive(directive.to_string())
                } else {
                    Wrong::Invalid(format!("there is no directive `@{}`", directive.name))
                });
            }
        }
    }

    fn field(&self, of: Use, parent: &Name, field: &Node<Field>, in_external: bool, wrongs: &mut Vec<Wrong>) {
        let coordinate = || format!("{parent}.{}", field.name);
        if let Some(alias) = &field.alias {
            wrongs.push(Wrong::Invalid(format!("`{alias}: {}` is an alias", field.name)));
            return;
        }
        if of != Use::Requires && !field.definition.arguments.is_empty() {
            wrongs.push(Wrong::Arguments(coordinate()));
        }
        let target = self.schema.types.get(field.definition.ty.inner_named_type());
        let is_leaf = target.is_none_or(ExtendedType::is_leaf);
        if of == Use::Key && target.is_some_and(|ty| ty.is_interface() || ty.is_union()) {
            wrongs.push(Wrong::Abstract(coordinate()));
        } else if !is_leaf && field.selection_set.is_empty() {
            wrongs.push(Wrong::Invalid(format!("`{}` needs a selection of its own", coordinate())));
        } else if is_leaf && !field.selection_set.is_empty() {
            wrongs.push(Wrong::Invalid(format!("`{}` has no fields to select", coordinate())));
        } else {
            let mut in_external = in_external || self.metadata.field(parent, &field.name).external;
            if is_leaf && of != Use::Key && !in_external {
                wrongs.push(Wrong::NotExternal(coordinate()));
            }
            if self.schema.get_interface(parent).is_some() {
                in_external |= implementations(self.schema, parent)
                    .any(|object| self.metadata.field(&object, &field.name).external);
            }
            self.selections(of, &field.selection_set, in_external, wrongs);
        }
    }

    /// What the GraphQL validation of selections says, arguments above all.
    fn invalid(&self, set: &FieldSet) -> Option<Wrong> {
        let parent = set.selections.ty.clone();
        let schema = Valid::assume_valid_ref(self.schema);
        let errors = ParsedFieldSet::parse_and_validate(schema, parent, set.text.as_str(), "fields").err()?;
        errors.errors.iter().next().map(|error| Wrong::Invalid(error.error.to_string()))
    }
}
