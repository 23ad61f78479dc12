//! Puts what stand-ins stand for back into what the planner crate planned.
//!
//! A fetch may need two values of one field, of which a representation can hold one. Its entities are then asked for
//! twice in the same request, each time for the fields that need one of the values.
use std::collections::{BTreeMap, BTreeSet};

use hive_router_query_planner::ast::{
    document::Document,
    selection_item::SelectionItem,
    selection_set::{FieldSelection, InlineFragmentSelection, SelectionSet},
    value::Value,
};

use apollo_compiler::{Node, ast};

use crate::plan::{
    requires::{RequireItem, Requires},
    stand_ins::{Need, StandIns},
};

/// The field whose values a representation cannot hold together: where it is, and its name there.
type Contested = (Vec<String>, String);

/// A part of what is asked of entities, and what must be known of them for it.
#[derive(Default)]
pub(super) struct Part {
    pub(super) selected: SelectionSet,
    pub(super) requires: SelectionSet,
    /// The stand-in for each contested field that the part needs.
    chosen: BTreeMap<Contested, String>,
}

/// What is asked of entities of `subgraph`, in as many parts as representations of different content are needed; none
/// if one will do.
pub(super) fn parts(
    stand_ins: &StandIns,
    subgraph: &str,
    selected: &SelectionSet,
    requires: &SelectionSet,
) -> Vec<Part> {
    let contested = contested(stand_ins, requires);
    let mut parts: Vec<Part> = Vec::new();
    let items = if contested.is_empty() { Vec::new() } else { single_items(selected, None) };
    for (ty, item) in items {
        let wanted = chosen(stand_ins, subgraph, ty, &item, &contested);
        let fits = |part: &Part| {
            wanted.iter().all(|(field, stand_in)| part.chosen.get(field).is_none_or(|own| own == stand_in))
        };
        let at = parts.iter().position(fits).unwrap_or(parts.len());
        if at == parts.len() {
            parts.push(Part::default());
        }
        if let Some(part) = parts.get_mut(at) {
            part.selected.items.push(item);
            part.chosen.extend(wanted);
        }
    }
    for part in &mut parts {
        part.requires = left_to(stand_ins, requires, &contested, &part.chosen, &mut Vec::new());
    }
    parts
}

/// The fields for which `requires` has more than one stand-in.
fn contested(stand_ins: &StandIns, requires: &SelectionSet) -> BTreeSet<Contested> {
    let mut found: BTreeMap<Contested, BTreeSet<&str>> = BTreeMap::new();
    find(stand_ins, requires, &mut Vec::new(), &mut found);
    found.into_iter().filter(|(_, names)| names.len() > 1).map(|(field, _)| field).collect()
}

fn find<'s>(
    stand_ins: &StandIns,
    set: &'s SelectionSet,
    path: &mut Vec<String>,
    found: &mut BTreeMap<Contested, BTreeSet<&'s str>>,
) {
    for item in &set.items {
        match item {
            SelectionItem::Field(field) => {
                if let Some(own) = stand_ins.get(&field.name) {
                    found.entry((path.clone(), own.field.to_string())).or_default().insert(&field.name);
                }
                path.push(field.name.clone());
                find(stand_ins, &field.selections, path, found);
                path.pop();
            }
            SelectionItem::InlineFragment(fragment) => find(stand_ins, &fragment.selections, path, found),
            SelectionItem::FragmentSpread(_) => {}
        }
    }
}

/// Every topmost field, still inside the fragments around it, with the type that the innermost names.
fn single_items<'s>(set: &'s SelectionSet, on: Option<&'s str>) -> Vec<(Option<&'s str>, SelectionItem)> {
    let mut items = Vec::new();
    for item in &set.items {
        match item {
            SelectionItem::InlineFragment(fragment) => {
                for (ty, inside) in single_items(&fragment.selections, Some(&fragment.type_condition)) {
                    let alone = fragment.with_new_selections(SelectionSet { items: vec![inside] });
                    items.push((ty, SelectionItem::InlineFragment(alone)));
                }
            }
            SelectionItem::Field(_) | SelectionItem::FragmentSpread(_) => items.push((on, item.clone())),
        }
    }
    items
}

/// The stand-ins for contested fields that `item` needs.
fn chosen(
    stand_ins: &StandIns,
    subgraph: &str,
    ty: Option<&str>,
    item: &SelectionItem,
    contested: &BTreeSet<Contested>,
) -> BTreeMap<Contested, String> {
    let (Some(ty), Some(field)) = (ty, innermost(item)) else { return BTreeMap::new() };
    let needs = stand_ins.needs(subgraph, ty, &field.name).filter_map(|Need { path, stand_in }| {
        let path = path.iter().map(ToString::to_string).collect();
        Some(((path, stand_ins.get(stand_in)?.field.to_string()), stand_in.to_string()))
    });
    needs.filter(|(field, _)| contested.contains(field)).collect()
}

fn innermost(item: &SelectionItem) -> Option<&FieldSelection> {
    match item {
        SelectionItem::Field(field) => Some(field),
        SelectionItem::InlineFragment(InlineFragmentSelection { selections, .. }) => {
            innermost(selections.items.first()?)
        }
        SelectionItem::FragmentSpread(_) => None,
    }
}

/// `requires` without the stand-ins that others need.
fn left_to(
    stand_ins: &StandIns,
    requires: &SelectionSet,
    contested: &BTreeSet<Contested>,
    chosen: &BTreeMap<Contested, String>,
    path: &mut Vec<String>,
) -> SelectionSet {
    let mut items = Vec::new();
    for item in &requires.items {
        match item {
            SelectionItem::Field(field) => {
                if let Some(own) = stand_ins.get(&field.name) {
                    let place = (path.clone(), own.field.to_string());
                    if contested.contains(&place) && chosen.get(&place) != Some(&field.name) {
                        continue;
                    }
                }
                path.push(field.name.clone());
                let below = left_to(stand_ins, &field.selections, contested, chosen, path);
                path.pop();
                if !below.items.is_empty() || field.selections.items.is_empty() {
                    items.push(SelectionItem::Field(field.with_new_selections(below)));
                }
            }
            SelectionItem::InlineFragment(fragment) => {
                let below = left_to(stand_ins, &fragment.selections, contested, chosen, path);
                if !below.items.is_empty() {
                    items.push(SelectionItem::InlineFragment(fragment.with_new_selections(below)));
                }
            }
            SelectionItem::FragmentSpread(_) => items.push(item.clone()),
        }
    }
    SelectionSet { items }
}

/// Names the fields that are there in `document`, each under its stand-in's name.
pub(super) fn put_back(stand_ins: &StandIns, document: &mut Document) {
    put_back_in(stand_ins, &mut document.operation.selection_set);
    document.fragments.iter_mut().for_each(|it| put_back_in(stand_ins, &mut it.selection_set));
}

fn put_back_in(stand_ins: &StandIns, set: &mut SelectionSet) {
    for item in &mut set.items {
        match item {
            SelectionItem::Field(field) => {
                if let Some(own) = stand_ins.get(&field.name) {
                    let stand_in = std::mem::replace(&mut field.name, own.field.to_string());
                    field.alias.get_or_insert(stand_in);
                    let argument = |it: &Node<ast::Argument>| Some((it.name.to_string(), value(&it.value)?));
                    let arguments: Vec<_> = own.arguments.iter().filter_map(argument).collect();
                    field.arguments = (!arguments.is_empty()).then(|| arguments.into());
                }
                put_back_in(stand_ins, &mut field.selections);
            }
            SelectionItem::InlineFragment(fragment) => {
                put_back_in(stand_ins, &mut fragment.selections);
            }
            SelectionItem::FragmentSpread(_) => {}
        }
    }
}

/// A literal of a field set, which has no variables.
fn value(literal: &ast::Value) -> Option<Value> {
    Some(match literal {
        ast::Value::Null => Value::Null,
        ast::Value::Enum(name) => Value::Enum(name.to_string()),
        ast::Value::Variable(_) => return None,
        ast::Value::String(text) => Value::String(text.clone()),
        ast::Value::Float(number) => Value::Float(number.try_to_f64().ok()?),
        ast::Value::Int(number) => match number.as_str().parse() {
            Ok(whole) => Value::Int(whole),
            Err(_) => Value::Float(number.try_to_f64().ok()?),
        },
        ast::Value::Boolean(is_true) => Value::Boolean(*is_true),
        ast::Value::List(items) => Value::List(items.iter().map(|it| value(it)).collect::<Option<_>>()?),
        ast::Value::Object(fields) => {
            let field =
                |(name, it): &(apollo_compiler::Name, Node<ast::Value>)| Some((name.to_string(), value(it)?));
            Value::Object(fields.iter().map(field).collect::<Option<_>>()?)
        }
    })
}

/// Writes representations with the fields that a subgraph knows.
pub(super) fn name_fields(stand_ins: &StandIns, requires: &mut Requires) {
    name_items(stand_ins, &mut requires.0);
}

fn name_items(stand_ins: &StandIns, items: &mut [RequireItem]) {
    for item in items {
        match item {
            RequireItem::Field(field) => {
                if let Some(own) = stand_ins.get(&field.write) {
                    field.write = own.field.as_str().into();
                }
                name_items(stand_ins, &mut field.items);
            }
            RequireItem::OnType { items, .. } => name_items(stand_ins, items),
        }
    }
}
