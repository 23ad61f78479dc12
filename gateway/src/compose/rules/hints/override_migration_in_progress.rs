//! `OVERRIDE_MIGRATION_IN_PROGRESS`: a field is moving from one subgraph to another.

use crate::compose::merge::Merged;
use crate::compose::merge::model::{Kind, Replaced};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("OVERRIDE_MIGRATION_IN_PROGRESS"),
    page: include_str!("override_migration_in_progress.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for field in graph.of_kind(Kind::Object).flat_map(|ty| ty.fields.values()) {
        for source in field.declaring() {
            let Replaced::InProgress { label, .. } = &source.replaced else { continue };
            report
                .doubt(
                    RULE.code,
                    source.span(),
                    format!(
                        "`{}` is moving away from {} under the label `{label}`",
                        field.coordinate(),
                        source.subgraph.name
                    ),
                )
                .hint("when it has moved, remove it there");
        }
    }
}
