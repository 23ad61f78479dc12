//! What an element demands of whoever asks for it.

use std::collections::BTreeSet;

use apollo_compiler::Node;
use apollo_compiler::ast::{Directive, Value};

use super::scopes::{self, Requirement};
use crate::compose::subgraph::federation::names;

/// Demands of `@authenticated`, `@requiresScopes` and `@policy` together.
#[derive(Debug, Default)]
pub(crate) struct Requirements {
    authenticated: bool,
    scopes: Requirement,
    policies: Requirement,
}

impl Requirements {
    /// What several lists of directives demand, all together.
    pub(crate) fn of(lists: &[&[Node<Directive>]]) -> Self {
        let applied = |name: &'static str| {
            lists.iter().flat_map(|list| list.iter()).filter(move |directive| directive.name == name)
        };
        let all = |name: &'static str, argument: &str| -> Requirement {
            let values: Vec<&Value> = applied(name)
                .filter_map(|directive| directive.specified_argument_by_name(argument).map(|value| &**value))
                .collect();
            scopes::all(&values)
        };
        Self {
            authenticated: applied(names::AUTHENTICATED).next().is_some(),
            scopes: all(names::REQUIRES_SCOPES, "scopes"),
            policies: all(names::POLICY, "policies"),
        }
    }

    /// Whether whoever meets these demands also meets `other`.
    pub(crate) fn cover(&self, other: &Self) -> bool {
        (self.authenticated || !other.authenticated)
            && implies(&self.scopes, &other.scopes)
            && implies(&self.policies, &other.policies)
    }
}

/// Whether each alternative of `strict` asks for all of some alternative of `lax`.
fn implies(strict: &Requirement, lax: &Requirement) -> bool {
    if lax.is_empty() {
        return true;
    }
    let meets = |all_of: &BTreeSet<String>| lax.iter().any(|demanded| demanded.is_subset(all_of));
    !strict.is_empty() && strict.iter().all(meets)
}
