//! Puts into words how a client gets to a field and why no subgraph can go on from there.

use apollo_compiler::Name;

use super::reach::{Reach, Stand};
use super::walk::{Origin, State, Step};
use crate::graph::{Bar, Graph, Node, NodeId, Operation, Selected, SelectionId, TypeId};

/// An operation that leads to `state`, and to `field` of it.
pub(super) fn operation(graph: &Graph, state: &State, field: Option<&Name>) -> String {
    let mut path = Vec::new();
    if let Some(field) = field {
        path.push(written_field(graph, state.ty, field));
    } else {
        path.push("__typename".to_owned());
    }
    let mut at = state;
    let operation = loop {
        match &at.from {
            Origin::Root(operation) => break *operation,
            Origin::Field { parent, name } => {
                path.push(written_field(graph, parent.ty, name));
                at = parent;
            }
            Origin::Downcast { parent } => {
                path.push(format!("... on {}", graph.types[at.ty].name));
                at = parent;
            }
        }
    };
    let keyword = match operation {
        Operation::Query => String::new(),
        Operation::Mutation | Operation::Subscription => format!("{operation} "),
    };
    let depth = path.len();
    path.reverse();
    format!("{keyword}{{ {}{}", path.join(" { "), " }".repeat(depth))
}

fn written_field(graph: &Graph, ty: TypeId, name: &Name) -> String {
    let required = graph.types[ty].fields.get(name).map(|field| field.required_arguments.as_slice());
    let arguments: Vec<String> =
        required.unwrap_or_default().iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if arguments.is_empty() { name.to_string() } else { format!("{name}({})", arguments.join(", ")) }
}

/// The first subgraph that resolves the field, or else that declares it.
pub(super) fn declared_in(graph: &Graph, ty: TypeId, field: &Name) -> Option<String> {
    let nodes = || holders(graph, ty);
    let resolves = nodes().find(|&node| graph.nodes[node].fields.contains_key(field));
    let declares = || nodes().find(|&node| graph.nodes[node].barred.contains_key(field));
    resolves.or_else(declares).map(|node| graph.subgraph_of(node).to_owned())
}

/// Why the field of `step` cannot be resolved anywhere: a sentence for each subgraph where the value
/// can be asked, and for each that has the field and cannot be entered.
pub(super) fn reasons(graph: &Graph, reach: &Reach<'_>, state: &State, step: &Step<'_>) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    for &stand in &step.stands {
        reasons.push(why_not_here(graph, reach, state, step, stand));
    }
    let here =
        |node: NodeId| step.stands.iter().any(|s| graph.nodes[s.node].subgraph == graph.nodes[node].subgraph);
    for node in holders(graph, state.ty) {
        if !here(node) && graph.nodes[node].fields.contains_key(step.name) {
            reasons.push(why_not_there(graph, state, step, node));
        }
    }
    let mut known = std::collections::HashSet::new();
    reasons.retain(|reason| known.insert(reason.clone()));
    reasons
}

/// Why nobody can say which type the interface objects of `state` have.
pub(super) fn nameless(graph: &Graph, state: &State) -> Vec<String> {
    let interface = &graph.types[state.ty].name;
    let mut reasons: Vec<String> = Vec::new();
    for &node in &state.nodes {
        reasons.push(format!(
            "{} has `{interface}` as an interface object, and none of its keys leads to a subgraph that has \
             it as an interface",
            graph.subgraph_of(node)
        ));
    }
    reasons.dedup();
    reasons
}

/// The nodes that could have a field of an object type: its own, and the interface objects it is in.
fn holders(graph: &Graph, ty: TypeId) -> impl Iterator<Item = NodeId> {
    let interfaces = graph.types[ty].interfaces.iter();
    let objects = interfaces
        .flat_map(|&interface| graph.types[interface].nodes.iter().copied())
        .filter(|&node| graph.nodes[node].interface_object);
    graph.types[ty].nodes.iter().copied().chain(objects)
}

fn why_not_here(graph: &Graph, reach: &Reach<'_>, state: &State, step: &Step<'_>, stand: Stand) -> String {
    let node: &Node = &graph.nodes[stand.node];
    let subgraph = graph.subgraph_of(stand.node);
    let field = format!("`{}.{}`", graph.types[node.ty].name, step.name);
    match node.barred.get(step.name) {
        Some(Bar::External) => return format!("{subgraph} has {field} as `@external` only"),
        Some(Bar::Overridden) => return format!("{field} of {subgraph} is overridden by another subgraph"),
        None => {}
    }
    let Some(edge) = node.fields.get(step.name) else {
        return format!("{subgraph} does not have {field}");
    };
    if let Some((label, value)) = edge.label.filter(|(label, value)| step.settled.get(label) != Some(value)) {
        return format!(
            "{subgraph} resolves {field} only while the label \"{}\" is {value}",
            graph.labels[label]
        );
    }
    if let Some(&missing) = edge.contexts.iter().find(|&context| !state.contexts.contains(context)) {
        let context = &graph.context_uses[missing].context;
        let name = context.split_once("__").map_or(context.as_str(), |(_, name)| name);
        return format!("{subgraph} needs the context `{name}` for {field}, and nothing on the way gives it");
    }
    let Some(requires) = edge.requires else {
        return format!("{subgraph} does not resolve {field}");
    };
    let needed = graph.written(requires);
    if reach.met(stand.node, requires) {
        format!(
            "{subgraph} needs \"{needed}\" for {field} and has no key of its own by which it could be \
             asked again once that is fetched"
        )
    } else if let Some(moving) = moving(graph, requires) {
        format!(
            "{subgraph} needs \"{needed}\" for {field}, and `{moving}` is moving under a label, so that neither \
             side can be relied on"
        )
    } else {
        format!("{subgraph} needs \"{needed}\" for {field}, which cannot be resolved from there")
    }
}

/// The first field of a selection that a progressive `@override` is moving.
fn moving(graph: &Graph, selection: SelectionId) -> Option<String> {
    graph.selections[selection].items.iter().find_map(|item| match item {
        Selected::Field { parent, name, selection } => {
            let parent = &graph.types[*parent];
            match parent.fields.get(name) {
                Some(field) if !field.labels.is_empty() => Some(format!("{}.{name}", parent.name)),
                _ => selection.and_then(|below| moving(graph, below)),
            }
        }
        Selected::On { selection, .. } => moving(graph, *selection),
    })
}

fn why_not_there(graph: &Graph, state: &State, step: &Step<'_>, target: NodeId) -> String {
    let node = &graph.nodes[target];
    let (ty, subgraph) = (&graph.types[node.ty].name, graph.subgraph_of(target));
    let has = format!("{subgraph} has `{ty}.{}`", step.name);
    let entries = graph.types[state.ty].entries.iter();
    let keys: Vec<String> = entries
        .filter(|entry| entry.nodes.contains(&target))
        .filter_map(|entry| entry.key)
        .map(|key| format!("\"{}\"", graph.written(key)))
        .collect();
    if !keys.is_empty() {
        let from: Vec<&str> = standing(graph, step);
        return format!(
            "{has}, but {} cannot be resolved from {}, and so its key cannot be used",
            keys.join(" or "),
            from.join(" or ")
        );
    }
    if node.keys.is_empty() {
        format!("{has}, but `{ty}` has no `@key` there")
    } else {
        format!("{has}, but no `@key` of `{ty}` is resolvable there")
    }
}

fn standing<'g>(graph: &'g Graph, step: &Step<'_>) -> Vec<&'g str> {
    let mut names: Vec<&str> = step.stands.iter().map(|stand| graph.subgraph_of(stand.node)).collect();
    names.dedup();
    names
}
