//! Tells errors in the client's terms: under the client's response keys, wherever the client asks for the field, and not at all where it does not. The planner asks some fields under other keys, and of more objects than the client.
use super::{
    error::{Errors, PathStep},
    input::Input,
    store::{Hints, Parts, RuntimeType, Store, Value},
};
use crate::plan::{
    Plan,
    shape::{Content, SelectionId, ShapeField},
    types::TypeId,
};

/// Turns the paths of `errors`, which have the plan's keys, into the client's.
pub(super) fn tell_the_client(errors: &mut Errors, plan: &Plan, store: &Store, input: &Input) {
    if errors.is_empty() {
        return;
    }
    let guards = plan.guards(|name| input.variables.is_true(name));
    let sight = Sight { plan, store, guards: &guards };
    errors.relocate(|path| sight.places(path));
}

struct Sight<'a> {
    plan: &'a Plan,
    store: &'a Store,
    /// Which of the shape's guards hold.
    guards: &'a [bool],
}

/// Where a path leads that is followed.
#[derive(Default)]
struct Found {
    places: Vec<Vec<PathStep>>,
    /// Somewhere on the way the client asks for nothing more.
    is_unwanted: bool,
}

impl<'a> Sight<'a> {
    fn places(&self, path: &[PathStep]) -> Vec<Vec<PathStep>> {
        let mut found = Found::default();
        let root = Value::Object(self.store.root());
        self.follow(&root, Some(self.plan.shape.root), path, &mut Vec::new(), &mut found);
        if found.places.is_empty() {
            let (translated, is_selected) = self.translate(self.plan.shape.root, path, None);
            // What the client asks for nowhere is what the plan needs: what depends on it is null for that.
            if !found.is_unwanted || !is_selected {
                found.places.push(translated);
            }
        }
        found.places
    }

    /// Follows `path` through what the subgraphs have answered.
    fn follow(
        &self,
        value: &Value,
        selection: Option<SelectionId>,
        path: &[PathStep],
        so_far: &mut Vec<PathStep>,
        found: &mut Found,
    ) {
        let Some((step, rest)) = path.split_first() else { return found.places.push(so_far.clone()) };
        match (value, step, selection) {
            (Value::Object(object), PathStep::Key(key), Some(id)) => {
                let before = found.places.len();
                for field in self.fields(object, id).filter(|field| *field.source == **key) {
                    so_far.push(PathStep::Key(field.key.clone()));
                    let below = self.store.field(object, &field.source, &mut Hints::default());
                    self.follow(&below, content(field), rest, so_far, found);
                    so_far.pop();
                }
                found.is_unwanted |= found.places.len() == before;
            }
            (Value::List(list), PathStep::Index(index), _) => {
                let item = usize::try_from(*index).ok().and_then(|at| self.store.items(list).nth(at));
                so_far.push(step.clone());
                self.follow(&item.unwrap_or(Value::Absent), selection, rest, so_far, found);
                so_far.pop();
            }
            (Value::Absent | Value::Null, _, Some(id)) => {
                let (rest, _) = self.translate(id, path, Some(self.guards));
                found.places.push([so_far.clone(), rest].concat());
            }
            // Inside a scalar, or a value of the wrong kind.
            _ => found.places.push([so_far, path].concat()),
        }
    }

    /// `path` from `selection` on, whatever the types on the way, and whether the client asks for all of it. With
    /// `guards` it ends where the client wants no more; without, it goes on under the plan's keys.
    fn translate(
        &self,
        selection: SelectionId,
        path: &[PathStep],
        guards: Option<&[bool]>,
    ) -> (Vec<PathStep>, bool) {
        let mut at = vec![selection];
        let mut steps = Vec::new();
        let mut is_selected = true;
        for step in path {
            let PathStep::Key(key) = step else {
                steps.push(step.clone());
                continue;
            };
            let selections = at.iter().filter_map(|id| self.plan.shape.selection(*id));
            let fields = selections.flat_map(|selection| &selection.groups).flat_map(|group| &group.fields);
            let fields: Vec<&ShapeField> = fields
                .filter(|field| field.source == *key && !matches!(field.content, Content::Refused))
                .filter(|field| guards.is_none_or(|guards| is_asked(field, guards)))
                .collect();
            match fields.first() {
                Some(field) => steps.push(PathStep::Key(field.key.clone())),
                None if guards.is_some() => return (steps, false),
                None => {
                    is_selected = false;
                    steps.push(step.clone());
                }
            }
            at = fields.into_iter().filter_map(content).collect();
            at.sort_unstable();
            at.dedup();
        }
        (steps, is_selected)
    }

    /// The fields that the client wants of an object.
    fn fields(&self, object: &Parts, id: SelectionId) -> impl Iterator<Item = &'a ShapeField> {
        let selection = self.plan.shape.selection(id);
        let group = selection.and_then(|selection| selection.group(self.type_of(object, selection.declared)));
        let guards = self.guards;
        group.into_iter().flat_map(|group| &group.fields).filter(move |field| is_asked(field, guards))
    }

    fn type_of(&self, object: &Parts, declared: TypeId) -> Option<TypeId> {
        let types = &self.plan.types;
        if types.is_object(declared) {
            return Some(declared);
        }
        match self.store.type_of(object) {
            RuntimeType::Known(ty) if types.is_object(ty) => Some(ty),
            RuntimeType::Known(_) | RuntimeType::Untold | RuntimeType::Unknown => None,
        }
    }
}

/// Whether the field is wanted, and the caller may have it.
fn is_asked(field: &ShapeField, guards: &[bool]) -> bool {
    field.is_wanted(guards) && !field.is_refused(guards)
}

/// What is selected of the objects that a field holds.
fn content(field: &ShapeField) -> Option<SelectionId> {
    match &field.content {
        Content::Object(id) => Some(*id),
        Content::TypeName | Content::Local | Content::Leaf(_) | Content::Refused => None,
    }
}
