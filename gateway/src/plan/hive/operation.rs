//! What the planner crate gets to plan: one operation, without what the gateway answers itself, and a mutation field by field.
use apollo_compiler::{ExecutableDocument, executable};
use hive_router_query_planner::{
    ast::{
        normalization::normalize_operation, operation::OperationDefinition, selection_item::SelectionItem,
        selection_set::SelectionSet,
    },
    planner::Planner,
    utils::parsing::safe_parse_operation,
};

use super::{PlanError, plain::plain};

/// The operation in the crate's own form, without root fields of introspection: the crate fails on them.
pub(super) fn normalize(
    planner: &Planner,
    document: &ExecutableDocument,
    operation: &executable::Operation,
) -> Result<OperationDefinition, PlanError> {
    let text = plain(document, operation).serialize().no_indent().to_string();
    let parsed = safe_parse_operation(&text).map_err(|error| PlanError::Impossible(error.to_string()))?;
    let normal = normalize_operation(&planner.supergraph, &parsed, None);
    let mut operation = normal.map_err(|error| PlanError::Impossible(error.to_string()))?.operation;
    remove_introspection(&mut operation.selection_set);
    Ok(operation)
}

fn remove_introspection(set: &mut SelectionSet) {
    set.items.retain_mut(|item| match item {
        SelectionItem::Field(field) => !field.is_introspection_field(),
        SelectionItem::InlineFragment(fragment) => {
            remove_introspection(&mut fragment.selections);
            !fragment.selections.is_empty()
        }
        SelectionItem::FragmentSpread(_) => true,
    });
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

/// The operation without conditions below its root fields: it fetches more than is asked, and the shape leaves it out.
pub(super) fn without_conditions(operation: &OperationDefinition) -> OperationDefinition {
    let mut plain = operation.clone();
    for item in &mut plain.selection_set.items {
        strip_below(item);
    }
    plain
}

fn strip_below(item: &mut SelectionItem) {
    match item {
        SelectionItem::Field(field) => field.selections.items.iter_mut().for_each(strip),
        SelectionItem::InlineFragment(fragment) => fragment.selections.items.iter_mut().for_each(strip_below),
        SelectionItem::FragmentSpread(_) => {}
    }
}

fn strip(item: &mut SelectionItem) {
    let inside = match item {
        SelectionItem::Field(field) => {
            (field.skip_if, field.include_if) = (None, None);
            &mut field.selections
        }
        SelectionItem::InlineFragment(fragment) => {
            (fragment.skip_if, fragment.include_if) = (None, None);
            &mut fragment.selections
        }
        SelectionItem::FragmentSpread(_) => return,
    };
    inside.items.iter_mut().for_each(strip);
}

/// Every root field, still inside the fragments around it, with its response key.
fn single_fields(set: &SelectionSet) -> Vec<(String, SelectionItem)> {
    let mut fields = Vec::new();
    for item in &set.items {
        match item {
            SelectionItem::Field(field) => {
                fields.push((field.selection_identifier().to_owned(), item.clone()))
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
