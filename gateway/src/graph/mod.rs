//! The graph of who can resolve what: a supergraph read as nodes, edges and conditions.
//!
//! Composition walks it to see whether every field can be reached; a planner can search it for the
//! cheapest way. It states possibilities and judges nothing.
//!
//! ## Nodes
//! A [`Node`] is a composite type as *one* subgraph can resolve it. A field with `@provides` leads to a
//! copy of its type's node, in which the provided fields can be resolved too; the copy is a node of
//! its own. An `@interfaceObject` type is a node of the interface's type without downcasts.
//!
//! ## Edges
//! | edge | from → to | condition |
//! |---|---|---|
//! | field ([`FieldEdge`]) | the parent's node → the field's type, same subgraph | `@requires`, contexts, the label of a progressive `@override` |
//! | downcast ([`Node::downcasts`]) | an abstract type's node → a runtime type, same subgraph | none |
//! | entry ([`Entry`]) | any node of the type → the type's node in another subgraph | the key's fields, resolved from where one stands |
//! | root entry | a root type's node → the same root type elsewhere | none |
//!
//! Entries hang on the type and not on each node, so that a type in *s* subgraphs costs *s* of them and
//! not *s*². The entry into an `@interfaceObject` is listed with the interface and with each of its
//! implementations: whoever holds an implementation can ask for the fields that the interface object
//! adds. The way back, from an interface object to an implementation, is an entry into a subgraph that
//! knows the interface, followed by a downcast there.
//!
//! The vocabulary of the input is the join specification (<https://specs.apollo.dev/join/v0.5>).

mod build;
mod ids;
mod selection;
#[cfg(test)]
mod tests;
mod view;

use std::fmt;

use apollo_compiler::{Name, Schema};
use indexmap::IndexMap;

pub use ids::{ContextUseId, Key, LabelId, NodeId, SelectionId, SubgraphId, Table, TypeId};
pub use selection::{Selected, Selection};

/// Who can resolve what, for one supergraph.
#[derive(Debug, Default)]
pub struct Graph {
    /// Every subgraph, in the order of `join__Graph`.
    pub subgraphs: Table<SubgraphId, Subgraph>,
    /// Every type of the supergraph that fields can have.
    pub types: Table<TypeId, Type>,
    /// Every node.
    pub nodes: Table<NodeId, Node>,
    /// Field sets, each kept once.
    pub selections: Table<SelectionId, Selection>,
    /// Labels of progressive overrides.
    pub labels: Table<LabelId, String>,
    /// Arguments that take their value from a context.
    pub context_uses: Table<ContextUseId, ContextUse>,
    /// The root types of queries, mutations and subscriptions that the supergraph has.
    pub roots: Vec<Root>,
}

/// A subgraph.
#[derive(Debug)]
pub struct Subgraph {
    /// Its value in `join__Graph`.
    pub graph: Name,
    /// The name it was composed under.
    pub name: String,
}

/// A root type.
#[derive(Clone, Copy, Debug)]
pub struct Root {
    /// Query, mutation or subscription.
    pub operation: Operation,
    /// The type.
    pub ty: TypeId,
}

/// The kind of an operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the three kinds of the GraphQL specification")]
pub enum Operation {
    Query,
    Mutation,
    Subscription,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        })
    }
}

/// What a type is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the kinds of the GraphQL specification")]
pub enum Kind {
    /// A scalar or an enum.
    Leaf,
    Object,
    Interface,
    Union,
}

/// A type of the supergraph.
#[derive(Debug)]
pub struct Type {
    /// Its name.
    pub name: Name,
    /// What it is.
    pub kind: Kind,
    /// Whether clients see it.
    pub public: bool,
    /// Its fields in the supergraph.
    pub fields: IndexMap<Name, Field>,
    /// The interfaces that it implements, in any subgraph.
    pub interfaces: Vec<TypeId>,
    /// The object types that a value of it can have, in any subgraph; for an object, itself.
    pub runtime: Vec<TypeId>,
    /// The ways into it from another subgraph.
    pub entries: Vec<Entry>,
    /// The nodes without provided fields, one per subgraph that has the type.
    pub nodes: Vec<NodeId>,
    /// Per use of a context that an object of this type sets, itself or through an interface or union
    /// that it is in: what is selected on it, `None` where the selection does not fit.
    pub contexts: Vec<(ContextUseId, Option<SelectionId>)>,
}

impl Type {
    /// Whether a value of the type has one of several runtime types.
    pub fn is_abstract(&self) -> bool {
        matches!(self.kind, Kind::Interface | Kind::Union)
    }
}

/// A field of the supergraph.
#[derive(Debug)]
pub struct Field {
    /// The type under lists and non-nulls.
    pub ty: TypeId,
    /// Whether clients see it.
    pub public: bool,
    /// The arguments that must be given, each with a literal that fits it.
    pub required_arguments: Vec<(Name, String)>,
    /// The labels that decide which subgraph resolves it.
    pub labels: Vec<LabelId>,
}

/// The ways into a type that ask for the same key.
#[derive(Debug)]
pub struct Entry {
    /// What must be known to enter; nothing for a root type.
    pub key: Option<SelectionId>,
    /// The nodes that are entered, at most one per subgraph.
    pub nodes: Vec<NodeId>,
}

/// A composite type as one subgraph can resolve it.
#[derive(Debug)]
pub struct Node {
    /// The type.
    pub ty: TypeId,
    /// The subgraph.
    pub subgraph: SubgraphId,
    /// What `@provides` adds here.
    pub provided: Option<SelectionId>,
    /// Whether the subgraph knows an interface as an object type only.
    pub interface_object: bool,
    /// The fields that can be resolved here, perhaps under a condition. An interface's node has those
    /// that every runtime type of its subgraph resolves without one.
    pub fields: IndexMap<Name, FieldEdge>,
    /// The fields that are declared here and can never be resolved, with the reason.
    pub barred: IndexMap<Name, Bar>,
    /// The object types that a value can have here; empty for an object and an interface object.
    pub downcasts: Vec<NodeId>,
    /// The keys that the subgraph declares here, those that only refer to another subgraph included.
    pub keys: Vec<SelectionId>,
}

/// A field that a node resolves.
#[derive(Clone, Debug)]
pub struct FieldEdge {
    /// The node of its type; `None` for a leaf.
    pub target: Option<NodeId>,
    /// What must be fetched first and sent along.
    pub requires: Option<SelectionId>,
    /// The label that must have this value.
    pub label: Option<(LabelId, bool)>,
    /// The context values that its arguments take.
    pub contexts: Vec<ContextUseId>,
}

/// Why a declared field cannot be resolved where it is declared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bar {
    /// It is `@external`.
    External,
    /// Another subgraph overrides it.
    Overridden,
}

/// An argument that takes its value from a context.
#[derive(Clone, Debug)]
pub struct ContextUse {
    /// The context's name in the supergraph (`subgraph__name`).
    pub context: String,
    /// What is selected on the value that set the context.
    pub selection: String,
}

/// Why a supergraph cannot be read as a graph.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GraphError {
    /// A field set is no field set of its type.
    #[error("`{field_set}` is not a field set of `{type_name}` in subgraph `{subgraph}`")]
    FieldSet {
        /// The text.
        field_set: String,
        /// The type it selects on.
        type_name: Name,
        /// Whose field set it is.
        subgraph: String,
    },
    /// The supergraph names a type that it does not define.
    #[error("`{0}` is not a type of the supergraph")]
    UnknownType(Name),
    /// Nested `@provides` multiply into more nodes than [`Graph::MOST_NODES`].
    #[error("the provided fields make more than {} nodes", Graph::MOST_NODES)]
    TooLarge,
}

impl Graph {
    /// How many nodes a graph may have. Copies made by `@provides` inside `@provides` can multiply; the
    /// largest graphs known have some ten thousand types in all subgraphs together.
    pub const MOST_NODES: usize = 1_000_000;

    /// Reads a supergraph, which must be in the join specification's terms.
    pub fn from_supergraph(schema: &Schema) -> Result<Self, GraphError> {
        build::build(schema)
    }

    /// The edge by which `node` resolves a field.
    pub fn edge(&self, node: NodeId, field: &str) -> Option<&FieldEdge> {
        self.nodes[node].fields.get(field)
    }

    /// The type of `node`.
    pub fn type_of(&self, node: NodeId) -> &Type {
        &self.types[self.nodes[node].ty]
    }

    /// The node that a value at `node` is at when its runtime type is `object`; `None` when the
    /// subgraph never answers with that type. An interface object stays where it is: it stands for
    /// whatever implements the interface.
    pub fn downcast(&self, node: NodeId, object: TypeId) -> Option<NodeId> {
        let at = &self.nodes[node];
        if at.ty == object {
            return Some(node);
        }
        if at.interface_object {
            return self.types[at.ty].runtime.contains(&object).then_some(node);
        }
        at.downcasts.iter().copied().find(|&to| self.nodes[to].ty == object)
    }

    /// The object types that a value at `node` can have; for an interface object all that implement it.
    pub fn runtime_types(&self, node: NodeId) -> impl Iterator<Item = TypeId> {
        let at = &self.nodes[node];
        let ty = &self.types[at.ty];
        let known: &[TypeId] = if at.interface_object || !ty.is_abstract() { &ty.runtime } else { &[] };
        known.iter().copied().chain(at.downcasts.iter().map(|&to| self.nodes[to].ty))
    }

    /// The subgraph of `node`, by name.
    pub fn subgraph_of(&self, node: NodeId) -> &str {
        &self.subgraphs[self.nodes[node].subgraph].name
    }
}

/// One line per node and edge, for tests and for those who look into a graph.
impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |node: NodeId| NodeName { graph: self, node };
        for (id, node) in self.nodes.iter() {
            writeln!(f, "{}", named(id))?;
            for (name, edge) in &node.fields {
                write!(f, "  {name}")?;
                if let Some((label, value)) = edge.label {
                    write!(f, " if {} is {value}", self.labels[label])?;
                }
                if let Some(requires) = edge.requires {
                    write!(f, " requires {{ {} }}", self.written(requires))?;
                }
                for &context in &edge.contexts {
                    write!(f, " with {}", self.context_uses[context].context)?;
                }
                match edge.target {
                    Some(target) => writeln!(f, " -> {}", named(target))?,
                    None => writeln!(f)?,
                }
            }
            for &to in &node.downcasts {
                writeln!(f, "  ... -> {}", named(to))?;
            }
        }
        for (_, ty) in self.types.iter() {
            for entry in &ty.entries {
                write!(f, "{} enters by ", ty.name)?;
                match entry.key {
                    Some(key) => write!(f, "{{ {} }}", self.written(key))?,
                    None => write!(f, "root")?,
                }
                for &node in &entry.nodes {
                    write!(f, " {}", named(node))?;
                }
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

struct NodeName<'g> {
    graph: &'g Graph,
    node: NodeId,
}

impl fmt::Display for NodeName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let node = &self.graph.nodes[self.node];
        write!(f, "{}@{}", self.graph.types[node.ty].name, self.graph.subgraphs[node.subgraph].name)?;
        match node.provided {
            Some(provided) => write!(f, "+{{ {} }}", self.graph.written(provided)),
            None => Ok(()),
        }
    }
}
