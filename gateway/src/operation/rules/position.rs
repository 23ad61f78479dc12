//! Finds every place of a document that takes input, literals within literals included, with the type that is
//! expected there and the variables that are in scope.

use apollo_compiler::ast::{Argument, InputValueDefinition, Type, Value, VariableDefinition};
use apollo_compiler::executable::{DirectiveList, ExecutableDocument, Selection, SelectionSet};
use apollo_compiler::parser::SourceMap;
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::{Name, Node, Schema};

use crate::error::{Code, GraphqlError};
use crate::operation::location::locate;

/// A place that takes input.
pub(super) struct Position<'a> {
    pub(super) value: &'a Node<Value>,
    /// What is expected here.
    pub(super) ty: &'a Type,
    /// The argument or input field has a default value.
    pub(super) has_default: bool,
    /// The input object of which this is a field.
    pub(super) field_of: Option<&'a ExtendedType>,
    /// The variables of the operation.
    pub(super) variables: &'a [Node<VariableDefinition>],
    schema: &'a Schema,
    sources: &'a SourceMap,
}

impl<'a> Position<'a> {
    /// The input object type that a literal here stands for.
    pub(super) fn input_object(&self) -> Option<(&'a ExtendedType, &'a InputObjectType)> {
        let definition = self.schema.types.get(self.ty.inner_named_type())?;
        definition.as_input_object().map(|input| (definition, input))
    }

    /// An error about the value.
    pub(super) fn error(&self, message: String) -> GraphqlError {
        GraphqlError::new(Code::GraphqlValidationFailed, message)
            .at(locate(self.value.location(), self.sources))
    }
}

/// Calls `visit` for every place of `document` that takes input.
pub(super) fn each<'a>(
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    visit: &mut dyn FnMut(&Position<'a>),
) {
    for operation in document.operations.iter() {
        let mut walk = Walk { schema, document, variables: &operation.variables, spread: Vec::new(), visit };
        for variable in &operation.variables {
            if let Some(default) = &variable.default_value {
                walk.value(default, &variable.ty, false, None);
            }
            walk.directives(&variable.directives);
        }
        walk.directives(&operation.directives);
        walk.selections(&operation.selection_set);
    }
}

struct Walk<'a, 'v> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    variables: &'a [Node<VariableDefinition>],
    /// Fragments already seen in this operation.
    spread: Vec<&'a Name>,
    visit: &'v mut dyn FnMut(&Position<'a>),
}

impl<'a> Walk<'a, '_> {
    fn selections(&mut self, set: &'a SelectionSet) {
        for selection in &set.selections {
            self.directives(selection.directives());
            match selection {
                Selection::Field(field) => {
                    self.arguments(&field.definition.arguments, &field.arguments);
                    self.selections(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => self.selections(&fragment.selection_set),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.fragment_name;
                    let Some(fragment) = self.document.fragments.get(name) else { continue };
                    if !self.spread.contains(&name) {
                        self.spread.push(name);
                        self.directives(&fragment.directives);
                        self.selections(&fragment.selection_set);
                    }
                }
            }
        }
    }

    fn directives(&mut self, directives: &'a DirectiveList) {
        for directive in directives {
            if let Some(definition) = self.schema.directive_definitions.get(&directive.name) {
                self.arguments(&definition.arguments, &directive.arguments);
            }
        }
    }

    fn arguments(&mut self, definitions: &'a [Node<InputValueDefinition>], given: &'a [Node<Argument>]) {
        for argument in given {
            if let Some(definition) = definitions.iter().find(|definition| definition.name == argument.name) {
                self.value(&argument.value, &definition.ty, definition.default_value.is_some(), None);
            }
        }
    }

    fn value(
        &mut self,
        value: &'a Node<Value>,
        ty: &'a Type,
        has_default: bool,
        field_of: Option<&'a ExtendedType>,
    ) {
        let position = Position {
            value,
            ty,
            has_default,
            field_of,
            variables: self.variables,
            schema: self.schema,
            sources: &self.document.sources,
        };
        (self.visit)(&position);
        match &**value {
            Value::List(items) => items.iter().for_each(|item| self.value(item, ty.item_type(), false, None)),
            Value::Object(fields) => {
                let Some((definition, input)) = position.input_object() else { return };
                for (name, value) in fields {
                    if let Some(field) = input.fields.get(name) {
                        self.value(value, &field.ty, field.default_value.is_some(), Some(definition));
                    }
                }
            }
            _ => {}
        }
    }
}
