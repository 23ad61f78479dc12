//! Finds every `fields:` that is wrong, with what is wrong and where.

use apollo_compiler::ast::Directive;
use apollo_compiler::executable::{Field, FieldSet as ParsedFieldSet, Selection, SelectionSet};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Node, Schema};

use super::super::federation::names;
use super::super::links::string_argument;
use super::super::metadata::{FieldSet, Metadata, implementations};
use super::{FieldSetFault, Flaw, Use, Wrong, first_of, offset, read, without_braces};

/// Every field set of the schema that is wrong.
pub(in super::super) fn all(schema: &Schema, metadata: &Metadata) -> Vec<FieldSetFault> {
    let mut found = Vec::new();
    let judge = Judge { schema, metadata };
    for ty in schema.types.values().filter(|ty| !ty.is_built_in()) {
        for application in ty.directives().get_all(names::KEY) {
            judge.application(Use::Key, ty.name(), ty.name(), &application.node, &mut found);
        }
        let fields = match ty {
            ExtendedType::Object(object) => &object.fields,
            ExtendedType::Interface(interface) => &interface.fields,
            _ => continue,
        };
        for field in fields.values() {
            let coordinate = format!("{}.{}", ty.name(), field.name);
            for application in field.directives.get_all(names::REQUIRES) {
                judge.application(Use::Requires, ty.name(), &coordinate, application, &mut found);
            }
            let target = field.ty.inner_named_type();
            let is_composite = schema.types.get(target).is_some_and(|ty| {
                matches!(ty, ExtendedType::Object(_) | ExtendedType::Interface(_) | ExtendedType::Union(_))
            });
            if is_composite {
                for application in field.directives.get_all(names::PROVIDES) {
                    judge.application(Use::Provides, target, &coordinate, application, &mut found);
                }
            }
        }
    }
    found
}

/// Judges field sets by the schema they select from, and by what its directives say.
struct Judge<'a> {
    schema: &'a Schema,
    metadata: &'a Metadata,
}

impl Judge<'_> {
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
        let written = string_argument(directive, "fields").unwrap_or_default();
        let bare = without_braces(&written);
        let before = written.find(bare).unwrap_or_default();
        let (flaws, is_unread) = match read(self.schema, parent, directive) {
            Ok((set, unknown_type)) => {
                let is_unread = unknown_type.is_some();
                (self.flaws_of(of, &set).into_iter().chain(unknown_type).collect(), is_unread)
            }
            Err(flaw) => (vec![flaw], true),
        };
        found.extend(flaws.into_iter().map(|(wrong, at)| FieldSetFault {
            of,
            coordinate: coordinate.to_owned(),
            wrong,
            is_unread,
            location,
            part: at.map(|at| (written.clone(), before + at.min(bare.len()))),
        }));
    }

    fn flaws_of(&self, of: Use, set: &FieldSet) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        self.selections(of, &set.selections, false, &mut flaws);
        let is_invalid = |(wrong, _): &Flaw| matches!(wrong, Wrong::Invalid(_) | Wrong::Abstract(_));
        if !flaws.iter().any(is_invalid) {
            flaws.extend(self.invalid(set));
        }
        // What does not fit the schema says nothing else that could be relied on.
        match flaws.iter().position(is_invalid) {
            Some(first) => vec![flaws.swap_remove(first)],
            None => flaws,
        }
    }

    fn selections(&self, of: Use, selections: &SelectionSet, in_external: bool, flaws: &mut Vec<Flaw>) {
        for selection in &selections.selections {
            let directives = match selection {
                Selection::Field(field) => {
                    self.field(of, &selections.ty, field, in_external, flaws);
                    &field.directives
                }
                Selection::InlineFragment(fragment) => {
                    self.selections(of, &fragment.selection_set, in_external, flaws);
                    &fragment.directives
                }
                Selection::FragmentSpread(spread) => {
                    let why = format!("there is no fragment `{}`", spread.fragment_name);
                    flaws.push((Wrong::Invalid(why), offset(spread)));
                    continue;
                }
            };
            for directive in directives {
                let wrong = if self.schema.directive_definitions.contains_key(&directive.name) {
                    Wrong::Directive(directive.to_string())
                } else {
                    Wrong::Invalid(format!("there is no directive `@{}`", directive.name))
                };
                flaws.push((wrong, offset(directive)));
            }
        }
    }

    fn field(&self, of: Use, parent: &Name, field: &Node<Field>, in_external: bool, flaws: &mut Vec<Flaw>) {
        let coordinate = || format!("{parent}.{}", field.name);
        let mut flaw = |wrong: Wrong| flaws.push((wrong, offset(field)));
        if let Some(alias) = &field.alias {
            flaw(Wrong::Invalid(format!("`{alias}: {}` is an alias", field.name)));
            return;
        }
        if of != Use::Requires && !field.definition.arguments.is_empty() {
            flaw(Wrong::Arguments(coordinate()));
        }
        let target = self.schema.types.get(field.definition.ty.inner_named_type());
        let is_leaf = target.is_none_or(ExtendedType::is_leaf);
        if of == Use::Key && target.is_some_and(|ty| ty.is_interface() || ty.is_union()) {
            flaw(Wrong::Abstract(coordinate()));
        } else if !is_leaf && field.selection_set.is_empty() {
            flaw(Wrong::Invalid(format!("`{}` needs a selection of its own", coordinate())));
        } else if is_leaf && !field.selection_set.is_empty() {
            flaw(Wrong::Invalid(format!("`{}` has no fields to select", coordinate())));
        } else {
            let mut in_external = in_external || self.metadata.field(parent, &field.name).external;
            if is_leaf && of != Use::Key && !in_external {
                flaw(Wrong::NotExternal(coordinate()));
            }
            if self.schema.get_interface(parent).is_some() {
                in_external |= implementations(self.schema, parent)
                    .any(|object| self.metadata.field(&object, &field.name).external);
            }
            self.selections(of, &field.selection_set, in_external, flaws);
        }
    }

    /// What the GraphQL validation of selections says, arguments above all.
    fn invalid(&self, set: &FieldSet) -> Option<Flaw> {
        let parent = set.selections.ty.clone();
        let schema = Valid::assume_valid_ref(self.schema);
        let errors = ParsedFieldSet::parse_and_validate(schema, parent, set.text.as_str(), "fields").err()?;
        errors.errors.iter().next()?;
        Some(first_of(&errors.errors, 0))
    }
}
