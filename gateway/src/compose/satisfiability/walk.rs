//! The walk over the API schema, from every root and breadth first, so that examples are short.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::rc::Rc;

use apollo_compiler::Name;

use super::reach::{Reach, Stand};
use super::{Budget, Labels, Mismatch, Outcome, Unreachable, explain};
use crate::graph::{ContextUseId, Field, Graph, Kind, NodeId, Operation, SubgraphId, TypeId};

/// How many labels of one field are followed both ways. Of a field that more overrides move at a time, what the
/// others decide cannot be relied on.
pub(super) const MOST_LABELS_OF_A_FIELD: usize = 8;

/// A type, where its value may stand, and how one got there.
pub(super) struct State {
    pub(super) ty: TypeId,
    pub(super) nodes: Vec<NodeId>,
    pub(super) settled: Labels,
    pub(super) contexts: BTreeSet<ContextUseId>,
    pub(super) from: Origin,
}

/// How a state was reached.
pub(super) enum Origin {
    Root(Operation),
    Field { parent: Rc<State>, name: Name },
    Downcast { parent: Rc<State> },
}

/// Walks `graph` until nothing new is found or the budget is spent.
pub(super) fn walk(graph: &Graph, budget: &mut Budget) -> Outcome {
    let mut walk = Walk {
        graph,
        reach: Reach::new(graph, budget),
        visited: HashMap::new(),
        open: VecDeque::new(),
        unreachable: HashSet::new(),
        mismatched: HashSet::new(),
        outcome: Outcome::default(),
    };
    for root in &graph.roots {
        let state = State {
            ty: root.ty,
            nodes: graph.types[root.ty].nodes.clone(),
            settled: Labels::new(),
            contexts: BTreeSet::new(),
            from: Origin::Root(root.operation),
        };
        walk.visit(state, budget);
    }
    while let Some(at) = walk.open.pop_front() {
        if budget.is_spent() {
            break;
        }
        match graph.types[at.ty].kind {
            Kind::Object => walk.leave_object(&at, budget),
            Kind::Interface | Kind::Union => walk.leave_abstract(&at, budget),
            Kind::Leaf => {}
        }
    }
    walk.outcome.exhausted = budget.is_spent();
    walk.outcome
}

/// A field about to be taken.
pub(super) struct Step<'g> {
    pub(super) name: &'g Name,
    pub(super) field: &'g Field,
    /// Where its parent can be asked.
    pub(super) stands: Vec<Stand>,
    pub(super) settled: Labels,
    /// The context arguments that find their value above the field's value.
    below: BTreeSet<ContextUseId>,
}

struct Walk<'g> {
    graph: &'g Graph,
    reach: Reach<'g>,
    /// Per type, what decided the futures of the states that were visited.
    visited: HashMap<TypeId, Vec<Footing>>,
    open: VecDeque<Rc<State>>,
    unreachable: HashSet<(TypeId, Option<Name>)>,
    mismatched: HashSet<(TypeId, Name, bool)>,
    outcome: Outcome,
}

/// What decides a state's future: all that is possible from a smaller one is possible from a larger.
struct Footing {
    stands: Vec<(NodeId, bool)>,
    contexts: BTreeSet<ContextUseId>,
    /// Fewer are smaller: a label that is not settled yet will be followed both ways.
    settled: Labels,
}

impl Footing {
    fn is_within(&self, other: &Self) -> bool {
        is_subset(&self.stands, &other.stands)
            && self.contexts.is_subset(&other.contexts)
            && self.settled.iter().all(|(label, value)| other.settled.get(label) == Some(value))
    }
}

impl<'g> Walk<'g> {
    /// Queues a state unless one that can do no more was visited.
    fn visit(&mut self, mut state: State, budget: &mut Budget) {
        state.nodes.sort_unstable();
        state.nodes.dedup();
        let (contexts, settled) = (state.contexts.clone(), state.settled.clone());
        let mut footing = Footing { stands: Vec::new(), contexts, settled };
        for stand in self.stands(&state, budget) {
            // Whoever was led by a key can also do what one that was there from the start can.
            footing.stands.push((stand.node, false));
            if stand.entered || self.reach.is_as_good_as_entered(stand.node) {
                footing.stands.push((stand.node, true));
            }
        }
        footing.stands.sort_unstable();
        footing.stands.dedup();
        let visited = self.visited.entry(state.ty).or_default();
        budget.spend(2 * visited.len() + footing.stands.len());
        if visited.iter().any(|before| before.is_within(&footing)) {
            return;
        }
        visited.retain(|before| !footing.is_within(before));
        visited.push(footing);
        self.open.push_back(Rc::new(state));
    }

    /// Everywhere that a state's value can be asked. An abstract value is only asked for its type.
    fn stands(&mut self, state: &State, budget: &mut Budget) -> Vec<Stand> {
        if self.graph.types[state.ty].is_abstract() {
            return state.nodes.iter().map(|&node| Stand { node, entered: false }).collect();
        }
        let mut stands = Vec::new();
        for &node in &state.nodes {
            stands.extend_from_slice(&self.reach.stands(state.ty, node, budget));
        }
        stands.sort_unstable();
        stands.dedup();
        stands
    }

    /// The context arguments that find their value at a state or above it, for fields below it: the
    /// nearest value that sets a context hides those further up.
    fn contexts_below(&mut self, at: &State, budget: &mut Budget) -> BTreeSet<ContextUseId> {
        let set = &self.graph.types[at.ty].contexts;
        let mut contexts = at.contexts.clone();
        contexts.retain(|context| set.iter().all(|(hidden, _)| hidden != context));
        for &(context_use, selection) in set {
            if selection.is_some_and(|set| self.reach.holds(&at.nodes, set, &at.contexts, budget)) {
                contexts.insert(context_use);
            }
        }
        contexts
    }

    fn leave_object(&mut self, at: &Rc<State>, budget: &mut Budget) {
        let graph = self.graph;
        let fields = &graph.types[at.ty].fields;
        let stands = self.stands(at, budget);
        let below = self.contexts_below(at, budget);
        for (name, field) in fields.iter().filter(|(_, field)| field.public) {
            for settled in settle(&at.settled, field) {
                budget.spend(stands.len() + 1);
                if budget.is_spent() {
                    return;
                }
                let (stands, below) = (stands.clone(), below.clone());
                self.take_field(at, Step { name, field, stands, settled, below }, budget);
            }
        }
    }

    fn take_field(&mut self, at: &Rc<State>, step: Step<'g>, budget: &mut Budget) {
        let graph = self.graph;
        let labels = &step.settled;
        let edges = step.stands.iter().filter_map(|&stand| Some((stand, graph.edge(stand.node, step.name)?)));
        let usable = edges.filter(|(stand, edge)| {
            edge.label.is_none_or(|(label, value)| labels.get(&label) == Some(&value))
                && self.reach.supports(*stand, edge, &at.contexts)
        });
        let usable: Vec<_> = usable.map(|(_, edge)| edge.target).collect();
        if usable.is_empty() {
            self.report_unreachable(at, &step);
            return;
        }
        let nodes: Vec<NodeId> = usable.into_iter().flatten().collect();
        if nodes.is_empty() {
            return;
        }
        self.compare_runtime(at, &step, &nodes);
        let state = State {
            ty: step.field.ty,
            nodes,
            settled: step.settled,
            contexts: step.below,
            from: Origin::Field { parent: Rc::clone(at), name: step.name.clone() },
        };
        self.visit(state, budget);
    }

    fn report_unreachable(&mut self, at: &Rc<State>, step: &Step<'g>) {
        if !self.unreachable.insert((at.ty, Some(step.name.clone()))) {
            return;
        }
        let graph = self.graph;
        let reasons = explain::reasons(graph, &self.reach, at, step);
        self.outcome.unreachable.push(Unreachable {
            type_name: graph.types[at.ty].name.to_string(),
            field: Some(step.name.to_string()),
            declared_in: explain::declared_in(graph, at.ty, step.name),
            operation: explain::operation(graph, at, Some(step.name)),
            reasons,
        });
    }

    /// Compares which runtime types the subgraphs give to the value of a field that several resolve.
    fn compare_runtime(&mut self, at: &Rc<State>, step: &Step<'g>, nodes: &[NodeId]) {
        let graph = self.graph;
        let returned = &graph.types[step.field.ty];
        if !returned.is_abstract() || nodes.len() < 2 {
            return;
        }
        let mut runtime: BTreeMap<SubgraphId, BTreeSet<TypeId>> = BTreeMap::new();
        for &node in nodes {
            let types = graph.runtime_types(node).filter(|&object| graph.types[object].public);
            runtime.entry(graph.nodes[node].subgraph).or_default().extend(types);
        }
        let mut sets = runtime.values();
        let Some(first) = sets.next() else { return };
        if sets.all(|set| set == first) {
            return;
        }
        let common = runtime.values().fold(first.clone(), |common, set| &common & set);
        let disjoint = common.is_empty();
        if !self.mismatched.insert((at.ty, step.name.clone(), disjoint)) {
            return;
        }
        let names = |set: &BTreeSet<TypeId>| set.iter().map(|&ty| graph.types[ty].name.to_string()).collect();
        self.outcome.mismatches.push(Mismatch {
            type_name: graph.types[at.ty].name.to_string(),
            field: step.name.to_string(),
            returns: returned.name.to_string(),
            runtime: runtime
                .iter()
                .map(|(&subgraph, set)| (graph.subgraphs[subgraph].name.clone(), names(set)))
                .collect(),
            disjoint,
            operation: explain::operation(graph, at, Some(step.name)),
        });
    }

    /// Goes on with every runtime type that a value can have somewhere.
    fn leave_abstract(&mut self, at: &Rc<State>, budget: &mut Budget) {
        let graph = self.graph;
        if !self.tells_its_type(at, budget) {
            if self.unreachable.insert((at.ty, None)) {
                self.outcome.unreachable.push(Unreachable {
                    type_name: graph.types[at.ty].name.to_string(),
                    field: None,
                    declared_in: None,
                    operation: explain::operation(graph, at, None),
                    reasons: explain::nameless(graph, at),
                });
            }
            return;
        }
        for &object in graph.types[at.ty].runtime.iter().filter(|&&object| graph.types[object].public) {
            let nodes: Vec<NodeId> =
                at.nodes.iter().filter_map(|&node| graph.downcast(node, object)).collect();
            if nodes.is_empty() {
                continue;
            }
            let state = State {
                ty: object,
                nodes,
                settled: at.settled.clone(),
                contexts: at.contexts.clone(),
                from: Origin::Downcast { parent: Rc::clone(at) },
            };
            self.visit(state, budget);
        }
    }

    /// Whether some subgraph can say which type a value really has: one that has only an interface
    /// object cannot.
    fn tells_its_type(&mut self, at: &State, budget: &mut Budget) -> bool {
        let graph = self.graph;
        let told = |node: NodeId| !graph.nodes[node].interface_object;
        // What has no objects has no values.
        if graph.types[at.ty].runtime.is_empty() {
            return true;
        }
        if at.nodes.iter().any(|&node| told(node)) {
            return true;
        }
        let reach = &mut self.reach;
        at.nodes.iter().any(|&node| {
            reach.stands(graph.nodes[node].ty, node, budget).iter().any(|stand| told(stand.node))
        })
    }
}

/// Every way to settle the labels of a field that the path has not settled yet.
fn settle(before: &Labels, field: &Field) -> Vec<Labels> {
    let mut ways = vec![before.clone()];
    let open = field.labels.iter().filter(|label| !before.contains_key(label));
    for &label in open.take(MOST_LABELS_OF_A_FIELD) {
        for way in std::mem::take(&mut ways) {
            for value in [false, true] {
                let mut way = way.clone();
                way.insert(label, value);
                ways.push(way);
            }
        }
    }
    ways
}

/// Whether all of `few` occur in `many`; both sorted.
fn is_subset<T: Ord>(few: &[T], many: &[T]) -> bool {
    let mut many = many.iter();
    few.iter().all(|wanted| many.find(|&found| found >= wanted) == Some(wanted))
}
