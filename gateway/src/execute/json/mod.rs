//! A JSON text as an index of byte ranges: scanned once and checked in full, never turned into owned values.
mod rewrite;
mod scan;

use std::borrow::Cow;

use bytes::Bytes;

pub(super) use scan::scan;

/// A scanned JSON text.
#[derive(Debug, Clone)]
pub(crate) struct Json {
    body: Bytes,
    /// Text that stands nowhere in `body`: keys without their escapes, and what rewrites put in.
    extra: Vec<u8>,
    nodes: Vec<Node>,
}

/// A value, or the key of an object's member: a key stands right before its value, children follow their parent.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// Where its text begins; from `body.len()` on, it is in `extra`.
    start: u32,
    len: u32,
    /// The kind in the top four bits, in the others the position after this node and all below it.
    kind_and_end: u32,
}

// Responses have many nodes: three words each.
const _: () = assert!(size_of::<Node>() == 12);

const END_BITS: u32 = 28;
/// The most nodes that one text may have, and the most bytes.
const MAX_NODES: usize = (1 << END_BITS) - 1;

/// The position of a value in its [`Json`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(crate) u32);

impl NodeId {
    pub(crate) const ROOT: Self = Self(0);

    fn at(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    Null,
    True,
    False,
    Number,
    /// A string whose text stands as it is.
    String,
    /// A string with escapes.
    Escaped,
    Object,
    Array,
}

impl Node {
    fn kind(self) -> Kind {
        match self.kind_and_end >> END_BITS {
            0 => Kind::Null,
            1 => Kind::True,
            2 => Kind::False,
            3 => Kind::Number,
            4 => Kind::String,
            5 => Kind::Escaped,
            6 => Kind::Object,
            _ => Kind::Array,
        }
    }

    fn new(kind: Kind, start: u32, len: u32, end: u32) -> Self {
        Self { start, len, kind_and_end: (kind as u32) << END_BITS | end }
    }

    fn end(self) -> u32 {
        self.kind_and_end & ((1 << END_BITS) - 1)
    }
}

impl Json {
    /// An empty object.
    pub(crate) fn empty() -> Self {
        Self {
            body: Bytes::from_static(b"{}"),
            extra: Vec::new(),
            nodes: vec![Node::new(Kind::Object, 0, 2, 1)],
        }
    }

    /// How many nodes there are, keys included.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// How long the text is.
    pub(crate) fn bytes(&self) -> usize {
        self.body.len()
    }

    fn node(&self, id: NodeId) -> Node {
        self.nodes.get(id.at()).copied().unwrap_or(Node::new(Kind::Null, 0, 0, u32::MAX))
    }

    pub(crate) fn kind(&self, id: NodeId) -> Kind {
        self.node(id).kind()
    }

    /// The value's JSON as it came.
    pub(crate) fn text(&self, id: NodeId) -> &[u8] {
        self.slice(self.node(id))
    }

    fn slice(&self, node: Node) -> &[u8] {
        let start = usize::try_from(node.start).unwrap_or(usize::MAX);
        let len = usize::try_from(node.len).unwrap_or(0);
        let (from, start) = match start.checked_sub(self.body.len()) {
            Some(start) => (self.extra.as_slice(), start),
            None => (&*self.body, start),
        };
        start.checked_add(len).and_then(|end| from.get(start..end)).unwrap_or_default()
    }

    /// The characters of a string; `None` for any other value.
    pub(crate) fn string(&self, id: NodeId) -> Option<Cow<'_, str>> {
        let node = self.node(id);
        match node.kind() {
            Kind::String => std::str::from_utf8(self.content(node)).ok().map(Cow::Borrowed),
            Kind::Escaped => serde_json::from_slice(self.slice(node)).ok().map(Cow::Owned),
            _ => None,
        }
    }

    /// A string's text between its quotes.
    fn content(&self, node: Node) -> &[u8] {
        let quoted = self.slice(node);
        quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default()
    }

    /// The value of an object's member. `hint` is where to look first and then where the next member begins, so that
    /// members asked for in the order they came in are found at once; start with `NodeId(0)`.
    pub(crate) fn member(&self, object: NodeId, key: &str, hint: &mut NodeId) -> Option<NodeId> {
        let node = self.node(object);
        if node.kind() != Kind::Object {
            return None;
        }
        let (first, end) = (object.0 + 1, node.end());
        let from = if hint.0 > object.0 && hint.0 < end { hint.0 } else { first };
        let found = self.search(key, from, end).or_else(|| self.search(key, first, from));
        if let Some(value) = found {
            *hint = NodeId(self.node(value).end());
        }
        found
    }

    fn search(&self, key: &str, mut at: u32, end: u32) -> Option<NodeId> {
        while at < end {
            let value = NodeId(at + 1);
            if self.content(self.node(NodeId(at))) == key.as_bytes() {
                return Some(value);
            }
            at = self.node(value).end();
        }
        None
    }

    /// The value of an object's member, looked for from the first on.
    pub(crate) fn get(&self, object: NodeId, key: &str) -> Option<NodeId> {
        self.member(object, key, &mut NodeId(0))
    }

    /// The items of an array, nothing for any other value.
    pub(crate) fn items(&self, array: NodeId) -> Items<'_> {
        let node = self.node(array);
        let end = if node.kind() == Kind::Array { node.end() } else { 0 };
        Items { json: self, at: array.0 + 1, end }
    }
}

/// The items of an array.
#[derive(Debug, Clone)]
pub(crate) struct Items<'a> {
    json: &'a Json,
    at: u32,
    end: u32,
}

impl Iterator for Items<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        (self.at < self.end).then(|| {
            let item = NodeId(self.at);
            self.at = self.json.node(item).end();
            item
        })
    }
}

/// Writes `text` as a JSON string.
pub(crate) fn write_string(out: &mut Vec<u8>, text: &str) {
    // Writing a string to a vector does not fail.
    let _ = serde_json::to_writer(out, text);
}
