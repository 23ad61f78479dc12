//! `OVERRIDDEN_FIELD_CAN_BE_REMOVED`: a field is overridden for good.

use crate::compose::merge::Merged;
use crate::compose::merge::model::{Kind, Replaced};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("OVERRIDDEN_FIELD_CAN_BE_REMOVED"),
    page: include_str!("overridden_field_can_be_removed.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for field in graph.of_kind(Kind::Object).flat_map(|ty| ty.fields.values()) {
        for source in field.declaring() {
            let Replaced::Fully { used } = source.replaced else { continue };
            let remedy =
                if used { "mark it `@external`: it is still needed there" } else { "remove it there" };
            report
                .doubt(
                    RULE.code,
                    source.span(),
                    format!(
                        "`{}` in {} is overridden and never asked for",
                        field.coordinate(),
                        source.subgraph.name
                    ),
                )
                .hint(remedy);
        }
    }
}
