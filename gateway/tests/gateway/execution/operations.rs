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
            if !self.variables.contains_key(*name) {
                self.variables.insert((*name).to_owned(), self.rng.random_bool(0.5).into());
                self.definitions.push(format!("${name}: Boolean!"));
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
        if self.rng.random_bool(0.4) {
            let name = format!("v{}", self.definitions.len());
            self.definitions.push(format!("${name}: {ty}"));
            self.variables.insert(name.clone(), value);
            return format!("${name}");
        }
        self.literal(&value, ty)
    }

    fn json(&mut self, ty: &Type) -> Json {
        if !ty.is_non_null() && self.rng.random_bool(0.1) {
            return Json::Null;
        }
        if ty.is_list() {
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
                _ => json!(["x", "a \"b\"", "é"].choose(self.rng).unwrap()),
            },
        }
    }

    fn literal(&self, value: &Json, ty: &Type) -> String {
        match value {
            Json::Array(items) => {
                let items: Vec<String> =
                    items.iter().map(|item| self.literal(item, ty.item_type())).collect();
                format!("[{}]", items.join(", "))
            }
            Json::Object(members) => {
                let ExtendedType::InputObject(input) = &self.schema.types[ty.inner_named_type()] else {
                    panic!()
                };
                let members = members.iter().map(|(key, value)| {
                    format!("{key}: {}", self.literal(value, &input.fields[key.as_str()].ty))
                });
                format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
            }
            Json::String(name)
                if matches!(self.schema.types[ty.inner_named_type()], ExtendedType::Enum(_)) =>
            {
                name.clone()
            }
            other => other.to_string(),
        }
    }
}
