//! From where to where keys lead, and which conditions can be met where: the least fixpoint over pairs
//! of node and field set.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::Budget;
use crate::graph::{ContextUseId, FieldEdge, Graph, NodeId, Selected, SelectionId, TypeId};

/// A node that can be stood at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Stand {
    /// The node.
    pub(super) node: NodeId,
    /// Whether a key led there. Such a fetch can be repeated with more inputs, as `@requires` needs.
    pub(super) entered: bool,
}

/// How a field's value may come, as alternatives that must *all* be prepared for: each clause is a set
/// of nodes of which one will do.
type Clauses = Vec<Vec<NodeId>>;

/// The most clauses that are told apart; beyond, alternatives are left out, which is strict but safe.
const MOST_CLAUSES: usize = 64;

/// What can be reached by keys from where.
pub(super) struct Reach<'g> {
    graph: &'g Graph,
    /// Conditions that can be met when one stands at the node.
    met: HashSet<(NodeId, SelectionId)>,
    /// Nodes with a key that they can resolve themselves.
    resumable: HashSet<NodeId>,
    stands: HashMap<(TypeId, NodeId), Rc<[Stand]>>,
}

impl<'g> Reach<'g> {
    /// Settles every condition of `graph`.
    pub(super) fn new(graph: &'g Graph, budget: &mut Budget) -> Self {
        let mut reach =
            Self { graph, met: HashSet::new(), resumable: HashSet::new(), stands: HashMap::new() };
        reach.resumable = reach.find_resumable();
        let mut open = reach.conditions();
        loop {
            let before = open.len();
            open.retain(|&(node, set)| {
                let met = reach.holds(&[node], set, &BTreeSet::new(), budget);
                if met {
                    reach.met.insert((node, set));
                }
                !met
            });
            // What was met opens ways that the kept stands do not know.
            reach.stands.clear();
            if open.len() == before || budget.is_spent() {
                return reach;
            }
        }
    }

    /// Every node that can be stood at by a value of `object` (or of an abstract type) that stands at
    /// `from`: `from` itself and what keys lead to.
    pub(super) fn stands(&mut self, ty: TypeId, from: NodeId, budget: &mut Budget) -> Rc<[Stand]> {
        if let Some(known) = self.stands.get(&(ty, from)) {
            return Rc::clone(known);
        }
        let found: Rc<[Stand]> = self.find_stands(ty, from, budget).into();
        self.stands.insert((ty, from), Rc::clone(&found));
        found
    }

    /// Whether what `edge` needs besides its label can be had at `stand`.
    pub(super) fn supports(&self, stand: Stand, edge: &FieldEdge, contexts: &BTreeSet<ContextUseId>) -> bool {
        edge.contexts.iter().all(|context| contexts.contains(context))
            && edge.requires.is_none_or(|requires| self.met(stand.node, requires) && self.resumes(stand))
    }

    /// Whether a condition may rely on `edge`. None may rely on a label, whatever the path has settled: that is
    /// how the reference has it.
    fn usable(&self, stand: Stand, edge: &FieldEdge, contexts: &BTreeSet<ContextUseId>) -> bool {
        edge.label.is_none() && self.supports(stand, edge, contexts)
    }

    /// Whether the fields of a key or `@requires` can be resolved from `node`.
    pub(super) fn met(&self, node: NodeId, set: SelectionId) -> bool {
        self.met.contains(&(node, set))
    }

    /// Whether one can come back to `stand` once required fields are fetched elsewhere.
    pub(super) fn resumes(&self, stand: Stand) -> bool {
        stand.entered || self.resumable.contains(&stand.node)
    }

    /// Whether it makes no difference at `node` if a key led there.
    pub(super) fn is_as_good_as_entered(&self, node: NodeId) -> bool {
        let requiring = |edge: &FieldEdge| edge.requires.is_some();
        self.resumable.contains(&node) || !self.graph.nodes[node].fields.values().any(requiring)
    }

    /// Whether a whole selection can be resolved by a value that stands at one of `nodes`.
    pub(super) fn holds(
        &mut self,
        nodes: &[NodeId],
        set: SelectionId,
        contexts: &BTreeSet<ContextUseId>,
        budget: &mut Budget,
    ) -> bool {
        let graph = self.graph;
        graph.selections[set].items.iter().all(|item| match item {
            Selected::Field { parent, name, selection } => {
                let Some(clauses) = self.resolve(nodes, *parent, name, contexts, budget) else {
                    return false;
                };
                selection
                    .is_none_or(|set| clauses.iter().all(|nodes| self.holds(nodes, set, contexts, budget)))
            }
            Selected::On { ty, selection } => {
                let cases = self.cases(nodes, *ty);
                cases.iter().all(|nodes| self.holds(nodes, *selection, contexts, budget))
            }
        })
    }

    /// What a type condition leaves of `nodes`: a set of nodes for every case that can arise.
    fn cases(&self, nodes: &[NodeId], condition: TypeId) -> Vec<Vec<NodeId>> {
        let graph = self.graph;
        if nodes.iter().all(|&node| graph.nodes[node].ty == condition) {
            return vec![nodes.to_vec()];
        }
        let runtime = graph.types[condition].runtime.iter();
        let case = |&object: &TypeId| nodes.iter().filter_map(|&node| graph.downcast(node, object)).collect();
        runtime.map(case).filter(|nodes: &Vec<NodeId>| !nodes.is_empty()).collect()
    }

    /// How the value of a field may come; `None` when it cannot.
    fn resolve(
        &mut self,
        nodes: &[NodeId],
        parent: TypeId,
        name: &str,
        contexts: &BTreeSet<ContextUseId>,
        budget: &mut Budget,
    ) -> Option<Clauses> {
        let graph = self.graph;
        let mut direct = Vec::new();
        let mut exploded: Vec<Clauses> = Vec::new();
        for &node in nodes {
            let Some((ty, node)) = self.viewed_as(node, parent) else { continue };
            for &stand in &*self.stands(ty, node, budget) {
                budget.spend(1);
                if budget.is_spent() {
                    return None;
                }
                match graph.edge(stand.node, name) {
                    Some(edge) if self.usable(stand, edge, contexts) => match edge.target {
                        None => return Some(Vec::new()),
                        Some(target) => direct.push(target),
                    },
                    _ => exploded.extend(self.explode(stand.node, name, contexts, budget)),
                }
            }
        }
        if exploded.iter().any(Vec::is_empty) {
            return Some(Vec::new());
        }
        if direct.is_empty() && exploded.is_empty() {
            return None;
        }
        Some(combine(direct, exploded))
    }

    /// `node` as a value of `parent`, with the type under which to look for ways on.
    fn viewed_as(&self, node: NodeId, parent: TypeId) -> Option<(TypeId, NodeId)> {
        let graph = self.graph;
        if graph.types[parent].is_abstract() {
            return Some((graph.nodes[node].ty, node));
        }
        graph.downcast(node, parent).map(|node| (parent, node))
    }

    /// Asks every runtime type of an abstract node for a field: all of them must have it.
    fn explode(
        &mut self,
        node: NodeId,
        name: &str,
        contexts: &BTreeSet<ContextUseId>,
        budget: &mut Budget,
    ) -> Option<Clauses> {
        let graph = self.graph;
        let at = &graph.nodes[node];
        if at.interface_object
            || !graph.types[at.ty].fields.contains_key(name)
            || !graph.types[at.ty].is_abstract()
        {
            return None;
        }
        let mut clauses = Vec::new();
        for &case in &at.downcasts {
            clauses.extend(self.resolve(&[case], graph.nodes[case].ty, name, contexts, budget)?);
        }
        Some(clauses)
    }

    fn find_stands(&self, ty: TypeId, from: NodeId, budget: &mut Budget) -> Vec<Stand> {
        let graph = self.graph;
        let home = graph.nodes[from].subgraph;
        let mut found = vec![Stand { node: from, entered: false }];
        let mut seen = HashSet::from([from]);
        let mut at = 0;
        while let Some(&Stand { node, .. }) = found.get(at) {
            at += 1;
            for entry in &graph.type_of(node).entries {
                budget.spend(1);
                if entry.key.is_some_and(|key| !self.met(node, key)) {
                    continue;
                }
                budget.spend(entry.nodes.len());
                for &into in &entry.nodes {
                    // Coming home by a key is no news, except to `@requires`, which must not rely on it.
                    if graph.nodes[into].subgraph == home {
                        continue;
                    }
                    let Some(into) = self.as_value_of(ty, into) else { continue };
                    if seen.insert(into) {
                        found.push(Stand { node: into, entered: true });
                    }
                }
            }
        }
        found
    }

    /// An entered node as a value of `ty`: from an interface object one enters the interface first.
    fn as_value_of(&self, ty: TypeId, node: NodeId) -> Option<NodeId> {
        if self.graph.types[ty].is_abstract() {
            return Some(node);
        }
        self.graph.downcast(node, ty)
    }

    /// All pairs of node and field set that a key or a `@requires` asks about.
    fn conditions(&self) -> Vec<(NodeId, SelectionId)> {
        let mut pairs = Vec::new();
        for (id, node) in self.graph.nodes.iter() {
            let keys = self.graph.types[node.ty].entries.iter().filter_map(|entry| entry.key);
            let required = node.fields.values().filter_map(|edge| edge.requires);
            pairs.extend(keys.chain(required).map(|set| (id, set)));
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    fn find_resumable(&self) -> HashSet<NodeId> {
        let nodes = self.graph.nodes.iter();
        let resumable = nodes.filter(|(id, node)| node.keys.iter().any(|&key| self.holds_here(*id, key)));
        resumable.map(|(id, _)| id).collect()
    }

    /// Whether `node` resolves a selection without leaving its subgraph.
    fn holds_here(&self, node: NodeId, set: SelectionId) -> bool {
        self.graph.selections[set].items.iter().all(|item| match item {
            Selected::Field { name, selection, .. } => self.graph.edge(node, name).is_some_and(|edge| {
                let inside = edge.target.zip(*selection);
                edge.requires.is_none() && inside.is_none_or(|(target, set)| self.holds_here(target, set))
            }),
            Selected::On { ty, selection } => {
                let mut cases = self.graph.types[*ty].runtime.iter();
                cases.all(|&object| {
                    self.graph.downcast(node, object).is_none_or(|node| self.holds_here(node, *selection))
                })
            }
        })
    }
}

/// One way of `direct` will do, or all clauses of one of `exploded`: the same as a conjunction.
fn combine(direct: Vec<NodeId>, exploded: Vec<Clauses>) -> Clauses {
    let mut clauses = vec![direct];
    for alternative in exploded {
        if clauses.len() * alternative.len() > MOST_CLAUSES && clauses.iter().all(|clause| !clause.is_empty())
        {
            continue;
        }
        let mut next = Vec::with_capacity(clauses.len() * alternative.len());
        for clause in &clauses {
            for other in &alternative {
                let mut both: Vec<NodeId> = clause.iter().chain(other).copied().collect();
                both.sort_unstable();
                both.dedup();
                next.push(both);
            }
        }
        next.sort_unstable();
        next.dedup();
        clauses = next;
    }
    clauses
}
