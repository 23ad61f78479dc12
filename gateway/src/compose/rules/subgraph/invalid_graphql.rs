//! `INVALID_GRAPHQL`: a subgraph's SDL does not parse, or breaks a rule of the GraphQL specification.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::default_values;
use crate::compose::subgraph::draft::{Draft, GraphQlFault, graphql_faults};

/// Syntax, and definitions that clash: without them right there is nothing else to look at.
pub(super) const SYNTAX: Rule<Draft> =
    Rule { code: Code("INVALID_GRAPHQL"), page: include_str!("invalid_graphql.md"), check: check_syntax };

/// Fields, values and members that one definition has twice.
pub(super) const DUPLICATES: Rule<Draft> =
    Rule { code: Code("INVALID_GRAPHQL"), page: include_str!("invalid_graphql.md"), check: check_duplicates };

/// Everything else that the GraphQL specification asks of a schema.
pub(super) const RULE: Rule<Draft> =
    Rule { code: Code("INVALID_GRAPHQL"), page: include_str!("invalid_graphql.md"), check };

fn check_syntax(draft: &Draft, report: &mut Report) {
    report_all(draft, &draft.build_faults, report);
}

fn check_duplicates(draft: &Draft, report: &mut Report) {
    report_all(draft, &draft.duplicates, report);
}

fn check(draft: &Draft, report: &mut Report) {
    if let Err(errors) = draft.schema.clone().validate() {
        report_all(draft, &graphql_faults(&errors.errors), report);
    }
    for fault in default_values::faults(&draft.schema) {
        let message = format!("in {}, {}", draft.name, fault.message);
        report.error(RULE.code, draft.span(fault.location), message);
    }
    for input in draft.schema.types.values().filter_map(|ty| ty.as_input_object()) {
        if !input.directives.has("oneOf") || !is_standard_one_of(draft) {
            continue;
        }
        for field in input.fields.values() {
            let coordinate = format!("{}.{}", input.name, field.name);
            if field.ty.is_non_null() {
                let message = format!("`{coordinate}` of {} is required in a `@oneOf` input", draft.name);
                report.error(RULE.code, draft.span(field.ty.location()), message).hint("make it nullable");
            }
            if let Some(value) = &field.default_value {
                let message = format!("`{coordinate}` of {} has a default in a `@oneOf` input", draft.name);
                report.error(RULE.code, draft.span(value.location()), message).hint("remove the default");
            }
        }
    }
}

fn is_standard_one_of(draft: &Draft) -> bool {
    draft.schema.directive_definitions.get("oneOf").is_some_and(|directive| directive.arguments.is_empty())
}

fn report_all(draft: &Draft, faults: &[GraphQlFault], report: &mut Report) {
    for fault in faults {
        let message = format!("in {}, {}", draft.name, fault.message);
        report.error(RULE.code, draft.span(fault.location), message);
    }
}
