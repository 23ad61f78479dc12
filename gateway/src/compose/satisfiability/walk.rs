//! The walk over the API schema, from every root and breadth first, so that examples are short.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::rc::Rc;

use apollo_compiler::Name;

use super::reach::{Reach, Stand};
use super::{Budget, Labels, Mismatch, Outcome, Unreachable, explain};
use crate::graph::{
    ContextUseId, Field, Graph, Kind, LabelId, NodeId, Operation, Selected, SubgraphId, TypeId,
};

/// How many labels a path keeps. When the graph has more, it keeps this many of those that conditions
/// depend on, and of the others only the last.
pub(super) const MOST_LABELS: usize = 4;

/// A type, where its value may stand, and how one got there.
pub(super) struct State {
    pub(super) ty: TypeId,
    pub(super) nodes: Vec<NodeId>,
    pub(super) settled: Settled,
    pub(super) contexts: BTreeSet<ContextUseId>,
    pub(super) from: Origin,
}

/// The labels that a path has settled, and in which order.
#[derive(Clone, Default)]
pub(super) struct Settled {
    pub(super) labels: Labels,
    order: Vec<LabelId>,
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
        relied_on: relied_on(graph),
        reaches: HashMap::new(),
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
            settled: Settled::default(),
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
    pub(super) settled: Settled,
    /// The context arguments that find their value above the field's value.
    below: BTreeSet<ContextUseId>,
}

struct Walk<'g> {
    graph: &'g Graph,
    /// The labels that conditions depend on.
    relied_on: BTreeSet<LabelId>,
    reaches: HashMap<Labels, Reach<'g>>,
    /// Per type and labels, where values stood in the states that were visited.
    visited: HashMap<(TypeId, Labels), Vec<Footing>>,
    open: VecDeque<Rc<State>>,
    unreachable: HashSet<(TypeId, Option<Name>)>,
    mismatched: HashSet<(TypeId, Name, bool)>,
    outcome: Outcome,
}

/// What decides a state's future: all that is possible from a smaller one is possible from a larger.
struct Footing {
    stands: Vec<(NodeId, bool)>,
    contexts: BTreeSet<ContextUseId>,
}

impl Footing {
    fn is_within(&self, other: &Self) -> bool {
        is_subset(&self.stands, &other.stands) && self.contexts.is_subset(&other.contexts)
    }
}

impl<'g> Walk<'g> {
    /// Queues a state unless one that can do no more was visited.
    fn visit(&mut self, mut state: State, budget: &mut Budget) {
        state.nodes.sort_unstable();
        state.nodes.dedup();
        let mut footing = Footing { stands: Vec::new(), contexts: state.contexts.clone() };
        let stands = self.stands(&state, &state.settled.labels, budget);
        let reach = self.reach(&state.settled.labels, budget);
        for stand in stands {
            // Whoever was led by a key can also do what one that was there from the start can.
            footing.stands.push((stand.node, false));
            if stand.entered || reach.is_as_good_as_entered(stand.node) {
                footing.stands.push((stand.node, true));
            }
        }
        footing.stands.sort_unstable();
        footing.stands.dedup();
        let visited = self.visited.entry((state.ty, state.settled.labels.clone())).or_default();
        budget.spend(2 * visited.len() + footing.stands.len());
        if visited.iter().any(|before| before.is_within(&footing)) {
            return;
        }
        visited.retain(|before| !footing.is_within(before));
        visited.push(footing);
        self.open.push_back(Rc::new(state));
    }

    /// Everywhere that a state's value can be asked. An abstract value is only asked for its type.
    fn stands(&mut self, state: &State, labels: &Labels, budget: &mut Budget) -> Vec<Stand> {
        if self.graph.types[state.ty].is_abstract() {
            return state.nodes.iter().map(|&node| Stand { node, entered: false }).collect();
        }
        let reach = self.reach(labels, budget);
        let mut stands = Vec::new();
        for &node in &state.nodes {
            stands.extend_from_slice(&reach.stands(state.ty, node, budget));
        }
        stands.sort_unstable();
        stands.dedup();
        stands
    }

    /// What can be reached under `labels`, of which only those that conditions rely on matter.
    fn reach(&mut self, labels: &Labels, budget: &mut Budget) -> &mut Reach<'g> {
        let mut relevant = labels.clone();
        relevant.retain(|label, _| self.relied_on.contains(label));
        let graph = self.graph;
        self.reaches.entry(relevant.clone()).or_insert_with(|| Reach::new(graph, relevant, budget))
    }

    /// The context arguments that find their value at a state or above it, for fields below it: the
    /// nearest value that sets a context hides those further up.
    fn contexts_below(&mut self, at: &State, budget: &mut Budget) -> BTreeSet<ContextUseId> {
        let set = &self.graph.types[at.ty].contexts;
        let mut contexts = at.contexts.clone();
        contexts.retain(|context| set.iter().all(|(hidden, _)| hidden != context));
        for &(context_use, selection) in set {
            let reach = self.reach(&at.settled.labels, budget);
            if selection.is_some_and(|set| reach.holds(&at.nodes, set, &at.contexts, budget)) {
                contexts.insert(context_use);
            }
        }
        contexts
    }

    fn leave_object(&mut self, at: &Rc<State>, budget: &mut Budget) {
        let graph = self.graph;
        let fields = &graph.types[at.ty].fields;
        let plain = self.stands(at, &at.settled.labels, budget);
        let below = self.contexts_below(at, budget);
        for (name, field) in fields.iter().filter(|(_, field)| field.public) {
            for settled in self.settle(&at.settled, field) {
                budget.spend(plain.len() + 1);
                if budget.is_spent() {
                    return;
                }
                let more = settled.labels.len() != at.settled.labels.len();
                let stands = if more { self.stands(at, &settled.labels, budget) } else { plain.clone() };
                self.take_field(at, Step { name, field, stands, settled, below: below.clone() }, budget);
            }
        }
    }

    /// Every way to settle the labels of a field that the path has not settled yet.
    fn settle(&self, before: &Settled, field: &Field) -> Vec<Settled> {
        let mut ways = vec![before.clone()];
        for &label in field.labels.iter().filter(|label| !before.labels.contains_key(label)).take(MOST_LABELS)
        {
            for mut way in std::mem::take(&mut ways) {
                way.order.push(label);
                way.labels.insert(label, false);
                ways.push(way.clone());
                way.labels.insert(label, true);
                ways.push(way);
            }
        }
        if self.graph.labels.len() > MOST_LABELS {
            for way in &mut ways {
                self.forget(way);
            }
        }
        ways
    }

    /// Forgets the labels that were settled earliest, so that they do not multiply the states.
    fn forget(&self, settled: &mut Settled) {
        let is_relied_on = |label: &LabelId| self.relied_on.contains(label);
        let (relied_on, others): (Vec<_>, Vec<_>) =
            settled.order.iter().partition(|label| is_relied_on(label));
        let forgotten = relied_on.len().saturating_sub(MOST_LABELS);
        let forgotten = relied_on.iter().take(forgotten).chain(others.iter().rev().skip(1));
        for label in forgotten {
            settled.labels.remove(label);
        }
        let Settled { labels, order } = settled;
        order.retain(|label| labels.contains_key(label));
    }

    fn take_field(&mut self, at: &Rc<State>, step: Step<'g>, budget: &mut Budget) {
        let graph = self.graph;
        let labels = &step.settled.labels;
        let reach = self.reach(labels, budget);
        let edges = step.stands.iter().filter_map(|&stand| Some((stand, graph.edge(stand.node, step.name)?)));
        let usable = edges.filter(|(stand, edge)| {
            edge.label.is_none_or(|(label, value)| labels.get(&label) == Some(&value))
                && reach.supports(*stand, edge, &at.contexts)
        });
        let usable: Vec<_> = usable.map(|(_, edge)| edge.target).collect();
        if usable.is_empty() {
            self.report_unreachable(at, &step, budget);
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

    fn report_unreachable(&mut self, at: &Rc<State>, step: &Step<'g>, budget: &mut Budget) {
        if !self.unreachable.insert((at.ty, Some(step.name.clone()))) {
            return;
        }
        let graph = self.graph;
        let reach = self.reach(&step.settled.labels, budget);
        let reasons = explain::reasons(graph, reach, at, step);
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
        let reach = self.reach(&at.settled.labels, budget);
        at.nodes.iter().any(|&node| {
            reach.stands(graph.nodes[node].ty, node, budget).iter().any(|stand| told(stand.node))
        })
    }
}

/// The labels of fields that keys, `@requires` and contexts select.
fn relied_on(graph: &Graph) -> BTreeSet<LabelId> {
    let items = graph.selections.iter().flat_map(|(_, selection)| &selection.items);
    let fields = items.filter_map(|item| match item {
        Selected::Field { parent, name, .. } => graph.types[*parent].fields.get(name),
        Selected::On { .. } => None,
    });
    fields.flat_map(|field| field.labels.iter().copied()).collect()
}

/// Whether all of `few` occur in `many`; both sorted.
fn is_subset<T: Ord>(few: &[T], many: &[T]) -> bool {
    let mut many = many.iter();
    few.iter().all(|wanted| many.find(|&found| found >= wanted) == Some(wanted))
}
