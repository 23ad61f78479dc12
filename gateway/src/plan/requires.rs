//! What a subgraph must be told of an entity to find it: the selection that becomes a representation, with the planner's changes baked in.
use super::steps::{Change, Rewrite, RewriteSegment, TypeCondition};

/// The selection that makes a representation.
#[derive(Debug, Default)]
pub(crate) struct Requires(pub(crate) Vec<RequireItem>);

/// A part of the selection.
#[derive(Debug)]
pub(crate) enum RequireItem {
    Field(RequireField),
    OnType {
        condition: TypeCondition,
        /// Objects that may be meant as well, though the planner does not say so.
        also: Option<TypeCondition>,
        items: Vec<RequireItem>,
    },
}

/// A field of a representation.
#[derive(Debug)]
pub(crate) struct RequireField {
    /// The response key to read.
    pub(crate) read: Box<str>,
    /// The key to write.
    pub(crate) write: Box<str>,
    pub(crate) items: Vec<RequireItem>,
    /// Whether a key of the subgraph has it: without it, the subgraph cannot find the entity.
    pub(crate) is_key: bool,
    /// Changes for objects of certain types; the first that matches counts.
    pub(crate) changes: Vec<(Option<TypeCondition>, Change)>,
}

impl Requires {
    /// Adds an input rewrite of the planner.
    pub(crate) fn rewrite(&mut self, rewrite: &Rewrite) {
        apply(&mut self.0, &rewrite.path, None, &rewrite.change);
        self.widen(rewrite);
    }

    /// Entities that are sent as their interface may be of any of its types: where several types ask the same of an
    /// interface object, the planner crate joins their fetches and forgets all types but one.
    fn widen(&mut self, rewrite: &Rewrite) {
        let ([RewriteSegment::OnType(interface), RewriteSegment::Key(key)], Change::SetString(_)) =
            (rewrite.path.as_slice(), &rewrite.change)
        else {
            return;
        };
        for item in &mut self.0 {
            if let RequireItem::OnType { condition, also, .. } = item
                && &**key == "__typename"
                && condition.set.meets(&interface.set)
            {
                *also = Some(interface.clone());
            }
        }
    }
}

fn apply(items: &mut [RequireItem], path: &[RewriteSegment], on: Option<&TypeCondition>, change: &Change) {
    let Some((segment, rest)) = path.split_first() else { return };
    match segment {
        RewriteSegment::OnType(condition) => apply(items, rest, Some(condition), change),
        RewriteSegment::Key(key) => {
            for item in items {
                match item {
                    RequireItem::OnType { items, .. } => apply(items, path, on, change),
                    RequireItem::Field(field) if field.write != *key => {}
                    RequireItem::Field(field) if rest.is_empty() => {
                        field.changes.push((on.cloned(), change.clone()));
                    }
                    RequireItem::Field(field) => apply(&mut field.items, rest, None, change),
                }
            }
        }
    }
}
