//! `CollectFields` of the GraphQL specification (section 6.3.2), for one runtime type and without variables: conditions stay with the fields.
use ahash::HashMap;
use apollo_compiler::{
    ExecutableDocument, Name,
    ast::{DirectiveList, Value},
    executable::{Field, Operation, Selection, SelectionSet},
};
use smallvec::SmallVec;

use super::GuardId;
use crate::plan::{
    keys::Keys,
    steps::Condition,
    types::{TypeId, TypeTable},
};

/// Selection sets that apply to one object, each with what must hold for it.
pub(super) type Sets<'doc> = Vec<(&'doc SelectionSet, GuardId)>;

/// A field with all its occurrences in the selection sets of one object.
pub(super) struct Collected<'doc> {
    pub(super) field: &'doc Field,
    /// The key under which subgraphs are asked for it.
    pub(super) source: Name,
    pub(super) when: SmallVec<[GuardId; 2]>,
    pub(super) sets: Sets<'doc>,
}

impl PartialEq for Collected<'_> {
    fn eq(&self, other: &Self) -> bool {
        let same_sets = self.sets.len() == other.sets.len()
            && self.sets.iter().zip(&other.sets).all(|(a, b)| std::ptr::eq(a.0, b.0) && a.1 == b.1);
        self.field.response_key() == other.field.response_key()
            && self.field.name == other.field.name
            && self.source == other.source
            && self.when == other.when
            && same_sets
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
    pub(super) document: &'doc ExecutableDocument,
    pub(super) types: &'a TypeTable,
    pub(super) keys: &'a Keys<'a>,
    pub(super) guards: &'a mut Guards,
    /// The runtime type; `None` leaves out what depends on it.
    pub(super) on: Option<TypeId>,
    pub(super) declared: TypeId,
    pub(super) fields: Vec<Collected<'doc>>,
}

impl<'doc> Collector<'_, 'doc> {
    pub(super) fn collect(&mut self, set: &'doc SelectionSet, guard: GuardId) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    if let Some(guard) = self.guards.and(guard, &field.directives) {
                        self.add(&set.ty, field, guard);
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let applies = fragment.type_condition.as_ref().is_none_or(|name| self.applies(name));
                    if let Some(guard) = self.guards.and(guard, &fragment.directives).filter(|_| applies) {
                        self.collect(&fragment.selection_set, guard);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.document.fragments.get(&spread.fragment_name) else { continue };
                    let applies = self.applies(fragment.type_condition());
                    if let Some(guard) = self.guards.and(guard, &spread.directives).filter(|_| applies) {
                        self.collect(&fragment.selection_set, guard);
                    }
                }
            }
        }
    }

    fn applies(&self, name: &str) -> bool {
        let condition = self.types.satisfying([name]);
        match self.on {
            Some(on) => condition.contains(on),
            None => self.types.possible(self.declared).iter().all(|id| condition.contains(*id)),
        }
    }

    fn add(&mut self, ty: &Name, field: &'doc Field, guard: GuardId) {
        let key = field.response_key();
        let at = self.fields.iter().position(|collected| collected.field.response_key() == key);
        let at = at.unwrap_or_else(|| {
            let on = self.on.and_then(|on| Name::new(self.types.name(on)).ok());
            let source = self.keys.key(on.as_ref().unwrap_or(ty), field);
            self.fields.push(Collected { field, source, when: SmallVec::new(), sets: Vec::new() });
            self.fields.len() - 1
        });
        let Some(collected) = self.fields.get_mut(at) else { return };
        if guard == GuardId::ALWAYS {
            collected.when.clear();
        }
        if collected.when.first() != Some(&GuardId::ALWAYS) && !collected.when.contains(&guard) {
            collected.when.push(guard);
        }
        if !field.selection_set.is_empty() {
            let set = (&field.selection_set, guard);
            if !collected.sets.iter().any(|(other, at)| std::ptr::eq(*other, set.0) && *at == guard) {
                collected.sets.push(set);
            }
        }
    }
}
