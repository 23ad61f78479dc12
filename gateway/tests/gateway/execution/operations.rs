//! Random operations for a schema: aliases, fragments, variables, conditions, abstract types. Not all are valid: who asks checks.
use apollo_compiler::{
    Schema,
    ast::{FieldDefinition, Type},
    schema::ExtendedType,
};
use rand::{Rng, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Map, Value as Json, json};

/// An operation and its variables.
#[derive(Debug)]
pub(crate) struct Generated {
    pub(crate) text: String,
    pub(crate) variables: Json,
}

/// Writes a random operation of one kind.
pub(crate) fn generate(schema: &Schema, root: &str, rng: &mut StdRng) -> Generated {
    let mut writer = Writer {
        schema,
        rng,
        variables: Map::new(),
        definitions: Vec::new(),
        fragments: Vec::new(),
        budget: 40,
    };
    let depth = writer.rng.random_range(1..6);
    let selection = writer.selection(root, depth);
    let kind = root.to_lowercase();
    let definitions = if writer.definitions.is_empty() {
        String::new()
    } else {
        format!("({})", writer.definitions.join(", "))
    };
    let text = format!("{kind} Random{definitions} {selection}\n{}", writer.fragments.join("\n"));
    Generated { text, variables: Json::Object(writer.variables) }
}

struct Writer<'a> {
    schema: &'a Schema,
    rng: &'a mut StdRng,
    variables: Map<String, Json>,
    definitions: Vec<String>,
    fragments: Vec<String>,
    /// How many more fields to write.
    budget: usize,
}

impl Writer<'_> {
    fn selection(&mut self, ty: &str, depth: usize) -> String {
        let mut items = Vec::new();
        let fields: Vec<(String, FieldDefinition)> = match &self.schema.types[ty] {
            ExtendedType::Object(ty) => {
                ty.fields.iter().map(|(k, v)| (k.to_string(), (***v).clone())).collect()
            }
            ExtendedType::Interface(ty) => {
                ty.fields.iter().map(|(k, v)| (k.to_string(), (***v).clone())).collect()
            }
            _ => Vec::new(),
        };
        for _ in 0..self.rng.random_range(1..=4) {
            let Some((name, field)) = fields.choose(self.rng).cloned() else { break };
            if let Some(text) = self.field(&name, &field, depth) {
                items.push(text);
            }
        }
        if self.rng.random_bool(0.15) {
            let alias = if self.rng.random_bool(0.4) { "t: " } else { "" };
            items.push(format!("{alias}__typename"));
        }
        let is_abstract = !self.schema.types[ty].is_object();
        let fragments =
            if is_abstract { self.rng.random_range(0..=3) } else { usize::from(self.rng.random_bool(0.15)) };
        for _ in 0..fragments {
            items.extend(self.fragment(ty, depth));
        }
        if items.is_empty() {
            items.push("__typename".to_owned());
        }
        format!("{{ {} }}", items.join(" "))
    }

    fn field(&mut self, name: &str, field: &FieldDefinition, depth: usize) -> Option<String> {
        let inner = field.ty.inner_named_type().as_str();
        let is_leaf = self.schema.types[inner].is_leaf();
        if self.budget == 0 || (depth == 0 && !is_leaf) {
            return None;
        }
        self.budget -= 1;
        let mut text = String::new();
        if self.rng.random_bool(0.2) {
            text += ["a", "b", "c", name].choose(self.rng).unwrap();
            text += ": ";
        }
        text += name;
        let mut arguments = Vec::new();
        for argument in &field.arguments {
            if argument.is_required() || self.rng.random_bool(0.5) {
                arguments.push(format!("{}: {}", argument.name, self.argument(&argument.ty)));
            }
        }
        if !arguments.is_empty() {
            text = format!("{text}({})", arguments.join(", "));
        }
        text += &self.condition();
        if !is_leaf {
            text += " ";
            text += &self.selection(inner, depth.saturating_sub(1));
        }
        if arguments.len() > 1 && self.rng.random_bool(0.3) {
            // The same field once more, its arguments in another order.
            let head = text.split_once('(').map(|(head, _)| head.to_owned()).unwrap_or_default();
            arguments.reverse();
            text = format!("{text} {head}({})", arguments.join(", "));
            if !is_leaf {
                text += " ";
                text += &self.selection(inner, depth.saturating_sub(1));
            }
        }
        Some(text)
    }

    fn condition(&mut self) -> String {
        if !self.rng.random_bool(0.12) {
            return String::new();
        }
        let directive = ["skip", "include"].choose(self.rng).unwrap();
        let value = if self.rng.random_range(0..3) == 0 {
            self.rng.random_bool(0.5).to_string()
        } else {
            // Few variables, so that conditions meet; at times more than one plan tells apart.
            let name = ["p", "q", "p", "q", "r", "s", "t"].choose(self.rng).unwrap();
            if !self.definitions.iter().any(|known| known.starts_with(&format!("${name}:"))) {
                if self.rng.random_bool(0.8) {
                    self.variables.insert((*name).to_owned(), self.rng.random_bool(0.5).into());
                    self.definitions.push(format!("${name}: Boolean!"));
                } else {
                    self.definitions.push(format!("${name}: Boolean! = {}", self.rng.random_bool(0.5)));
                }
            }
            format!("${name}")
        };
        format!(" @{directive}(if: {value})")
    }

    fn fragment(&mut self, ty: &str, depth: usize) -> Option<String> {
        let mut on: Vec<String> = vec![ty.to_owned()];
        for (name, definition) in &self.schema.types {
            let related = self.schema.is_subtype(ty, name) || self.schema.is_subtype(name, ty);
            if related
                || (definition.is_interface()
                    && !self.schema.types[ty].is_object()
                    && !name.starts_with("__"))
            {
                on.push(name.to_string());
            }
        }
        let on = on.choose(self.rng).unwrap().clone();
        if self.budget == 0 {
            return None;
        }
        let selection = self.selection(&on, depth);
        let condition = self.condition();
        Some(match self.rng.random_range(0..4) {
            0 => {
                let name = format!("F{}", self.fragments.len());
                self.fragments.push(format!("fragment {name} on {on} {selection}"));
                format!("...{name}{condition}")
            }
            1 if on == ty => format!("...{condition} {selection}"),
            _ => format!("... on {on}{condition} {selection}"),
        })
    }

    fn argument(&mut self, ty: &Type) -> String {
        let value = self.json(ty);
        if self.rng.random_bool(0.4) { self.variable(value, ty) } else { self.literal(&value, ty) }
    }

    /// A new variable with a value; at times it is the default.
    fn variable(&mut self, value: Json, ty: &Type) -> String {
        let name = format!("v{}", self.definitions.len());
        if self.rng.random_bool(0.2) {
            let default = Self::constant(self.schema, &value, ty);
            self.definitions.push(format!("${name}: {ty} = {default}"));
        } else {
            self.definitions.push(format!("${name}: {ty}"));
            self.variables.insert(name.clone(), value);
        }
        format!("${name}")
    }

    fn json(&mut self, ty: &Type) -> Json {
        if !ty.is_non_null() && self.rng.random_bool(0.1) {
            return Json::Null;
        }
        if ty.is_list() {
            if self.rng.random_bool(0.15) {
                // One item stands for a list of it.
                let item = self.json(ty.item_type());
                return if item.is_null() { Json::Array(vec![item]) } else { item };
            }
            return (0..self.rng.random_range(0..3)).map(|_| self.json(ty.item_type())).collect();
        }
        match &self.schema.types[ty.inner_named_type()] {
            ExtendedType::Enum(ty) => {
                let values: Vec<&str> = ty.values.keys().map(apollo_compiler::Name::as_str).collect();
                json!(values.choose(self.rng).unwrap())
            }
            ExtendedType::InputObject(ty) => {
                let mut object = Map::new();
                for field in ty.fields.values() {
                    if field.is_required() || self.rng.random_bool(0.5) {
                        object.insert(field.name.to_string(), self.json(&field.ty));
                    }
                }
                Json::Object(object)
            }
            _ => match ty.inner_named_type().as_str() {
                "Int" => json!(self.rng.random_range(0..9)),
                "Float" => json!(f64::from(self.rng.random_range(0..9)) + 0.5),
                "Boolean" => json!(self.rng.random_bool(0.5)),
                "ID" if self.rng.random_bool(0.3) => json!(self.rng.random_range(0..9)),
                "ID" | "String" => json!(["x", "a \"b\"", "é"].choose(self.rng).unwrap()),
                _ => self.anything(3),
            },
        }
    }

    /// A value of a custom scalar.
    fn anything(&mut self, depth: usize) -> Json {
        match self.rng.random_range(0..if depth == 0 { 4 } else { 6 }) {
            0 => Json::Null,
            1 => json!(self.rng.random_bool(0.5)),
            2 => json!(self.rng.random_range(-9..9)),
            3 => json!(["x", "a \"b\"", "$v0", ""].choose(self.rng).unwrap()),
            4 => (0..self.rng.random_range(0..3)).map(|_| self.anything(depth - 1)).collect(),
            _ => {
                let names = ["a", "b", "__typename"];
                let count = self.rng.random_range(0..=names.len());
                Json::Object(
                    names[..count]
                        .iter()
                        .map(|name| ((*name).to_owned(), self.anything(depth - 1)))
                        .collect(),
                )
            }
        }
    }

    /// A value as it is written; at times with variables within.
    fn literal(&mut self, value: &Json, ty: &Type) -> String {
        let is_input = matches!(self.schema.types[ty.inner_named_type()], ExtendedType::InputObject(_));
        match value {
            Json::Array(items) if ty.is_list() => {
                let items: Vec<String> = items.iter().map(|item| self.part(item, ty.item_type())).collect();
                format!("[{}]", items.join(", "))
            }
            Json::Object(members) if is_input => {
                let ExtendedType::InputObject(input) = &self.schema.types[ty.inner_named_type()] else {
                    panic!()
                };
                let members = members.iter().map(|(key, value)| {
                    format!("{key}: {}", self.part(value, &input.fields[key.as_str()].ty))
                });
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
            value => Self::constant(self.schema, value, ty),
        }
    }

    fn part(&mut self, value: &Json, ty: &Type) -> String {
        if self.rng.random_bool(0.1) { self.variable(value.clone(), ty) } else { self.literal(value, ty) }
    }

    /// A value as it is written, without variables.
    fn constant(schema: &Schema, value: &Json, ty: &Type) -> String {
        let inner = &schema.types[ty.inner_named_type()];
        match value {
            Json::Array(items) => {
                let item = if ty.is_list() { ty.item_type() } else { ty };
                let items: Vec<String> =
                    items.iter().map(|value| Self::constant(schema, value, item)).collect();
                format!("[{}]", items.join(", "))
            }
            Json::Object(members) => {
                let members = members.iter().map(|(key, value)| {
                    let ty = match inner {
                        ExtendedType::InputObject(input) => &input.fields[key.as_str()].ty,
                        _ => ty,
                    };
                    format!("{key}: {}", Self::constant(schema, value, ty))
                });
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
            Json::String(name) if inner.is_enum() => name.clone(),
            other => other.to_string(),
        }
    }
}
