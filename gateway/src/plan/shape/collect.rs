//! `CollectFields` of the GraphQL specification (section 6.3.2), for one runtime type and without variables: conditions stay with the fields.
use ahash::HashMap;
use apollo_compiler::{
    ExecutableDocument, Name,
    ast::{DirectiveList, Value},
    executable::{Field, Operation, Selection, SelectionSet},
};
use smallvec::SmallVec;

use super::{GuardId, Question};
use crate::plan::{keys::arguments_of, steps::Condition, types::TypeId};

/// Selection sets that apply to one object.
pub(super) type Sets<'doc> = Vec<Set<'doc>>;

/// A selection set that applies to an object.
#[derive(Clone, Copy)]
pub(super) struct Set<'doc> {
    pub(super) set: &'doc SelectionSet,
    /// What must hold for it.
    pub(super) guard: GuardId,
    /// It stands in a field that the caller may not have.
    pub(super) is_refused: bool,
}

impl PartialEq for Set<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.set, other.set) && self.guard == other.guard && self.is_refused == other.is_refused
    }
}

/// A field with all its occurrences in the selection sets of one object.
pub(super) struct Collected<'doc> {
    pub(super) field: &'doc Field,
    /// The key under which subgraphs are asked for it.
    pub(super) source: Name,
    pub(super) when: SmallVec<[GuardId; 2]>,
    /// The same of the occurrences that the caller may have.
    pub(super) open: SmallVec<[GuardId; 2]>,
    pub(super) sets: Sets<'doc>,
}

impl PartialEq for Collected<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.field.response_key() == other.field.response_key()
            && self.field.name == other.field.name
            && self.source == other.source
            && self.when == other.when
            && self.open == other.open
            && self.sets == other.sets
    }
}

/// Interns sets of conditions.
#[derive(Default)]
pub(super) struct Guards {
    pub(super) sets: Vec<Vec<Condition>>,
    ids: HashMap<Vec<Condition>, GuardId>,
}

impl Guards {
    pub(super) fn new() -> Self {
        let mut guards = Self::default();
        guards.intern(Vec::new());
        guards
    }

    fn intern(&mut self, mut conditions: Vec<Condition>) -> GuardId {
        conditions.sort_by(|a, b| (&a.variable, a.negated).cmp(&(&b.variable, b.negated)));
        conditions.dedup();
        if let Some(id) = self.ids.get(&conditions) {
            return *id;
        }
        let id = GuardId(u16::try_from(self.sets.len()).unwrap_or(u16::MAX));
        self.sets.push(conditions.clone());
        self.ids.insert(conditions, id);
        id
    }

    /// `outer` and the `@skip` and `@include` among `directives`; `None` if they never hold.
    fn and(&mut self, outer: GuardId, directives: &DirectiveList) -> Option<GuardId> {
        let mut added = Vec::new();
        for (name, negated) in [("skip", true), ("include", false)] {
            let Some(directive) = directives.get(name) else { continue };
            match directive.specified_argument_by_name("if").map(|value| &**value) {
                Some(Value::Boolean(value)) if *value == negated => return None,
                Some(Value::Variable(variable)) => {
                    added.push(Condition { variable: variable.as_str().into(), negated });
                }
                _ => {}
            }
        }
        if added.is_empty() {
            return Some(outer);
        }
        added.extend(self.sets.get(usize::from(outer.0)).into_iter().flatten().cloned());
        Some(self.intern(added))
    }
}

/// The variables that decide what of `operation` is selected, each once.
pub(crate) fn conditions(document: &ExecutableDocument, operation: &Operation) -> Vec<Box<str>> {
    let mut found: Vec<Box<str>> = Vec::new();
    let mut add = |directives: &DirectiveList| {
        for directive in directives.iter().filter(|it| it.name == "skip" || it.name == "include") {
            let value = directive.specified_argument_by_name("if").and_then(|value| value.as_variable());
            if let Some(name) = value.filter(|name| !found.iter().any(|known| **known == *name.as_str())) {
                found.push(name.as_str().into());
            }
        }
    };
    let mut sets = vec![&operation.selection_set];
    sets.extend(document.fragments.values().map(|fragment| &fragment.selection_set));
    while let Some(set) = sets.pop() {
        for selection in &set.selections {
            add(selection.directives());
            match selection {
                Selection::Field(field) => sets.push(&field.selection_set),
                Selection::InlineFragment(fragment) => sets.push(&fragment.selection_set),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    found
}

/// Where fields are collected.
pub(super) struct Collector<'a, 'doc> {
    pub(super) question: Question<'doc>,
    pub(super) guards: &'a mut Guards,
    /// The runtime type; `None` leaves out what depends on it.
    pub(super) on: Option<TypeId>,
    pub(super) declared: TypeId,
    pub(super) fields: Vec<Collected<'doc>>,
    /// A response key that stands for a field with different arguments: the compiler crate's validation overlooks it
    /// where lists in them differ in length.
    pub(super) conflict: Option<&'doc Name>,
}

impl<'doc> Collector<'_, 'doc> {
    pub(super) fn collect(&mut self, within: Set<'doc>) {
        let Set { set, guard, .. } = within;
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    if let Some(guard) = self.guards.and(guard, &field.directives) {
                        self.add(&set.ty, field, Set { guard, ..within });
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let applies = fragment.type_condition.as_ref().is_none_or(|name| self.applies(name));
                    if let Some(guard) = self.guards.and(guard, &fragment.directives).filter(|_| applies) {
                        self.collect(Set { set: &fragment.selection_set, guard, ..within });
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.question.document.fragments.get(&spread.fragment_name) else {
                        continue;
                    };
                    let applies = self.applies(fragment.type_condition());
                    if let Some(guard) = self.guards.and(guard, &spread.directives).filter(|_| applies) {
                        self.collect(Set { set: &fragment.selection_set, guard, ..within });
                    }
                }
            }
        }
    }

    fn applies(&self, name: &str) -> bool {
        let types = self.question.types;
        let condition = types.satisfying([name]);
        match self.on {
            Some(on) => condition.contains(on),
            None => types.possible(self.declared).iter().all(|id| condition.contains(*id)),
        }
    }

    /// Adds a field of a set of type `ty` that stands `within` another.
    fn add(&mut self, ty: &Name, field: &'doc Field, within: Set<'doc>) {
        let is_refused = within.is_refused || (self.question.refuses)(ty, field);
        let key = field.response_key();
        let at = self.fields.iter().position(|collected| collected.field.response_key() == key);
        let at = at.unwrap_or_else(|| {
            let on = self.on.and_then(|on| Name::new(self.question.types.name(on)).ok());
            let source = self.question.keys.key(on.as_ref().unwrap_or(ty), field);
            let (when, open) = (SmallVec::new(), SmallVec::new());
            self.fields.push(Collected { field, source, when, open, sets: Vec::new() });
            self.fields.len() - 1
        });
        let Some(collected) = self.fields.get_mut(at) else { return };
        let is_other = !std::ptr::eq(collected.field, field) && !field.arguments.is_empty();
        if is_other && arguments_of(collected.field) != arguments_of(field) {
            self.conflict.get_or_insert(key);
        }
        either(&mut collected.when, within.guard);
        if !is_refused {
            either(&mut collected.open, within.guard);
        }
        let set = Set { set: &field.selection_set, is_refused, ..within };
        if !field.selection_set.is_empty() && !collected.sets.contains(&set) {
            collected.sets.push(set);
        }
    }
}

/// Adds one more guard of which one must hold.
fn either(guards: &mut SmallVec<[GuardId; 2]>, guard: GuardId) {
    if guard == GuardId::ALWAYS {
        guards.clear();
    }
    if guards.first() != Some(&GuardId::ALWAYS) && !guards.contains(&guard) {
        guards.push(guard);
    }
}
