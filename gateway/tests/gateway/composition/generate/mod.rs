//! A seeded generator of subgraphs: most sets compose, many only just.
//!
//! A plan of the whole graph comes first (which types there are, who owns which field), so that what
//! several subgraphs declare agrees; then features that cross subgraphs are laid over it; and each subgraph is
//! written in a dialect of its own.

mod crossings;
mod dialect;
mod entities;
mod labels;
mod plan;
mod print;
mod shapes;

use rand::Rng as _;
use rand::seq::SliceRandom as _;

use super::Set;
use plan::Plan;

/// The set that belongs to `seed`.
pub(super) fn set(seed: u64) -> Set {
    let mut plan = Plan::new(seed);
    plan.fill();
    plan.decorate();
    plan.rearrange();
    let subgraphs =
        plan.subgraphs.iter().zip(&plan.dialects).enumerate().map(|(at, ((name, types), dialect))| {
            (name.clone(), print::sdl(types, dialect, plan.composing.contains(&at)))
        });
    Set { name: format!("generated/{seed}"), subgraphs: subgraphs.collect() }
}

impl Plan {
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
        if self.chance(6) {
            self.add_value_interfaces();
        }
        self.add_roots();
    }

    fn decorate(&mut self) {
        for _ in 0..self.random.random_range(0..5) {
            match self.random.random_range(0..14) {
                0 | 1 => self.require_something(),
                2 => self.require_part(),
                3 => self.provide_something(),
                4 | 5 => self.override_something(),
                6..9 => self.label_something(),
                9 => self.set_context(),
                10 => self.describe_something(),
                11 => self.compose_directive(),
                12 => self.define_executable(),
                _ => self.add_scalar(),
            }
        }
    }

    /// Brings types into another order, takes some apart, and lets federation 1 extend what others define.
    fn rearrange(&mut self) {
        for subgraph in 0..self.subgraphs.len() {
            if self.chance(3) {
                let types = &mut self.subgraphs[subgraph].1;
                let mut shuffled: Vec<_> = std::mem::take(types).into_iter().collect();
                shuffled.shuffle(&mut self.random);
                types.extend(shuffled);
            }
            let names: Vec<String> = self.types(subgraph).keys().cloned().collect();
            for name in names {
                let is_split = self.chance(12);
                let extends = name == "Query" && self.chance(5) && !self.dialects[subgraph].has_own_roots;
                let ty = self.object(subgraph, &name);
                ty.is_extension = extends;
                ty.is_split = is_split && matches!(ty.keyword, "type" | "interface");
            }
        }
        self.extend_entities();
    }
}
