//! Plans in steps what the planner crate cannot plan at once: up to some objects first, then on from each.
//!
//! It refuses, among others, a field with `@requires` of an entity that lies within another entity of its own type; what
//! lies on the two sides of the inner entity it can plan. So too with the query root where a field leads back to it, as
//! in the answer of a mutation: what is asked there is an operation of its own.
use std::collections::BTreeMap;

use apollo_compiler::Schema;
use hive_router_query_planner::{
    ast::{
        document::Document,
        operation::{OperationDefinition, VariableDefinition},
        selection_item::SelectionItem,
        selection_set::{FieldSelection, SelectionSet},
    },
    planner::plan_nodes::PlanNode,
    state::supergraph_state::OperationKind,
};

use super::{
    Attempt, Failed, Hive,
    entry::{Entries, SUBGRAPH, entries},
};
use crate::plan::steps::{PathSegment, TypeCondition};

/// The planner for what begins at an entity.
pub(super) struct Cutter {
    hive: Hive,
    /// The root field that stands for each entity.
    fields: BTreeMap<String, String>,
}

impl Cutter {
    pub(super) fn new(supergraph: &Schema) -> Option<Self> {
        let Entries { supergraph, fields } = entries(supergraph)?;
        match Hive::new(&supergraph) {
            Ok(hive) => Some(Self { hive, fields }),
            Err(error) => {
                tracing::warn!(%error, "planning cannot begin at entities: {error}");
                None
            }
        }
    }
}

/// How a part of an operation is answered.
pub(super) enum Piece {
    /// As the crate planned it from the root, which lies at the path: the empty one but where a field leads back to it.
    FromRoot(Vec<PathSegment>, PlanNode),
    /// As the crate planned it from entities on, which lie at the path. The first fetch is the one that brought their
    /// keys; it is not for us to run.
    FromEntities(Vec<PathSegment>, PlanNode),
    /// One part first, then the others.
    InSteps(Box<Piece>, Vec<Piece>),
}

/// Where planning begins.
enum Start {
    Root(Vec<PathSegment>),
    Entities(Vec<PathSegment>),
}

/// Which objects to stop at: entities and query roots.
#[derive(Clone, Copy)]
enum Choice {
    None,
    /// The one in this position.
    One(usize),
    /// Those behind one other such object.
    Second,
    /// Those behind no other such object.
    First,
}

/// The most objects that are tried one by one.
const MAX_TRIED: usize = 16;

impl Attempt<'_> {
    /// Plans `operation` as few steps as the crate manages; `None` if there is nothing to ask.
    pub(super) fn piece(&self, operation: &OperationDefinition) -> Result<Option<Piece>, Failed> {
        self.piece_from(&Start::Root(Vec::new()), operation)
    }

    fn piece_from(&self, start: &Start, operation: &OperationDefinition) -> Result<Option<Piece>, Failed> {
        match self.planned_from(start, operation) {
            Err(Failed::Cannot(why)) => self.in_steps(start, operation, why).map(Some),
            planned => planned,
        }
    }

    fn planned_from(&self, start: &Start, operation: &OperationDefinition) -> Result<Option<Piece>, Failed> {
        Ok(match start {
            Start::Root(path) => {
                self.node(self.hive, operation)?.map(|node| Piece::FromRoot(path.clone(), node))
            }
            Start::Entities(path) => {
                let cutter = self.cutter().ok_or_else(no_way)?;
                let node = self.node(&cutter.hive, operation)?;
                node.map(|node| Piece::FromEntities(path.clone(), node))
            }
        })
    }

    fn root_of(&self, operation: &OperationDefinition) -> Option<&str> {
        match operation.operation_kind {
            None | Some(OperationKind::Query) => self.query_root(),
            Some(_) => Some(self.asked.operation.object_type().as_str()),
        }
    }

    fn query_root(&self) -> Option<&str> {
        self.asked.schema.schema_definition.query.as_ref().map(|root| root.name.as_str())
    }

    fn cutter(&self) -> Option<&Cutter> {
        self.hive.cutter.get_or_init(|| Cutter::new(self.asked.schema).map(Box::new)).as_deref()
    }

    /// Plans what the crate refuses for the reason `why`: with a stop at one object, or else at all that are alike.
    fn in_steps(&self, start: &Start, operation: &OperationDefinition, why: String) -> Result<Piece, Failed> {
        let mut count = Walk::new(self, start, Choice::None);
        count.operation(start, operation)?;
        let one = (0..count.seen.min(MAX_TRIED)).map(Choice::One);
        for choice in one.chain([Choice::Second, Choice::First]) {
            let mut walk = Walk::new(self, start, choice);
            let planned = walk.operation(start, operation).and_then(|first| match &*walk.pieces {
                [] => Err(no_way()),
                _ => self.planned_from(start, &first),
            });
            match planned {
                Ok(Some(first)) => return Ok(Piece::InSteps(Box::new(first), walk.pieces)),
                Err(Failed::TooLate) => return Err(Failed::TooLate),
                Ok(None) | Err(Failed::Cannot(_)) => {}
            }
        }
        Err(Failed::Cannot(why))
    }
}

fn no_way() -> Failed {
    Failed::Cannot("there is no object to go on from".to_owned())
}

/// Goes through an operation and leaves only their keys to the objects at which it stops.
struct Walk<'a> {
    attempt: &'a Attempt<'a>,
    cutter: Option<&'a Cutter>,
    choice: Choice,
    path: Vec<PathSegment>,
    /// How many objects there were so far at which it could have stopped.
    seen: usize,
    /// What is asked of those that it stopped at.
    pieces: Vec<Piece>,
    /// The operation's variables.
    variables: Option<Vec<VariableDefinition>>,
}

impl<'a> Walk<'a> {
    fn new(attempt: &'a Attempt<'a>, start: &Start, choice: Choice) -> Self {
        let (Start::Root(path) | Start::Entities(path)) = start;
        let path = path.clone();
        Self { attempt, cutter: attempt.cutter(), choice, path, seen: 0, pieces: Vec::new(), variables: None }
    }

    fn operation(
        &mut self,
        start: &Start,
        operation: &OperationDefinition,
    ) -> Result<OperationDefinition, Failed> {
        let set = &operation.selection_set;
        self.variables.clone_from(&operation.variable_definitions);
        let selection_set = match (start, set.items.as_slice()) {
            (Start::Entities(_), [SelectionItem::Field(entry)]) => {
                let fields = self.cutter.map(|cutter| &cutter.fields).ok_or_else(no_way)?;
                let entity = fields.iter().find(|(_, field)| **field == entry.name);
                let (ty, _) = entity.ok_or_else(no_way)?;
                let below = self.set(&entry.selections, ty, 1)?;
                SelectionSet { items: vec![SelectionItem::Field(entry.with_new_selections(below))] }
            }
            _ => self.set(set, self.attempt.root_of(operation).ok_or_else(no_way)?, 0)?,
        };
        Ok(OperationDefinition { selection_set, ..operation.clone() })
    }

    /// What is left of `set`, which is of type `ty` and lies behind so many objects at which it could have stopped.
    fn set(&mut self, set: &SelectionSet, ty: &str, behind: usize) -> Result<SelectionSet, Failed> {
        let mut items = Vec::new();
        for item in &set.items {
            items.push(match item {
                SelectionItem::Field(field) if !field.selections.items.is_empty() => {
                    let before = self.path.len();
                    let definition = self.attempt.asked.schema.type_field(ty, &field.name);
                    let definition = definition.map_err(|_| no_way())?;
                    self.path.push(PathSegment::Field(field.selection_identifier().into()));
                    self.path.extend(definition.ty.is_list().then_some(PathSegment::Items));
                    let below = self.object(&field.selections, definition.ty.inner_named_type(), behind)?;
                    self.path.truncate(before);
                    SelectionItem::Field(field.with_new_selections(below))
                }
                SelectionItem::InlineFragment(fragment) => {
                    let name = fragment.type_condition.as_str();
                    let set = self.attempt.types.satisfying([name]);
                    let condition = TypeCondition { names: [name.into()].into(), set };
                    self.path.push(PathSegment::OnType(condition));
                    let below = self.object(&fragment.selections, name, behind)?;
                    self.path.pop();
                    SelectionItem::InlineFragment(fragment.with_new_selections(below))
                }
                SelectionItem::Field(_) | SelectionItem::FragmentSpread(_) => item.clone(),
            });
        }
        Ok(SelectionSet { items })
    }

    fn object(&mut self, set: &SelectionSet, ty: &str, behind: usize) -> Result<SelectionSet, Failed> {
        let entry = self.cutter.and_then(|cutter| cutter.fields.get(ty));
        if entry.is_none() && self.attempt.query_root() != Some(ty) {
            return self.set(set, ty, behind);
        }
        let position = self.seen;
        self.seen += 1;
        let stops = match self.choice {
            Choice::None => false,
            Choice::One(wanted) => wanted == position,
            Choice::Second => behind == 1,
            Choice::First => behind == 0,
        };
        match entry {
            _ if !stops => self.set(set, ty, behind + 1),
            Some(entry) => self.stop_at_entity(set, entry),
            None => self.stop_at_root(set),
        }
    }

    /// Plans what is asked of the entities here, and says what must be known of them for that.
    fn stop_at_entity(&mut self, set: &SelectionSet, entry: &str) -> Result<SelectionSet, Failed> {
        let with = |items: &[SelectionItem]| {
            let selections = SelectionSet { items: items.to_vec() };
            let name = entry.to_owned();
            let entry = FieldSelection { name, selections, ..FieldSelection::new_typename() };
            self.query(SelectionSet { items: vec![SelectionItem::Field(entry)] })
        };
        let start = Start::Entities(self.path.clone());
        let mut key = SelectionSet::default();
        let mut pieces = Vec::new();
        // What the crate cannot plan together it may plan apart.
        let mut rest = vec![&*set.items];
        while let Some(items) = rest.pop() {
            let operation = with(items);
            let planned = match self.attempt.planned_from(&start, &operation) {
                Err(Failed::Cannot(_)) if items.len() > 1 => {
                    let (first, second) = items.split_at(items.len() / 2);
                    rest.extend([second, first]);
                    continue;
                }
                Err(Failed::Cannot(why)) => self.attempt.in_steps(&start, &operation, why).map(Some)?,
                planned => planned?,
            };
            let piece = planned.ok_or_else(no_way)?;
            key.items.extend(piece.key().ok_or_else(no_way)?.items);
            pieces.push(piece);
        }
        self.pieces.extend(pieces);
        Ok(key)
    }

    /// Plans what is asked of the query root here; that it is there is all that must be known of it.
    fn stop_at_root(&mut self, set: &SelectionSet) -> Result<SelectionSet, Failed> {
        let operation = self.query(set.clone());
        let start = Start::Root(self.path.clone());
        self.pieces.extend(self.attempt.piece_from(&start, &operation)?);
        Ok(SelectionSet { items: vec![SelectionItem::Field(FieldSelection::new_typename())] })
    }

    fn query(&self, selection_set: SelectionSet) -> OperationDefinition {
        OperationDefinition {
            name: None,
            operation_kind: Some(OperationKind::Query),
            selection_set,
            variable_definitions: self.variables.clone(),
        }
    }
}

impl Piece {
    /// What must be known of the entities that the piece begins at.
    fn key(&self) -> Option<SelectionSet> {
        match self {
            Self::FromRoot(..) => None,
            Self::InSteps(first, _) => first.key(),
            Self::FromEntities(_, node) => {
                let fetch = match node {
                    PlanNode::Sequence(sequence) => sequence.nodes.first()?.as_fetch()?,
                    node => node.as_fetch()?,
                };
                let is_plain = fetch.output_rewrites.as_ref().is_none_or(Vec::is_empty);
                let document = &fetch.operation.document;
                match document.operation.selection_set.items.as_slice() {
                    [SelectionItem::Field(entry)] if is_plain && fetch.service_name == SUBGRAPH => {
                        Some(spread_out(document, &entry.selections))
                    }
                    _ => None,
                }
            }
        }
    }
}

/// `set` with its fragments in place.
pub(super) fn spread_out(document: &Document, set: &SelectionSet) -> SelectionSet {
    let mut items = Vec::new();
    for item in &set.items {
        match item {
            SelectionItem::Field(field) => {
                let below = spread_out(document, &field.selections);
                items.push(SelectionItem::Field(field.with_new_selections(below)));
            }
            SelectionItem::InlineFragment(fragment) => {
                let below = spread_out(document, &fragment.selections);
                items.push(SelectionItem::InlineFragment(fragment.with_new_selections(below)));
            }
            SelectionItem::FragmentSpread(name) => {
                let fragment = document.fragments.iter().find(|fragment| fragment.name == *name);
                items.extend(
                    fragment.into_iter().flat_map(|it| spread_out(document, &it.selection_set).items),
                );
            }
        }
    }
    SelectionSet { items }
}
