//! Which arguments of the API take an id or a filter, and which of them an operation gives something foreign.
//! An argument is named by its field and the path to the value: `Query.products(where.categories)`.

use std::collections::BTreeSet;

use apollo_compiler::ast::Value;
use apollo_compiler::executable::{Selection, SelectionSet};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::{ExecutableDocument, Schema};

/// Arguments of root queries that name a record without its id.
const NAMES: [&str; 3] = ["slug", "sku", "externalReference"];

/// Every place for an id; every text in a filter; every name by which a record is looked up.
pub(super) fn needed(api: &str) -> BTreeSet<String> {
    let schema = Schema::parse_and_validate(api, "api.graphql").unwrap();
    let mut needed = BTreeSet::new();
    for (name, definition) in &schema.types {
        let fields = match definition {
            ExtendedType::Object(object) if !name.starts_with("__") => &object.fields,
            ExtendedType::Interface(interface) => &interface.fields,
            _ => continue,
        };
        for field in fields.values() {
            for argument in &field.arguments {
                let mut paths = Vec::new();
                let is_name = name == "Query" && NAMES.contains(&argument.name.as_str());
                let walk = Walk { schema: &schema, texts: is_name };
                walk.places(
                    argument.name.to_string(),
                    argument.ty.inner_named_type(),
                    &mut Vec::new(),
                    &mut paths,
                );
                needed.extend(paths.into_iter().map(|path| format!("{name}.{}({path})", field.name)));
            }
        }
    }
    needed
}

struct Walk<'s> {
    schema: &'s Schema,
    /// Whether texts count too.
    texts: bool,
}

impl Walk<'_> {
    /// The places within an argument or input field at `path`; a filter within itself adds none.
    fn places(&self, path: String, of: &str, within: &mut Vec<String>, found: &mut Vec<String>) {
        match self.schema.types.get(of) {
            _ if of == "ID" || (of == "String" && self.texts) => found.push(path),
            Some(ExtendedType::InputObject(input)) if !within.iter().any(|outer| outer == of) => {
                within.push(of.to_owned());
                let walk = Walk { texts: self.texts || of.ends_with("Where"), ..*self };
                for field in input.fields.values() {
                    walk.places(format!("{path}.{}", field.name), field.ty.inner_named_type(), within, found);
                }
                within.pop();
            }
            _ => {}
        }
    }
}

/// The places to which an operation gives a variable that stands for something foreign.
pub(super) fn covered(api: &str, operation: &str) -> BTreeSet<String> {
    let schema = Schema::parse_and_validate(api, "api.graphql").unwrap();
    let document = ExecutableDocument::parse_and_validate(&schema, operation, "operations.graphql");
    let document = document.unwrap_or_else(|error| panic!("{operation}\n{}", error.errors));
    let mut found = BTreeSet::new();
    for operation in document.operations.iter() {
        fields(&operation.selection_set, &mut found);
    }
    found
}

fn fields(set: &SelectionSet, found: &mut BTreeSet<String>) {
    for selection in &set.selections {
        match selection {
            Selection::Field(field) => {
                for argument in &field.arguments {
                    let mut paths = Vec::new();
                    foreign(argument.name.to_string(), &argument.value, &mut paths);
                    found.extend(paths.into_iter().map(|path| format!("{}.{}({path})", set.ty, field.name)));
                }
                fields(&field.selection_set, found);
            }
            Selection::InlineFragment(fragment) => fields(&fragment.selection_set, found),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn foreign(path: String, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Variable(name) if !name.starts_with("own") && !name.starts_with("open") => found.push(path),
        Value::List(items) => items.iter().for_each(|item| foreign(path.clone(), item, found)),
        Value::Object(fields) => {
            for (name, value) in fields {
                foreign(format!("{path}.{name}"), value, found);
            }
        }
        _ => {}
    }
}
