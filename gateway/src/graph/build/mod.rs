//! Builds a [`Graph`]: types first, then a node per type and subgraph with its edges ([`nodes`]), and the
//! entries.

mod nodes;

use std::collections::HashMap;

use apollo_compiler::ast::{FieldDefinition, Type as AstType};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{Name, Schema};
use indexmap::{IndexMap, IndexSet};

use super::selection::{self, Interner, Names};
use super::view::{self, Features, TypeView};
use super::{
    ContextUse, ContextUseId, Entry, Field, Graph, GraphError, Kind, LabelId, NodeId, Operation, Root,
    SelectionId, Subgraph, SubgraphId, Table, Type, TypeId,
};

/// Reads `schema`; see [`Graph::from_supergraph`].
pub(super) fn build(schema: &Schema) -> Result<Graph, GraphError> {
    let features = Features::of(schema);
    let mut builder = Builder::default();
    builder.read_subgraphs(schema);
    builder.read_types(schema, &features)?;
    builder.read_views(schema);
    builder.read_contexts(schema, &features);
    builder.make_nodes()?;
    builder.connect()?;
    builder.make_entries()?;
    builder.find_roots(schema);
    Ok(builder.graph)
}

#[derive(Default)]
struct Builder {
    graph: Graph,
    interner: Interner,
    type_ids: HashMap<Name, TypeId>,
    subgraph_ids: HashMap<Name, SubgraphId>,
    label_ids: HashMap<String, LabelId>,
    /// Per type, what each subgraph declares.
    views: Table<TypeId, IndexMap<SubgraphId, TypeView>>,
    /// Per abstract type, the object types that it can be in each subgraph.
    runtime: HashMap<(TypeId, SubgraphId), IndexSet<TypeId>>,
    node_ids: HashMap<(TypeId, SubgraphId, Option<SelectionId>), NodeId>,
    /// The uses of each context.
    uses: HashMap<String, Vec<ContextUseId>>,
}

/// Reads field sets as one subgraph does.
struct NamesOf<'b> {
    subgraph: SubgraphId,
    type_ids: &'b HashMap<Name, TypeId>,
    views: &'b Table<TypeId, IndexMap<SubgraphId, TypeView>>,
}

impl Names for NamesOf<'_> {
    fn field_type(&self, graph: &Graph, parent: TypeId, field: &str) -> Option<TypeId> {
        let declared = self.views[parent].get(&self.subgraph).and_then(|view| view.fields.get(field));
        match declared {
            Some(view) => self.type_ids.get(&view.ty).copied(),
            // Not declared there any more, because it is overridden; or a field of an interface object.
            None => graph.types[parent].fields.get(field).map(|field| field.ty),
        }
    }

    fn type_named(&self, name: &str) -> Option<TypeId> {
        self.type_ids.get(name).copied()
    }
}

impl Builder {
    fn read_subgraphs(&mut self, schema: &Schema) {
        for (graph, name) in view::subgraphs(schema) {
            let id = self.graph.subgraphs.push(Subgraph { graph: graph.clone(), name });
            self.subgraph_ids.insert(graph, id);
        }
    }

    fn read_types(&mut self, schema: &Schema, features: &Features) -> Result<(), GraphError> {
        let output = |ty: &ExtendedType| !matches!(ty, ExtendedType::InputObject(_));
        for (name, ty) in schema.types.iter().filter(|(_, ty)| output(ty)) {
            let id = self.graph.types.push(Type {
                name: name.clone(),
                kind: kind(ty),
                public: !ty.directives().has(&features.inaccessible),
                fields: IndexMap::new(),
                interfaces: Vec::new(),
                runtime: Vec::new(),
                entries: Vec::new(),
                nodes: Vec::new(),
                contexts: Vec::new(),
            });
            self.type_ids.insert(name.clone(), id);
        }
        for (name, ty) in schema.types.iter().filter(|(_, ty)| output(ty)) {
            let id = self.type_named(name)?;
            for (field_name, field) in view::fields(ty) {
                let read = self.read_field(schema, field, features)?;
                self.graph.types[id].fields.insert(field_name.clone(), read);
            }
            for interface in view::interfaces(ty).into_iter().flatten() {
                let interface = self.type_named(&interface.name)?;
                self.graph.types[id].interfaces.push(interface);
                if matches!(ty, ExtendedType::Object(_)) {
                    self.graph.types[interface].runtime.push(id);
                }
            }
            if matches!(ty, ExtendedType::Object(_)) {
                self.graph.types[id].runtime.push(id);
            }
            if let ExtendedType::Union(union) = ty {
                for member in &union.members {
                    let member = self.type_named(&member.name)?;
                    self.graph.types[id].runtime.push(member);
                }
            }
        }
        Ok(())
    }

    fn read_field(
        &self,
        schema: &Schema,
        field: &FieldDefinition,
        features: &Features,
    ) -> Result<Field, GraphError> {
        let ty = self.type_named(field.ty.inner_named_type())?;
        let hidden = field.directives.has(&features.inaccessible);
        let required = field.arguments.iter().filter(|argument| argument.is_required());
        Ok(Field {
            ty,
            public: !hidden && self.graph.types[ty].public,
            required_arguments: required
                .map(|argument| (argument.name.clone(), literal(schema, &argument.ty)))
                .collect(),
            labels: Vec::new(),
        })
    }

    fn read_views(&mut self, schema: &Schema) {
        for id in self.graph.types.keys() {
            let mut views = IndexMap::new();
            if let Some(ty) = schema.types.get(&self.graph.types[id].name) {
                for (graph, view) in view::views(ty) {
                    if let Some(&subgraph) = self.subgraph_ids.get(&graph) {
                        views.insert(subgraph, view);
                    }
                }
                self.read_runtime(id, ty);
            }
            self.views.push(views);
        }
        for (id, views) in self.views.iter() {
            for (name, label, _) in views.values().flat_map(labelled) {
                let known = self.label_ids.get(label).copied();
                let label_id = known.unwrap_or_else(|| self.graph.labels.push(label.to_owned()));
                self.label_ids.insert(label.to_owned(), label_id);
                let Some(field) = self.graph.types[id].fields.get_mut(name) else { continue };
                if !field.labels.contains(&label_id) {
                    field.labels.push(label_id);
                }
            }
        }
    }

    fn read_runtime(&mut self, id: TypeId, ty: &ExtendedType) {
        let found = |builder: &Self, (graph, other): &(Name, String)| {
            Some((*builder.subgraph_ids.get(graph)?, *builder.type_ids.get(other.as_str())?))
        };
        if matches!(ty, ExtendedType::Object(_)) {
            for pair in view::implements(ty) {
                let Some((subgraph, interface)) = found(self, &pair) else { continue };
                self.runtime.entry((interface, subgraph)).or_default().insert(id);
            }
        }
        for pair in view::members(ty) {
            let Some((subgraph, member)) = found(self, &pair) else { continue };
            self.runtime.entry((id, subgraph)).or_default().insert(member);
        }
    }

    /// Finds the arguments that contexts fill, and what each selects on each type that sets the context.
    fn read_contexts(&mut self, schema: &Schema, features: &Features) {
        let mut readers = Vec::new();
        for (_, views) in self.views.iter() {
            for (&subgraph, view) in views {
                for context in view.fields.values().flat_map(|field| &field.contexts) {
                    let (context, selection) = (context.context.clone(), context.selection.clone());
                    let uses = self.uses.entry(context.clone()).or_default();
                    let id = self.graph.context_uses.push(ContextUse { context, selection });
                    uses.push(id);
                    readers.push((id, subgraph));
                }
            }
        }
        for setter in self.graph.types.keys() {
            let Some(ty) = schema.types.get(&self.graph.types[setter].name) else { continue };
            let set = view::contexts_set(ty, &features.context);
            for &(context_use, subgraph) in &readers {
                let ContextUse { context, selection } = &self.graph.context_uses[context_use];
                if !set.contains(context) {
                    continue;
                }
                let selection = selection.clone();
                let selected = self.field_set(&selection, setter, subgraph).ok();
                for object in self.graph.types[setter].runtime.clone() {
                    self.graph.types[object].contexts.push((context_use, selected));
                }
            }
        }
    }

    /// Lists the ways into every type.
    fn make_entries(&mut self) -> Result<(), GraphError> {
        for id in self.graph.types.keys() {
            let mut ways: IndexMap<SelectionId, Vec<NodeId>> = IndexMap::new();
            let mut ways_into = vec![id];
            ways_into.extend(self.graph.types[id].interfaces.iter().copied());
            for into in ways_into {
                let resolvable: Vec<(SubgraphId, String)> = self.views[into]
                    .iter()
                    .filter(|(_, view)| into == id || view.interface_object)
                    .flat_map(|(&subgraph, view)| view.keys.iter().map(move |key| (subgraph, key)))
                    .filter(|(_, key)| key.resolvable)
                    .map(|(subgraph, key)| (subgraph, key.fields.clone()))
                    .collect();
                for (subgraph, text) in resolvable {
                    let key = self.field_set(&text, into, subgraph)?;
                    let node = self.node(into, subgraph, None)?;
                    ways.entry(key).or_default().push(node);
                }
            }
            let entries = ways.into_iter().map(|(key, nodes)| Entry { key: Some(key), nodes });
            self.graph.types[id].entries = entries.collect();
        }
        Ok(())
    }

    fn find_roots(&mut self, schema: &Schema) {
        let definition = &schema.schema_definition;
        let roots = [
            (Operation::Query, &definition.query),
            (Operation::Mutation, &definition.mutation),
            (Operation::Subscription, &definition.subscription),
        ];
        for (operation, name) in roots {
            let Some(&ty) = name.as_ref().and_then(|name| self.type_ids.get(&name.name)) else { continue };
            self.graph.roots.push(Root { operation, ty });
            let nodes = self.graph.types[ty].nodes.clone();
            self.graph.types[ty].entries.push(Entry { key: None, nodes });
        }
    }

    fn field_set(&mut self, text: &str, on: TypeId, subgraph: SubgraphId) -> Result<SelectionId, GraphError> {
        let names = NamesOf { subgraph, type_ids: &self.type_ids, views: &self.views };
        selection::parse(text)
            .and_then(|parsed| self.interner.typed(&mut self.graph, &parsed, on, &names))
            .ok_or_else(|| GraphError::FieldSet {
                field_set: text.to_owned(),
                type_name: self.graph.types[on].name.clone(),
                subgraph: self.graph.subgraphs[subgraph].name.clone(),
            })
    }

    fn type_named(&self, name: &Name) -> Result<TypeId, GraphError> {
        self.type_ids.get(name).copied().ok_or_else(|| GraphError::UnknownType(name.clone()))
    }
}

fn kind(ty: &ExtendedType) -> Kind {
    match ty {
        ExtendedType::Object(_) => Kind::Object,
        ExtendedType::Interface(_) => Kind::Interface,
        ExtendedType::Union(_) => Kind::Union,
        ExtendedType::Scalar(_) | ExtendedType::Enum(_) | ExtendedType::InputObject(_) => Kind::Leaf,
    }
}

/// The labelled fields of a view, each with the value that the label must have.
fn labelled(view: &TypeView) -> impl Iterator<Item = (&Name, &str, bool)> {
    view.fields
        .iter()
        .filter_map(|(name, field)| field.label.as_ref().map(|(label, value)| (name, label.as_str(), *value)))
}

/// A literal of an input type, for example operations.
fn literal(schema: &Schema, ty: &AstType) -> String {
    if ty.is_list() {
        return "[]".to_owned();
    }
    match ty.inner_named_type().as_str() {
        "Int" => "1".to_owned(),
        "Float" => "1.0".to_owned(),
        "Boolean" => "true".to_owned(),
        "ID" => "\"1\"".to_owned(),
        name => match schema.types.get(name) {
            Some(ExtendedType::Enum(values)) => {
                values.values.keys().next().map_or_else(|| "null".to_owned(), ToString::to_string)
            }
            Some(ExtendedType::InputObject(_)) => "{}".to_owned(),
            _ => "\"text\"".to_owned(),
        },
    }
}
