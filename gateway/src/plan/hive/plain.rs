//! Writes an operation plainly before the planner crate sees it: the same answer, without what the crate stumbles over.
//!
//! - Given several operations, it takes the first: it gets one, without a name.
//! - An alias that repeats the field's name makes it select the field twice, once without a selection set.
//! - A response key that means two things makes it panic where it joins them, or forget one: `keys` sees to that.
//! - `t: __typename` alone leaves it without the `__typename` that type conditions and representations need; the answer's
//!   aliases are written from the shape.
//! - Fragments that no object can satisfy leave it with an empty selection: `__typename` stands beside fragments alone.
//! - Conditions: it finds no path to a conditional fragment on the type that it stands in, and requires a field of an
//!   entity even where the field that needs it is skipped. It gets an operation for given values of the variables.
//! - Spread fragments are written out: the crate would do the same.
//! - What the caller may not have is left out, so that no subgraph is asked for it.
use std::collections::BTreeMap;

use apollo_compiler::{
    ExecutableDocument, Name, Node,
    ast::{Directive, DirectiveList, FieldDefinition, Type, Value},
    executable::{Field, InlineFragment, Operation, Selection, SelectionSet},
    name,
};

use crate::plan::keys::Keys;

/// What the variables of conditions are. Of a variable without a value, only root fields keep the condition; what is
/// below is asked for in any case, and the shape leaves it out.
pub(super) type Values<'a> = BTreeMap<&'a str, bool>;

/// What an operation is written plainly with.
pub(super) struct Plain<'a> {
    pub(super) document: &'a ExecutableDocument,
    pub(super) values: &'a Values<'a>,
    pub(super) refuses: &'a dyn Fn(&Name, &Field) -> bool,
    pub(super) keys: &'a Keys<'a>,
}

impl Plain<'_> {
    /// The operation alone, without what is refused; `None` if that leaves no root field that a subgraph answers.
    pub(super) fn of(&self, operation: &Operation) -> Option<ExecutableDocument> {
        let mut root = SelectionSet::new(operation.selection_set.ty.clone());
        self.add(&mut root, &operation.selection_set, Some(&DirectiveList::new()));
        if root.is_empty() {
            return None;
        }
        let mut alone = ExecutableDocument::new();
        alone.operations.insert(Operation { name: None, selection_set: root, ..operation.clone() });
        Some(alone)
    }

    /// Adds what `set` selects to `plain`, which is of the same type. `outer` is there at the root: the conditions so far.
    fn add(&self, plain: &mut SelectionSet, set: &SelectionSet, outer: Option<&DirectiveList>) {
        for selection in &set.selections {
            if !self.may_be_wanted(selection.directives()) {
                continue;
            }
            match selection {
                // Its null may stand in objects of some types alone: the objects' types must be known all the same.
                Selection::Field(field) if (self.refuses)(&set.ty, field) => {
                    if outer.is_none() {
                        plain.push(type_name());
                    }
                }
                Selection::Field(field) => self.add_field(plain, field, outer),
                Selection::InlineFragment(it) => {
                    self.add_fragment(plain, &it.selection_set, &it.directives, outer);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.fragment_name) {
                        self.add_fragment(plain, &fragment.selection_set, &spread.directives, outer);
                    }
                }
            }
        }
    }

    fn add_field(&self, plain: &mut SelectionSet, field: &Node<Field>, outer: Option<&DirectiveList>) {
        // The gateway answers introspection itself, and the crate fails on it.
        if outer.is_some() && field.name.starts_with("__") {
            return;
        }
        if field.name == "__typename" {
            return plain.push(type_name());
        }
        let objects = self.keys.written_out(&plain.ty, field);
        if !objects.is_empty() {
            return objects.into_iter().for_each(|object| {
                let mut inside = SelectionSet::new(object);
                self.add_field(&mut inside, field, None);
                plain.push(fragment(inside, DirectiveList::new()));
            });
        }
        let key = self.keys.key(&plain.ty, field);
        let mut below = SelectionSet::new(field.selection_set.ty.clone());
        self.add(&mut below, &field.selection_set, None);
        let has_fields = below.selections.iter().any(|selection| selection.as_field().is_some());
        if !has_fields && !field.selection_set.is_empty() {
            below.push(type_name());
        }
        for definition in self.keys.key_of_interface_object(&below.ty) {
            let known = below.selections.iter().filter_map(Selection::as_field);
            if !known.into_iter().any(|field| field.alias.is_none() && field.name == definition.name) {
                below.push(Field::new(definition.name.clone(), definition));
            }
        }
        let own = Field {
            alias: Some(key).filter(|key| *key != field.name),
            directives: DirectiveList::new(),
            selection_set: below,
            ..(**field).clone()
        };
        match outer.map(|outer| (outer, self.both(outer, &field.directives))) {
            None => plain.push(own),
            Some((_, Some(directives))) => plain.push(Field { directives, ..own }),
            // One field cannot bear two conditions of a kind: a fragment bears the other.
            Some((outer, None)) => {
                let own = Field { directives: self.open(&field.directives), ..own };
                let mut inside = SelectionSet::new(plain.ty.clone());
                inside.push(own);
                plain.push(fragment(inside, outer.clone()));
            }
        }
    }

    fn add_fragment(
        &self,
        plain: &mut SelectionSet,
        set: &SelectionSet,
        own: &DirectiveList,
        outer: Option<&DirectiveList>,
    ) {
        // At the root, a fragment can be on nothing but the root type.
        let Some(outer) = outer.filter(|_| set.ty == plain.ty) else {
            if set.ty == plain.ty {
                return self.add(plain, set, None);
            }
            let mut inside = SelectionSet::new(set.ty.clone());
            self.add(&mut inside, set, None);
            if !inside.is_empty() {
                plain.push(fragment(inside, DirectiveList::new()));
            }
            return;
        };
        if let Some(both) = self.both(outer, own) {
            self.add(plain, set, Some(&both));
        } else {
            let mut inside = SelectionSet::new(plain.ty.clone());
            self.add(&mut inside, set, Some(&self.open(own)));
            if !inside.is_empty() {
                plain.push(fragment(inside, outer.clone()));
            }
        }
    }

    /// Whether the conditions among `directives` hold, as far as they can be decided.
    fn may_be_wanted(&self, directives: &DirectiveList) -> bool {
        let is = |kind: &str, value: bool| {
            directives.get(kind).and_then(|it| self.decide(it)).is_none_or(|it| it == value)
        };
        is("skip", false) && is("include", true)
    }

    fn decide(&self, directive: &Directive) -> Option<bool> {
        match condition(directive)? {
            Value::Boolean(value) => Some(*value),
            Value::Variable(name) => self.values.get(name.as_str()).copied(),
            _ => None,
        }
    }

    /// The conditions that are still open. Other directives mean nothing to subgraphs.
    fn open(&self, directives: &DirectiveList) -> DirectiveList {
        let mut open = DirectiveList::new();
        let conditions = directives.iter().filter(|it| it.name == "skip" || it.name == "include");
        open.extend(conditions.filter(|it| self.decide(it).is_none()).cloned());
        open
    }

    /// The open conditions of both; `None` if they have different ones of a kind.
    fn both(&self, outer: &DirectiveList, own: &DirectiveList) -> Option<DirectiveList> {
        let mut both = self.open(own);
        for directive in outer {
            match own.get(&directive.name).filter(|own| self.decide(own).is_none()) {
                Some(own) if condition(own) != condition(directive) => return None,
                Some(_) => {}
                None => both.push(directive.clone()),
            }
        }
        Some(both)
    }
}

fn type_name() -> Field {
    let definition = FieldDefinition {
        description: None,
        name: name!("__typename"),
        arguments: Vec::new(),
        ty: Type::Named(name!("String")).non_null(),
        directives: DirectiveList::new(),
    };
    Field::new(name!("__typename"), Node::new(definition))
}

fn fragment(set: SelectionSet, directives: DirectiveList) -> InlineFragment {
    InlineFragment { type_condition: Some(set.ty.clone()), directives, selection_set: set }
}

fn condition(directive: &Directive) -> Option<&Value> {
    directive.specified_argument_by_name("if").map(|value| &**value)
}
