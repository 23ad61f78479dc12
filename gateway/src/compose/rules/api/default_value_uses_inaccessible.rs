//! `DEFAULT_VALUE_USES_INACCESSIBLE`: a default that clients see names what they do not.

use apollo_compiler::ast::{Type, Value};

use crate::compose::merge::Merged;
use crate::compose::merge::model::MergedDefault;
use crate::compose::report::{Code, Report};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("DEFAULT_VALUE_USES_INACCESSIBLE"),
    page: include_str!("default_value_uses_inaccessible.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for (coordinate, input) in graph.visible_inputs() {
        let (MergedDefault::Same(Some(default)), Some(ty)) = (&input.default, &input.ty.ty) else { continue };
        let Some(hidden) = first_hidden(graph, default, ty) else { continue };
        report
            .error(
                RULE.code,
                input.span(),
                format!("the default of `{coordinate}` uses `{hidden}`, which is `@inaccessible`"),
            )
            .hint("change the default, or let clients see what it uses");
    }
    // A composed directive counts as seen, though clients cannot apply it.
    for directive in &graph.composed {
        let source = directive.definition;
        for argument in &source.node.arguments {
            let default = argument.default_value.as_deref();
            let Some(hidden) = default.and_then(|value| first_hidden(graph, value, &argument.ty)) else {
                continue;
            };
            report
                .error(
                    RULE.code,
                    source.subgraph.span(argument.location()),
                    format!(
                        "the default of `@{}({}:)` uses `{hidden}`, which is `@inaccessible`",
                        directive.name, argument.name
                    ),
                )
                .hint("change the default, or let clients see what it uses");
        }
    }
}

/// The coordinate of the first hidden enum value or input field that the value names.
fn first_hidden(graph: &Merged<'_>, value: &Value, ty: &Type) -> Option<String> {
    match value {
        Value::List(items) => {
            let item = if ty.is_list() { ty.item_type() } else { ty };
            items.iter().find_map(|value| first_hidden(graph, value, item))
        }
        Value::Enum(name) => {
            let ty = graph.types.get(ty.inner_named_type())?;
            let value = ty.values.get(name)?;
            Merged::is_hidden(&value.directives).then(|| format!("{}.{name}", ty.name))
        }
        Value::Object(entries) => {
            let ty = graph.types.get(ty.inner_named_type())?;
            entries.iter().find_map(|(name, value)| {
                let input = ty.inputs.get(name)?;
                if Merged::is_hidden(&input.directives) {
                    return Some(format!("{}.{name}", ty.name));
                }
                first_hidden(graph, value, input.ty.ty.as_ref()?)
            })
        }
        _ => None,
    }
}
