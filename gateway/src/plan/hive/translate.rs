//! Turns the planner crate's nodes into steps of our own; what the executor could not run faithfully is an error here.
use std::sync::Arc;

use hive_router_query_planner::{
    ast::{document::Document, selection_item::SelectionItem, selection_set::SelectionSet},
    planner::plan_nodes::{
        BatchFetchNode, ConditionNode, FetchNode, FetchNodePathSegment, FetchRewrite, FlattenNodePath,
        FlattenNodePathSegment, PlanNode,
    },
    state::supergraph_state,
};

use super::{Order, cut::Piece, entities::Asked, entry::SUBGRAPH, restore};
use crate::{
    plan::{
        PlanError,
        requires::{RequireField, RequireItem, Requires},
        schedule::Schedule,
        stand_ins::StandIns,
        steps::{
            Change, Condition, Fetch, FetchId, Output, Path, PathSegment, Rewrite, RewriteSegment, Route,
            Step, Target, TypeCondition, mark_shared,
        },
        types::TypeTable,
    },
    transport::OperationKind,
};

/// The steps of `pieces`, which run in the order given.
pub(super) fn translate(
    pieces: Vec<Piece>,
    order: &Order,
    types: &TypeTable,
    stand_ins: Option<&StandIns>,
) -> Result<Route, PlanError> {
    let mut translator = Translator { types, stand_ins, fetches: Vec::new(), base: Base::default() };
    let steps = pieces.into_iter().map(|piece| translator.piece(piece)).collect::<Result<Vec<_>, _>>()?;
    let step = match order {
        Order::Together => together(steps),
        Order::OneByOne => in_order(steps),
    };
    let mut fetches = translator.fetches;
    mark_shared(&mut fetches);
    Ok(Route { schedule: Schedule::new(&step), step, fetches })
}

fn together(steps: Vec<Step>) -> Step {
    one_of(steps).unwrap_or_else(Step::Parallel)
}

fn in_order(steps: Vec<Step>) -> Step {
    one_of(steps).unwrap_or_else(Step::Sequence)
}

/// The only step that does anything, or all that do.
fn one_of(steps: Vec<Step>) -> Result<Step, Vec<Step>> {
    let mut steps: Vec<Step> = steps.into_iter().filter(|step| !matches!(step, Step::Nothing)).collect();
    match steps.len() {
        0 => Ok(Step::Nothing),
        1 => Ok(steps.remove(0)),
        _ => Err(steps),
    }
}

pub(super) struct Translator<'a> {
    types: &'a TypeTable,
    pub(super) stand_ins: Option<&'a StandIns>,
    fetches: Vec<Fetch>,
    base: Base,
}

/// Where the objects are from which the nodes at hand were planned.
#[derive(Default)]
struct Base {
    path: Vec<PathSegment>,
    /// How many segments of the nodes' paths from the root the path stands for: none, or the field of an entry.
    stands_for: usize,
}

impl Translator<'_> {
    fn piece(&mut self, piece: Piece) -> Result<Step, PlanError> {
        match piece {
            Piece::FromRoot(path, node) => {
                self.base = Base { path, stands_for: 0 };
                self.step(node, &[])
            }
            Piece::FromEntities(path, node) => {
                self.base = Base { path, stands_for: 1 };
                self.sequence(node.flatten_sequence().into_iter().skip(1).collect(), &[])
            }
            Piece::InSteps(first, rest) => {
                let first = self.piece(*first)?;
                let rest = rest.into_iter().map(|piece| self.piece(piece)).collect::<Result<_, _>>()?;
                Ok(in_order(vec![first, together(rest)]))
            }
        }
    }

    fn sequence(&mut self, nodes: Vec<PlanNode>, at: &[PathSegment]) -> Result<Step, PlanError> {
        let steps = nodes.into_iter().map(|node| self.step(node, at)).collect::<Result<Vec<_>, _>>()?;
        Ok(in_order(steps))
    }

    fn step(&mut self, node: PlanNode, at: &[PathSegment]) -> Result<Step, PlanError> {
        match node {
            PlanNode::Sequence(node) => self.sequence(node.nodes, at),
            PlanNode::Parallel(node) => {
                let steps = node.nodes.into_iter().map(|node| self.step(node, at));
                Ok(Step::Parallel(steps.collect::<Result<_, _>>()?))
            }
            PlanNode::Fetch(node) => self.fetch(node, at),
            PlanNode::Subscription(node) => self.fetch(node.primary, at),
            PlanNode::BatchFetch(node) => self.batch(node),
            PlanNode::Flatten(node) => {
                let path: Vec<_> = at.iter().cloned().chain(self.path(&node.path, at.is_empty())).collect();
                self.step(*node.node, &path)
            }
            PlanNode::Condition(node) => self.condition(node, at),
            PlanNode::Defer(_) => {
                Err(PlanError::Impossible("the planner asks to defer, which is not supported".into()))
            }
        }
    }

    fn condition(&mut self, node: ConditionNode, at: &[PathSegment]) -> Result<Step, PlanError> {
        let mut steps = Vec::new();
        for (clause, negated) in [(node.if_clause, false), (node.else_clause, true)] {
            let Some(clause) = clause else { continue };
            let condition = Condition { variable: node.condition.as_str().into(), negated };
            steps.push(Step::When { condition, step: Box::new(self.step(*clause, at)?) });
        }
        Ok(if steps.len() == 1 { steps.remove(0) } else { Step::Parallel(steps) })
    }

    fn fetch(&mut self, node: FetchNode, at: &[PathSegment]) -> Result<Step, PlanError> {
        let from = if at.is_empty() { &*self.base.path } else { at };
        let path = Path { segments: from.to_vec(), ..Path::ROOT };
        let mut document = node.operation.document;
        let rewrites = node.output_rewrites.as_deref();
        let target = match &node.requires {
            Some(requires) => {
                let asked = Asked {
                    key: "_entities",
                    variable: "representations",
                    paths: vec![path],
                    requires,
                    input_rewrites: node.input_rewrites.as_deref(),
                    output_rewrites: rewrites,
                    subgraph: &node.service_name,
                };
                Target::Entities(self.entity_sets(&asked, &mut document)?)
            }
            None => {
                let output = self.output(&document, &document.operation.selection_set, rewrites);
                Target::Root { path, output }
            }
        };
        let variables = node.variable_usages.into_iter().flatten();
        self.push(&node.service_name, node.operation_kind.as_ref(), document, variables, target)
    }

    fn batch(&mut self, node: BatchFetchNode) -> Result<Step, PlanError> {
        let mut document = node.operation.document;
        let mut sets = Vec::new();
        for alias in &node.entity_batch.aliases {
            let asked = Asked {
                key: &alias.alias,
                variable: &alias.representations_variable_name,
                paths: alias
                    .merge_paths
                    .iter()
                    .map(|path| Path { segments: self.path(path, true), ..Path::ROOT })
                    .collect(),
                requires: &alias.requires,
                input_rewrites: alias.input_rewrites.as_deref(),
                output_rewrites: alias.output_rewrites.as_deref(),
                subgraph: &node.service_name,
            };
            sets.extend(self.entity_sets(&asked, &mut document)?);
        }
        let variables = node.variable_usages.into_iter().flatten();
        let kind = node.operation_kind.as_ref();
        self.push(&node.service_name, kind, document, variables, Target::Entities(sets))
    }

    fn push(
        &mut self,
        subgraph: &str,
        kind: Option<&supergraph_state::OperationKind>,
        mut document: Document,
        variables: impl IntoIterator<Item = String>,
        target: Target,
    ) -> Result<Step, PlanError> {
        if subgraph == SUBGRAPH {
            return Err(PlanError::Impossible("the plan comes back to where it began".into()));
        }
        let id = u16::try_from(self.fetches.len())
            .map_err(|_| PlanError::Impossible("the plan has too many fetches".into()))?;
        let representations: Vec<&str> = match &target {
            Target::Root { .. } => Vec::new(),
            Target::Entities(sets) => sets.iter().map(|set| &*set.variable).collect(),
        };
        let variables = variables.into_iter().filter(|name| !representations.contains(&name.as_str()));
        let variables = variables.map(Into::into).collect();
        if let Some(stand_ins) = self.stand_ins {
            restore::put_back(stand_ins, &mut document);
        }
        self.fetches.push(Fetch {
            subgraph: subgraph.into(),
            kind: match kind {
                None | Some(supergraph_state::OperationKind::Query) => OperationKind::Query,
                Some(supergraph_state::OperationKind::Mutation) => OperationKind::Mutation,
                Some(supergraph_state::OperationKind::Subscription) => OperationKind::Subscription,
            },
            query: Arc::from(document.to_string().trim_end()),
            variables,
            target,
        });
        Ok(Step::Fetch(FetchId(id)))
    }

    /// `path`, which may be from the root, as a path of the whole answer.
    fn path(&self, path: &FlattenNodePath, from_root: bool) -> Vec<PathSegment> {
        let segments = path.as_slice().iter().map(|segment| match segment {
            FlattenNodePathSegment::Field(key) => PathSegment::Field(key.as_str().into()),
            FlattenNodePathSegment::List => PathSegment::Items,
            FlattenNodePathSegment::TypeCondition(names) => PathSegment::OnType(self.on_type(names)),
        });
        if from_root {
            self.base.path.iter().cloned().chain(segments.skip(self.base.stands_for)).collect()
        } else {
            segments.collect()
        }
    }

    fn on_type<'b>(&self, names: impl IntoIterator<Item = &'b String> + Clone) -> TypeCondition {
        TypeCondition {
            names: names.clone().into_iter().map(|name| name.as_str().into()).collect(),
            set: self.types.satisfying(names.into_iter().map(String::as_str)),
        }
    }

    pub(super) fn requires(
        &self,
        set: &SelectionSet,
        rewrites: Option<&[FetchRewrite]>,
        subgraph: &str,
    ) -> Requires {
        let mut requires = Requires(self.require_items(set, subgraph));
        for rewrite in rewrites.into_iter().flatten() {
            requires.rewrite(&self.rewrite(rewrite));
        }
        if let Some(stand_ins) = self.stand_ins {
            restore::name_fields(stand_ins, &mut requires);
        }
        requires
    }

    fn require_items(&self, set: &SelectionSet, subgraph: &str) -> Vec<RequireItem> {
        let item = |item: &SelectionItem| match item {
            SelectionItem::Field(field) => Some(RequireItem::Field(RequireField {
                read: field.name.as_str().into(),
                write: field.selection_identifier().into(),
                items: self.require_items(&field.selections, subgraph),
                is_key: self.types.is_key(subgraph, field.selection_identifier()),
                changes: Vec::new(),
            })),
            SelectionItem::InlineFragment(fragment) => Some(RequireItem::OnType {
                condition: self.on_type(std::slice::from_ref(&fragment.type_condition)),
                also: None,
                items: self.require_items(&fragment.selections, subgraph),
            }),
            // Only documents are minified; a requirement has no fragments to spread.
            SelectionItem::FragmentSpread(_) => None,
        };
        set.items.iter().filter_map(item).collect()
    }

    pub(super) fn output(
        &self,
        document: &Document,
        set: &SelectionSet,
        rewrites: Option<&[FetchRewrite]>,
    ) -> Output {
        let mut keys = Vec::new();
        add_keys(document, set, &mut keys);
        let rewrites: Vec<_> = rewrites.into_iter().flatten().map(|rewrite| self.rewrite(rewrite)).collect();
        for rewrite in &rewrites {
            if let (Some(RewriteSegment::Key(from)), Change::RenameKey(to)) =
                (rewrite.path.last(), &rewrite.change)
            {
                keys.iter_mut().filter(|key| *key == from).for_each(|key| key.clone_from(to));
            }
        }
        keys.sort();
        keys.dedup();
        Output { keys, rewrites }
    }

    fn rewrite(&self, rewrite: &FetchRewrite) -> Rewrite {
        let (path, change) = match rewrite {
            FetchRewrite::KeyRenamer(it) => (&it.path, Change::RenameKey(it.rename_key_to.as_str().into())),
            FetchRewrite::ValueSetter(it) => (&it.path, Change::SetString(it.set_value_to.as_str().into())),
        };
        let path = path.iter().map(|segment| match segment {
            FetchNodePathSegment::Key(key) => RewriteSegment::Key(key.as_str().into()),
            FetchNodePathSegment::TypenameEquals(names) => RewriteSegment::OnType(self.on_type(names)),
        });
        Rewrite { path: path.collect(), change }
    }
}

/// Collects the response keys of `set`, through its fragments.
fn add_keys(document: &Document, set: &SelectionSet, keys: &mut Vec<Box<str>>) {
    for item in &set.items {
        match item {
            SelectionItem::Field(field) => keys.push(field.selection_identifier().into()),
            SelectionItem::InlineFragment(fragment) => add_keys(document, &fragment.selections, keys),
            SelectionItem::FragmentSpread(name) => {
                if let Some(fragment) = document.fragments.iter().find(|fragment| fragment.name == *name) {
                    add_keys(document, &fragment.selection_set, keys);
                }
            }
        }
    }
}
