//! `IMPLEMENTED_BY_INACCESSIBLE`: clients see an interface's field, but not the one that implements it.

use crate::compose::merge::Merged;
use crate::compose::merge::model::FieldSource;
use crate::compose::report::{Code, Report, Span};
use crate::compose::rules::merge::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("IMPLEMENTED_BY_INACCESSIBLE"),
    page: include_str!("implemented_by_inaccessible.md"),
    check,
};

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.composites().filter(|ty| !graph.is_hidden_type(&ty.name)) {
        for interface in ty.implements.keys().filter(|interface| !graph.is_hidden_type(interface)) {
            let Some(interface) = graph.types.get(interface) else { continue };
            for wanted in interface.fields.values().filter(|field| !Merged::is_hidden(&field.directives)) {
                let Some(field) = ty.fields.get(&wanted.name) else { continue };
                if Merged::is_hidden(&field.directives) {
                    let span = field.deciding().next().map(FieldSource::span);
                    hidden(&field.coordinate(), &wanted.coordinate(), span, report);
                    continue;
                }
                for name in wanted.arguments.values().filter(|a| !Merged::is_hidden(&a.directives)) {
                    let Some(argument) = field.arguments.get(&name.name) else { continue };
                    if Merged::is_hidden(&argument.directives) {
                        let own = format!("{}({}:)", field.coordinate(), argument.name);
                        let theirs = format!("{}({}:)", wanted.coordinate(), argument.name);
                        hidden(&own, &theirs, argument.span(), report);
                    }
                }
            }
        }
    }
}

fn hidden(own: &str, theirs: &str, span: Option<Span>, report: &mut Report) {
    report
        .error(
            RULE.code,
            span,
            format!("clients see `{theirs}`, but `{own}`, which implements it, is `@inaccessible`"),
        )
        .hint(format!("mark `{theirs}` `@inaccessible` as well, or neither"));
}
