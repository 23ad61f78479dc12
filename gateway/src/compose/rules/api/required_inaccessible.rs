//! `REQUIRED_INACCESSIBLE`: clients must give what they do not see.

use crate::compose::merge::Merged;
use crate::compose::merge::model::MergedInput;
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule =
    Rule { code: Code("REQUIRED_INACCESSIBLE"), page: include_str!("required_inaccessible.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (coordinate, input) in graph.inputs_of_visible_parents() {
        if !Merged::is_hidden(&input.directives) || !input.must_be_given() {
            continue;
        }
        report
            .error(
                RULE.code,
                input.span(),
                format!("clients must give `{coordinate}`, but it is `@inaccessible`"),
            )
            .hint("make it nullable or give it a default before you hide it");
    }
}

impl MergedInput<'_> {
    /// Whether the merged graph demands a value.
    fn must_be_given(&self) -> bool {
        let has_default = matches!(&self.default, crate::compose::merge::model::MergedDefault::Same(Some(_)));
        self.ty.ty.as_ref().is_some_and(apollo_compiler::ast::Type::is_non_null) && !has_default
    }
}
