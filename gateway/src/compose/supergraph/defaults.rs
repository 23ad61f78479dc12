//! Defaults that were valid in their subgraph and name what merging left out.

use apollo_compiler::ast::{Type, Value};

use super::INVALID_GRAPHQL;
use crate::compose::merge::Merged;
use crate::compose::merge::model::{Kind, MergedDefault, MergedInput};
use crate::compose::report::Report;

/// Reports each default that names an enum value or input field which the supergraph does not have.
pub(super) fn check(graph: &Merged<'_>, report: &mut Report) {
    for (coordinate, argument) in graph.arguments() {
        check_one(graph, &coordinate, argument, report);
    }
    for ty in graph.of_kind(Kind::Input) {
        for input in ty.inputs.values() {
            check_one(graph, &format!("{}.{}", ty.name, input.name), input, report);
        }
    }
}

fn check_one(graph: &Merged<'_>, coordinate: &str, input: &MergedInput<'_>, report: &mut Report) {
    let (MergedDefault::Same(Some(default)), Some(ty), true) =
        (&input.default, &input.ty.ty, input.is_kept())
    else {
        return;
    };
    let Some(missing) = first_missing(graph, default, ty) else { return };
    report
        .error(
            INVALID_GRAPHQL,
            input.span(),
            format!("the default of `{coordinate}` names `{missing}`, which not all subgraphs have"),
        )
        .hint("define it in every subgraph, or change the default");
}

/// The coordinate of the first enum value or input field in the value that was left out.
fn first_missing(graph: &Merged<'_>, value: &Value, ty: &Type) -> Option<String> {
    match value {
        Value::List(items) => {
            let item = if ty.is_list() { ty.item_type() } else { ty };
            items.iter().find_map(|value| first_missing(graph, value, item))
        }
        Value::Enum(name) => {
            let ty = graph.types.get(ty.inner_named_type()).filter(|ty| ty.kind == Some(Kind::Enum))?;
            let is_kept = ty.kept_values().any(|value| value.name == *name);
            (!is_kept).then(|| format!("{}.{name}", ty.name))
        }
        Value::Object(entries) => {
            let ty = graph.types.get(ty.inner_named_type()).filter(|ty| ty.kind == Some(Kind::Input))?;
            entries.iter().find_map(|(name, value)| {
                let input = ty.inputs.get(name).filter(|input| input.is_kept());
                let Some(input) = input else { return Some(format!("{}.{name}", ty.name)) };
                first_missing(graph, value, input.ty.ty.as_ref()?)
            })
        }
        _ => None,
    }
}
