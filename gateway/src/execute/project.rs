//! Writes the client's answer: the shape's fields in order, spliced from the ranges of the store, with nulls where the specification puts them.
use super::{
    error::{ClientError, Errors, Fault, PathStep},
    input::Input,
    json::{Json, Kind, NodeId, write_string},
    leaf,
    store::{FailureId, Hints, NodeRef, Parts, RuntimeType, Store, Value},
};
use crate::plan::{
    Plan,
    shape::{Content, Leaf, Selection, SelectionId, ShapeField, Wrap},
    types::TypeId,
};

/// The value of `data`, appended to `out`; whether it is not null.
pub(super) fn data(
    plan: &Plan,
    store: &Store,
    input: &Input,
    errors: &mut Errors,
    out: &mut Vec<u8>,
) -> bool {
    let guards = plan.guards(|name| input.variables.is_true(name));
    let told = vec![false; store.failures.len()];
    let mut projection =
        Projection { plan, store, input, guards: &guards, errors, told, out, path: Vec::new(), above: None };
    let start = projection.out.len();
    let has_data = projection.object(&store.root(), plan.shape.root).is_ok();
    if !has_data {
        projection.out.truncate(start);
        projection.out.extend_from_slice(b"null");
    }
    projection.tell_the_rest();
    has_data
}

/// A value that may not be null is: what holds it becomes null.
struct Nulled;

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(u32),
}

struct Projection<'a> {
    plan: &'a Plan,
    store: &'a Store,
    input: &'a Input,
    /// Which of the shape's guards hold for this request.
    guards: &'a [bool],
    errors: &'a mut Errors,
    /// Which failures some error tells of.
    told: Vec<bool>,
    out: &'a mut Vec<u8>,
    path: Vec<Step<'a>>,
    /// A fetch that failed to bring more of the objects around.
    above: Option<FailureId>,
}

impl<'a> Projection<'a> {
    fn object(&mut self, object: &Parts, id: SelectionId) -> Result<(), Nulled> {
        let plan = self.plan;
        let Some(selection) = plan.shape.selection(id) else { return Err(Nulled) };
        let ty = self.type_of(object, selection)?;
        let Some(group) = selection.group(ty) else { return Err(self.wrong_type(selection)) };
        let mut hints = Hints::default();
        let mut is_first = true;
        self.out.push(b'{');
        let guards = self.guards;
        for field in group.fields.iter().filter(|field| field.is_wanted(guards)) {
            if !std::mem::take(&mut is_first) {
                self.out.push(b',');
            }
            self.out.extend_from_slice(&field.prefix);
            self.path.push(Step::Key(&field.key));
            let written = self.field(object, field, ty, &mut hints);
            self.path.pop();
            written?;
        }
        self.out.push(b'}');
        Ok(())
    }

    /// The type that decides what is selected; `None` if no subgraph told an object type.
    fn type_of(&mut self, object: &Parts, selection: &Selection) -> Result<Option<TypeId>, Nulled> {
        let types = &self.plan.types;
        if types.is_object(selection.declared) {
            return Ok(Some(selection.declared));
        }
        match self.store.type_of(object) {
            RuntimeType::Known(ty) if types.is_object(ty) => Ok(Some(ty)),
            RuntimeType::Known(_) | RuntimeType::Untold => Ok(None),
            RuntimeType::Unknown => Err(self.wrong_type(selection)),
        }
    }

    fn wrong_type(&mut self, selection: &Selection) -> Nulled {
        let name = self.plan.types.name(selection.declared);
        self.complain(Fault::of_value(format!(
            "a subgraph answered with an object that is no `{name}` of the schema"
        )));
        Nulled
    }

    fn field(
        &mut self,
        object: &Parts,
        field: &'a ShapeField,
        ty: Option<TypeId>,
        hints: &mut Hints,
    ) -> Result<(), Nulled> {
        if field.is_refused(self.guards) {
            return self.refused(field);
        }
        let value = match &field.content {
            Content::Refused => return self.refused(field),
            Content::TypeName => match ty {
                Some(ty) => {
                    write_string(self.out, self.plan.types.name(ty));
                    return Ok(());
                }
                None => Value::Absent,
            },
            Content::Local => {
                let own = self.input.local_fields.iter().find(|(key, _)| **key == *field.key);
                self.out.extend_from_slice(own.map_or(b"null", |(_, json)| json));
                return Ok(());
            }
            Content::Leaf(_) => self.store.leaf(object, &field.source, hints),
            Content::Object(_) => self.store.field(object, &field.source, hints),
        };
        match (value, &field.content) {
            (Value::Absent, _) if self.tell_failure(object, field) => self.null(field.wrap),
            (Value::Absent, _) => self.absent(field),
            (Value::Null, _) => self.null_value(field.wrap, field),
            (Value::Scalar(at), Content::Leaf(leaf)) => self.leaves(at, field, leaf),
            (value, Content::Object(id)) => {
                let before = self.above;
                self.above = self.failure_of(object, field).or(before);
                let written = self.value(value, field.wrap, field, *id);
                self.above = before;
                written
            }
            _ => self.wrong_value(field.wrap, field),
        }
    }

    /// A value that holds objects.
    fn value(
        &mut self,
        value: Value,
        wrap: Wrap,
        field: &'a ShapeField,
        id: SelectionId,
    ) -> Result<(), Nulled> {
        let start = self.out.len();
        let written = match (value, wrap.item()) {
            (Value::Absent | Value::Null, _) => return self.null_value(wrap, field),
            (Value::Object(parts), None) => self.object(&parts, id),
            (Value::List(parts), Some(item)) => {
                let store = self.store;
                self.list(store.items(&parts), |this, value| this.value(value, item, field, id))
            }
            _ => return self.wrong_value(wrap, field),
        };
        self.or_null(written, wrap, start)
    }

    /// A scalar or a list of them.
    fn leaves(&mut self, at: NodeRef, field: &'a ShapeField, leaf: &Leaf) -> Result<(), Nulled> {
        match self.store.json(at.layer) {
            Some(json) => self.leaf(json, at.node, field.wrap, field, leaf),
            None => self.null_value(field.wrap, field),
        }
    }

    fn leaf(
        &mut self,
        json: &Json,
        at: NodeId,
        wrap: Wrap,
        field: &'a ShapeField,
        leaf: &Leaf,
    ) -> Result<(), Nulled> {
        let start = self.out.len();
        let written = match (json.kind(at), wrap.item()) {
            (Kind::Null, _) => return self.null_value(wrap, field),
            (Kind::Array, Some(item)) => {
                self.list(json.items(at), |this, at| this.leaf(json, at, item, field, leaf))
            }
            (_, None) => match leaf::write(self.out, json, at, leaf) {
                Some(()) => Ok(()),
                None => return self.wrong_value(wrap, field),
            },
            _ => return self.wrong_value(wrap, field),
        };
        self.or_null(written, wrap, start)
    }

    fn list<T>(
        &mut self,
        items: impl Iterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> Result<(), Nulled>,
    ) -> Result<(), Nulled> {
        self.out.push(b'[');
        for (position, item) in (0_u32..).zip(items) {
            if position > 0 {
                self.out.push(b',');
            }
            self.path.push(Step::Index(position));
            let written = write(self, item);
            self.path.pop();
            written?;
        }
        self.out.push(b']');
        Ok(())
    }

    /// What was written since `start`, or null in its place, or on upwards.
    fn or_null(&mut self, written: Result<(), Nulled>, wrap: Wrap, start: usize) -> Result<(), Nulled> {
        written.or_else(|Nulled| {
            self.out.truncate(start);
            self.null(wrap)
        })
    }

    /// Null for which there is an error already.
    fn null(&mut self, wrap: Wrap) -> Result<(), Nulled> {
        if wrap.is_non_null() {
            return Err(Nulled);
        }
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    /// A field that the caller may not have.
    fn refused(&mut self, field: &ShapeField) -> Result<(), Nulled> {
        if self.errors.is_full() {
            self.errors.omit(1);
        } else {
            self.complain(Fault::of_caller());
        }
        self.null(field.wrap)
    }

    /// A field that no fetch brought. An error anywhere under the same root field may be why: in the subgraph, a field
    /// that failed took what holds it along.
    fn absent(&mut self, field: &ShapeField) -> Result<(), Nulled> {
        let mut root = self.client_path();
        root.truncate(1);
        if field.wrap.is_non_null() && self.errors.explain(&root) {
            return Err(Nulled);
        }
        self.null_value(field.wrap, field)
    }

    /// Null as a subgraph said or left out: an error only where null may not be and no error tells why it is.
    fn null_value(&mut self, wrap: Wrap, field: &ShapeField) -> Result<(), Nulled> {
        if wrap.is_non_null() && !self.errors.explain(&self.client_path()) {
            self.complain(Fault::of_value(format!(
                "`{}` may not be null, but no subgraph gave a value",
                field.name
            )));
        }
        self.null(wrap)
    }

    fn wrong_value(&mut self, wrap: Wrap, field: &ShapeField) -> Result<(), Nulled> {
        self.complain(Fault::of_value(format!(
            "a subgraph gave a value for `{}` that its type does not have",
            field.name
        )));
        self.null(wrap)
    }

    /// Adds the error of the fetch that should have brought `field`, if there is one.
    fn tell_failure(&mut self, object: &Parts, field: &ShapeField) -> bool {
        let any = || self.store.failures_at(object).first().copied();
        let Some(id) = self.failure_of(object, field).or_else(any).or(self.above) else { return false };
        if let Some(told) = usize::try_from(id.0).ok().and_then(|at| self.told.get_mut(at)) {
            *told = true;
        }
        if let Some(fault) = self.failure(id).map(|failure| failure.fault.clone())
            && !self.errors.explain(&self.client_path())
        {
            self.complain(fault);
        }
        true
    }

    /// The fetch that should have brought `field`, or more of it, and failed.
    fn failure_of(&self, object: &Parts, field: &ShapeField) -> Option<FailureId> {
        let brings = |id: &FailureId| self.failure(*id).is_some_and(|it| it.keys.contains(&field.source));
        self.store.failures_at(object).iter().copied().find(brings)
    }

    fn failure(&self, id: FailureId) -> Option<&'a super::store::Failure> {
        self.store.failures.get(usize::try_from(id.0).ok()?)
    }

    /// Failures that left no field of the answer without a value are told all the same.
    fn tell_the_rest(&mut self) {
        for (failure, told) in self.store.failures.iter().zip(std::mem::take(&mut self.told)) {
            if !told && !failure.keys.is_empty() {
                self.errors.add(ClientError { fault: failure.fault.clone(), path: None });
            }
        }
    }

    fn complain(&mut self, fault: Fault) {
        let path = Some(self.client_path());
        self.errors.add(ClientError { fault, path });
    }

    fn client_path(&self) -> Vec<PathStep> {
        let step = |step: &Step<'_>| match step {
            Step::Key(key) => PathStep::Key((*key).into()),
            Step::Index(index) => PathStep::Index(*index),
        };
        self.path.iter().map(step).collect()
    }
}
