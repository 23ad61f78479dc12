//! Entities and what they hold: keys, fields, references to each other, value types.

use rand::Rng as _;

use super::plan::{Entity, FieldPlan, KEYS, Plan, SCALARS};

impl Plan {
    pub(super) fn plan_entity(&mut self, at: usize) {
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

    pub(super) fn fill_entity(&mut self, at: usize) {
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
    pub(super) fn output_type(&mut self, subgraph: usize) -> String {
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

    pub(super) fn define_value(&mut self, subgraph: usize, name: &str) {
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

    /// Federation 1 extends the entities that another subgraph defines, and calls their keys external.
    pub(super) fn extend_entities(&mut self) {
        for entity in self.entities.clone() {
            let Some(&base) = entity.owners.first() else { continue };
            for subgraph in 0..self.subgraphs.len() {
                let is_old = self.dialects[subgraph].minor.is_none();
                let is_there = self.types(subgraph).contains_key(&entity.name);
                let extends = if is_old { !self.chance(4) } else { self.chance(15) };
                if subgraph == base || !is_there || !extends {
                    continue;
                }
                let (is_marked, keeps_keys) = (self.chance(5), self.chance(6));
                let ty = self.object(subgraph, &entity.name);
                if is_marked {
                    ty.directives.push("@extends".to_owned());
                } else {
                    ty.is_extension = true;
                }
                let keys: String = ty.directives.concat();
                for (name, field) in &mut ty.fields {
                    let in_key =
                        ["id", "sku", "ref"].contains(&name.as_str()) && keys.contains(name.as_str());
                    if is_old && in_key && !keeps_keys {
                        field.directives.push("@external".to_owned());
                    }
                }
            }
        }
    }
}
