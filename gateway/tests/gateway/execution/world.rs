//! Data for any schema: objects of every type with fields of every kind, random but the same for the same seed.
use std::collections::{BTreeMap, BTreeSet};

use apollo_compiler::{
    Name, Schema,
    ast::{Type, Value as Literal},
    executable::{FieldSet, Selection, SelectionSet},
    schema::ExtendedType,
    validation::Valid,
};
use rand::{Rng, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Value as Json, json};

use super::suite::Suite;

/// An object of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ObjectId(pub(crate) usize);

/// The value of a field.
#[derive(Debug, Clone)]
pub(crate) enum Val {
    Leaf(Json),
    Object(ObjectId),
    List(Vec<Val>),
    /// Resolving it fails.
    Fault(String),
    /// What `@requires` computes from other fields.
    Computed(SelectionSet, Kind),
}

/// What a computed field holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Text,
    Number,
}

#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) ty: String,
    fields: BTreeMap<String, Val>,
}

/// All objects. Those of the root types come first.
pub(crate) struct World {
    pub(crate) objects: Vec<Object>,
    schema: Schema,
}

/// How a world differs from a plain one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Odds {
    /// How often a nullable value is null.
    pub(crate) null: f64,
    /// How often a field that no key or `@requires` needs fails.
    pub(crate) fault: f64,
}

const PER_TYPE: usize = 4;

impl World {
    pub(crate) fn new(suite: &Suite, seed: u64, odds: Odds) -> Self {
        let mut world = Self { objects: Vec::new(), schema: suite.full.clone() };
        let types: Vec<&str> = ["Query", "Mutation", "Subscription"]
            .into_iter()
            .chain(
                suite
                    .full
                    .types
                    .keys()
                    .map(Name::as_str)
                    .filter(|name| !is_root(name) && !name.contains("__")),
            )
            .filter(|name| suite.full.get_object(name).is_some())
            .collect();
        for ty in &types {
            for _ in 0..if is_root(ty) { 1 } else { PER_TYPE } {
                world.objects.push(Object { ty: (*ty).to_owned(), fields: BTreeMap::new() });
            }
        }
        let facts = Facts::of(suite);
        let mut rng = StdRng::seed_from_u64(seed);
        for at in 0..world.objects.len() {
            let ty = world.objects[at].ty.clone();
            let definition = suite.full.get_object(&ty).unwrap();
            for (name, field) in &definition.fields {
                let place = (ty.clone(), name.to_string());
                let value = match facts.computed.get(&place) {
                    Some(selection) => {
                        let kind =
                            if field.ty.inner_named_type() == "Int" { Kind::Number } else { Kind::Text };
                        Val::Computed(selection.clone(), kind)
                    }
                    None if facts.needed.contains(&place)
                        && field.ty.is_named()
                        && is_scalar(field.ty.inner_named_type()) =>
                    {
                        // Keys tell the objects of all types of an interface apart.
                        Val::Leaf(if field.ty.inner_named_type() == "Int" {
                            json!(at)
                        } else {
                            json!(format!("{ty}-{at}"))
                        })
                    }
                    None => {
                        let strict = facts.strictest(&place, &field.ty);
                        // A subgraph that is stricter than the whole nulls more when the field fails.
                        // Inside a key or requirement, a field that may not be null takes its neighbours along.
                        let takes_key_along = field.ty.is_non_null() && facts.is_inside(suite, &ty);
                        let may_fail = !facts.needed.contains(&place)
                            && !takes_key_along
                            && !is_root(&ty)
                            && strict.is_non_null() == field.ty.is_non_null();
                        if may_fail && rng.random_bool(odds.fault) {
                            Val::Fault(format!("no {name} today"))
                        } else {
                            world.random(&strict, &mut rng, odds, &Facts::known(suite, &place))
                        }
                    }
                };
                world.objects[at].fields.insert(name.to_string(), value);
            }
        }
        world
    }

    /// A random value of type `ty`; objects are of types that `known` finds.
    fn random(&self, ty: &Type, rng: &mut StdRng, odds: Odds, known: &dyn Fn(&str, &str) -> bool) -> Val {
        if !ty.is_non_null() && rng.random_bool(odds.null) {
            return Val::Leaf(Json::Null);
        }
        if ty.is_list() {
            let len = rng.random_range(0..4);
            return Val::List((0..len).map(|_| self.random(ty.item_type(), rng, odds, known)).collect());
        }
        let name = ty.inner_named_type();
        match &self.schema.types[name] {
            ExtendedType::Enum(ty) => {
                let values: Vec<_> =
                    ty.values.values().filter(|it| !it.directives.has("inaccessible")).collect();
                Val::Leaf(json!(values.choose(rng).unwrap().value.as_str()))
            }
            ExtendedType::Scalar(_) => Val::Leaf(match name.as_str() {
                "Int" => json!(rng.random_range(-50..1000)),
                "Float" => json!(f64::from(rng.random_range(-4000..4000)) / 8.0),
                "Boolean" => json!(rng.random_bool(0.5)),
                "ID" => json!(format!("i{}", rng.random_range(0..9))),
                "String" => json!(
                    ["", "plain", "with \"quotes\"", "ünïcode \u{1F600}", "line\nbreak"].choose(rng).unwrap()
                ),
                _ => [
                    json!({ "any": [1, null, "x"] }),
                    json!([true]),
                    json!(1.5),
                    json!("s"),
                    json!({ "a": { "__typename": "Odd" } }),
                ]
                .choose(rng)
                .unwrap()
                .clone(),
            }),
            _ => {
                let fits =
                    |at: &usize| self.is_a(&self.objects[*at].ty, name) && known(name, &self.objects[*at].ty);
                let ids: Vec<usize> = (0..self.objects.len()).filter(fits).collect();
                Val::Object(ObjectId(*ids.choose(rng).unwrap_or_else(|| panic!("no object of type {name}"))))
            }
        }
    }

    pub(crate) fn is_a(&self, ty: &str, wanted: &str) -> bool {
        ty == wanted || self.schema.is_subtype(wanted, ty)
    }

    pub(crate) fn object(&self, id: ObjectId) -> &Object {
        &self.objects[id.0]
    }

    /// The root object of an operation.
    pub(crate) fn root(&self, ty: &str) -> ObjectId {
        ObjectId(self.objects.iter().position(|object| object.ty == ty).unwrap())
    }

    /// The value of a field without arguments.
    pub(crate) fn field(&self, id: ObjectId, name: &str) -> Option<&Val> {
        self.object(id).fields.get(name)
    }

    /// The value of a field with arguments, which change it in a way that depends on each of them.
    pub(crate) fn with_arguments(&self, value: &Val, arguments: &serde_json::Map<String, Json>) -> Val {
        let given: BTreeMap<&String, &Json> =
            arguments.iter().filter(|(_, value)| !value.is_null()).collect();
        if given.is_empty() {
            return value.clone();
        }
        let text = canonical(&serde_json::to_value(&given).unwrap()).to_string();
        let number = text.bytes().fold(7_i64, |sum, byte| (sum * 31 + i64::from(byte)) % 1009);
        match value {
            Val::Leaf(Json::String(base)) if !Self::is_enum_value(base) => {
                Val::Leaf(json!(format!("{base}{text}")))
            }
            Val::Leaf(Json::Number(base)) if base.is_i64() => {
                Val::Leaf(json!(base.as_i64().unwrap() + number))
            }
            Val::Object(id) => {
                let ty = &self.object(*id).ty;
                let like: Vec<usize> =
                    (0..self.objects.len()).filter(|at| self.objects[*at].ty == *ty).collect();
                Val::Object(ObjectId(like[usize::try_from(number).unwrap() % like.len()]))
            }
            Val::List(items) => Val::List(items.iter().skip(usize::from(number % 3 == 0)).cloned().collect()),
            other => other.clone(),
        }
    }

    fn is_enum_value(text: &str) -> bool {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    }

    /// What a selection of `@requires` or `@key` sees of an object.
    pub(crate) fn project(&self, id: ObjectId, selection: &SelectionSet) -> Json {
        let mut out = serde_json::Map::new();
        self.project_into(id, selection, &mut out);
        Json::Object(out)
    }

    fn project_into(&self, id: ObjectId, selection: &SelectionSet, out: &mut serde_json::Map<String, Json>) {
        for item in &selection.selections {
            match item {
                Selection::Field(field) => {
                    let arguments =
                        field.arguments.iter().map(|it| (it.name.to_string(), literal(&it.value))).collect();
                    let value = self.with_arguments(self.field(id, &field.name).unwrap(), &arguments);
                    out.insert(field.name.to_string(), self.plain(id, &value, &field.selection_set));
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.type_condition.as_ref().unwrap();
                    if self.is_a(&self.object(id).ty, on) {
                        self.project_into(id, &fragment.selection_set, out);
                    }
                }
                Selection::FragmentSpread(_) => unreachable!("field sets have no fragments"),
            }
        }
    }

    fn plain(&self, at: ObjectId, value: &Val, selection: &SelectionSet) -> Json {
        match value {
            Val::Leaf(json) => json.clone(),
            Val::Object(id) => self.project(*id, selection),
            Val::List(items) => items.iter().map(|item| self.plain(at, item, selection)).collect(),
            Val::Fault(_) => Json::Null,
            Val::Computed(selection, kind) => computed(&self.project(at, selection), *kind),
        }
    }
}

/// What a field computes from what it requires.
pub(crate) fn computed(required: &Json, kind: Kind) -> Json {
    let text = canonical(required).to_string();
    match kind {
        Kind::Text => json!(format!("from {text}")),
        Kind::Number => json!(text.bytes().fold(7_i64, |sum, byte| (sum * 31 + i64::from(byte)) % 100_003)),
    }
}

/// JSON with sorted keys and without type names, which a representation has and the world has not.
fn canonical(json: &Json) -> Json {
    match json {
        Json::Object(members) => {
            let sorted: BTreeMap<_, _> = members.iter().filter(|(key, _)| *key != "__typename").collect();
            Json::Object(sorted.into_iter().map(|(key, value)| (key.clone(), canonical(value))).collect())
        }
        Json::Array(items) => items.iter().map(canonical).collect(),
        other => other.clone(),
    }
}

pub(crate) fn literal(value: &Literal) -> Json {
    match value {
        Literal::Null | Literal::Variable(_) => Json::Null,
        Literal::Enum(name) => json!(name.as_str()),
        Literal::String(text) => json!(text),
        Literal::Boolean(value) => json!(value),
        Literal::Int(number) => json!(number.as_str().parse::<i64>().unwrap()),
        Literal::Float(number) => json!(number.as_str().parse::<f64>().unwrap()),
        Literal::List(items) => items.iter().map(|item| literal(item)).collect(),
        Literal::Object(fields) => {
            fields.iter().map(|(name, value)| (name.to_string(), literal(value))).collect()
        }
    }
}

pub(crate) fn is_root(name: &str) -> bool {
    matches!(name, "Query" | "Mutation" | "Subscription")
}

fn is_scalar(name: &str) -> bool {
    matches!(name, "ID" | "String" | "Int")
}

/// What the subgraphs say of fields.
struct Facts {
    computed: BTreeMap<(String, String), SelectionSet>,
    /// Fields of keys and requirements.
    needed: BTreeSet<(String, String)>,
    types: BTreeMap<(String, String), Vec<Type>>,
}

impl Facts {
    fn of(suite: &Suite) -> Self {
        let mut facts = Self { computed: BTreeMap::new(), needed: BTreeSet::new(), types: BTreeMap::new() };
        for (_, schema) in &suite.subgraphs {
            for (name, ty) in &schema.types {
                let fields = match ty {
                    ExtendedType::Object(ty) => &ty.fields,
                    ExtendedType::Interface(ty) => &ty.fields,
                    _ => continue,
                };
                // What a subgraph says of an interface object holds for every object of the interface.
                let objects: Vec<String> = suite
                    .full
                    .types
                    .iter()
                    .filter(|(object, ty)| {
                        ty.is_object() && (*object == name || suite.full.is_subtype(name, object))
                    })
                    .map(|(object, _)| object.to_string())
                    .collect();
                for key in ty.directives().get_all("key") {
                    let key = key.specified_argument_by_name("fields").unwrap().as_str().unwrap();
                    let set = field_set(schema, name, key);
                    for object in &objects {
                        facts.need(suite, object, &set);
                    }
                }
                for (field, definition) in fields {
                    for object in &objects {
                        let place = (object.clone(), field.to_string());
                        facts.types.entry(place.clone()).or_default().push(definition.ty.clone());
                        if let Some(requires) = definition.directives.get("requires") {
                            let text =
                                requires.specified_argument_by_name("fields").unwrap().as_str().unwrap();
                            let set = field_set(schema, name, text);
                            facts.need(suite, object, &set);
                            facts.computed.insert(place, set);
                        }
                    }
                }
            }
        }
        facts
    }

    /// Whether keys and requirements select fields of objects of type `ty` within others.
    fn is_inside(&self, suite: &Suite, ty: &str) -> bool {
        let holds = |(holder, field): &(String, String)| {
            let field = suite.full.type_field(holder, field);
            field.is_ok_and(|field| field.ty.inner_named_type() == ty)
        };
        self.needed.iter().any(holds)
    }

    fn need(&mut self, suite: &Suite, ty: &str, set: &SelectionSet) {
        for item in &set.selections {
            match item {
                Selection::Field(field) => {
                    let possible = suite.full.types.iter().filter(|(object, it)| {
                        it.is_object() && (object.as_str() == ty || suite.full.is_subtype(ty, object))
                    });
                    let possible: Vec<String> = possible.map(|(object, _)| object.to_string()).collect();
                    for object in possible {
                        self.needed.insert((object, field.name.to_string()));
                    }
                    self.need(suite, field.definition.ty.inner_named_type(), &field.selection_set);
                }
                Selection::InlineFragment(it) => {
                    self.need(suite, it.type_condition.as_ref().unwrap(), &it.selection_set);
                }
                Selection::FragmentSpread(_) => unreachable!("field sets have no fragments"),
            }
        }
    }

    /// Whether every subgraph that has the field `place` may answer with an object of some type where `declared` stands.
    fn known<'s>(suite: &'s Suite, place: &(String, String)) -> impl Fn(&str, &str) -> bool + 's {
        let having: Vec<&Valid<Schema>> = suite
            .subgraphs
            .iter()
            .map(|(_, schema)| schema)
            .filter(|schema| schema.type_field(&place.0, &place.1).is_ok())
            .collect();
        move |declared, ty| {
            having.iter().all(|schema| {
                let member = declared == ty || schema.is_subtype(declared, ty);
                let is_one = |name: &str| {
                    schema.types.get(name).is_some_and(|it| it.directives().has("interfaceObject"))
                };
                (schema.get_object(ty).is_some() && member) || is_one(declared)
            })
        }
    }

    /// The type that no subgraph's non-null is broken by.
    fn strictest(&self, place: &(String, String), ty: &Type) -> Type {
        self.types.get(place).into_iter().flatten().fold(ty.clone(), |all, one| stricter(&all, one))
    }
}

fn stricter(a: &Type, b: &Type) -> Type {
    let ty = match (a, b) {
        (Type::List(x) | Type::NonNullList(x), Type::List(y) | Type::NonNullList(y)) => stricter(x, y).list(),
        _ => a.clone(),
    };
    if a.is_non_null() || b.is_non_null() { ty.non_null() } else { ty.nullable() }
}

pub(crate) fn field_set(schema: &Valid<Schema>, ty: &str, text: &str) -> SelectionSet {
    FieldSet::parse(schema, Name::new(ty).unwrap(), text, "fields").unwrap().selection_set
}
