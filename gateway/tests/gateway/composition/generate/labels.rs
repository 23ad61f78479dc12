//! Directives that say something of an element and change nothing else: tags, access, costs, deprecation.

use rand::Rng as _;

use super::plan::{FieldPlan, Plan, TypePlan};

const ON_FIELDS: &[&str] = &[
    "@inaccessible",
    "@tag(name: \"team\")",
    "@deprecated(reason: \"old\")",
    "@authenticated",
    "@requiresScopes(scopes: [[\"read\"]])",
    "@policy(policies: [[\"owner\"], [\"admin\", \"staff\"]])",
    "@cost(weight: 5)",
    "@listSize(assumedSize: 10)",
    "@listSize(slicingArguments: [\"first\"], requireOneSlicingArgument: false)",
];

const ON_TYPES: &[&str] = &[
    "@inaccessible",
    "@tag(name: \"team\")",
    "@tag(name: \"public\")",
    "@authenticated",
    "@requiresScopes(scopes: [[\"write\"], [\"admin\"]])",
    "@cost(weight: 3)",
];

const ON_VALUES: &[&str] =
    &["@inaccessible", "@tag(name: \"team\")", "@deprecated", "@deprecated(reason: \"unused\")"];

const ON_INPUTS: &[&str] = &["@inaccessible", "@tag(name: \"team\")", "@cost(weight: 2)", "@deprecated"];

impl Plan {
    /// Puts one of those directives on something.
    pub(super) fn label_something(&mut self) {
        let subgraph = self.random.random_range(0..self.subgraphs.len());
        let names: Vec<String> = self.types(subgraph).keys().cloned().collect();
        let Some(name) = self.pick(&names) else { return };
        let keyword = self.object(subgraph, &name).keyword;
        match keyword {
            "type" | "interface" if self.chance(4) => self.label_type(subgraph, &name),
            "type" | "interface" => self.label_field(subgraph, &name, ON_FIELDS),
            "input" if self.chance(2) => self.label_field(subgraph, &name, ON_INPUTS),
            "enum" if self.chance(2) => self.label_value(subgraph, &name),
            _ => self.label_type(subgraph, &name),
        }
    }

    fn label_type(&mut self, subgraph: usize, name: &str) {
        let Some(label) = self.pick(ON_TYPES) else { return };
        // Some of them stand on some kinds of types only.
        let keyword = self.object(subgraph, name).keyword;
        let fits = match label.split('(').next().unwrap_or(label) {
            "@cost" => matches!(keyword, "type" | "enum" | "scalar"),
            "@authenticated" | "@requiresScopes" => {
                matches!(keyword, "type" | "enum" | "scalar" | "interface")
            }
            _ => true,
        };
        if fits {
            self.object(subgraph, name).directives.push(label.to_owned());
        }
    }

    fn label_field(&mut self, subgraph: usize, name: &str, labels: &[&'static str]) {
        let Some(label) = self.pick(labels) else { return };
        let fields: Vec<String> = self.object(subgraph, name).fields.keys().cloned().collect();
        let Some(field) = self.pick(&fields) else { return };
        let is_inside = self.chance(5);
        if let Some(plan) = self.object(subgraph, name).fields.get_mut(&field) {
            if is_inside && plan.arguments.contains(": Int = 10") {
                plan.arguments = plan.arguments.replace(": Int = 10", ": Int = 10 @tag(name: \"page\")");
            } else {
                plan.directives.push(label.to_owned());
            }
        }
    }

    fn label_value(&mut self, subgraph: usize, name: &str) {
        let Some(label) = self.pick(ON_VALUES) else { return };
        let members = &mut self.subgraphs[subgraph].1[name].members;
        let at = self.random.random_range(0..members.len());
        members[at] = format!("{} {label}", members[at]);
    }

    /// Describes something.
    pub(super) fn describe_something(&mut self) {
        let subgraph = self.random.random_range(0..self.subgraphs.len());
        let names: Vec<String> = self.types(subgraph).keys().cloned().collect();
        let Some(name) = self.pick(&names) else { return };
        let Some(text) = self.pick(&["What it is.", "What it is,\n  and what it is not.", "Another view."])
        else {
            return;
        };
        let fields: Vec<String> = self.object(subgraph, &name).fields.keys().cloned().collect();
        let field = if self.chance(2) { self.pick(&fields) } else { None };
        let ty = self.object(subgraph, &name);
        match field.and_then(|field| ty.fields.get_mut(&field)) {
            Some(field) => text.clone_into(&mut field.description),
            None => text.clone_into(&mut ty.description),
        }
    }

    /// Lets a directive of the set's own reach the supergraph, and applies it.
    pub(super) fn compose_directive(&mut self) {
        for subgraph in self.some_subgraphs() {
            if !self.dialects[subgraph].knows(1) || self.composing.contains(&subgraph) {
                continue;
            }
            self.composing.push(subgraph);
            let names: Vec<String> = self.types(subgraph).keys().cloned().collect();
            for _ in 0..2 {
                let Some(name) = self.pick(&names) else { break };
                let keyword = self.object(subgraph, &name).keyword;
                if !matches!(keyword, "type" | "interface") {
                    continue;
                }
                let fields: Vec<String> = self.object(subgraph, &name).fields.keys().cloned().collect();
                let Some(field) = self.pick(&fields) else { continue };
                let level = self.random.random_range(1..3);
                if let Some(plan) = self.object(subgraph, &name).fields.get_mut(&field) {
                    plan.directives.push(format!("@note(level: {level})"));
                }
            }
        }
    }

    /// Defines a directive for operations in some subgraphs, not always the same.
    pub(super) fn define_executable(&mut self) {
        for subgraph in self.some_subgraphs() {
            let definition = self.pick(&[
                "(level: Int = 1) on FIELD | QUERY",
                "(level: Int = 1) on FIELD | QUERY",
                "(level: Int = 1) on FIELD",
                "(level: Int = 2) on FIELD | MUTATION",
                "(level: Int, name: String) repeatable on FIELD",
                " on QUERY",
                "(level: Int) on FIELD | OBJECT",
            ]);
            let ty = TypePlan {
                keyword: "directive",
                members: definition.into_iter().map(str::to_owned).collect(),
                ..TypePlan::default()
            };
            self.types(subgraph).insert("@trace".to_owned(), ty);
        }
    }

    /// A scalar of the set's own, in some subgraphs with its specification.
    pub(super) fn add_scalar(&mut self) {
        for subgraph in self.some_subgraphs() {
            let mut date = TypePlan { keyword: "scalar", ..TypePlan::default() };
            if self.chance(2) {
                date.directives.push("@specifiedBy(url: \"https://example.com/date\")".to_owned());
            }
            self.types(subgraph).insert("Date".to_owned(), date);
            self.add(subgraph, "Query", format!("date{subgraph}"), FieldPlan::of("Date"));
        }
    }
}
