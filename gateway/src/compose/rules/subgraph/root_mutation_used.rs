//! `ROOT_MUTATION_USED`: a type called `Mutation` is not the mutation root, while another is.

use apollo_compiler::ast::OperationType;

use crate::compose::report::{Code, Report};
use crate::compose::rules::Rule;
use crate::compose::rules::subgraph::usurped_root;
use crate::compose::subgraph::Subgraph;

pub(super) const RULE: Rule<Subgraph> =
    Rule { code: Code("ROOT_MUTATION_USED"), page: include_str!("root_mutation_used.md"), check };

fn check(subgraph: &Subgraph, report: &mut Report) {
    usurped_root::check(RULE.code, OperationType::Mutation, subgraph, report);
}
