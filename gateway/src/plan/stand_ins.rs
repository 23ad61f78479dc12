//! Fields that stand in for the selections with arguments in `@requires`, in the supergraph that is planned on.
//!
//! `@requires(fields: "price(currency: \"USD\")")` and another that asks for euros mean two values under one name. The
//! planner crate joins them, or panics where it tells them apart by aliases. So each such selection becomes a field of
//! its own without arguments: the planner sees nothing special, and what it plans is put back when it is translated.
use std::collections::{BTreeMap, BTreeSet};

use apollo_compiler::{
    Name, Node, Schema,
    ast::{Argument, Directive, FieldDefinition, Value},
    collections::IndexMap,
    executable::{FieldSet, Selection, SelectionSet},
    schema::{Component, ExtendedType},
    validation::Valid,
};
use itertools::Itertools as _;

/// The fields that stand in for others.
#[derive(Debug, Default)]
pub(crate) struct StandIns {
    by_name: BTreeMap<Name, StandIn>,
    /// What a field requires of them, by its subgraph, type and name.
    needs: BTreeMap<(Box<str>, Name, Name), BTreeSet<Need>>,
}

/// What a field stands for.
#[derive(Debug)]
pub(crate) struct StandIn {
    pub(crate) field: Name,
    pub(crate) arguments: Vec<Node<Argument>>,
}

/// That a field is required at a path of fields.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Need {
    pub(crate) path: Vec<Name>,
    pub(crate) stand_in: Name,
}

impl StandIns {
    /// The supergraph to plan on, and what in it stands for what. `None` if nothing has to.
    pub(crate) fn new(supergraph: &Schema) -> Option<(Schema, Self)> {
        let mut finder = Finder { supergraph, stand_ins: Self::default(), added: BTreeMap::new() };
        let valid = Valid::assume_valid_ref(supergraph);
        for (ty, join) in requirements(supergraph) {
            if let Some(set) = required(valid, ty, join) {
                finder.add(&set);
            }
        }
        let Finder { mut stand_ins, added, .. } = finder;
        if stand_ins.by_name.is_empty() {
            return None;
        }
        let mut schema = supergraph.clone();
        for (ty, fields) in added {
            let Some(own) = fields_mut(&mut schema, &ty) else { continue };
            for (name, field) in fields {
                let Some(mut definition) = own.get(&field).map(|field| FieldDefinition::clone(field)) else {
                    continue;
                };
                definition.name = name.clone();
                definition.arguments.clear();
                definition.directives.retain(|directive| directive.name == "join__field");
                own.insert(name, Component::new(definition));
            }
        }
        stand_ins.rewrite(supergraph, &mut schema);
        Some((schema, stand_ins))
    }

    /// What the field `name` stands for.
    pub(crate) fn get(&self, name: &str) -> Option<&StandIn> {
        self.by_name.get(name)
    }

    /// What the field of a type requires in a subgraph.
    pub(crate) fn needs(&self, subgraph: &str, ty: &str, field: &str) -> impl Iterator<Item = &Need> {
        let place = Name::new(ty).ok().zip(Name::new(field).ok());
        let needs = place.and_then(|(ty, field)| self.needs.get(&(subgraph.into(), ty, field)));
        needs.into_iter().flatten()
    }

    /// Writes the stand-ins into what `schema` requires.
    fn rewrite(&mut self, supergraph: &Schema, schema: &mut Schema) {
        let graphs = graph_names(supergraph);
        let valid = Valid::assume_valid_ref(supergraph);
        for name in schema.types.keys().cloned().collect::<Vec<_>>() {
            let Some(fields) = fields_mut(schema, &name) else { continue };
            for (field, definition) in fields {
                let has_requires =
                    |join: &Node<Directive>| join.specified_argument_by_name("requires").is_some();
                if !definition.directives.iter().any(has_requires) {
                    continue;
                }
                for join in definition.make_mut().directives.iter_mut().filter(|join| has_requires(join)) {
                    let Some(set) = required(valid, &name, join) else { continue };
                    let mut needs = BTreeSet::new();
                    let text = self.written(&set, &mut Vec::new(), &mut needs);
                    let graph = join.specified_argument_by_name("graph").and_then(|it| it.as_enum());
                    if let Some(graph) = graph.and_then(|graph| graphs.get(graph))
                        && !needs.is_empty()
                    {
                        self.needs.insert((graph.clone(), name.clone(), field.clone()), needs);
                    }
                    for argument in &mut join.make_mut().arguments {
                        if argument.name == "requires" {
                            argument.make_mut().value = Node::new(Value::String(text.clone()));
                        }
                    }
                }
            }
        }
    }

    /// The field set with the stand-ins, which are noted in `needs`.
    fn written(&self, set: &SelectionSet, path: &mut Vec<Name>, needs: &mut BTreeSet<Need>) -> String {
        let mut items = Vec::new();
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    let stand_in = (!field.definition.arguments.is_empty())
                        .then(|| self.name(&field.name, &field.arguments))
                        .flatten();
                    if let Some(stand_in) = stand_in {
                        needs.insert(Need { path: path.clone(), stand_in: stand_in.clone() });
                    }
                    let name = stand_in.unwrap_or(&field.name);
                    path.push(name.clone());
                    let below = self.written(&field.selection_set, path, needs);
                    path.pop();
                    items.push(if below.is_empty() {
                        name.to_string()
                    } else {
                        format!("{name} {{ {below} }}")
                    });
                }
                Selection::InlineFragment(fragment) => {
                    let below = self.written(&fragment.selection_set, path, needs);
                    let on = fragment.type_condition.as_ref().unwrap_or(&set.ty);
                    items.push(format!("... on {on} {{ {below} }}"));
                }
                Selection::FragmentSpread(_) => {}
            }
        }
        items.join(" ")
    }

    fn name(&self, field: &Name, arguments: &[Node<Argument>]) -> Option<&Name> {
        let same = |it: &StandIn| it.field == *field && text(&it.arguments) == text(arguments);
        self.by_name.iter().find(|(_, it)| same(it)).map(|(name, _)| name)
    }
}

/// Goes through what is required.
struct Finder<'s> {
    supergraph: &'s Schema,
    stand_ins: StandIns,
    /// The stand-ins of each type, with the fields for which they stand.
    added: BTreeMap<Name, BTreeMap<Name, Name>>,
}

impl Finder<'_> {
    fn add(&mut self, set: &SelectionSet) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => {
                    if !field.definition.arguments.is_empty() {
                        let name = match self.stand_ins.name(&field.name, &field.arguments) {
                            Some(name) => name.clone(),
                            None => match self.new_name(&field.name) {
                                Some(name) => name,
                                None => continue,
                            },
                        };
                        for ty in self.with_subtypes(&set.ty) {
                            self.added.entry(ty).or_default().insert(name.clone(), field.name.clone());
                        }
                        let (field, arguments) = (field.name.clone(), field.arguments.clone());
                        self.stand_ins.by_name.entry(name).or_insert(StandIn { field, arguments });
                    }
                    self.add(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => self.add(&fragment.selection_set),
                Selection::FragmentSpread(_) => {}
            }
        }
    }

    /// A name that nothing else in the supergraph has.
    fn new_name(&self, field: &Name) -> Option<Name> {
        let is_free = |name: &Name| {
            !self.stand_ins.by_name.contains_key(name)
                && self.supergraph.types.values().all(|ty| !has_field(ty, name))
        };
        (1..=u16::MAX).filter_map(|n| Name::new(&format!("{field}__required_{n}")).ok()).find(is_free)
    }

    /// The type, and what implements it.
    fn with_subtypes(&self, ty: &Name) -> Vec<Name> {
        let below = self.supergraph.types.keys().filter(|other| self.supergraph.is_subtype(ty, other));
        std::iter::once(ty).chain(below).cloned().collect()
    }
}

/// Every `@join__field` that requires something, with the type of its field.
fn requirements(supergraph: &Schema) -> impl Iterator<Item = (&Name, &Directive)> {
    supergraph.types.iter().filter_map(|(name, ty)| Some((name, fields(ty)?))).flat_map(|(ty, fields)| {
        let joins = fields.values().flat_map(|field| field.directives.get_all("join__field"));
        let requiring = joins.filter(|join| join.specified_argument_by_name("requires").is_some());
        requiring.map(move |join| (ty, &**join))
    })
}

fn required(supergraph: &Valid<Schema>, ty: &Name, join: &Directive) -> Option<SelectionSet> {
    let text = join.specified_argument_by_name("requires")?.as_str()?;
    Some(FieldSet::parse(supergraph, ty.clone(), text, "requires.graphql").ok()?.selection_set)
}

fn graph_names(supergraph: &Schema) -> BTreeMap<Name, Box<str>> {
    let values = supergraph.get_enum("join__Graph").into_iter().flat_map(|graphs| graphs.values.values());
    let named = values.map(|value| {
        let join = value.directives.get("join__graph");
        let name = join.and_then(|join| join.specified_argument_by_name("name")?.as_str());
        (value.value.clone(), name.unwrap_or(value.value.as_str()).into())
    });
    named.collect()
}

fn text(arguments: &[Node<Argument>]) -> String {
    let written = |it: &Node<Argument>| format!("{}:{}", it.name, it.value.serialize().no_indent());
    arguments.iter().map(written).sorted().join(",")
}

fn has_field(ty: &ExtendedType, name: &Name) -> bool {
    fields(ty).is_some_and(|fields| fields.contains_key(name))
}

fn fields(ty: &ExtendedType) -> Option<&IndexMap<Name, Component<FieldDefinition>>> {
    match ty {
        ExtendedType::Object(ty) => Some(&ty.fields),
        ExtendedType::Interface(ty) => Some(&ty.fields),
        _ => None,
    }
}

fn fields_mut<'s>(
    schema: &'s mut Schema,
    ty: &Name,
) -> Option<&'s mut IndexMap<Name, Component<FieldDefinition>>> {
    match schema.types.get_mut(ty)? {
        ExtendedType::Object(ty) => Some(&mut ty.make_mut().fields),
        ExtendedType::Interface(ty) => Some(&mut ty.make_mut().fields),
        _ => None,
    }
}
