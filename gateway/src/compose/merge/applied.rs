//! Directives applied to an element in several subgraphs become those of the merged element.

use std::collections::BTreeMap;

use apollo_compiler::ast::{Argument, Directive, Value};
use apollo_compiler::collections::IndexSet;
use apollo_compiler::{Name, Node};

use super::model::ComposedDirective;
use super::scopes;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::names;

/// How the applications of one directive in several subgraphs merge. Applications that are equal are one
/// application in every strategy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Strategy {
    /// Every distinct application.
    Union,
    /// The application that most subgraphs have; among equals the first.
    MostCommon,
    /// One application whose argument is the conjunction of all, each a disjunction of conjunctions:
    /// whoever asks must satisfy every subgraph.
    Conjunction(&'static str),
    /// One application with the greatest weight.
    GreatestWeight,
    /// One application that allows what the most generous subgraph allows.
    ListSize,
}

/// The directives that reach the supergraph, by the name under which subgraphs apply them, and how they
/// merge.
#[derive(Debug)]
pub(crate) struct Carried {
    strategies: BTreeMap<Name, Strategy>,
    /// Of composed directives, the subgraphs that ask for them: the same name elsewhere is another matter.
    composing: BTreeMap<Name, IndexSet<String>>,
}

/// What merges without `@composeDirective`.
const STANDARD: &[(&str, Strategy)] = &[
    (names::TAG, Strategy::Union),
    (names::INACCESSIBLE, Strategy::Union),
    (names::AUTHENTICATED, Strategy::Union),
    (names::REQUIRES_SCOPES, Strategy::Conjunction("scopes")),
    (names::POLICY, Strategy::Conjunction("policies")),
    (names::COST, Strategy::GreatestWeight),
    (names::LIST_SIZE, Strategy::ListSize),
    ("deprecated", Strategy::MostCommon),
    ("specifiedBy", Strategy::MostCommon),
    ("oneOf", Strategy::Union),
];

impl Carried {
    /// The standard directives, and the composed ones.
    pub(super) fn new(composed: &[ComposedDirective<'_>]) -> Self {
        let mut strategies: BTreeMap<Name, Strategy> =
            STANDARD.iter().map(|(name, strategy)| (Name::new_unchecked(name), *strategy)).collect();
        let mut composing = BTreeMap::new();
        for directive in composed {
            let strategy =
                if directive.definition.node.repeatable { Strategy::Union } else { Strategy::MostCommon };
            strategies.insert(directive.name.clone(), strategy);
            composing.insert(directive.name.clone(), directive.subgraphs.clone());
        }
        Self { strategies, composing }
    }

    /// Whether the directive, applied in that subgraph, reaches the supergraph.
    pub(crate) fn takes(&self, directive: &str, subgraph: &Subgraph) -> bool {
        self.strategies.contains_key(directive)
            && self.composing.get(directive).is_none_or(|subgraphs| subgraphs.contains(&*subgraph.name))
    }

    /// Whether the directive reaches the supergraph because of a `@composeDirective`.
    pub(crate) fn is_composed(&self, directive: &str) -> bool {
        self.composing.contains_key(directive)
    }

    /// What of a subgraph's applications reaches the supergraph.
    pub(crate) fn of<'d>(
        &self,
        subgraph: &Subgraph,
        applied: impl IntoIterator<Item = &'d Node<Directive>>,
    ) -> Vec<Node<Directive>> {
        applied.into_iter().filter(|directive| self.takes(&directive.name, subgraph)).cloned().collect()
    }

    /// How applications of a directive merge; `None` when they do not reach the supergraph.
    pub(crate) fn strategy(&self, directive: &str) -> Option<Strategy> {
        self.strategies.get(directive).copied()
    }

    /// Merges what each subgraph applied, in the order of subgraphs. The result is in the order in which
    /// directives were first met.
    pub(super) fn merge(&self, applications: &[Vec<Node<Directive>>]) -> Vec<Node<Directive>> {
        let met: IndexSet<&Name> = applications.iter().flatten().map(|directive| &directive.name).collect();
        let mut merged = Vec::new();
        for name in met {
            let Some(strategy) = self.strategy(name) else { continue };
            let of_name: Vec<&Node<Directive>> =
                applications.iter().flatten().filter(|directive| directive.name == *name).collect();
            let kept = merge_one(strategy, &of_name);
            merged.extend(
                kept.into_iter().map(|arguments| Node::new(Directive { name: name.clone(), arguments })),
            );
        }
        merged
    }
}

type Arguments = Vec<Node<Argument>>;

fn merge_one(strategy: Strategy, applications: &[&Node<Directive>]) -> Vec<Arguments> {
    let distinct = distinct(applications);
    if distinct.len() < 2 {
        return distinct.into_iter().map(|(arguments, _)| arguments.clone()).collect();
    }
    match strategy {
        Strategy::Union => distinct.into_iter().map(|(arguments, _)| arguments.clone()).collect(),
        Strategy::MostCommon => {
            let most = distinct.iter().map(|(_, count)| *count).max();
            let first = distinct.into_iter().find(|(_, count)| Some(*count) == most);
            first.into_iter().map(|(arguments, _)| arguments.clone()).collect()
        }
        Strategy::Conjunction(argument) => {
            let values: Vec<&Value> = values_of(applications, argument).collect();
            vec![vec![argument_node(argument, scopes::conjunction(&values))]]
        }
        Strategy::GreatestWeight => {
            let heaviest = values_of(applications, "weight").max_by_key(|weight| int(weight)).cloned();
            vec![heaviest.map(|weight| argument_node("weight", weight)).into_iter().collect()]
        }
        Strategy::ListSize => vec![list_size(applications)],
    }
}

/// Applications that differ, with how often each was met. The order of arguments makes no difference.
fn distinct<'d>(applications: &[&'d Node<Directive>]) -> Vec<(&'d Arguments, usize)> {
    let mut distinct: Vec<(&Arguments, usize)> = Vec::new();
    for application in applications {
        match distinct.iter_mut().find(|(known, _)| same_arguments(known, &application.arguments)) {
            Some((_, count)) => *count += 1,
            None => distinct.push((&application.arguments, 1)),
        }
    }
    distinct
}

/// Whether both pass the same values, whatever their order.
pub(crate) fn same_arguments(a: &[Node<Argument>], b: &[Node<Argument>]) -> bool {
    a.len() == b.len()
        && a.iter().all(|argument| {
            b.iter().any(|other| {
                other.name == argument.name && super::values::same(&other.value, &argument.value)
            })
        })
}

fn values_of<'d>(applications: &[&'d Node<Directive>], argument: &str) -> impl Iterator<Item = &'d Value> {
    applications.iter().filter_map(move |directive| {
        directive.arguments.iter().find(|a| a.name == argument).map(|a| &*a.value)
    })
}

fn list_size(applications: &[&Node<Directive>]) -> Arguments {
    let mut arguments = Vec::new();
    if let Some(size) = values_of(applications, "assumedSize").max_by_key(|size| int(size)) {
        arguments.push(argument_node("assumedSize", size.clone()));
    }
    for name in ["slicingArguments", "sizedFields"] {
        let mut union: Vec<Node<Value>> = Vec::new();
        let lists: Vec<&[Node<Value>]> = values_of(applications, name).filter_map(Value::as_list).collect();
        for item in lists.iter().copied().flatten() {
            if !union.contains(item) {
                union.push(item.clone());
            }
        }
        if !lists.is_empty() {
            arguments.push(argument_node(name, Value::List(union)));
        }
    }
    let mut requirements =
        values_of(applications, "requireOneSlicingArgument").filter_map(Value::to_bool).peekable();
    if requirements.peek().is_some() {
        let all = requirements.all(|required| required);
        arguments.push(argument_node("requireOneSlicingArgument", Value::Boolean(all)));
    }
    arguments
}

fn int(value: &Value) -> Option<i32> {
    value.to_i32()
}

fn argument_node(name: &str, value: Value) -> Node<Argument> {
    Node::new(Argument { name: Name::new_unchecked(name), value: Node::new(value) })
}
