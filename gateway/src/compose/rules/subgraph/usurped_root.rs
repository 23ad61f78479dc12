//! What the three `ROOT_…_USED` rules share: a root type that another type keeps from its default name.

use apollo_compiler::ast::OperationType;

use crate::compose::report::{Code, Report};
use crate::compose::subgraph::Subgraph;

/// Reports the type that has the default name of a root that is another type.
pub(super) fn check(code: Code, kind: OperationType, subgraph: &Subgraph, report: &mut Report) {
    let wanted = kind.default_type_name();
    let Some(root) = subgraph.schema.root_operation(kind) else { return };
    let Some(usurper) = subgraph.schema.types.get(&wanted).filter(|_| *root != wanted) else { return };
    let message = format!(
        "`{wanted}` of {} is not its {kind} root, which is `{root}`: in the supergraph the root is called `{wanted}`",
        subgraph.name
    );
    report
        .error(code, subgraph.span(usurper.location()), message)
        .label(subgraph.span(root.location()), "the root")
        .hint(format!("rename the type `{wanted}`, or make it the root"));
}
