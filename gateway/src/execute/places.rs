//! Finds the objects that a path leads to, and remembers the list positions on the way so that errors can name each place.
use super::{
    error::PathStep,
    store::{Hints, NodeRef, Parts, RuntimeType, Store, Value},
};
use crate::plan::steps::{Path, PathSegment};

/// An object that a fetch extends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Where what extends it is kept.
    pub(super) anchor: NodeRef,
    /// Where its list positions begin among those of all places.
    trail: u32,
}

/// The objects at one path.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) all: Vec<Place>,
    /// Per place and [`PathSegment::Items`] the positions, outermost first, ended by [`END`].
    trails: Vec<u32>,
}

/// No list is this long.
const END: u32 = u32::MAX;

impl Places {
    /// Adds the objects at `path` that `keep` wants, in the order of the answer.
    pub(super) fn find(&mut self, store: &Store, path: &Path, keep: &mut dyn FnMut(&[NodeRef]) -> bool) {
        let mut walk = Walk { store, keep, places: self, trail: Vec::new() };
        walk.object(&store.root(), &path.segments);
    }

    /// The path of a place in the client's answer.
    pub(super) fn path_of(&self, place: Place, path: &Path) -> Vec<PathStep> {
        let start = usize::try_from(place.trail).unwrap_or(usize::MAX);
        let mut positions = self.trails.get(start..).unwrap_or_default().iter().copied();
        let mut steps = Vec::new();
        for segment in &path.segments {
            match segment {
                PathSegment::Field(key) => steps.push(PathStep::Key(key.clone())),
                PathSegment::OnType(_) => {}
                PathSegment::Items => {
                    steps.extend(
                        positions.by_ref().take_while(|position| *position != END).map(PathStep::Index),
                    );
                }
            }
        }
        steps
    }
}

struct Walk<'a> {
    store: &'a Store,
    keep: &'a mut dyn FnMut(&[NodeRef]) -> bool,
    places: &'a mut Places,
    trail: Vec<u32>,
}

impl Walk<'_> {
    fn object(&mut self, object: &Parts, path: &[PathSegment]) {
        let Some((segment, rest)) = path.split_first() else { return self.arrive(object) };
        match segment {
            PathSegment::Field(key) => match self.store.field(object, key, &mut Hints::default()) {
                Value::Object(parts) => self.object(&parts, rest),
                Value::List(parts) => self.list(&parts, rest),
                Value::Absent | Value::Null | Value::Scalar(_) => {}
            },
            PathSegment::OnType(condition) => {
                let applies = match self.store.type_of(object) {
                    RuntimeType::Untold => true,
                    RuntimeType::Unknown => false,
                    RuntimeType::Known(ty) => condition.set.contains(ty),
                };
                if applies {
                    self.object(object, rest);
                }
            }
            // The planner says "items" where the schema has a list; a subgraph that answers otherwise is passed over.
            PathSegment::Items => {}
        }
    }

    fn list(&mut self, list: &Parts, path: &[PathSegment]) {
        let Some((PathSegment::Items, rest)) = path.split_first() else { return };
        self.items(list, rest);
    }

    fn items(&mut self, list: &Parts, rest: &[PathSegment]) {
        let store = self.store;
        for (position, item) in (0_u32..).zip(store.items(list)) {
            let before = self.trail.len();
            self.trail.push(position);
            match item {
                Value::Object(parts) => {
                    self.trail.push(END);
                    self.object(&parts, rest);
                }
                Value::List(parts) => self.items(&parts, rest),
                Value::Absent | Value::Null | Value::Scalar(_) => {}
            }
            self.trail.truncate(before);
        }
    }

    fn arrive(&mut self, object: &Parts) {
        let Some(anchor) = object.first().copied() else { return };
        if (self.keep)(object) {
            let trail = u32::try_from(self.places.trails.len()).unwrap_or(u32::MAX);
            self.places.trails.extend_from_slice(&self.trail);
            self.places.all.push(Place { anchor, trail });
        }
    }
}
