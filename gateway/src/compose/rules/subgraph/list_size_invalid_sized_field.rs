//! `LIST_SIZE_INVALID_SIZED_FIELD`: a `@listSize` names a sized field that the field's type does not have.

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::Subgraph;
use crate::compose::subgraph::list_sizes::list_sizes;

pub(super) const RULE: Rule<Subgraph> = Rule {
    code: Code("LIST_SIZE_INVALID_SIZED_FIELD"),
    page: include_str!("list_size_invalid_sized_field.md"),
    check,
};

fn check(subgraph: &Subgraph, report: &mut Report) {
    for size in list_sizes(subgraph) {
        let coordinate = size.coordinate();
        if !size.sized_fields.is_empty() && !size.is_composite {
            let message = format!(
                "`@listSize` on `{coordinate}` of {} names sized fields, but `{}` has no fields",
                subgraph.name, size.field.ty
            );
            report.error(RULE.code, subgraph.span(size.location), message).hint("remove `sizedFields`");
            continue;
        }
        for name in size.sized_fields.iter().filter(|name| size.sized_field(name).is_none()) {
            let message = format!(
                "`@listSize` on `{coordinate}` of {} names the sized field `{name}`, which `{}` does not have",
                subgraph.name,
                size.field.ty.inner_named_type()
            );
            report
                .error(RULE.code, subgraph.span(size.location), message)
                .hint("name list fields of the field's type");
        }
    }
}
