//! `LIST_SIZE_APPLIED_TO_NON_LIST`: a `@listSize` stands on a field that is no list, or names a sized field that is none.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::list_sizes::list_sizes;

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("LIST_SIZE_APPLIED_TO_NON_LIST"),
    page: include_str!("list_size_applied_to_non_list.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    for size in list_sizes(subgraph) {
        let coordinate = size.coordinate();
        if size.sized_fields.is_empty() && !size.field.ty.is_list() {
            let message =
                format!("`@listSize` stands on `{coordinate}` of {}, which is no list", subgraph.name);
            report
                .error(RULE.code, subgraph.span(size.location), message)
                .hint("let the field return a list, or name the list fields of its type in `sizedFields`");
        }
        for name in &size.sized_fields {
            let Some(sized) = size.sized_field(name).filter(|sized| !sized.ty.is_list()) else { continue };
            let message = format!(
                "`{name}`, a sized field of `@listSize` on `{coordinate}` of {}, is no list but `{}`",
                subgraph.name, sized.ty
            );
            report
                .error(RULE.code, subgraph.span(size.location), message)
                .hint("name only fields that return lists");
        }
    }
}
