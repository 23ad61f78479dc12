//! Requirements in disjunctive normal form, such as `@requiresScopes(scopes: [["a"], ["b", "c"]])`.

use std::collections::BTreeSet;

use apollo_compiler::Node;
use apollo_compiler::ast::Value;

/// The most alternatives that a conjunction may spread into, since each further factor multiplies them.
const ALTERNATIVES: usize = 512;

/// Any of these sets, all of each.
pub(super) type Requirement = BTreeSet<BTreeSet<String>>;

/// A requirement that holds where all of `requirements` hold, in normal form: no alternative contains
/// another, both levels sorted. One that would spread too far asks for everything that any of them names:
/// stricter than needed, never laxer.
pub(super) fn conjunction(requirements: &[&Value]) -> Value {
    write(&all(requirements))
}

/// The same as a set. Empty when there are no requirements.
pub(super) fn all(requirements: &[&Value]) -> Requirement {
    let mut factors = requirements.iter().map(|value| read(value));
    let mut product = factors.next().unwrap_or_default();
    for factor in factors {
        if product.len().saturating_mul(factor.len()) > ALTERNATIVES {
            return Requirement::from([everything(requirements)]);
        }
        product = product
            .iter()
            .flat_map(|left| factor.iter().map(move |right| left.union(right).cloned().collect()))
            .collect();
        product = minimal(&product);
    }
    product
}

/// Drops alternatives that ask for all that another asks for, and more.
fn minimal(requirement: &Requirement) -> Requirement {
    requirement
        .iter()
        .filter(|one| !requirement.iter().any(|other| other != *one && other.is_subset(one)))
        .cloned()
        .collect()
}

fn everything(requirements: &[&Value]) -> BTreeSet<String> {
    requirements.iter().flat_map(|value| read(value)).flatten().collect()
}

fn read(value: &Value) -> Requirement {
    let alternatives = value.as_list().unwrap_or_default();
    alternatives
        .iter()
        .map(|all_of| {
            let all_of = all_of.as_list().unwrap_or_default();
            all_of.iter().filter_map(|scope| scope.as_str()).map(str::to_owned).collect()
        })
        .collect()
}

fn write(requirement: &Requirement) -> Value {
    let scope = |scope: &String| Node::new(Value::String(scope.clone()));
    let all_of = |all_of: &BTreeSet<String>| Node::new(Value::List(all_of.iter().map(scope).collect()));
    Value::List(requirement.iter().map(all_of).collect())
}

#[cfg(test)]
mod tests {
    use apollo_compiler::ast::{Definition, Document};

    use super::*;

    fn scopes(text: &str) -> Node<Value> {
        let document = Document::parse(format!("scalar S @s(s: {text})"), "scopes.graphql").unwrap();
        let [Definition::ScalarTypeDefinition(scalar)] = document.definitions.as_slice() else { panic!() };
        scalar.directives.0[0].arguments[0].value.clone()
    }

    fn both(a: &str, b: &str) -> String {
        conjunction(&[&scopes(a), &scopes(b)]).serialize().no_indent().to_string()
    }

    #[test]
    fn whoever_asks_must_satisfy_both() {
        assert_eq!(both(r#"[["a"]]"#, r#"[["b"]]"#), r#"[["a", "b"]]"#);
    }

    #[test]
    fn an_alternative_that_asks_for_more_than_another_is_dropped() {
        assert_eq!(both(r#"[["a"], ["b", "c"]]"#, r#"[["a"], ["d"]]"#), r#"[["a"], ["b", "c", "d"]]"#);
    }
}
