//! A seeded generator of subgraphs: most sets compose, many only just.
//!
//! A plan of the whole graph comes first (which types there are, who owns which field), so that what
//! several subgraphs declare agrees; then features that cross subgraphs are laid over it.

use std::fmt::Write as _;

use indexmap::IndexMap;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};

use super::Set;

const HEADER: &str = "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.9\", import: [\
    \"@key\", \"@shareable\", \"@external\", \"@requires\", \"@provides\", \"@override\", \"@inaccessible\", \
    \"@tag\", \"@interfaceObject\", \"@authenticated\", \"@requiresScopes\", \"@policy\", \"@cost\", \
    \"@listSize\", \"@context\", \"@fromContext\"])\n\n";

/// The set that belongs to `seed`.
pub(super) fn set(seed: u64) -> Set {
    let mut plan = Plan::new(StdRng::seed_from_u64(seed));
    plan.fill();
    plan.decorate();
    let subgraphs = plan.subgraphs.iter().map(|(name, types)| (name.clone(), print(types))).collect();
    Set { name: format!("generated/{seed}"), subgraphs }
}

type Types = IndexMap<String, TypePlan>;

#[derive(Default, Clone)]
struct TypePlan {
    keyword: &'static str,
    implements: Vec<String>,
    directives: Vec<String>,
    fields: IndexMap<String, FieldPlan>,
    /// Members of a union, values of an enum.
    members: Vec<String>,
}

#[derive(Clone)]
struct FieldPlan {
    arguments: String,
    ty: String,
    directives: Vec<String>,
}

impl FieldPlan {
    fn of(ty: impl Into<String>) -> Self {
        Self { arguments: String::new(), ty: ty.into(), directives: Vec::new() }
    }
    fn with(mut self, directive: impl Into<String>) -> Self {
        self.directives.push(directive.into());
        self
    }
}

/// An entity of the plan.
#[derive(Clone)]
struct Entity {
    name: String,
    /// Alternatives; a subgraph has one or several of them.
    keys: Vec<&'static str>,
    owners: Vec<usize>,
}

struct Plan {
    random: StdRng,
    subgraphs: Vec<(String, Types)>,
    entities: Vec<Entity>,
    values: Vec<String>,
}

const SCALARS: [&str; 5] = ["String", "Int", "ID", "Boolean", "Float"];
const KEYS: [&str; 5] = ["id", "sku", "id sku", "ref { id }", "ref { id code }"];

impl Plan {
    fn new(mut random: StdRng) -> Self {
        let count = random.random_range(2..=4);
        let names = ["alpha", "beta", "gamma", "delta"];
        let subgraphs = names.iter().take(count).map(|name| ((*name).to_owned(), Types::new())).collect();
        Self { random, subgraphs, entities: Vec::new(), values: Vec::new() }
    }

    fn chance(&mut self, one_in: u32) -> bool {
        self.random.random_range(0..one_in) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        from.choose(&mut self.random).cloned()
    }

    /// A random non-empty subset of the subgraphs.
    fn some_subgraphs(&mut self) -> Vec<usize> {
        let mut chosen: Vec<usize> = (0..self.subgraphs.len()).collect();
        chosen.retain(|_| self.random.random_bool(0.6));
        if chosen.is_empty() {
            chosen.push(self.random.random_range(0..self.subgraphs.len()));
        }
        chosen
    }

    fn types(&mut self, subgraph: usize) -> &mut Types {
        &mut self.subgraphs[subgraph].1
    }

    fn object(&mut self, subgraph: usize, name: &str) -> &mut TypePlan {
        self.types(subgraph)
            .entry(name.to_owned())
            .or_insert_with(|| TypePlan { keyword: "type", ..TypePlan::default() })
    }

    fn add(&mut self, subgraph: usize, ty: &str, field: impl Into<String>, plan: FieldPlan) {
        self.object(subgraph, ty).fields.entry(field.into()).or_insert(plan);
    }

    fn fill(&mut self) {
        for at in 0..self.random.random_range(0..3) {
            self.values.push(format!("Value{at}"));
        }
        for at in 0..self.random.random_range(1..4) {
            self.plan_entity(at);
        }
        for at in 0..self.entities.len() {
            self.fill_entity(at);
        }
        for at in 0..self.values.len() {
            let name = self.values[at].clone();
            for subgraph in 0..self.subgraphs.len() {
                if self.types(subgraph).contains_key(&name) {
                    self.define_value(subgraph, &name);
                }
            }
        }
        if self.chance(2) {
            self.add_interface();
        }
        if self.chance(3) {
            self.add_union();
        }
        self.add_roots();
    }

    fn plan_entity(&mut self, at: usize) {
        let mut keys = vec![self.pick(&KEYS).unwrap_or("id")];
        if self.chance(3) {
            keys.push(self.pick(&KEYS).unwrap_or("id"));
            keys.dedup();
        }
        let owners = self.some_subgraphs();
        self.entities.push(Entity { name: format!("Entity{at}"), keys, owners });
    }

    fn declare_key_fields(&mut self, subgraph: usize, entity: &str, key: &str) {
        for field in ["id", "sku"] {
            if key.split(' ').next() == Some(field) || key.ends_with(field) {
                self.add(subgraph, entity, field, FieldPlan::of("ID!"));
            }
        }
        if key.starts_with("ref") {
            self.add(subgraph, entity, "ref", FieldPlan::of("Ref!"));
            let reference = self.object(subgraph, "Ref");
            reference.directives = vec!["@shareable".to_owned()];
            for field in ["id", "code"] {
                reference.fields.entry(field.to_owned()).or_insert(FieldPlan::of("ID!"));
            }
        }
    }

    /// Makes sure that the subgraph has the entity, at least by reference.
    fn refer_to(&mut self, subgraph: usize, entity: &Entity) {
        let known = self.types(subgraph).get(&entity.name).is_some_and(|ty| !ty.directives.is_empty());
        if known {
            return;
        }
        let key = entity.keys[0];
        self.declare_key_fields(subgraph, &entity.name, key);
        let resolvable = if self.chance(4) { "" } else { ", resolvable: false" };
        self.object(subgraph, &entity.name).directives.push(format!("@key(fields: \"{key}\"{resolvable})"));
    }

    fn fill_entity(&mut self, at: usize) {
        let entity = self.entities[at].clone();
        for &subgraph in &entity.owners {
            let mut keys = entity.keys.clone();
            if keys.len() > 1 && self.chance(2) {
                keys.remove(self.random.random_range(0..keys.len()));
            }
            for key in keys {
                self.declare_key_fields(subgraph, &entity.name, key);
                self.object(subgraph, &entity.name).directives.push(format!("@key(fields: \"{key}\")"));
            }
        }
        for field in 0..self.random.random_range(1..5) {
            let name = format!("field{field}");
            let Some(subgraph) = self.pick(&entity.owners) else { continue };
            let ty = self.output_type(subgraph);
            let mut plan = FieldPlan::of(ty.clone());
            if self.chance(4) {
                plan.arguments.push_str("(limit: Int = 10, text: String)");
            }
            let shared = self.chance(3) && SCALARS.iter().any(|scalar| ty.contains(scalar));
            if shared {
                plan = plan.with("@shareable");
                for other in entity.owners.clone() {
                    if self.chance(2) {
                        self.add(other, &entity.name, name.clone(), plan.clone());
                    }
                }
            }
            self.add(subgraph, &entity.name, name, plan);
        }
    }

    /// A type for an output field of the subgraph, which is made to know it.
    fn output_type(&mut self, subgraph: usize) -> String {
        let entities = self.entities.clone();
        let inner = match self.random.random_range(0..10) {
            0..5 => self.pick(&SCALARS).unwrap_or("Int").to_owned(),
            5 => {
                let status = self.types(subgraph).entry("Status".to_owned()).or_default();
                status.keyword = "enum";
                status.members = ["ON", "OFF", "BROKEN"].map(str::to_owned).to_vec();
                "Status".to_owned()
            }
            6 if !self.values.is_empty() => {
                let name = self.pick(&self.values.clone()).unwrap_or_default();
                self.define_value(subgraph, &name);
                name
            }
            _ => {
                let Some(entity) = self.pick(&entities) else { return "Int".to_owned() };
                self.refer_to(subgraph, &entity);
                entity.name
            }
        };
        match self.random.random_range(0..6) {
            0 => format!("[{inner}]"),
            1 => format!("[{inner}!]!"),
            2 => format!("{inner}!"),
            _ => inner,
        }
    }

    fn define_value(&mut self, subgraph: usize, name: &str) {
        let value = self.object(subgraph, name);
        value.directives = vec!["@shareable".to_owned()];
        for (field, ty) in [("width", "Int"), ("unit", "String!")] {
            value.fields.entry(field.to_owned()).or_insert(FieldPlan::of(ty));
        }
        if self.chance(8) {
            let extra = format!("only{subgraph}");
            self.add(subgraph, name, extra, FieldPlan::of("Int"));
        }
    }

    /// An interface over the entities whose first key is `id`, in some of their subgraphs.
    fn add_interface(&mut self) {
        let keyed = self.chance(2);
        let by_id: Vec<Entity> = self.entities.iter().filter(|e| e.keys.contains(&"id")).cloned().collect();
        for subgraph in self.some_subgraphs() {
            let here: Vec<String> = by_id
                .iter()
                .filter(|entity| {
                    let ty = self.subgraphs[subgraph].1.get(&entity.name);
                    ty.is_some_and(|ty| {
                        ty.fields.contains_key("id") && ty.directives.iter().any(|d| d.contains("\"id\""))
                    })
                })
                .map(|entity| entity.name.clone())
                .collect();
            if here.is_empty() {
                continue;
            }
            let whole = here.len() == by_id.len();
            let mut node = TypePlan { keyword: "interface", ..TypePlan::default() };
            node.fields.insert("id".to_owned(), FieldPlan::of("ID!"));
            if keyed && whole {
                node.directives.push("@key(fields: \"id\")".to_owned());
            }
            self.types(subgraph).insert("Node".to_owned(), node);
            for name in &here {
                self.object(subgraph, name).implements.push("Node".to_owned());
            }
            self.add(subgraph, "Query", format!("nodes{subgraph}"), FieldPlan::of("[Node]"));
        }
        if keyed && self.chance(2) {
            self.add_interface_object();
        }
    }

    fn add_interface_object(&mut self) {
        let free = (0..self.subgraphs.len()).find(|&at| {
            let types = &self.subgraphs[at].1;
            !types.contains_key("Node") && !types.keys().any(|name| name.starts_with("Entity"))
        });
        let Some(subgraph) = free else { return };
        let node = self.object(subgraph, "Node");
        node.directives = vec!["@interfaceObject".to_owned(), "@key(fields: \"id\")".to_owned()];
        node.fields.insert("id".to_owned(), FieldPlan::of("ID!"));
        node.fields.insert("views".to_owned(), FieldPlan::of("Int"));
        if self.chance(2) {
            self.add(subgraph, "Query", "mostViewed", FieldPlan::of("Node"));
        }
    }

    fn add_union(&mut self) {
        for subgraph in self.some_subgraphs() {
            let members: Vec<String> =
                self.types(subgraph).keys().filter(|name| name.starts_with("Entity")).cloned().collect();
            if members.is_empty() {
                continue;
            }
            let any = TypePlan { keyword: "union", members, ..TypePlan::default() };
            self.types(subgraph).insert("Any".to_owned(), any);
            self.add(subgraph, "Query", format!("any{subgraph}"), FieldPlan::of("Any"));
        }
    }

    fn add_roots(&mut self) {
        for subgraph in 0..self.subgraphs.len() {
            for at in 0..self.random.random_range(0..3) {
                let ty = self.output_type(subgraph);
                let mut plan = FieldPlan::of(ty);
                if self.chance(3) {
                    plan.arguments.push_str("(where: Filter, first: Int! = 3)");
                    let filter = TypePlan { keyword: "input", ..TypePlan::default() };
                    let filter = self.types(subgraph).entry("Filter".to_owned()).or_insert(filter);
                    filter.fields.insert("text".to_owned(), FieldPlan::of("String = \"\""));
                    filter.fields.insert("limit".to_owned(), FieldPlan::of("Int"));
                }
                self.add(subgraph, "Query", format!("q{subgraph}_{at}"), plan);
            }
            if self.chance(4) {
                let ty = self.output_type(subgraph);
                self.add(subgraph, "Mutation", format!("m{subgraph}"), FieldPlan::of(ty));
            }
            if self.chance(8) {
                let ty = self.output_type(subgraph);
                self.add(subgraph, "Subscription", format!("s{subgraph}"), FieldPlan::of(ty));
            }
        }
        if self.subgraphs.iter().all(|(_, types)| !types.contains_key("Query")) {
            let ty = self.output_type(0);
            self.add(0, "Query", "start", FieldPlan::of(ty));
        }
    }

    fn decorate(&mut self) {
        for _ in 0..self.random.random_range(0..4) {
            match self.random.random_range(0..7) {
                0 | 1 => self.require_something(),
                2 => self.provide_something(),
                3 | 4 => self.override_something(),
                5 => self.label_something(),
                _ => self.set_context(),
            }
        }
    }

    /// A leaf that another subgraph owns, as (entity, owner, other, field, type).
    fn foreign_leaf(&mut self) -> Option<(String, usize, usize, String, FieldPlan)> {
        let entity = self.pick(&self.entities.clone())?;
        let owner = self.pick(&entity.owners)?;
        let others: Vec<usize> = (0..self.subgraphs.len())
            .filter(|&at| at != owner && self.subgraphs[at].1.contains_key(&entity.name))
            .collect();
        let other = self.pick(&others)?;
        let there = &self.subgraphs[other].1[&entity.name].fields;
        let fields = self.subgraphs[owner].1.get(&entity.name)?.fields.clone();
        let candidates: Vec<(String, FieldPlan)> = fields
            .into_iter()
            .filter(|(name, plan)| {
                let leaf = SCALARS.iter().any(|scalar| plan.ty.contains(scalar));
                name.starts_with("field") && leaf && plan.directives.is_empty() && !there.contains_key(name)
            })
            .collect();
        let (name, plan) = self.pick(&candidates)?;
        Some((entity.name, owner, other, name, plan))
    }

    fn require_something(&mut self) {
        let Some((entity, _, other, name, plan)) = self.foreign_leaf() else { return };
        if !plan.arguments.is_empty() {
            return;
        }
        self.add(other, &entity, name.clone(), FieldPlan::of(plan.ty).with("@external"));
        let derived = format!("derived_{name}");
        self.add(
            other,
            &entity,
            derived,
            FieldPlan::of("Int").with(format!("@requires(fields: \"{name}\")")),
        );
    }

    fn provide_something(&mut self) {
        let Some((entity, owner, other, name, plan)) = self.foreign_leaf() else { return };
        self.add(other, &entity, name.clone(), plan.clone().with("@external"));
        if let Some(field) = self.object(owner, &entity).fields.get_mut(&name) {
            field.directives.push("@shareable".to_owned());
        }
        let provider = FieldPlan::of(entity.clone()).with(format!("@provides(fields: \"{name}\")"));
        self.add(other, "Query", format!("provided_{name}"), provider);
    }

    fn override_something(&mut self) {
        let Some((entity, owner, other, name, plan)) = self.foreign_leaf() else { return };
        let from = self.subgraphs[owner].0.clone();
        let label = if self.chance(3) { ", label: \"percent(20)\"" } else { "" };
        self.add(other, &entity, name, plan.with(format!("@override(from: \"{from}\"{label})")));
    }

    fn label_something(&mut self) {
        let subgraph = self.random.random_range(0..self.subgraphs.len());
        let labels = [
            "@inaccessible",
            "@tag(name: \"team\")",
            "@deprecated(reason: \"old\")",
            "@authenticated",
            "@requiresScopes(scopes: [[\"read\"]])",
            "@cost(weight: 5)",
        ];
        let Some(label) = self.pick(&labels) else { return };
        let names: Vec<String> = self
            .types(subgraph)
            .iter()
            .filter(|(_, ty)| ty.keyword == "type")
            .map(|(name, _)| name.clone())
            .collect();
        let Some(name) = self.pick(&names) else { return };
        let field_names: Vec<String> = self.object(subgraph, &name).fields.keys().cloned().collect();
        let Some(field) = self.pick(&field_names) else { return };
        if let Some(plan) = self.object(subgraph, &name).fields.get_mut(&field) {
            plan.directives.push(label.to_owned());
        }
    }

    fn set_context(&mut self) {
        let subgraph = self.random.random_range(0..self.subgraphs.len());
        let here: Vec<Entity> = self
            .entities
            .iter()
            .filter(|entity| entity.owners.contains(&subgraph) && entity.keys.contains(&"id"))
            .cloned()
            .collect();
        let (Some(setter), Some(reader)) = (self.pick(&here), self.pick(&here)) else { return };
        if !self.object(subgraph, &setter.name).fields.contains_key("id") {
            return;
        }
        self.object(subgraph, &setter.name).directives.push("@context(name: \"around\")".to_owned());
        let mut plan = FieldPlan::of("Int");
        plan.arguments.push_str("(near: ID @fromContext(field: \"$around { id }\"))");
        self.add(subgraph, &reader.name, "placed", plan);
        self.add(subgraph, &setter.name, "reads", FieldPlan::of(reader.name.clone()));
    }
}

fn print(types: &Types) -> String {
    let mut sdl = HEADER.to_owned();
    for (name, ty) in types {
        let _ = write!(sdl, "{} {name}", ty.keyword);
        if !ty.implements.is_empty() {
            let _ = write!(sdl, " implements {}", ty.implements.join(" & "));
        }
        for directive in &ty.directives {
            let _ = write!(sdl, " {directive}");
        }
        match ty.keyword {
            "union" => {
                let _ = writeln!(sdl, " = {}\n", ty.members.join(" | "));
                continue;
            }
            "enum" => {
                let _ = writeln!(sdl, " {{\n  {}\n}}\n", ty.members.join("\n  "));
                continue;
            }
            _ => sdl.push_str(" {\n"),
        }
        for (field, plan) in &ty.fields {
            let _ = write!(sdl, "  {field}{}: {}", plan.arguments, plan.ty);
            for directive in &plan.directives {
                let _ = write!(sdl, " {directive}");
            }
            sdl.push('\n');
        }
        sdl.push_str("}\n\n");
    }
    sdl
}
