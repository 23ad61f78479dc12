//! What stands around entities: interfaces, unions, roots and their inputs.

use rand::Rng as _;

use super::plan::{Entity, FieldPlan, Plan, TypePlan};

impl Plan {
    /// An interface over the entities whose first key is `id`, in some of their subgraphs.
    pub(super) fn add_interface(&mut self) {
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
            if keyed && whole && self.allows(subgraph) {
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
            let is_free = !types.contains_key("Node") && !types.keys().any(|name| name.starts_with("Entity"));
            is_free && self.dialects[at].knows(3)
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

    pub(super) fn add_union(&mut self) {
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

    pub(super) fn add_roots(&mut self) {
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
                    self.extend_filter(subgraph);
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

    /// Whether interfaces may have keys there; now and then one has a key all the same.
    fn allows(&mut self, subgraph: usize) -> bool {
        let knows = self.dialects[subgraph].knows(3);
        knows || self.chance(10)
    }

    /// Interfaces of each other over types without keys, shared by several subgraphs.
    pub(super) fn add_value_interfaces(&mut self) {
        for subgraph in self.some_subgraphs() {
            let named = FieldPlan::of("String");
            let mut named_thing = TypePlan { keyword: "interface", ..TypePlan::default() };
            named_thing.fields.insert("name".to_owned(), named.clone());
            let mut place = named_thing.clone();
            place.implements.push("Named".to_owned());
            place.fields.insert("size".to_owned(), FieldPlan::of("Int"));
            let types = self.types(subgraph);
            types.insert("Named".to_owned(), named_thing);
            types.insert("Place".to_owned(), place);
            let mut towns = vec!["Town"];
            if self.chance(2) {
                towns.push("Village");
            }
            for town in towns {
                let ty = self.object(subgraph, town);
                ty.directives = vec!["@shareable".to_owned()];
                ty.implements = vec!["Named".to_owned(), "Place".to_owned()];
                ty.fields.insert("name".to_owned(), named.clone());
                ty.fields.insert("size".to_owned(), FieldPlan::of("Int!"));
            }
            let field = if self.chance(4) { "place".to_owned() } else { format!("place{subgraph}") };
            let shared = if field == "place" { "@shareable" } else { "" };
            let list = if self.chance(2) { "[[Place!]]" } else { "Place" };
            self.add(subgraph, "Query", field, FieldPlan::of(list).with(shared));
        }
    }

    /// More for an input: an enum that is used both ways, a nested input, a required field.
    fn extend_filter(&mut self, subgraph: usize) {
        let extra = match self.random.random_range(0..12) {
            0 => ("order", "Order = UP"),
            1 => ("orders", "[Order!]! = [UP, DOWN]"),
            2 => ("both", "[Filter!]"),
            3 => ("needed", "Int! = 3"),
            4 => ("one", "ID!"),
            _ => return,
        };
        if extra.1.contains("Order") {
            let order = TypePlan { keyword: "enum", ..TypePlan::default() };
            let order = self.types(subgraph).entry("Order".to_owned()).or_insert(order);
            order.members = vec!["UP".to_owned(), "DOWN".to_owned()];
            if self.chance(3) {
                self.add(subgraph, "Query", format!("order{subgraph}"), FieldPlan::of("Order"));
            }
        }
        self.object(subgraph, "Filter").fields.insert(extra.0.to_owned(), FieldPlan::of(extra.1));
    }
}
