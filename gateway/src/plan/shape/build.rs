//! Builds the shape of an operation's answer from the operation and the supergraph's types.
use std::sync::Arc;

use ahash::HashMap;
use apollo_compiler::{
    ExecutableDocument, Name, Schema,
    ast::Type,
    executable::{Field, Operation},
    schema::ExtendedType,
};

use super::{
    Content, Group, GuardId, Leaf, Selection, SelectionId, Shape, ShapeField, Wrap,
    collect::{Collected, Collector, Guards, Set, Sets},
};
use crate::plan::{
    PlanError,
    keys::Keys,
    limit::MAX_FIELDS,
    types::{TypeId, TypeTable},
};

/// The operation whose answer is to be shaped, and what decides it.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) types: &'a TypeTable,
    pub(crate) keys: &'a Keys<'a>,
    pub(crate) document: &'a ExecutableDocument,
    pub(crate) operation: &'a Operation,
    /// Whether the caller may not have this field of this type.
    pub(crate) refuses: &'a dyn Fn(&Name, &Field) -> bool,
}

/// The shape of the answer to an operation.
pub(crate) fn build(question: Question<'_>) -> Result<Shape, PlanError> {
    let Question { types, operation, .. } = question;
    let mut builder = Builder {
        question,
        guards: Guards::new(),
        selections: Vec::new(),
        known: HashMap::default(),
        collected: 0,
    };
    let root =
        types.id(operation.object_type()).ok_or_else(|| PlanError::Impossible("no such root type".into()))?;
    let set = Set { set: &operation.selection_set, guard: GuardId::ALWAYS, is_refused: false };
    let root = builder.selection(root, &vec![set])?;
    let selections = builder.selections.into_iter().flatten().collect();
    Ok(Shape { selections, guards: builder.guards.sets, root })
}

/// Identifies a selection: its type, its selection sets by address, their guards, and which of them are refused.
type SelectionKey = (TypeId, Vec<(usize, GuardId, bool)>);

struct Builder<'a> {
    question: Question<'a>,
    guards: Guards,
    /// `None` while a selection is being built.
    selections: Vec<Option<Selection>>,
    /// Saves building the same sub-selections again for each type and each use of a fragment, which could be exponential.
    known: HashMap<SelectionKey, SelectionId>,
    collected: usize,
}

impl<'a> Builder<'a> {
    fn selection(&mut self, declared: TypeId, sets: &Sets<'a>) -> Result<SelectionId, PlanError> {
        let address = |it: &Set<'_>| (std::ptr::from_ref(it.set).addr(), it.guard, it.is_refused);
        let key = (declared, sets.iter().map(address).collect());
        if let Some(id) = self.known.get(&key) {
            return Ok(*id);
        }
        let at = self.selections.len();
        let id = SelectionId(u32::try_from(at).map_err(|_| PlanError::TooLarge(MAX_FIELDS))?);
        self.known.insert(key, id);
        self.selections.push(None);

        let mut groups: Vec<(Vec<TypeId>, Vec<Type>, Vec<Collected<'a>>)> = Vec::new();
        for ty in self.question.types.possible(declared) {
            let fields = self.collect(declared, Some(*ty), sets)?;
            let held: Vec<Type> = fields.iter().map(|field| self.type_of(*ty, field)).collect();
            match groups.iter_mut().find(|(_, ty, other)| *ty == held && *other == fields) {
                Some((types, ..)) => types.push(*ty),
                None => groups.push((vec![*ty], held, fields)),
            }
        }
        let untyped = if groups.len() == 1 {
            None
        } else {
            let fields = self.collect(declared, None, sets)?;
            let held = fields.iter().map(|field| self.type_of(declared, field)).collect();
            Some(self.group(&[], held, fields)?)
        };
        let groups = groups.into_iter().map(|(types, held, fields)| self.group(&types, held, fields));
        let groups = groups.collect::<Result<_, _>>()?;
        if let Some(slot) = self.selections.get_mut(at) {
            *slot = Some(Selection { declared, groups, untyped });
        }
        Ok(id)
    }

    fn collect(
        &mut self,
        declared: TypeId,
        on: Option<TypeId>,
        sets: &Sets<'a>,
    ) -> Result<Vec<Collected<'a>>, PlanError> {
        let mut collector = Collector {
            question: self.question,
            guards: &mut self.guards,
            on,
            declared,
            fields: Vec::new(),
            conflict: None,
        };
        for set in sets {
            collector.collect(*set);
        }
        if let Some(key) = collector.conflict {
            return Err(PlanError::Conflict(key.to_string()));
        }
        let fields = collector.fields;
        self.collected += fields.len();
        let within = self.collected <= MAX_FIELDS * 16 && self.guards.sets.len() < usize::from(u16::MAX);
        if within { Ok(fields) } else { Err(PlanError::TooLarge(MAX_FIELDS)) }
    }

    /// The type of a field on the runtime type, which may be narrower than on the interface that the operation names.
    fn type_of(&self, on: TypeId, collected: &Collected<'_>) -> Type {
        let Question { schema, types, .. } = self.question;
        let own = schema.type_field(types.name(on), &collected.field.name);
        own.map_or_else(|_| collected.field.definition.ty.clone(), |definition| definition.ty.clone())
    }

    fn group(
        &mut self,
        types: &[TypeId],
        held: Vec<Type>,
        fields: Vec<Collected<'a>>,
    ) -> Result<Group, PlanError> {
        let fields = held.into_iter().zip(fields).map(|(ty, field)| self.field(&ty, field));
        let fields = fields.collect::<Result<_, _>>()?;
        Ok(Group { types: TypeTable::exactly(types.iter().copied()), fields })
    }

    fn field(&mut self, ty: &Type, collected: Collected<'a>) -> Result<ShapeField, PlanError> {
        let name = collected.field.name.as_str();
        let content = match name {
            _ if collected.open.is_empty() => Content::Refused,
            "__typename" => Content::TypeName,
            "__schema" | "__type" => Content::Local,
            _ => {
                if let Some(leaf) = self.leaf(ty.inner_named_type()) {
                    Content::Leaf(leaf)
                } else {
                    let declared = self.question.types.id(ty.inner_named_type());
                    let unknown = || PlanError::Impossible(format!("`{name}` has an unknown type"));
                    Content::Object(self.selection(declared.ok_or_else(unknown)?, &collected.sets)?)
                }
            }
        };
        let key = collected.field.response_key().as_str();
        Ok(ShapeField {
            key: key.into(),
            source: collected.source.as_str().into(),
            prefix: format!("\"{key}\":").into_bytes().into(),
            name: name.into(),
            open: (collected.open != collected.when).then(|| collected.open.as_slice().into()),
            when: collected.when,
            wrap: Wrap::of(ty),
            content,
        })
    }

    fn leaf(&self, name: &str) -> Option<Leaf> {
        Some(match name {
            "Int" => Leaf::Int,
            "Float" => Leaf::Float,
            "String" => Leaf::String,
            "Boolean" => Leaf::Boolean,
            "ID" => Leaf::Id,
            _ => match self.question.schema.types.get(name)? {
                ExtendedType::Scalar(_) => Leaf::Custom,
                ExtendedType::Enum(_) => Leaf::Enum(Arc::clone(self.question.types.enum_values(name)?)),
                _ => return None,
            },
        })
    }
}
