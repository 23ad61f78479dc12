//! Takes `@provides` out of a supergraph where the planner crate would mix up two of them.
//!
//! The crate numbers the views that `@provides` opens per type that has such fields, from 1, and tells views apart by
//! that number, the subgraph and the type that they show. So two views that different types open on one type are one to
//! it, and it asks a subgraph for what only the other provides. The same happens within one `@provides` that selects
//! different fields of a type at two depths. Without `@provides` the crate fetches the field where it
//! is defined, which costs a request but is right, as long as a key leads there.
use std::collections::{BTreeMap, BTreeSet};

use hive_router_query_planner::utils::parsing::safe_parse_operation;
use itertools::Itertools as _;

use graphql_tools::parser::{
    query::{Definition as QueryDefinition, OperationDefinition, Selection, SelectionSet, TypeCondition},
    schema::{Definition, Directive, Document, Field, Type, TypeDefinition, Value},
};

type Schema = Document<'static, String>;

/// Removes from `schema` what the crate would mix up.
pub(super) fn remove_mixed_up(schema: &mut Schema) {
    let mixed = mixed_up(schema);
    for definition in &mut schema.definitions {
        let Some((name, fields)) = fields_mut(definition) else { continue };
        for field in fields {
            let place = (name.clone(), field.name.clone());
            let joins = field.directives.iter_mut().filter(|it| it.name == "join__field");
            for join in joins.filter(|_| mixed.contains(&place)) {
                join.arguments.retain(|(name, _)| name != "provides");
            }
        }
    }
}

/// A `@provides` of a field.
struct View {
    place: (String, String),
    graph: String,
    /// The types that it shows, with what it shows of each.
    shows: BTreeMap<String, BTreeSet<String>>,
    /// Whether it shows different fields of a type at different depths.
    is_uneven: bool,
    /// Whether a key leads to another subgraph.
    can_go_on: bool,
}

fn mixed_up(schema: &Schema) -> BTreeSet<(String, String)> {
    let types: Types<'_> = schema.definitions.iter().filter_map(fields).collect();
    let mut views = Vec::new();
    for (name, (_, fields)) in &types {
        for field in *fields {
            for join in field.directives.iter().filter(|it| it.name == "join__field") {
                let (Some(graph), Some(provides)) = (argument(join, "graph"), argument(join, "provides"))
                else {
                    continue;
                };
                let ty = inner(&field.field_type);
                let mut levels = Vec::new();
                if let Some(set) = field_set(&provides) {
                    add_levels(&types, ty, &set, &mut levels);
                }
                let is_uneven = levels.iter().tuple_combinations().any(differ);
                let mut shows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
                shows.entry(ty.to_owned()).or_default();
                for (ty, fields) in levels.into_iter().flatten() {
                    shows.entry(ty).or_default().extend(fields);
                }
                let can_go_on =
                    types.get(ty).is_some_and(|(directives, _)| leads_elsewhere(directives, &graph));
                views.push(View {
                    place: ((*name).to_owned(), field.name.clone()),
                    graph,
                    shows,
                    is_uneven,
                    can_go_on,
                });
            }
        }
    }
    let clash =
        |a: &View, b: &View| a.place.0 != b.place.0 && a.graph == b.graph && differ((&a.shows, &b.shows));
    views
        .iter()
        .filter(|view| view.can_go_on && (view.is_uneven || views.iter().any(|other| clash(view, other))))
        .map(|view| view.place.clone())
        .collect()
}

fn leads_elsewhere(directives: &[Directive<'static, String>], graph: &str) -> bool {
    directives.iter().any(|it| {
        it.name == "join__type"
            && argument(it, "key").is_some()
            && argument(it, "graph").is_some_and(|own| own != graph)
    })
}

/// What a selection selects of each type at one depth.
type Level = BTreeMap<String, BTreeSet<String>>;

/// Whether a type is in both with different fields.
fn differ((a, b): (&Level, &Level)) -> bool {
    a.iter().any(|(ty, fields)| b.get(ty).is_some_and(|other| other != fields))
}

/// Adds what `set` selects of objects of type `ty`, and of those below them, a level for each selection.
fn add_levels(types: &Types<'_>, ty: &str, set: &SelectionSet<'static, String>, levels: &mut Vec<Level>) {
    let mut level = Level::new();
    fill(types, ty, set, &mut level, levels);
    levels.push(level);
}

fn fill(
    types: &Types<'_>,
    ty: &str,
    set: &SelectionSet<'static, String>,
    level: &mut Level,
    levels: &mut Vec<Level>,
) {
    for selection in &set.items {
        match selection {
            Selection::Field(field) => {
                level.entry(ty.to_owned()).or_default().insert(field.name.clone());
                let Some((_, fields)) = types.get(ty) else { continue };
                let definition = fields.iter().find(|it| it.name == field.name);
                if let Some(definition) = definition.filter(|_| !field.selection_set.items.is_empty()) {
                    add_levels(types, inner(&definition.field_type), &field.selection_set, levels);
                }
            }
            Selection::InlineFragment(fragment) => {
                let on = match &fragment.type_condition {
                    Some(TypeCondition::On(on)) => on.as_str(),
                    None => ty,
                };
                fill(types, on, &fragment.selection_set, level, levels);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn field_set(text: &str) -> Option<SelectionSet<'static, String>> {
    let document = safe_parse_operation(&format!("{{{text}}}")).ok()?;
    document.definitions.into_iter().find_map(|definition| match definition {
        QueryDefinition::Operation(OperationDefinition::SelectionSet(set)) => Some(set),
        _ => None,
    })
}

fn inner<'a>(ty: &'a Type<'static, String>) -> &'a str {
    match ty {
        Type::NamedType(name) => name,
        Type::ListType(item) | Type::NonNullType(item) => inner(item),
    }
}

fn argument(directive: &Directive<'static, String>, name: &str) -> Option<String> {
    let (_, value) = directive.arguments.iter().find(|(own, _)| own == name)?;
    match value {
        Value::Enum(text) | Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

type Parts<'a> = (&'a [Directive<'static, String>], &'a [Field<'static, String>]);
type Types<'a> = BTreeMap<&'a str, Parts<'a>>;

fn fields<'a>(definition: &'a Definition<'static, String>) -> Option<(&'a str, Parts<'a>)> {
    match definition {
        Definition::TypeDefinition(TypeDefinition::Object(ty)) => {
            Some((&ty.name, (&ty.directives, &ty.fields)))
        }
        Definition::TypeDefinition(TypeDefinition::Interface(ty)) => {
            Some((&ty.name, (&ty.directives, &ty.fields)))
        }
        _ => None,
    }
}

fn fields_mut<'a>(
    definition: &'a mut Definition<'static, String>,
) -> Option<(String, &'a mut [Field<'static, String>])> {
    match definition {
        Definition::TypeDefinition(TypeDefinition::Object(ty)) => Some((ty.name.clone(), &mut ty.fields)),
        Definition::TypeDefinition(TypeDefinition::Interface(ty)) => Some((ty.name.clone(), &mut ty.fields)),
        _ => None,
    }
}
