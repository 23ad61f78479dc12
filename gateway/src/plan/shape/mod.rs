//! The shape of an answer: which fields, in which order, under which conditions and types, and what each may hold.
mod build;
mod collect;

use std::sync::Arc;

use ahash::HashSet;
use apollo_compiler::ast::Type;
use smallvec::SmallVec;

pub(crate) use build::{Question, build};
pub(crate) use collect::conditions;

use super::{
    steps::Condition,
    types::{TypeId, TypeSet},
};

/// The shape of the answer to an operation: a graph of selections, shared where the operation's fragments are.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) selections: Vec<Selection>,
    /// Sets of conditions that must all hold. The first is empty.
    pub(crate) guards: Vec<Vec<Condition>>,
    pub(crate) root: SelectionId,
}

/// The position of a selection in its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SelectionId(pub(crate) u32);

/// The position of a set of conditions in its shape. These guards have nothing to do with callers' rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct GuardId(pub(crate) u16);

impl GuardId {
    pub(crate) const ALWAYS: Self = Self(0);
}

/// What is selected of an object.
#[derive(Debug)]
pub(crate) struct Selection {
    /// The type that the schema names.
    pub(crate) declared: TypeId,
    /// Runtime types that are selected alike. Together they are what a client may see here.
    pub(crate) groups: Vec<Group>,
    /// What is selected whatever the runtime type, for an object of which no subgraph told it.
    pub(crate) untyped: Option<Group>,
}

/// What is selected of objects of some runtime types.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) types: TypeSet,
    pub(crate) fields: Vec<ShapeField>,
}

/// A field of an answer.
#[derive(Debug)]
pub(crate) struct ShapeField {
    /// The response key.
    pub(crate) key: Box<str>,
    /// The key under which subgraphs are asked for it.
    pub(crate) source: Box<str>,
    /// `"key":`, as it stands in the answer.
    pub(crate) prefix: Box<[u8]>,
    /// The field's name in the schema.
    pub(crate) name: Box<str>,
    /// One of these must hold.
    pub(crate) when: SmallVec<[GuardId; 2]>,
    /// The caller may have it only where one of these holds too; `None` where it always may.
    pub(crate) open: Option<Box<[GuardId]>>,
    pub(crate) wrap: Wrap,
    pub(crate) content: Content,
}

/// What a field holds inside its lists.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// The name of the object's own type.
    TypeName,
    /// `__schema` or `__type`: the gateway brings the value.
    Local,
    Leaf(Leaf),
    Object(SelectionId),
    /// Null: the caller may not have it, and no subgraph is asked.
    Refused,
}

/// A scalar or enum.
#[derive(Debug, Clone)]
pub(crate) enum Leaf {
    Int,
    Float,
    String,
    Boolean,
    Id,
    Enum(Arc<HashSet<Box<str>>>),
    /// Any JSON.
    Custom,
}

/// The lists around a value and which of them, and the value itself, may not be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Wrap {
    lists: u8,
    /// Bit `n` for what stands `n` lists deep.
    non_null: u32,
}

impl Wrap {
    /// The wrap of a type. Lists deeper than 31 are read as 31 deep: no schema has them.
    pub(crate) fn of(ty: &Type) -> Self {
        let (mut lists, mut non_null, mut ty) = (0_u8, 0_u32, ty);
        loop {
            if ty.is_non_null() && lists < 32 {
                non_null |= 1 << lists;
            }
            match ty {
                Type::List(item) | Type::NonNullList(item) if lists < 31 => {
                    lists += 1;
                    ty = item;
                }
                _ => return Self { lists, non_null },
            }
        }
    }

    pub(crate) fn is_non_null(self) -> bool {
        self.non_null & 1 == 1
    }

    /// The wrap of an item, if this is a list.
    pub(crate) fn item(self) -> Option<Self> {
        Some(Self { lists: self.lists.checked_sub(1)?, non_null: self.non_null >> 1 })
    }
}

impl Shape {
    /// Whether the client asks for the field under the plan's key `key` of an object of type `ty` to which the keys of
    /// `path` lead, whatever the types on the way there.
    pub(crate) fn selects<'p>(
        &self,
        path: impl Iterator<Item = &'p str>,
        ty: Option<TypeId>,
        key: &str,
    ) -> bool {
        let mut at = vec![self.root];
        for key in path {
            let groups =
                at.iter().filter_map(|id| self.selection(*id)).flat_map(|selection| &selection.groups);
            let fields = groups.flat_map(|group| &group.fields).filter(|field| *field.source == *key);
            let mut next = Vec::new();
            for field in fields {
                if let Content::Object(id) = &field.content
                    && !next.contains(id)
                {
                    next.push(*id);
                }
            }
            at = next;
        }
        let mut groups = at.iter().filter_map(|id| self.selection(*id)?.group(ty));
        let asked = |field: &ShapeField| *field.source == *key && !matches!(field.content, Content::Refused);
        groups.any(|group| group.fields.iter().any(asked))
    }

    pub(crate) fn selection(&self, id: SelectionId) -> Option<&Selection> {
        self.selections.get(usize::try_from(id.0).ok()?)
    }
}

impl ShapeField {
    /// Whether one of the field's guards holds.
    pub(crate) fn is_wanted(&self, guards: &[bool]) -> bool {
        any(&self.when, guards)
    }

    /// Whether the caller may not have the field, as far as it is wanted.
    pub(crate) fn is_refused(&self, guards: &[bool]) -> bool {
        matches!(self.content, Content::Refused) || self.open.as_ref().is_some_and(|open| !any(open, guards))
    }
}

fn any(some: &[GuardId], guards: &[bool]) -> bool {
    some.iter().any(|guard| guards.get(usize::from(guard.0)).copied().unwrap_or(false))
}

impl Selection {
    /// What is selected of an object of type `ty`; `None` if a client may not see such an object here.
    pub(crate) fn group(&self, ty: Option<TypeId>) -> Option<&Group> {
        match (ty, self.groups.as_slice()) {
            (Some(ty), groups) => groups.iter().find(|group| group.types.contains(ty)),
            (None, [only]) => Some(only),
            (None, _) => self.untyped.as_ref(),
        }
    }
}
