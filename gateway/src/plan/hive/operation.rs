//! What the planner crate gets to plan: one operation, without what the gateway answers itself, and a mutation field by field.
use hive_router_query_planner::{
    ast::{
        normalization::normalize_operation, operation::OperationDefinition, selection_item::SelectionItem,
        selection_set::SelectionSet,
    },
    planner::Planner,
    utils::parsing::safe_parse_operation,
};

use super::PlanError;

/// The operation that `text` is, in the crate's own form.
pub(super) fn normalize(planner: &Planner, text: &str) -> Result<OperationDefinition, PlanError> {
    let parsed = safe_parse_operation(text).map_err(|error| PlanError::Impossible(error.to_string()))?;
    let normal = normalize_operation(&planner.supergraph, &parsed, None);
    let operation = normal.map_err(|error| PlanError::Impossible(error.to_string()))?.operation;
    Ok(operation)
}

/// The root fields as operations of their own, those with one response key together.
pub(super) fn split(operation: &OperationDefinition) -> Vec<OperationDefinition> {
    let mut parts: Vec<(String, Vec<SelectionItem>)> = Vec::new();
    for (key, item) in single_fields(&operation.selection_set) {
        match parts.iter_mut().find(|(other, _)| *other == key) {
            Some((_, items)) => items.push(item),
            None => parts.push((key, vec![item])),
        }
    }
    let with = |items| OperationDefinition { selection_set: SelectionSet { items }, ..operation.clone() };
    parts.into_iter().map(|(_, items)| with(items)).collect()
}

/// Every root field, still inside the fragments around it, with its response key.
fn single_fields(set: &SelectionSet) -> Vec<(String, SelectionItem)> {
    let mut fields = Vec::new();
    for item in &set.items {
        match item {
            SelectionItem::Field(field) => {
                fields.push((field.selection_identifier().to_owned(), item.clone()));
            }
            SelectionItem::InlineFragment(fragment) => {
                for (key, inside) in single_fields(&fragment.selections) {
                    let alone = fragment.with_new_selections(SelectionSet { items: vec![inside] });
                    fields.push((key, SelectionItem::InlineFragment(alone)));
                }
            }
            SelectionItem::FragmentSpread(name) => fields.push((name.clone(), item.clone())),
        }
    }
    fields
}
