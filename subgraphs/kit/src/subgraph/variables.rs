//! Gives variables the meaning that the specification gives them
//! (<https://spec.graphql.org/October2021/#sec-Coercing-Variable-Values>), where the GraphQL library does not:
//! `@skip` and `@include` see defaults, and an argument or input field whose variable the client left out is left
//! out too. The library would read it as null, and a patch would clear what the client never mentioned. And it
//! does not see variables in conditions on `__typename`, and would refuse them as unused.

use std::collections::HashSet;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, InlineFragment, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Variables};
use async_graphql_value::Value;

/// Puts defaults into `variables` and takes what was left out from `document`.
pub(super) fn settle(document: &mut ExecutableDocument, operation: Option<&str>, variables: &mut Variables) {
    let Some(definition) = operation_mut(&mut document.operations, operation) else { return };
    let mut omitted = HashSet::new();
    definition.variable_definitions.retain(|variable| {
        let variable = &variable.node;
        if variables.contains_key(&variable.name.node) {
            return true;
        }
        if let Some(default) = &variable.default_value {
            variables.insert(variable.name.node.clone(), default.node.clone());
            return true;
        }
        // A required one stays for validation to complain about.
        if variable.var_type.node.nullable {
            omitted.insert(variable.name.node.clone());
        }
        !variable.var_type.node.nullable
    });
    if omitted.is_empty() {
        return;
    }
    omit(&mut definition.selection_set.node, &omitted);
    #[expect(clippy::iter_over_hash_type, reason = "each fragment is changed by itself")]
    for fragment in document.fragments.values_mut() {
        omit(&mut fragment.node.selection_set.node, &omitted);
    }
}

/// Moves conditions on `__typename` to an inline fragment around it, where the library sees them.
pub(super) fn wrap_conditions(document: &mut ExecutableDocument) {
    match &mut document.operations {
        DocumentOperations::Single(only) => wrap(&mut only.node.selection_set.node),
        DocumentOperations::Multiple(all) =>
        {
            #[expect(clippy::iter_over_hash_type, reason = "each operation is changed by itself")]
            for one in all.values_mut() {
                wrap(&mut one.node.selection_set.node);
            }
        }
    }
    #[expect(clippy::iter_over_hash_type, reason = "each fragment is changed by itself")]
    for fragment in document.fragments.values_mut() {
        wrap(&mut fragment.node.selection_set.node);
    }
}

fn wrap(set: &mut SelectionSet) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) if field.node.name.node == "__typename" => {
                let directives = std::mem::take(&mut field.node.directives);
                if directives.is_empty() {
                    continue;
                }
                let pos = selection.pos;
                let inner = Positioned::new(selection.node.clone(), pos);
                let selection_set = Positioned::new(SelectionSet { items: vec![inner] }, pos);
                let fragment = InlineFragment { type_condition: None, directives, selection_set };
                selection.node = Selection::InlineFragment(Positioned::new(fragment, pos));
            }
            Selection::Field(field) => wrap(&mut field.node.selection_set.node),
            Selection::InlineFragment(fragment) => wrap(&mut fragment.node.selection_set.node),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn operation_mut<'d>(
    operations: &'d mut DocumentOperations,
    name: Option<&str>,
) -> Option<&'d mut OperationDefinition> {
    match (operations, name) {
        (DocumentOperations::Single(only), _) => Some(&mut only.node),
        (DocumentOperations::Multiple(all), Some(name)) => all.get_mut(name).map(|one| &mut one.node),
        (DocumentOperations::Multiple(_), None) => None,
    }
}

fn omit(set: &mut SelectionSet, omitted: &HashSet<Name>) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                omit_arguments(&mut field.node.arguments, omitted);
                omit(&mut field.node.selection_set.node, omitted);
            }
            Selection::InlineFragment(fragment) => omit(&mut fragment.node.selection_set.node, omitted),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn omit_arguments(arguments: &mut Vec<(Positioned<Name>, Positioned<Value>)>, omitted: &HashSet<Name>) {
    arguments.retain_mut(|(_, value)| keep(&mut value.node, omitted));
}

/// Whether the value is there at all; objects lose the fields that are not. In a list a variable that was left
/// out is null.
fn keep(value: &mut Value, omitted: &HashSet<Name>) -> bool {
    match value {
        Value::Variable(name) => return !omitted.contains(name),
        Value::Object(fields) => fields.retain(|_, field| keep(field, omitted)),
        Value::List(items) => {
            for item in items {
                if !keep(item, omitted) {
                    *item = Value::Null;
                }
            }
        }
        _ => {}
    }
    true
}

#[cfg(test)]
mod tests {
    use async_graphql::{
        EmptyMutation, EmptySubscription, InputObject, MaybeUndefined, Object, Request, Schema, value,
    };

    use super::*;

    struct Query;

    #[derive(InputObject)]
    struct Patch {
        name: MaybeUndefined<String>,
    }

    fn told(text: &MaybeUndefined<String>) -> String {
        match text {
            MaybeUndefined::Undefined => "left out".into(),
            MaybeUndefined::Null => "null".into(),
            MaybeUndefined::Value(text) => text.clone(),
        }
    }

    #[Object]
    impl Query {
        async fn patch(&self, input: Patch) -> String {
            told(&input.name)
        }
        async fn plain(&self, name: MaybeUndefined<String>) -> String {
            told(&name)
        }
        async fn list(&self, names: Vec<Option<String>>) -> usize {
            names.len()
        }
    }

    async fn check(query: &str, variables: async_graphql::Value, expected: &str) {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let mut request = Request::new(query).variables(Variables::from_value(variables));
        let mut document = request.parsed_query().unwrap().clone();
        wrap_conditions(&mut document);
        settle(&mut document, None, &mut request.variables);
        request.set_parsed_query(document);
        let response = schema.execute(request).await;
        assert!(response.errors.is_empty(), "{query}: {:?}", response.errors);
        assert_eq!(response.data.to_string(), expected, "{query}");
    }

    #[tokio::test]
    async fn left_out_null_and_given_are_three_things() {
        let patch =
            "query($n: String) { patch(input: { name: $n }) ...F } fragment F on Query { plain(name: $n) }";
        check(patch, value!({}), r#"{patch: "left out", plain: "left out"}"#).await;
        check(patch, value!({ "n": null }), r#"{patch: "null", plain: "null"}"#).await;
        check(patch, value!({ "n": "x" }), r#"{patch: "x", plain: "x"}"#).await;
        check("query($n: String) { list(names: [$n, \"b\"]) }", value!({}), "{list: 2}").await;
    }

    #[tokio::test]
    async fn conditions_see_defaults() {
        let query = "query($s: Boolean! = true, $i: Boolean! = true) {
            a: list(names: []) @skip(if: $s) b: list(names: []) @include(if: $i) }";
        check(query, value!({}), "{b: 0}").await;
        check(query, value!({ "s": false, "i": false }), "{a: 0}").await;
        let query = "query($s: Boolean! = true) { a: __typename @skip(if: $s) ...F }
            fragment F on Query { b: __typename @include(if: $s) }";
        check(query, value!({}), r#"{b: "Query"}"#).await;
    }
}
