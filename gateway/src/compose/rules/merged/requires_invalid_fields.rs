//! `REQUIRES_INVALID_FIELDS`: a `@requires` leaves out an argument that the field's own subgraph demands.

use apollo_compiler::executable::{Selection, SelectionSet};

use crate::compose::merge::Merged;
use crate::compose::merge::model::MergedInput;
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule =
    Rule { code: Code("REQUIRES_INVALID_FIELDS"), page: include_str!("requires_invalid_fields.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (_, field) in graph.fields() {
        for source in field.declaring() {
            let Some(required) = &source.facts.requires else { continue };
            let mut missing = Vec::new();
            find_missing(graph, &required.selections, &mut missing);
            for (selected, argument, demanded_by) in missing {
                report
                    .error(
                        RULE.code,
                        source.span(),
                        format!(
                            "`fields` of `@requires` on `{}` of {} is invalid: the argument `{selected}({argument}:)`, \
                             required in {demanded_by}, is not provided",
                            field.coordinate(),
                            source.subgraph.name
                        ),
                    )
                    .hint(format!("pass it in the selection, as `{argument}: …`"));
            }
        }
    }
}

/// The arguments that a selection must pass and does not: of which field, and who says so.
fn find_missing(graph: &Merged<'_>, set: &SelectionSet, missing: &mut Vec<(String, String, String)>) {
    for selection in &set.selections {
        match selection {
            Selection::Field(field) => {
                let selected = graph.types.get(&set.ty).and_then(|ty| ty.fields.get(&field.name));
                let arguments = selected.into_iter().flat_map(|selected| selected.arguments.values());
                let left_out = |argument: &&MergedInput<'_>| {
                    !argument.contextual && field.arguments.iter().all(|given| given.name != argument.name)
                };
                for argument in arguments.filter(left_out) {
                    if let Some(source) = argument.requiring().next() {
                        let coordinate = format!("{}.{}", set.ty, field.name);
                        let demanded_by = source.subgraph.name.to_string();
                        missing.push((coordinate, argument.name.to_string(), demanded_by));
                    }
                }
                find_missing(graph, &field.selection_set, missing);
            }
            Selection::InlineFragment(fragment) => find_missing(graph, &fragment.selection_set, missing),
            Selection::FragmentSpread(_) => {}
        }
    }
}
