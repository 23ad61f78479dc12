//! `MISSING_TRANSITIVE_AUTH_REQUIREMENTS`: a field computes from protected data without protecting it.

use apollo_compiler::Node;
use apollo_compiler::ast::Directive;
use apollo_compiler::executable::{Selection, SelectionSet};

use crate::compose::merge::model::MergedField;
use crate::compose::merge::{Merged, Requirements, context_selections};
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MISSING_TRANSITIVE_AUTH_REQUIREMENTS"),
    page: include_str!("missing_transitive_auth_requirements.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (ty, field) in graph.fields() {
        let own = Requirements::of(&[&field.directives, &ty.directives]);
        for source in field.declaring() {
            let required = source.facts.requires.as_ref().map(|set| &set.selections);
            let contexts = context_selections(source);
            for (selections, by) in required
                .map(|set| (set, "@requires"))
                .into_iter()
                .chain(contexts.iter().map(|set| (set, "@fromContext")))
            {
                let Some(protected) = laxer_than(graph, &own, selections) else { continue };
                report
                    .error(
                        RULE.code,
                        source.span(),
                        format!(
                            "`{}` in {} gets `{protected}` by `{by}` without demanding what that field demands",
                            field.coordinate(),
                            source.subgraph.name
                        ),
                    )
                    .hint(format!(
                        "repeat the `@authenticated`, `@requiresScopes` and `@policy` of `{protected}` and its type"
                    ));
            }
        }
    }
}

/// The first selected field whose demands `own` does not meet.
fn laxer_than(graph: &Merged<'_>, own: &Requirements, selections: &SelectionSet) -> Option<String> {
    selections.selections.iter().find_map(|selection| match selection {
        Selection::Field(field) => {
            let selected = graph.types.get(&selections.ty).and_then(|ty| ty.fields.get(&field.name));
            selected
                .filter(|selected| !own.cover(&demands(graph, selected)))
                .map(MergedField::coordinate)
                .or_else(|| laxer_than(graph, own, &field.selection_set))
        }
        Selection::InlineFragment(fragment) => laxer_than(graph, own, &fragment.selection_set),
        Selection::FragmentSpread(_) => None,
    })
}

fn demands(graph: &Merged<'_>, field: &MergedField<'_>) -> Requirements {
    let returned = field.ty.ty.as_ref().and_then(|ty| graph.types.get(ty.inner_named_type()));
    let nothing: &[Node<Directive>] = &[];
    Requirements::of(&[&field.directives, returned.map_or(nothing, |ty| &ty.directives)])
}
