//! Gives failed fields the null that the specification asks for
//! (<https://spec.graphql.org/October2021/#sec-Handling-Field-Errors>): the GraphQL library leaves them out.
//!
//! Only responses with errors come here. Each error's path leads to a field that is missing; it becomes null, or,
//! where its type is non-null, the nearest place above that may be null does.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, DocumentOperations, ExecutableDocument, OperationType, Selection, SelectionSet, Type, TypeKind,
    TypeSystemDefinition,
};
use async_graphql::parser::{parse_schema, types::FieldDefinition};
use async_graphql::{Name, PathSegment, Positioned, Response, Value, indexmap::IndexMap};

/// The types of a schema's fields, and what its abstract types stand for.
#[derive(Default)]
pub(super) struct Types {
    fields: HashMap<String, HashMap<String, Type>>,
    /// The members of interfaces and unions.
    members: HashMap<String, HashSet<String>>,
}

impl Types {
    /// Reads them out of an SDL. What cannot be read counts as nullable.
    pub(super) fn of(sdl: &str) -> Self {
        let mut types = Self::default();
        for definition in parse_schema(sdl).map(|document| document.definitions).unwrap_or_default() {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let definition = definition.node;
            let name = definition.name.node.to_string();
            let fields: Vec<Positioned<FieldDefinition>> = match definition.kind {
                TypeKind::Object(object) => {
                    for interface in object.implements {
                        types.members.entry(interface.node.to_string()).or_default().insert(name.clone());
                    }
                    object.fields
                }
                TypeKind::Interface(interface) => {
                    types.members.entry(name.clone()).or_default();
                    interface.fields
                }
                TypeKind::Union(union) => {
                    let members = union.members.into_iter().map(|member| member.node.to_string());
                    types.members.entry(name.clone()).or_default().extend(members);
                    continue;
                }
                _ => continue,
            };
            let known = types.fields.entry(name).or_default();
            known.extend(
                fields.into_iter().map(|field| (field.node.name.node.to_string(), field.node.ty.node)),
            );
        }
        types
    }

    pub(super) fn field(&self, parent: &str, field: &str) -> Option<&Type> {
        self.fields.get(parent)?.get(field)
    }

    /// Whether objects of that very type are answered.
    pub(super) fn is_object(&self, name: &str) -> bool {
        self.fields.contains_key(name) && !self.members.contains_key(name)
    }

    /// Whether the interface or union `name` includes the object type `member`.
    pub(super) fn includes(&self, name: &str, member: &str) -> bool {
        self.members.get(name).is_some_and(|members| members.contains(member))
    }
}

/// Fills in the nulls of a response.
pub(super) fn complete(
    response: &mut Response,
    document: &ExecutableDocument,
    operation: Option<&str>,
    types: &Types,
) {
    let Some((root, selections)) = root(document, operation) else { return };
    let paths: Vec<Vec<PathSegment>> = response.errors.iter().map(|error| error.path.clone()).collect();
    for path in paths.iter().filter(|path| !path.is_empty()) {
        let steps = steps(document, root, selections, path, types);
        if is_missing(&response.data, path) {
            let kept = steps.iter().rposition(|nullable| *nullable).map(|last| last + 1);
            set_null(&mut response.data, kept.and_then(|kept| path.get(..kept)).unwrap_or_default());
        }
    }
}

/// The type that an operation starts at, and what it selects there.
pub(super) fn root<'d>(
    document: &'d ExecutableDocument,
    operation: Option<&str>,
) -> Option<(&'static str, &'d SelectionSet)> {
    let operation = match (&document.operations, operation) {
        (DocumentOperations::Single(only), _) => only,
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name)?,
        (DocumentOperations::Multiple(_), None) => return None,
    };
    let root = match operation.node.ty {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    };
    Some((root, &operation.node.selection_set.node))
}

/// For each step of a path, whether what stands there may be null.
fn steps(
    document: &ExecutableDocument,
    root: &str,
    selections: &SelectionSet,
    path: &[PathSegment],
    types: &Types,
) -> Vec<bool> {
    let mut nullable = Vec::with_capacity(path.len());
    let mut parent = root.to_owned();
    let mut within = vec![selections];
    let mut here: Option<Type> = None;
    for segment in path {
        match segment {
            PathSegment::Index(_) => {
                here = here.and_then(|list| match list.base {
                    BaseType::List(item) => Some(*item),
                    BaseType::Named(_) => None,
                });
            }
            PathSegment::Field(key) => {
                let mut found = Vec::new();
                for set in &within {
                    fields(document, &parent, set, key, &mut found);
                }
                here = found.iter().find_map(|(owner, field, _)| types.field(owner, field).cloned());
                within = found.into_iter().map(|(_, _, set)| set).collect();
            }
        }
        nullable.push(here.as_ref().is_none_or(|found| found.nullable));
        parent = here.as_ref().map(named).unwrap_or_default();
    }
    nullable
}

/// The fields that answer under `key`, with the types that they are asked of.
fn fields<'d>(
    document: &'d ExecutableDocument,
    parent: &str,
    set: &'d SelectionSet,
    key: &str,
    found: &mut Vec<(String, &'d str, &'d SelectionSet)>,
) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                if field.node.response_key().node == key {
                    found.push((parent.to_owned(), &field.node.name.node, &field.node.selection_set.node));
                }
            }
            Selection::InlineFragment(fragment) => {
                let condition = fragment.node.type_condition.as_ref();
                let parent = condition.map_or(parent, |condition| condition.node.on.node.as_str());
                fields(document, parent, &fragment.node.selection_set.node, key, found);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    let parent = fragment.node.type_condition.node.on.node.as_str();
                    fields(document, parent, &fragment.node.selection_set.node, key, found);
                }
            }
        }
    }
}

fn named(of: &Type) -> String {
    match &of.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(item) => named(item),
    }
}

/// Whether the object that the path leads to lacks the path's last key: it was left out for the error.
fn is_missing(data: &Value, path: &[PathSegment]) -> bool {
    let Some((PathSegment::Field(key), above)) = path.split_last() else { return false };
    let parent = above.iter().try_fold(data, |value, segment| match (value, segment) {
        (Value::Object(fields), PathSegment::Field(key)) => fields.get(key.as_str()),
        (Value::List(items), PathSegment::Index(index)) => items.get(*index),
        _ => None,
    });
    match parent {
        Some(Value::Object(fields)) => !fields.contains_key(key.as_str()),
        // An object all of whose fields failed.
        Some(Value::Null) => true,
        _ => false,
    }
}

/// Puts null at the end of the path. On the way, a null stands for an object whose fields were all left out.
fn set_null(data: &mut Value, path: &[PathSegment]) {
    let mut here = data;
    for segment in path {
        if let (Value::Null, PathSegment::Field(_)) = (&*here, segment) {
            *here = Value::Object(IndexMap::new());
        }
        let next = match (here, segment) {
            (Value::Object(fields), PathSegment::Field(key)) => {
                Some(fields.entry(Name::new(key)).or_insert(Value::Null))
            }
            (Value::List(items), PathSegment::Index(index)) => items.get_mut(*index),
            _ => None,
        };
        let Some(next) = next else { return };
        here = next;
    }
    *here = Value::Null;
}

#[cfg(test)]
mod tests {
    use async_graphql::{ServerError, parser::parse_query, value};

    use super::*;

    const SDL: &str = "type Query { shop: Shop shops: [Shop!]! all: [Shop] must: Shop! }
        type Shop { name: String! owner: Owner code: String plan: Plan! } type Owner { name: String! }
        type Plan { price: Int! }";

    fn check(query: &str, data: Value, path: &[&str], expected: &str) {
        let segment = |part: &&str| match part.parse() {
            Ok(index) => PathSegment::Index(index),
            Err(_) => PathSegment::Field((*part).to_owned()),
        };
        let mut error = ServerError::new("failed", None);
        error.path = path.iter().map(segment).collect();
        let mut response = Response::new(data);
        response.errors.push(error);
        complete(&mut response, &parse_query(query).unwrap(), None, &Types::of(SDL));
        assert_eq!(response.data.to_string(), expected, "{query} {path:?}");
    }

    #[test]
    fn a_failed_field_is_null_where_it_may_be() {
        check(
            "{ shop { name code } }",
            value!({ "shop": { "name": "a" } }),
            &["shop", "code"],
            "{shop: {name: \"a\", code: null}}",
        );
        check("{ shop { code } }", value!({ "shop": null }), &["shop", "code"], "{shop: {code: null}}");
        check(
            "{ s: shop { ...F } } fragment F on Shop { c: code }",
            value!({ "s": null }),
            &["s", "c"],
            "{s: {c: null}}",
        );
        check("{ shop { name } }", Value::Null, &["shop"], "{shop: null}");
    }

    #[test]
    fn a_failed_non_null_field_nulls_what_is_above() {
        check(
            "{ shop { name code } }",
            value!({ "shop": { "code": "c" } }),
            &["shop", "name"],
            "{shop: null}",
        );
        check("{ must { name code } }", value!({ "must": { "code": "c" } }), &["must", "name"], "null");
        let list = || value!([{ "code": "a" }, { "name": "b", "code": "b" }]);
        check(
            "{ all { name code } }",
            value!({ "all": (list()) }),
            &["all", "0", "name"],
            "{all: [null, {name: \"b\", code: \"b\"}]}",
        );
        check("{ shops { name code } }", value!({ "shops": (list()) }), &["shops", "0", "name"], "null");
        check(
            "{ shop { code plan { price } } }",
            value!({ "shop": { "code": "c", "plan": null } }),
            &["shop", "plan", "price"],
            "{shop: null}",
        );
    }

    #[test]
    fn what_is_there_or_unknown_is_left_alone() {
        check(
            "{ shop { code } }",
            value!({ "shop": { "code": "c" } }),
            &["shop", "code"],
            "{shop: {code: \"c\"}}",
        );
        check("{ shop { code } }", value!({ "shop": 1 }), &["shop", "7", "x"], "{shop: 1}");
        let entity = value!({ "_entities": [{ "__typename": "Shop" }] });
        check(
            "{ _entities { ... on Shop { __typename code } } }",
            entity,
            &["_entities", "0", "code"],
            "{_entities: [{__typename: \"Shop\", code: null}]}",
        );
    }
}
