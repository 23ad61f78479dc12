//! `LIST_SIZE_INVALID_SLICING_ARGUMENT`: a `@listSize` names a slicing argument that is missing or no integer.

use apollo_compiler::ast::Type;

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::list_sizes::list_sizes;

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("LIST_SIZE_INVALID_SLICING_ARGUMENT"),
    page: include_str!("list_size_invalid_slicing_argument.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    for size in list_sizes(subgraph) {
        for name in &size.slicing_arguments {
            let found = size.field.argument_by_name(name);
            let why = match found.map(|argument| &*argument.ty) {
                None => "which the field does not take".to_owned(),
                Some(Type::Named(ty) | Type::NonNullNamed(ty)) if ty == "Int" => continue,
                Some(ty) => format!("which is `{ty}`"),
            };
            let message = format!(
                "`@listSize` on `{}` of {} names the slicing argument `{name}`, {why}",
                size.coordinate(),
                subgraph.name
            );
            report
                .error(RULE.code, subgraph.span(size.location), message)
                .hint("name arguments of type `Int` or `Int!`");
        }
    }
}
