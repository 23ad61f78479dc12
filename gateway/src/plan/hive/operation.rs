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

use super::{PlanError, is_mutation};

/// The operation in the crate's own form.
///
/// The crate takes the first of several operations when it is given no name, and fails on introspection, so it gets
/// one operation without a name, and root fields of introspection are taken out.
pub(super) fn normalize(
    planner: &Planner,
    document: &ExecutableDocument,
    operation: &executable::Operation,
) -> Result<OperationDefinition, PlanError> {
    let mut alone = ExecutableDocument::new();
    alone.operations.insert(executable::Operation { name: None, ..operation.clone() });
    alone.fragments.clone_from(&document.fragments);
    let text = alone.serialize().no_indent().to_string();

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

/// The parts to plan alone and to run in order; none if nothing is left to ask.
///
/// A query is one part. A mutation is a part per root field, because the crate runs the next root field beside the
/// entity fetches of the one before.
pub(super) fn split(operation: OperationDefinition) -> Vec<OperationDefinition> {
    if operation.selection_set.items.is_empty() {
        return Vec::new();
    }
    if !is_mutation(&operation) {
        return vec![operation];
    }
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
