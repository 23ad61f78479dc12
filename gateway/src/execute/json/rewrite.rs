//! The planner's changes to an answer (output rewrites), made in the index: no byte of the answer moves.
use super::{Json, Kind, Node, NodeId};
use crate::plan::{
    steps::{Change, Rewrite, RewriteSegment},
    types::TypeTable,
};

impl Json {
    /// Applies `rewrite` to the object `id`, or to each object of the list `id`.
    pub(crate) fn rewrite(&mut self, id: NodeId, rewrite: &Rewrite, types: &TypeTable) {
        self.walk(id, &rewrite.path, &rewrite.change, types);
    }

    /// Recursion is as deep as the path and its lists, and both are bounded.
    fn walk(&mut self, id: NodeId, path: &[RewriteSegment], change: &Change, types: &TypeTable) {
        if self.kind(id) == Kind::Array {
            let items: Vec<NodeId> = self.items(id).collect();
            for item in items {
                self.walk(item, path, change, types);
            }
            return;
        }
        let Some((segment, rest)) = path.split_first() else { return };
        match segment {
            RewriteSegment::OnType(condition) => {
                let name = self.get(id, "__typename").and_then(|name| self.string(name));
                // An object that does not tell its type is taken to be the right one, as everywhere.
                let applies =
                    name.and_then(|name| types.id(&name)).is_none_or(|ty| condition.set.contains(ty));
                if applies {
                    self.walk(id, rest, change, types);
                }
            }
            RewriteSegment::Key(key) => {
                let Some(value) = self.get(id, key) else { return };
                if !rest.is_empty() {
                    return self.walk(value, rest, change, types);
                }
                match change {
                    Change::RenameKey(to) => self.set_text(NodeId(value.0 - 1), to),
                    Change::SetString(to) if !matches!(self.kind(value), Kind::Object | Kind::Array) => {
                        self.set_text(value, to);
                    }
                    Change::SetString(_) => {}
                }
            }
        }
    }

    fn set_text(&mut self, id: NodeId, text: &str) {
        let (start, len) = self.add_text(text);
        if let Some(node) = self.nodes.get_mut(id.at()) {
            *node = Node::new(Kind::String, start, len, node.end());
        }
    }
}
