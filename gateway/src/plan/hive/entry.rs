//! A supergraph with one more subgraph, through which planning can begin at any entity: it has the fields of the
//! entities' keys, and a root field for each.
//!
//! What the planner crate cannot plan from the root it can plan from an entity on the way, whose key an earlier fetch has
//! brought. Nothing is ever asked of the subgraph: what the plan would ask of it says what that fetch must bring.
use std::collections::{BTreeMap, BTreeSet};

use apollo_compiler::{
    Name, Node, Schema,
    ast::{Argument, Directive, EnumValueDefinition, FieldDefinition, Type, Value},
    executable::{FieldSet, Selection, SelectionSet},
    name,
    schema::{Component, ExtendedType, ObjectType},
    validation::Valid,
};

/// The subgraph's name, in the schema and in plans. No one else's begins with two underscores.
pub(super) const SUBGRAPH: &str = "__entry";
const GRAPH: Name = name!("ENTRY__");

/// The supergraph with entries.
pub(super) struct Entries {
    pub(super) supergraph: String,
    /// The root field for each entity.
    pub(super) fields: BTreeMap<String, String>,
}

/// Adds the subgraph to `schema`; `None` if it has no entities, or is no supergraph.
pub(super) fn entries(schema: &Schema) -> Option<Entries> {
    let query = schema.schema_definition.query.as_ref()?.name.clone();
    let keys = keys(schema);
    let mut shown: BTreeMap<Name, BTreeSet<Name>> = BTreeMap::new();
    let mut fields = BTreeMap::new();
    for (ty, sets) in &keys {
        sets.iter().for_each(|set| show(ty, set, &mut shown));
        fields.insert(ty.to_string(), format!("__entry{ty}"));
    }
    if fields.is_empty() {
        return None;
    }
    let mut schema = schema.clone();
    add_graph(&mut schema)?;
    for (ty, fields) in &shown {
        join(&mut schema, ty, fields);
    }
    let root = join(&mut schema, &query, &BTreeSet::new())?;
    for (ty, field) in &fields {
        let definition = FieldDefinition {
            description: None,
            name: Name::new(field).ok()?,
            arguments: Vec::new(),
            ty: Type::Named(Name::new(ty).ok()?),
            directives: std::iter::once(Node::new(directive(name!("join__field"), GRAPH))).collect(),
        };
        root.fields.insert(definition.name.clone(), Component::new(definition));
    }
    Some(Entries { supergraph: schema.to_string(), fields })
}

/// The keys by which subgraphs find objects; those that select by type are left out.
fn keys(schema: &Schema) -> BTreeMap<Name, Vec<SelectionSet>> {
    let mut keys: BTreeMap<Name, Vec<SelectionSet>> = BTreeMap::new();
    let valid = Valid::assume_valid_ref(schema);
    for (name, ty) in &schema.types {
        let ExtendedType::Object(ty) = ty else { continue };
        for join in ty.directives.get_all("join__type") {
            let is_resolvable = join
                .specified_argument_by_name("resolvable")
                .and_then(|value| value.to_bool())
                .unwrap_or(true);
            let key = join.specified_argument_by_name("key").and_then(|value| value.as_str());
            let Some(key) = key.filter(|_| is_resolvable) else { continue };
            let Ok(set) = FieldSet::parse(valid, name.clone(), key, "key.graphql") else { continue };
            if only_fields(&set.selection_set) {
                keys.entry(name.clone()).or_default().push(set.selection_set);
            }
        }
    }
    keys
}

fn only_fields(set: &SelectionSet) -> bool {
    set.selections
        .iter()
        .all(|selection| selection.as_field().is_some_and(|it| only_fields(&it.selection_set)))
}

fn show(ty: &Name, set: &SelectionSet, shown: &mut BTreeMap<Name, BTreeSet<Name>>) {
    for field in set.selections.iter().filter_map(Selection::as_field) {
        shown.entry(ty.clone()).or_default().insert(field.name.clone());
        if !field.selection_set.is_empty() {
            show(&field.selection_set.ty, &field.selection_set, shown);
        }
    }
}

fn add_graph(schema: &mut Schema) -> Option<()> {
    let ExtendedType::Enum(graphs) = schema.types.get_mut("join__Graph")? else { return None };
    let mut join = directive(name!("join__graph"), GRAPH);
    join.arguments = vec![argument(name!("name"), SUBGRAPH.into()), argument(name!("url"), "".into())];
    let directives = std::iter::once(Node::new(join)).collect();
    let value = EnumValueDefinition { description: None, value: GRAPH, directives };
    graphs.make_mut().values.insert(GRAPH, Component::new(value));
    Some(())
}

/// Adds the type to the subgraph, with these of its fields alone.
fn join<'s>(schema: &'s mut Schema, ty: &Name, shown: &BTreeSet<Name>) -> Option<&'s mut ObjectType> {
    let ExtendedType::Object(ty) = schema.types.get_mut(ty)? else { return None };
    let ty = ty.make_mut();
    let graphs: BTreeSet<Name> = ty
        .directives
        .get_all("join__type")
        .filter_map(|join| join.specified_argument_by_name("graph")?.as_enum().cloned())
        .collect();
    for field in ty.fields.values_mut().map(|field| field.make_mut()) {
        // A field that names no subgraph is in all that have the type.
        if !field.directives.has("join__field") {
            let everywhere = graphs.iter().map(|graph| directive(name!("join__field"), graph.clone()));
            field.directives.extend(everywhere.map(Node::new));
        }
        if shown.contains(&field.name) {
            field.directives.push(Node::new(directive(name!("join__field"), GRAPH)));
        }
    }
    if !graphs.contains(&GRAPH) {
        ty.directives.push(Component::new(directive(name!("join__type"), GRAPH)));
    }
    Some(ty)
}

fn directive(name: Name, graph: Name) -> Directive {
    Directive { name, arguments: vec![argument(name!("graph"), Value::Enum(graph))] }
}

fn argument(name: Name, value: Value) -> Node<Argument> {
    Node::new(Argument { name, value: Node::new(value) })
}
