//! Leaves out the errors of fields that no client asked for: the planner asks some fields of more objects than the client does, such as those of all types of an interface.
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

/// Keeps the errors of `errors` that are about what the client sees.
pub(super) fn retain(errors: &mut Errors, plan: &Plan, store: &Store, input: &Input) {
    if errors.is_empty() {
        return;
    }
    let guards = plan.guards(|name| input.variables.is_true(name));
    let all = vec![true; guards.len()];
    let sight = Sight { plan, store, guards: &guards };
    errors.retain(|path| match sight.follow(path) {
        Seen::ToTheEnd => true,
        // What the client asks for nowhere is what the plan needs: what depends on it is null for that.
        Seen::Unselected if plan.shape.selected(keys(path), &all) < path.len() => true,
        Seen::Unselected => false,
        Seen::UpToNull(steps) => {
            let selected = plan.shape.selected(keys(path), &guards);
            if selected < plan.shape.selected(keys(path), &all) {
                path.truncate(selected.max(steps));
            }
            true
        }
    });
}

fn keys(path: &[PathStep]) -> impl Iterator<Item = Option<&str>> {
    path.iter().map(|step| match step {
        PathStep::Key(key) => Some(&**key),
        PathStep::Index(_) => None,
    })
}

/// How far the client sees along a path.
enum Seen {
    ToTheEnd,
    /// There is no value after so many steps.
    UpToNull(usize),
    /// A field on the way is not asked for of the object that is there.
    Unselected,
}

struct Sight<'a> {
    plan: &'a Plan,
    store: &'a Store,
    guards: &'a [bool],
}

impl<'a> Sight<'a> {
    fn follow(&self, path: &[PathStep]) -> Seen {
        let mut value = Value::Object(self.store.root());
        let mut selection = Some(self.plan.shape.root);
        for (at, step) in path.iter().enumerate() {
            value = match (&value, step, selection) {
                (Value::Object(object), PathStep::Key(key), Some(id)) => {
                    let Some(field) = self.field(object, id, key) else { return Seen::Unselected };
                    selection = match &field.content {
                        Content::Object(id) => Some(*id),
                        Content::TypeName | Content::Local | Content::Leaf(_) => None,
                    };
                    self.store.field(object, &field.source, &mut Hints::default())
                }
                (Value::List(list), PathStep::Index(index), _) => {
                    let item = usize::try_from(*index).ok().and_then(|at| self.store.items(list).nth(at));
                    item.unwrap_or(Value::Absent)
                }
                (Value::Absent | Value::Null, ..) => return Seen::UpToNull(at),
                // Inside a scalar, or a value of the wrong kind.
                _ => return Seen::ToTheEnd,
            };
        }
        Seen::ToTheEnd
    }

    fn field(&self, object: &Parts, id: SelectionId, key: &str) -> Option<&'a ShapeField> {
        let group = self.plan.shape.selection(id)?.group(self.type_of(object, id))?;
        group.fields.iter().find(|field| *field.key == *key && field.is_wanted(self.guards))
    }

    fn type_of(&self, object: &Parts, id: SelectionId) -> Option<TypeId> {
        let types = &self.plan.types;
        let declared = self.plan.shape.selection(id)?.declared;
        if types.is_object(declared) {
            return Some(declared);
        }
        match self.store.type_of(object) {
            RuntimeType::Known(ty) if types.is_object(ty) => Some(ty),
            RuntimeType::Known(_) | RuntimeType::Untold | RuntimeType::Unknown => None,
        }
    }
}
