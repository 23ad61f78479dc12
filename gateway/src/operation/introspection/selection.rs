//! Which fields an object of the schema is asked for: fragments spread, conditions and variables seen.

use std::borrow::Cow;
use std::cell::Cell;
use std::time::Instant;

use apollo_compiler::ast::Value;
use apollo_compiler::collections::IndexMap;
use apollo_compiler::executable::{ExecutableDocument, Field, Selection, SelectionSet};
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::{Name, Node};

use crate::operation::api_schema::ApiSchema;

/// Fields to select by response key, in the order of the answer; those of one key share name and arguments.
pub(crate) type Grouped<'a> = IndexMap<&'a Name, Vec<&'a Node<Field>>>;

/// What selections are collected with.
pub(crate) struct Request<'a> {
    pub(super) schema: &'a ApiSchema,
    document: &'a ExecutableDocument,
    variables: &'a JsonMap,
    visited: Cell<usize>,
    deadline: Instant,
}

impl<'a> Request<'a> {
    pub(crate) fn new(
        schema: &'a ApiSchema,
        document: &'a ExecutableDocument,
        variables: &'a JsonMap,
        deadline: Instant,
    ) -> Self {
        Self { schema, document, variables, visited: Cell::new(0), deadline }
    }

    /// `CollectFields` of the specification, for an object of type `object`.
    pub(crate) fn collect(
        &self,
        object: &str,
        selections: impl Iterator<Item = &'a SelectionSet>,
    ) -> Grouped<'a> {
        let mut grouped = Grouped::default();
        let mut spread = Vec::new();
        for set in selections {
            self.collect_into(object, set, &mut spread, &mut grouped);
        }
        grouped
    }

    fn collect_into(
        &self,
        object: &str,
        set: &'a SelectionSet,
        spread: &mut Vec<&'a Name>,
        grouped: &mut Grouped<'a>,
    ) {
        self.visited.set(self.visited.get() + set.selections.len());
        for selection in set.selections.iter().filter(|selection| self.is_included(selection)) {
            match selection {
                Selection::Field(field) => grouped.entry(field.response_key()).or_default().push(field),
                Selection::InlineFragment(fragment) => {
                    if fragment
                        .type_condition
                        .as_ref()
                        .is_none_or(|condition| self.applies(condition, object))
                    {
                        self.collect_into(object, &fragment.selection_set, spread, grouped);
                    }
                }
                Selection::FragmentSpread(found) => {
                    let name = &found.fragment_name;
                    let Some(fragment) = self.document.fragments.get(name) else { continue };
                    if !spread.contains(&name) && self.applies(fragment.type_condition(), object) {
                        spread.push(name);
                        self.collect_into(object, &fragment.selection_set, spread, grouped);
                    }
                }
            }
        }
    }

    fn applies(&self, condition: &str, object: &str) -> bool {
        condition == object || self.schema.schema().is_subtype(condition, object)
    }

    fn is_included(&self, selection: &Selection) -> bool {
        let given = |directive: &str| {
            let argument = selection.directives().get(directive)?.specified_argument_by_name("if")?;
            self.boolean(argument)
        };
        given("skip") != Some(true) && given("include") != Some(false)
    }

    /// Selections looked at so far: also those that are skipped cost time.
    pub(super) fn visited(&self) -> usize {
        self.visited.get()
    }

    /// Whether nobody waits for the answer any more.
    pub(super) fn is_late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// A Boolean literal, or the value of a variable.
    pub(super) fn boolean(&self, value: &Value) -> Option<bool> {
        match value {
            Value::Boolean(value) => Some(*value),
            Value::Variable(name) => self.variables.get(name.as_str()).and_then(JsonValue::as_bool),
            _ => None,
        }
    }

    /// A string literal, or the value of a variable.
    pub(super) fn text(&self, value: &'a Value) -> Option<Cow<'a, str>> {
        match value {
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Variable(name) => self
                .variables
                .get(name.as_str())
                .and_then(JsonValue::as_str)
                .map(|text| Cow::Owned(text.to_owned())),
            _ => None,
        }
    }
}
