//! Sentences about who says what, which many rules need.

use itertools::Itertools;

use crate::compose::subgraph::Subgraph;

/// Groups what subgraphs say: `` `Int` in a, c but `String` in b ``. In the order in which values come.
pub(crate) fn by_value<'a>(said: impl IntoIterator<Item = (String, &'a Subgraph)>) -> String {
    let mut groups: Vec<(String, Vec<&Subgraph>)> = Vec::new();
    for (value, subgraph) in said {
        match groups.iter_mut().find(|(known, _)| *known == value) {
            Some((_, subgraphs)) => subgraphs.push(subgraph),
            None => groups.push((value, vec![subgraph])),
        }
    }
    groups.into_iter().map(|(value, subgraphs)| format!("{value} in {}", list(subgraphs))).join(" but ")
}

/// The names of subgraphs: `a, b and c`.
pub(crate) fn list<'a>(subgraphs: impl IntoIterator<Item = &'a Subgraph>) -> String {
    let names: Vec<&str> = subgraphs.into_iter().map(|subgraph| &*subgraph.name).collect();
    match names.as_slice() {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        names => names.concat(),
    }
}
