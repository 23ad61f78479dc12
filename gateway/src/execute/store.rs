//! What the subgraphs answered, joined by reference: an object is where it was first seen plus the objects that extend it there.
use std::sync::Arc;

use smallvec::SmallVec;

use super::{
    error::Fault,
    json::{Items, Json, Kind, NodeId},
};
use crate::plan::types::{TypeId, TypeTable};

/// The position of a layer in its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LayerId(u32);

/// A value: a node of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct NodeRef {
    pub(super) layer: LayerId,
    pub(super) node: NodeId,
}

const _: () = assert!(size_of::<NodeRef>() == 8);

/// The position of a failed fetch in its store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct FailureId(pub(super) u32);

/// The nodes that make one value: one, unless several fetches brought parts of it. The first is its anchor, which
/// never changes: what extends the object is kept there.
pub(super) type Parts = SmallVec<[NodeRef; 2]>;

/// An answer at one place of the client's answer. An entity that stands at many places of a path is there once; a
/// layer is more only where places must not see each other's extensions.
#[derive(Debug)]
struct Layer {
    json: Arc<Json>,
    /// For each node one more than the position of its extension, 0 for none; empty until there is one.
    extended: Vec<u32>,
}

/// What came after the object itself.
#[derive(Debug, Default)]
struct Extension {
    parts: Parts,
    failures: SmallVec<[FailureId; 1]>,
}

/// A fetch that brought nothing for the objects that are marked with it.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) fault: Fault,
    /// The response keys that it would have brought.
    pub(super) keys: Vec<Box<str>>,
}

/// All that a run of a plan knows.
#[derive(Debug)]
pub(super) struct Store {
    layers: Vec<Layer>,
    extensions: Vec<Extension>,
    pub(super) failures: Vec<Failure>,
    pub(super) types: Arc<TypeTable>,
}

/// What stands at a place.
#[derive(Debug)]
pub(super) enum Value {
    /// No fetch brought it.
    Absent,
    Null,
    Scalar(NodeRef),
    Object(Parts),
    List(Parts),
}

impl Store {
    /// A store that holds an empty object, the root.
    pub(super) fn new(types: Arc<TypeTable>) -> Self {
        let root = Layer { json: Arc::new(Json::empty()), extended: Vec::new() };
        Self { layers: vec![root], extensions: Vec::new(), failures: Vec::new(), types }
    }

    /// The root of the answer with all its parts.
    pub(super) fn root(&self) -> Parts {
        self.object(NodeRef { layer: LayerId(0), node: NodeId::ROOT })
    }

    /// The object anchored at `anchor` with the parts that extend it there.
    pub(super) fn object(&self, anchor: NodeRef) -> Parts {
        let mut parts = Parts::from_elem(anchor, 1);
        self.extend_parts(&mut parts);
        parts
    }

    pub(super) fn add_layer(&mut self, json: &Arc<Json>) -> LayerId {
        let id = LayerId(u32::try_from(self.layers.len()).unwrap_or(u32::MAX));
        self.layers.push(Layer { json: Arc::clone(json), extended: Vec::new() });
        id
    }

    pub(super) fn add_failure(&mut self, fault: Fault, keys: &[Box<str>]) -> FailureId {
        self.failures.push(Failure { fault, keys: keys.to_vec() });
        FailureId(u32::try_from(self.failures.len() - 1).unwrap_or(u32::MAX))
    }

    /// How many bytes the subgraphs sent: about what the answer will have.
    pub(super) fn bytes(&self) -> usize {
        let mut last: Option<&Arc<Json>> = None;
        let mut bytes = 0;
        for layer in &self.layers {
            if last.is_none_or(|json| !Arc::ptr_eq(json, &layer.json)) {
                bytes += layer.json.bytes();
            }
            last = Some(&layer.json);
        }
        bytes
    }

    /// The JSON that a node is of.
    pub(super) fn json(&self, layer: LayerId) -> Option<&Json> {
        Some(&*self.layer(layer)?.json)
    }

    fn layer(&self, id: LayerId) -> Option<&Layer> {
        self.layers.get(usize::try_from(id.0).ok()?)
    }

    fn kind(&self, at: NodeRef) -> Kind {
        self.json(at.layer).map_or(Kind::Null, |json| json.kind(at.node))
    }

    /// Extends the object anchored at `anchor` by another. Twice the same counts once.
    pub(super) fn extend(&mut self, anchor: NodeRef, part: NodeRef) {
        if let Some(extension) = self.extension_mut(anchor).filter(|it| it.parts.last() != Some(&part)) {
            extension.parts.push(part);
        }
    }

    /// Marks the object anchored at `anchor` as one that a fetch should have extended.
    pub(super) fn mark(&mut self, anchor: NodeRef, failure: FailureId) {
        if let Some(extension) = self.extension_mut(anchor).filter(|it| it.failures.last() != Some(&failure))
        {
            extension.failures.push(failure);
        }
    }

    fn extension_mut(&mut self, anchor: NodeRef) -> Option<&mut Extension> {
        let layer = self.layers.get_mut(usize::try_from(anchor.layer.0).ok()?)?;
        if layer.extended.is_empty() {
            layer.extended.resize(layer.json.len(), 0);
        }
        let slot = layer.extended.get_mut(usize::try_from(anchor.node.0).ok()?)?;
        if *slot == 0 {
            self.extensions.push(Extension::default());
            *slot = u32::try_from(self.extensions.len()).ok()?;
        }
        self.extensions.get_mut(usize::try_from(*slot).ok()?.checked_sub(1)?)
    }

    fn extension(&self, anchor: NodeRef) -> Option<&Extension> {
        let slot = self.layer(anchor.layer)?.extended.get(usize::try_from(anchor.node.0).ok()?)?;
        self.extensions.get(usize::try_from(*slot).ok()?.checked_sub(1)?)
    }

    fn extend_parts(&self, parts: &mut Parts) {
        if let Some(extension) = parts.first().and_then(|anchor| self.extension(*anchor)) {
            parts.extend(extension.parts.iter().copied());
        }
    }

    /// The fetches that failed to extend an object.
    pub(super) fn failures_at(&self, object: &[NodeRef]) -> &[FailureId] {
        object.first().and_then(|anchor| self.extension(*anchor)).map_or(&[], |it| &it.failures)
    }

    /// The nodes that `object`'s parts have under `key`, in the order of the parts. `hints` remembers, part by part,
    /// where the last key was found.
    fn members<'a>(
        &'a self,
        object: &'a [NodeRef],
        key: &'a str,
        hints: &'a mut Hints,
    ) -> impl Iterator<Item = NodeRef> + 'a {
        hints.0.resize(object.len(), NodeId(0));
        object.iter().zip(&mut hints.0).filter_map(move |(part, hint)| {
            let node = self.json(part.layer)?.member(part.node, key, hint)?;
            Some(NodeRef { layer: part.layer, node })
        })
    }

    /// A field that holds an object or a list of objects, its parts joined: null changes nothing, objects are joined
    /// field by field and lists item by item.
    pub(super) fn field(&self, object: &[NodeRef], key: &str, hints: &mut Hints) -> Value {
        self.join(self.members(object, key, hints))
    }

    /// A field that holds a scalar or a list of them: the last part that is not null.
    pub(super) fn leaf(&self, object: &[NodeRef], key: &str, hints: &mut Hints) -> Value {
        let mut found = Value::Absent;
        for member in self.members(object, key, hints) {
            match self.kind(member) {
                Kind::Null if matches!(found, Value::Absent) => found = Value::Null,
                Kind::Null => {}
                _ => found = Value::Scalar(member),
            }
        }
        found
    }

    fn join(&self, candidates: impl Iterator<Item = NodeRef>) -> Value {
        let mut joined = Value::Absent;
        for candidate in candidates {
            match (self.kind(candidate), &mut joined) {
                (Kind::Null, Value::Absent) => joined = Value::Null,
                (Kind::Null, _) => {}
                (Kind::Object, Value::Object(parts)) | (Kind::Array, Value::List(parts)) => {
                    parts.push(candidate);
                }
                (Kind::Object, _) => joined = Value::Object(Parts::from_elem(candidate, 1)),
                (Kind::Array, _) => joined = Value::List(Parts::from_elem(candidate, 1)),
                (..) => joined = Value::Scalar(candidate),
            }
        }
        if let Value::Object(parts) = &mut joined {
            self.extend_parts(parts);
        }
        joined
    }

    /// The items of a list, each joined from its parts.
    pub(super) fn items<'a>(&'a self, list: &[NodeRef]) -> impl Iterator<Item = Value> + 'a {
        let mut iterators: SmallVec<[(LayerId, Items<'a>); 2]> = list
            .iter()
            .filter_map(|part| Some((part.layer, self.json(part.layer)?.items(part.node))))
            .collect();
        std::iter::from_fn(move || {
            let mut items = iterators.iter_mut();
            let (layer, first) = items.next()?;
            let first = NodeRef { layer: *layer, node: first.next()? };
            let rest =
                items.filter_map(|(layer, items)| Some(NodeRef { layer: *layer, node: items.next()? }));
            Some(self.join(std::iter::once(first).chain(rest)))
        })
    }

    /// The runtime type that an object's parts tell. A subgraph that sees the object through `@interfaceObject` tells
    /// the interface: the object type from another part counts more.
    pub(super) fn type_of(&self, object: &[NodeRef]) -> RuntimeType {
        let mut found = RuntimeType::Untold;
        for part in object {
            let Some(json) = self.json(part.layer) else { continue };
            let Some(name) = json.get(part.node, "__typename").and_then(|name| json.string(name)) else {
                continue;
            };
            found = match (self.types.id(&name), found) {
                (Some(id), RuntimeType::Known(before))
                    if self.types.is_object(before) && !self.types.is_object(id) =>
                {
                    found
                }
                (Some(id), _) => RuntimeType::Known(id),
                (None, RuntimeType::Known(_)) => found,
                (None, _) => RuntimeType::Unknown,
            };
        }
        found
    }
}

/// Where the fields of an object were last found, part by part.
#[derive(Debug, Default)]
pub(super) struct Hints(SmallVec<[NodeId; 2]>);

/// What is known of an object's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RuntimeType {
    /// No fetch asked.
    Untold,
    /// A name that the supergraph does not have.
    Unknown,
    Known(TypeId),
}
