//! `ROOT_SUBSCRIPTION_USED`: a type called `Subscription` is not the subscription root, while another is.

use apollo_compiler::ast::OperationType;

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::rules::subgraph::usurped_root;
use crate::compose::subgraph::Subgraph;

pub(super) const RULE: Rule<Subgraph> =
    Rule { code: Code("ROOT_SUBSCRIPTION_USED"), page: include_str!("root_subscription_used.md"), check };

fn check(subgraph: &Subgraph, report: &mut Report) {
    usurped_root::check(RULE.code, OperationType::Subscription, subgraph, report);
}
