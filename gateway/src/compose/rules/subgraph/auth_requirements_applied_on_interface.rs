//! `AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE`: an access directive stands on an interface, a field of one, or an interface object.

use apollo_compiler::ast::Directive;
use apollo_compiler::schema::ExtendedType;

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::federation::{PREFIX, names};

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE"),
    page: include_str!("auth_requirements_applied_on_interface.md"),
    check,
};

const ACCESS: [&str; 3] = [names::AUTHENTICATED, names::REQUIRES_SCOPES, names::POLICY];

fn check(subgraph: &Subgraph, report: &mut Report) {
    let mut refuse = |directive: &Directive, location, place: String| {
        let shown = directive.name.trim_start_matches(PREFIX);
        let message = format!("`@{shown}` stands on {place} of {}", subgraph.name);
        report
            .error(RULE.code, subgraph.span(location), message)
            .hint("put it on the object types that implement the interface, and their fields");
    };
    for ty in subgraph.types() {
        let place = match ty {
            ExtendedType::Interface(interface) => {
                for field in interface.fields.values() {
                    for directive in field.directives.iter().filter(|d| ACCESS.contains(&d.name.as_str())) {
                        let place = format!("`{}.{}`, a field of an interface", interface.name, field.name);
                        refuse(directive, directive.location(), place);
                    }
                }
                format!("the interface `{}`", interface.name)
            }
            ExtendedType::Object(object) if object.directives.has(names::INTERFACE_OBJECT) => {
                format!("the interface object `{}`", object.name)
            }
            _ => continue,
        };
        for directive in ty.directives().iter().filter(|d| ACCESS.contains(&d.name.as_str())) {
            refuse(directive, directive.location(), place.clone());
        }
    }
}
