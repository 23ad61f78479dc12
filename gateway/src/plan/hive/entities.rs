//! What a fetch asks of entities: under one key, or under several where representations must differ in content.
use hive_router_query_planner::{
    ast::{
        document::Document,
        operation::VariableDefinition,
        selection_item::SelectionItem,
        selection_set::{FieldSelection, SelectionSet},
        value::Value,
    },
    planner::plan_nodes::FetchRewrite,
};

use super::{cut::spread_out, restore, translate::Translator};
use crate::plan::{
    PlanError,
    steps::{EntitySet, Path},
};

/// What a fetch asks of entities under one key.
pub(super) struct Asked<'n> {
    pub(super) key: &'n str,
    pub(super) variable: &'n str,
    pub(super) paths: Vec<Path>,
    pub(super) requires: &'n SelectionSet,
    pub(super) input_rewrites: Option<&'n [FetchRewrite]>,
    pub(super) output_rewrites: Option<&'n [FetchRewrite]>,
    pub(super) subgraph: &'n str,
}

impl Translator<'_> {
    /// What `document` asks of entities under one key; under more keys, where representations must differ in content.
    pub(super) fn entity_sets(
        &self,
        asked: &Asked<'_>,
        document: &mut Document,
    ) -> Result<Vec<EntitySet>, PlanError> {
        let root = &document.operation.selection_set;
        let field = root.items.iter().find_map(|item| match item {
            SelectionItem::Field(field) if field.selection_identifier() == asked.key => Some(field.clone()),
            _ => None,
        });
        let field = field.ok_or_else(|| PlanError::Impossible(format!("a fetch has no `{}`", asked.key)))?;
        let selected = spread_out(document, &field.selections);
        let parts = self.stand_ins.map(|it| restore::parts(it, asked.subgraph, &selected, asked.requires));
        let parts = parts.unwrap_or_default();
        if parts.is_empty() {
            let set = &field.selections;
            let set = self.entity_set(asked, asked.key, asked.variable, document, set, asked.requires);
            return Ok(vec![set]);
        }
        document.operation.selection_set = spread_out(document, &document.operation.selection_set);
        document.fragments.clear();
        let mut sets = Vec::new();
        document.operation.selection_set.items.retain(
            |item| !matches!(item, SelectionItem::Field(own) if own.selection_identifier() == asked.key),
        );
        for (at, part) in parts.iter().enumerate() {
            let (key, variable) = match at {
                0 => (asked.key.to_owned(), asked.variable.to_owned()),
                _ => (format!("{}_{at}", asked.key), format!("{}_{at}", asked.variable)),
            };
            let set = self.entity_set(asked, &key, &variable, document, &part.selected, &part.requires);
            sets.push(set);
            add_entities(document, &field, part.selected.clone(), (key, variable), asked.variable);
        }
        Ok(sets)
    }

    fn entity_set(
        &self,
        asked: &Asked<'_>,
        key: &str,
        variable: &str,
        document: &Document,
        selected: &SelectionSet,
        requires: &SelectionSet,
    ) -> EntitySet {
        EntitySet {
            key: key.into(),
            variable: variable.into(),
            paths: asked.paths.clone(),
            requires: self.requires(requires, asked.input_rewrites, asked.subgraph),
            output: self.output(document, selected, asked.output_rewrites),
        }
    }
}

/// Asks `document` for entities once more, as `like` does: for `selected`, under a key and with a variable of their own.
fn add_entities(
    document: &mut Document,
    like: &FieldSelection,
    selected: SelectionSet,
    (key, variable): (String, String),
    original: &str,
) {
    let operation = &mut document.operation;
    let variables = operation.variable_definitions.get_or_insert_default();
    if let Some(definition) = variables.iter().find(|it| it.name == original)
        && variable != original
    {
        let definition = VariableDefinition { name: variable.clone(), ..definition.clone() };
        variables.push(definition);
    }
    let mut field = like.with_new_selections(selected);
    field.alias = (key != field.name).then_some(key);
    field.arguments = Some(("representations".to_owned(), Value::Variable(variable)).into());
    operation.selection_set.items.push(SelectionItem::Field(field));
}
