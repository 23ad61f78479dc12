//! `OVERRIDE_LABEL_INVALID`: the label of a progressive `@override` is neither a name nor a percentage.

use super::Rule;
use crate::compose::merge::Merged;
use crate::compose::merge::model::Kind;
use crate::compose::report::{Code, Report};

pub(super) const RULE: Rule =
    Rule { code: Code("OVERRIDE_LABEL_INVALID"), page: include_str!("override_label_invalid.md"), check };

fn check(graph: &Merged<'_>, report: &mut Report) {
    for ty in graph.of_kind(Kind::Object) {
        // An override of a field that is not there has no effect, and a hint says so; one of a subgraph's own
        // field is wrong anyway.
        for (field, source, _) in ty.overridden_pairs() {
            let Some(over) = &source.facts.overrides else { continue };
            if over.from == *source.subgraph.name {
                continue;
            }
            let Some(label) = over.label.as_deref().filter(|label| !is_valid(label)) else { continue };
            let message =
                format!("`{label}` on `{}` in {} is no label", field.coordinate(), source.subgraph.name);
            report.error(RULE.code, source.subgraph.span(over.location), message).hint(
                "start with a letter and go on with letters, digits, `_`, `-`, `:`, `.` or `/`, or \
                 write `percent(x)` with x from 0 to 100",
            );
        }
    }
}

fn is_valid(label: &str) -> bool {
    let starts_well = label.starts_with(|c: char| c.is_ascii_alphabetic());
    let goes_on_well = label.chars().all(|c| c.is_ascii_alphanumeric() || "_-:./".contains(c));
    (starts_well && goes_on_well) || is_percentage(label)
}

/// `percent(0)` to `percent(100)`, with at most two digits before the point and eight after it.
fn is_percentage(label: &str) -> bool {
    let Some(number) = label.strip_prefix("percent(").and_then(|rest| rest.strip_suffix(')')) else {
        return false;
    };
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    match number.split_once('.') {
        Some((whole, fraction)) => digits(whole, 2) && digits(fraction, 8),
        None => number == "100" || digits(number, 2),
    }
}
