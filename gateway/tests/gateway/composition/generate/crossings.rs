//! What crosses subgraphs: fields that are required, provided and overridden, and contexts.

use super::plan::{Entity, FieldPlan, Plan, SCALARS};
use rand::Rng as _;

impl Plan {
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

    pub(super) fn require_something(&mut self) {
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

    pub(super) fn provide_something(&mut self) {
        let Some((entity, owner, other, name, plan)) = self.foreign_leaf() else { return };
        self.add(other, &entity, name.clone(), plan.clone().with("@external"));
        if let Some(field) = self.object(owner, &entity).fields.get_mut(&name) {
            field.directives.push("@shareable".to_owned());
        }
        let provider = FieldPlan::of(entity.clone()).with(format!("@provides(fields: \"{name}\")"));
        self.add(other, "Query", format!("provided_{name}"), provider);
    }

    pub(super) fn override_something(&mut self) {
        let Some((entity, owner, other, name, plan)) = self.foreign_leaf() else { return };
        let from = self.subgraphs[owner].0.clone();
        let labels =
            ["", "", "", ", label: \"percent(20)\"", ", label: \"percent(1.5)\"", ", label: \"beta\""];
        let label = self.pick(&labels).unwrap_or_default();
        self.add(other, &entity, name, plan.with(format!("@override(from: \"{from}\"{label})")));
    }

    pub(super) fn set_context(&mut self) {
        let subgraph = self.random.random_range(0..self.subgraphs.len());
        if !self.dialects[subgraph].knows(8) {
            return;
        }
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

    /// Requires part of a value that another subgraph owns.
    pub(super) fn require_part(&mut self) {
        let Some(entity) = self.pick(&self.entities.clone()) else { return };
        let (Some(owner), Some(value)) = (self.pick(&entity.owners), self.pick(&self.values.clone())) else {
            return;
        };
        let others: Vec<usize> = (0..self.subgraphs.len())
            .filter(|&at| at != owner && self.subgraphs[at].1.contains_key(&entity.name))
            .collect();
        let Some(other) = self.pick(&others) else { return };
        for subgraph in [owner, other] {
            self.define_value(subgraph, &value);
        }
        self.add(owner, &entity.name, "part", FieldPlan::of(value.clone()));
        self.add(other, &entity.name, "part", FieldPlan::of(value.clone()).with("@external"));
        let within = match self.random.random_range(0..3) {
            0 => "width".to_owned(),
            1 => "unit width".to_owned(),
            _ => format!("... on {value} {{ unit }}"),
        };
        let requires = format!("@requires(fields: \"part {{ {within} }}\")");
        self.add(other, &entity.name, "whole", FieldPlan::of("Int").with(requires));
    }
}
