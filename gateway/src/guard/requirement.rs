//! What `@authenticated`, `@requiresScopes` and `@policy` say, and whether a caller meets it.
use apollo_compiler::{
    Node, Schema,
    ast::{Directive, Value},
};

use super::Claims;
use crate::imported::imported;

/// What is required: all of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Requirement {
    is_authenticated: bool,
    /// One of the lists; of the list, every name.
    scopes: Option<Vec<Vec<String>>>,
    policies: Option<Vec<Vec<String>>>,
}

impl Requirement {
    pub(super) fn is_met_by(&self, claims: &Claims) -> bool {
        let some = |wanted: &Option<Vec<Vec<String>>>, held: &[String]| {
            let all = |names: &Vec<String>| names.iter().all(|name| held.contains(name));
            wanted.as_ref().is_none_or(|lists| lists.iter().any(all))
        };
        (claims.is_authenticated || !self.is_authenticated)
            && some(&self.scopes, &claims.scopes)
            && some(&self.policies, &claims.policies)
    }
}

/// What the supergraph calls the directives.
#[derive(Debug)]
pub(super) struct Directives {
    authenticated: String,
    requires_scopes: String,
    policy: String,
}

impl Directives {
    pub(super) fn of(supergraph: &Schema) -> Self {
        let links = supergraph.schema_definition.directives.iter();
        let named = |name: &str| imported(links.clone().map(|link| &***link), name, name);
        Self {
            authenticated: named("authenticated"),
            requires_scopes: named("requiresScopes"),
            policy: named("policy"),
        }
    }

    /// What `applied` require together; `None` for nothing.
    pub(super) fn requirement<'a>(
        &self,
        applied: impl Iterator<Item = &'a Directive>,
    ) -> Option<Requirement> {
        let mut all = Requirement::default();
        for directive in applied {
            if *directive.name == *self.authenticated {
                all.is_authenticated = true;
            } else if *directive.name == *self.requires_scopes {
                all.scopes = Some(lists(directive, "scopes"));
            } else if *directive.name == *self.policy {
                all.policies = Some(lists(directive, "policies"));
            }
        }
        (all != Requirement::default()).then_some(all)
    }
}

/// What cannot be read is a list that no one meets.
fn lists(directive: &Directive, argument: &str) -> Vec<Vec<String>> {
    let values = |value: &Node<Value>| -> Vec<Node<Value>> {
        value.as_list().map_or_else(|| vec![value.clone()], <[Node<Value>]>::to_vec)
    };
    let lists = directive.specified_argument_by_name(argument).map(values).unwrap_or_default();
    let names = |list: &Node<Value>| values(list).iter().map(|it| it.as_str().map(str::to_owned)).collect();
    lists.iter().filter_map(names).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requirement(sdl: &str) -> Option<Requirement> {
        let schema = Schema::parse(format!("type Query {{ f: Int {sdl} }}"), "supergraph.graphql").unwrap();
        let field = schema.type_field("Query", "f").unwrap().clone();
        Directives::of(&schema).requirement(field.directives.iter().map(|it| &**it))
    }

    fn claims(scopes: &[&str]) -> Claims {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        Claims { scopes, ..Claims::default() }
    }

    #[test]
    fn one_list_of_scopes_must_be_held_whole() {
        let either = requirement(r#"@requiresScopes(scopes: [["a", "b"], ["c"]])"#).unwrap();
        for (held, is_met) in [(&["a"][..], false), (&["b", "a"], true), (&["c"], true), (&[], false)] {
            assert_eq!(either.is_met_by(&claims(held)), is_met, "{held:?}");
        }
    }

    #[test]
    fn several_directives_are_required_together_and_nothing_is_met_by_no_list() {
        let both = requirement(r#"@authenticated @policy(policies: [["p"]])"#).unwrap();
        let mut caller = Claims { policies: vec!["p".to_owned()], ..Claims::default() };
        assert!(!both.is_met_by(&caller));
        caller.is_authenticated = true;
        assert!(both.is_met_by(&caller));
        assert!(!requirement("@requiresScopes(scopes: [])").unwrap().is_met_by(&claims(&["a"])));
        assert_eq!(requirement("@deprecated"), None);
    }

    #[test]
    fn a_directive_is_enforced_under_whatever_name_the_supergraph_gives_it() {
        let cases = [
            ("", "authenticated"),
            (", as: \"login\"", "login"),
            (", import: [\"@authenticated\"]", "authenticated"),
            (", import: [{ name: \"@authenticated\", as: \"@loggedIn\" }]", "loggedIn"),
        ];
        for (arguments, name) in cases {
            let link = format!("@link(url: \"https://specs.apollo.dev/authenticated/v0.1\"{arguments})");
            let sdl =
                format!("schema {link} {{ query: Query }} type Query {{ open: Int closed: Int @{name} }}");
            let schema = Schema::builder().parse(sdl, "supergraph.graphql").build();
            let schema = schema.unwrap_or_else(|failed| failed.partial);
            let directives = Directives::of(&schema);
            let requires = |field: &str| {
                let field = schema.type_field("Query", field).unwrap();
                directives.requirement(field.directives.iter().map(|it| &**it)).is_some()
            };
            assert_eq!([requires("open"), requires("closed")], [false, true], "{arguments}");
        }
    }
}
