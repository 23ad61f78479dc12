//! Nodes and their edges, copies for provided fields included.

use apollo_compiler::Name;
use indexmap::IndexMap;

use super::super::view::TypeView;
use super::super::{
    Bar, ContextUseId, FieldEdge, Graph, GraphError, Key, Kind, Node, NodeId, Selected, SelectionId,
    SubgraphId, TypeId,
};
use super::Builder;

/// What becomes of a field at a node.
enum Found {
    Edge(FieldEdge),
    Bar(Bar),
    /// Not to be asked on the abstract type, since its runtime types resolve it differently; or not there.
    OnRuntimeTypes,
}

/// The fields that are provided at a node, each with what is provided below it.
type Provided = IndexMap<Name, Option<SelectionId>>;

impl Builder {
    /// Makes the nodes that stand for a type in a subgraph as such.
    pub(super) fn make_nodes(&mut self) -> Result<(), GraphError> {
        for id in self.graph.types.keys() {
            if self.graph.types[id].kind == Kind::Leaf {
                continue;
            }
            let subgraphs: Vec<SubgraphId> = self.views[id].keys().copied().collect();
            for subgraph in subgraphs {
                let node = self.node(id, subgraph, None)?;
                self.graph.types[id].nodes.push(node);
            }
        }
        Ok(())
    }

    /// The node of `ty` in `subgraph` with what is `provided`, made if need be.
    pub(super) fn node(
        &mut self,
        ty: TypeId,
        subgraph: SubgraphId,
        provided: Option<SelectionId>,
    ) -> Result<NodeId, GraphError> {
        let key = (ty, subgraph, provided);
        if let Some(&known) = self.node_ids.get(&key) {
            return Ok(known);
        }
        if self.graph.nodes.len() >= Graph::MOST_NODES {
            return Err(GraphError::TooLarge);
        }
        let interface_object = self.views[ty].get(&subgraph).is_some_and(|view| view.interface_object);
        let node = Node {
            ty,
            subgraph,
            provided,
            interface_object,
            fields: IndexMap::new(),
            barred: IndexMap::new(),
            downcasts: Vec::new(),
            keys: Vec::new(),
        };
        let id = self.graph.nodes.push(node);
        self.node_ids.insert(key, id);
        Ok(id)
    }

    /// Gives every node its edges. Nodes that provided fields add are appended and reached in turn.
    pub(super) fn connect(&mut self) -> Result<(), GraphError> {
        let mut at = 0;
        while at < self.graph.nodes.len() {
            let node = NodeId::from_index(u32::try_from(at).map_err(|_| GraphError::TooLarge)?);
            self.connect_downcasts(node)?;
            self.connect_fields(node)?;
            self.read_keys(node)?;
            at += 1;
        }
        Ok(())
    }

    fn connect_downcasts(&mut self, id: NodeId) -> Result<(), GraphError> {
        let Node { ty, subgraph, provided, .. } = self.graph.nodes[id];
        let runtime: Vec<TypeId> = self.runtime.get(&(ty, subgraph)).into_iter().flatten().copied().collect();
        for object in runtime {
            let kept = self.provided_on(provided, object);
            let provided = if kept.is_empty() { None } else { provided };
            let to = self.node(object, subgraph, provided)?;
            self.graph.nodes[id].downcasts.push(to);
        }
        Ok(())
    }

    fn connect_fields(&mut self, id: NodeId) -> Result<(), GraphError> {
        let Node { ty, subgraph, provided, .. } = self.graph.nodes[id];
        let names: Vec<Name> =
            self.view(ty, subgraph).into_iter().flat_map(|view| view.fields.keys().cloned()).collect();
        let here = self.provided_on(provided, ty);
        for name in names {
            let found = self.find_edge(id, &name, &here)?;
            let node = &mut self.graph.nodes[id];
            match found {
                Found::Edge(edge) => {
                    node.fields.insert(name, edge);
                }
                Found::Bar(bar) => {
                    node.barred.insert(name, bar);
                }
                Found::OnRuntimeTypes => {}
            }
        }
        Ok(())
    }

    /// What becomes of a field at a node, where `provided` fields can be resolved whatever else is said.
    fn find_edge(&mut self, node: NodeId, name: &Name, provided: &Provided) -> Result<Found, GraphError> {
        let Node { ty, subgraph, interface_object, .. } = self.graph.nodes[node];
        let Some(field) = self.view(ty, subgraph).and_then(|view| view.fields.get(name)) else {
            return Ok(Found::OnRuntimeTypes);
        };
        let bar = match (field.external, field.overridden) {
            (true, _) => Some(Bar::External),
            (false, true) => Some(Bar::Overridden),
            (false, false) => None,
        };
        let field = field.clone();
        let target_type = self.type_named(&field.ty)?;
        let inherited = provided.get(name).copied();
        if inherited.is_none() {
            if let Some(bar) = bar {
                return Ok(Found::Bar(bar));
            }
            if !interface_object && !self.everywhere_alike(ty, subgraph, name) {
                return Ok(Found::OnRuntimeTypes);
            }
        }
        let target =
            self.find_target(target_type, subgraph, field.provides.as_deref(), inherited.flatten())?;
        if bar.is_some() {
            let edge = FieldEdge { target, requires: None, label: None, contexts: Vec::new() };
            return Ok(Found::Edge(edge));
        }
        let requires = match &field.requires {
            Some(text) => Some(self.field_set(text, ty, subgraph)?),
            None => None,
        };
        let label = field.label.and_then(|(label, value)| Some((*self.label_ids.get(&label)?, value)));
        let contexts = field.contexts.iter().filter_map(|it| self.use_of(&it.context, &it.selection));
        Ok(Found::Edge(FieldEdge { target, requires, label, contexts: contexts.collect() }))
    }

    /// The node that a field leads to, with what the field provides itself and what is provided below it.
    fn find_target(
        &mut self,
        ty: TypeId,
        subgraph: SubgraphId,
        provides: Option<&str>,
        inherited: Option<SelectionId>,
    ) -> Result<Option<NodeId>, GraphError> {
        if self.graph.types[ty].kind == Kind::Leaf {
            return Ok(None);
        }
        let own = match provides {
            Some(text) => Some(self.field_set(text, ty, subgraph)?),
            None => None,
        };
        let onward = self.interner.union(&mut self.graph, own, inherited);
        let onward = onward.filter(|&set| !self.graph.selections[set].items.is_empty());
        self.node(ty, subgraph, onward).map(Some)
    }

    fn use_of(&self, context: &str, selection: &str) -> Option<ContextUseId> {
        let uses = self.uses.get(context)?;
        uses.iter().copied().find(|&id| self.graph.context_uses[id].selection == selection)
    }

    /// Whether every type that a value can have in the subgraph resolves the field there and without a
    /// condition, so that it can be asked on the abstract type.
    fn everywhere_alike(&self, ty: TypeId, subgraph: SubgraphId, name: &Name) -> bool {
        if self.graph.types[ty].kind != Kind::Interface {
            return true;
        }
        let mut runtime = self.runtime.get(&(ty, subgraph)).into_iter().flatten();
        runtime.all(|&object| {
            let view = self.views[object].get(&subgraph).and_then(|view| view.fields.get(name));
            view.is_some_and(|field| {
                let plain = field.requires.is_none() && field.label.is_none() && field.contexts.is_empty();
                plain && !field.external && !field.overridden
            })
        })
    }

    /// What `provided` selects on `ty`: each field with what is provided on it.
    fn provided_on(&mut self, provided: Option<SelectionId>, ty: TypeId) -> Provided {
        let mut found = Provided::new();
        let mut open: Vec<SelectionId> = provided.into_iter().collect();
        while let Some(set) = open.pop() {
            for item in self.graph.selections[set].items.clone() {
                match item {
                    Selected::Field { parent, name, selection } if self.covers(parent, ty) => {
                        let before = found.get(&name).copied().flatten();
                        let both = self.interner.union(&mut self.graph, before, selection);
                        found.insert(name, both);
                    }
                    Selected::On { ty: condition, selection } if self.covers(condition, ty) => {
                        open.push(selection);
                    }
                    // On an abstract type, what holds for one runtime type only waits for the downcast.
                    Selected::Field { .. } | Selected::On { .. } => {}
                }
            }
        }
        found
    }

    /// Whether every value of type `ty` is one of type `wider`.
    fn covers(&self, wider: TypeId, ty: TypeId) -> bool {
        wider == ty
            || self.graph.types[ty].interfaces.contains(&wider)
            || (self.graph.types[wider].kind == Kind::Union && self.graph.types[wider].runtime.contains(&ty))
    }

    fn read_keys(&mut self, id: NodeId) -> Result<(), GraphError> {
        let Node { ty, subgraph, .. } = self.graph.nodes[id];
        let keys = self.view(ty, subgraph).into_iter().flat_map(|view| &view.keys);
        let texts: Vec<String> = keys.map(|key| key.fields.clone()).collect();
        for text in texts {
            let key = self.field_set(&text, ty, subgraph)?;
            self.graph.nodes[id].keys.push(key);
        }
        Ok(())
    }

    fn view(&self, ty: TypeId, subgraph: SubgraphId) -> Option<&TypeView> {
        self.views[ty].get(&subgraph)
    }
}
