//! Puts the fields of a response into the order of the operation's selection
//! (<https://spec.graphql.org/October2021/#sec-Response-Format>): the GraphQL library answers them in the order in
//! which they were resolved.
//!
//! Only for answers that leave on the subgraph's own port. The gateway finds fields by name and makes the order of
//! its client itself. Where an abstract type is asked for without `__typename`, the answer does not tell which
//! fragments applied: then all of them count.

use std::collections::HashMap;

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, FragmentDefinition, Selection, SelectionSet, Type,
};
use async_graphql::{Name, Positioned, Value, indexmap::IndexMap};

use super::complete::{Types, root};

/// Arranges the data of a response to `document`.
pub(super) fn arrange(
    data: &mut Value,
    document: &ExecutableDocument,
    operation: Option<&str>,
    types: &Types,
) {
    let Some((parent, selections)) = root(document, operation) else { return };
    Arranging { fragments: &document.fragments, types }.value(data, parent, &[selections]);
}

/// What is asked of one response key: the type of its field, and the selections that are merged there.
struct Asked<'d> {
    of: &'d str,
    sets: Vec<&'d SelectionSet>,
}

struct Arranging<'d> {
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    types: &'d Types,
}

impl<'d> Arranging<'d> {
    /// `of` is the type that the field declares, empty when it is not known.
    fn value(&self, value: &mut Value, of: &str, sets: &[&'d SelectionSet]) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.value(item, of, sets)),
            Value::Object(fields) => self.object(fields, of, sets),
            _ => {}
        }
    }

    fn object(&self, fields: &mut IndexMap<Name, Value>, of: &str, sets: &[&'d SelectionSet]) {
        let named = match fields.get("__typename") {
            Some(Value::String(name)) => Some(name.clone()),
            _ => self.types.is_object(of).then(|| of.to_owned()),
        };
        let mut asked = IndexMap::new();
        for set in sets {
            self.collect(named.as_deref(), set, &mut asked);
        }
        let place = |key: &Name| asked.get_index_of(key.as_str()).unwrap_or(usize::MAX);
        if !fields.keys().is_sorted_by_key(place) {
            fields.sort_by_cached_key(|key, _| place(key));
        }
        for (key, value) in fields {
            if let Some(Asked { of, sets }) = asked.get(key.as_str()).filter(|asked| !asked.sets.is_empty()) {
                self.value(value, of, sets);
            }
        }
    }

    /// The response keys of a selection in its order, as far as it applies to the type called `named`.
    fn collect(&self, named: Option<&str>, set: &'d SelectionSet, asked: &mut IndexMap<&'d str, Asked<'d>>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let of = named.and_then(|named| self.types.field(named, &field.name.node));
                    let key = field.response_key().node.as_str();
                    let entry = asked.entry(key).or_insert_with(|| Asked { of: "", sets: Vec::new() });
                    if let Some(of) = of {
                        entry.of = name_of(of);
                    }
                    if !field.selection_set.node.items.is_empty() {
                        entry.sets.push(&field.selection_set.node);
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    if self.applies(named, condition) {
                        self.collect(named, &fragment.node.selection_set.node, asked);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.fragments.get(&spread.node.fragment_name.node);
                    let Some(Positioned { node: fragment, .. }) = fragment else { continue };
                    if self.applies(named, Some(fragment.type_condition.node.on.node.as_str())) {
                        self.collect(named, &fragment.selection_set.node, asked);
                    }
                }
            }
        }
    }

    fn applies(&self, named: Option<&str>, condition: Option<&str>) -> bool {
        match (named, condition) {
            (Some(named), Some(condition)) => named == condition || self.types.includes(condition, named),
            _ => true,
        }
    }
}

fn name_of(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(item) => name_of(item),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{parser::parse_query, value};

    use super::*;

    const SDL: &str =
        "type Query { shop: Shop all: [Thing] any: [Any] } type Shop { name: String code: String
        owner: Owner } type Owner { name: String age: Int } interface Thing { id: ID }
        type A implements Thing { id: ID x: Int y: Int } type B implements Thing { id: ID x: Int y: Int }
        union Any = A | B";

    fn check(query: &str, mut data: Value, expected: &str) {
        arrange(&mut data, &parse_query(query).unwrap(), None, &Types::of(SDL));
        assert_eq!(data.to_string(), expected, "{query}");
    }

    #[test]
    fn fields_stand_in_the_order_of_the_selection() {
        let owner = || value!({ "age": 3, "name": "o" });
        check(
            "{ a: shop { name code } shop { owner { name age } code } }",
            value!({ "shop": { "code": "c", "owner": (owner()) }, "a": { "code": "c", "name": "n" } }),
            r#"{a: {name: "n", code: "c"}, shop: {owner: {name: "o", age: 3}, code: "c"}}"#,
        );
        check(
            "{ shop { owner { age } ...F name } } fragment F on Shop { code owner { name } }",
            value!({ "shop": { "name": "n", "code": "c", "owner": { "name": "o", "age": 3 } } }),
            r#"{shop: {owner: {age: 3, name: "o"}, code: "c", name: "n"}}"#,
        );
    }

    #[test]
    fn fragments_that_did_not_apply_have_no_say() {
        let things =
            || value!([{ "x": 1, "__typename": "B", "y": 2 }, { "y": 2, "x": 1, "__typename": "A" }]);
        for field in ["all", "any"] {
            check(
                &format!(
                    "{{ {field} {{ __typename ... on A {{ x }} ... on B {{ y x }} ... on Thing {{ y }} }} }}"
                ),
                value!({ (field): (things()) }),
                &format!(
                    r#"{{{field}: [{{__typename: "B", y: 2, x: 1}}, {{__typename: "A", x: 1, y: 2}}]}}"#
                ),
            );
        }
        check(
            "{ unknown { b a } }",
            value!({ "unknown": [{ "a": 1, "b": null }, null] }),
            "{unknown: [{b: null, a: 1}, null]}",
        );
    }
}
