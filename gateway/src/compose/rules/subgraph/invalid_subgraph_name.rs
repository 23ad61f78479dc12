//! `INVALID_SUBGRAPH_NAME`: a subgraph is called `_`, or like another one.

use crate::compose::report::Span;
use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::subgraph::draft::Draft;

pub(super) const RULE: Rule<Draft> =
    Rule { code: Code("INVALID_SUBGRAPH_NAME"), page: include_str!("invalid_subgraph_name.md"), check };

fn check(draft: &Draft, report: &mut Report) {
    let span = Span::whole(&draft.name);
    if &*draft.name == "_" {
        report
            .error(RULE.code, span, "a subgraph cannot be called `_`")
            .hint("the name means all subgraphs in the join specification; choose another");
    } else if draft.is_duplicate {
        report
            .error(RULE.code, span, format!("several subgraphs are called `{}`", draft.name))
            .hint("give each subgraph a name of its own");
    }
}
