//! Operations that ask for more than is allowed are refused before they cost anything.

use std::fmt::Write as _;

use super::{bounds, lines, schema};
use crate::operation::document::validate;

fn refusal(text: &str) -> String {
    validate(&schema(), &bounds(), text).map_or_else(|errors| lines(&errors), |_| "admitted".to_owned())
}

#[test]
fn nesting_is_bounded_also_through_fragments() {
    let nested = |levels: usize| {
        format!("{{ me {{ {} id {} }} }}", "friends(first: 1) { ".repeat(levels), "} ".repeat(levels))
    };
    assert_eq!(refusal(&nested(10)), "admitted");
    assert_eq!(refusal(&nested(30)), "1:1 The operation is nested more than 20 levels deep.");
    let mut chain = "{ me { ...F0 } }".to_owned();
    for level in 0..30 {
        let _ = write!(chain, " fragment F{level} on User {{ friends(first: 1) {{ ...F{} }} }}", level + 1);
    }
    chain.push_str(" fragment F30 on User { id }");
    assert_eq!(refusal(&chain), "1:1 The operation is nested more than 20 levels deep.");
}

#[test]
fn nesting_adds_up_over_fragments_that_were_measured_one_by_one() {
    // Each is shallow by itself, and spread before the one that spreads it.
    let within = |name: &str, content: &str| {
        format!(
            " fragment {name} on User {{ {} {content} {} }}",
            "... on User { ".repeat(300),
            "} ".repeat(300)
        )
    };
    let chain = [within("F0", "id"), within("F1", "...F0"), within("F2", "...F1")].concat();
    let text = format!("{{ me {{ ...F0 ...F1 ...F2 }} }}{chain}");
    assert_eq!(refusal(&text), "1:1 The operation is nested more than 20 levels deep.");
}

#[test]
fn fragments_that_multiply_are_refused_at_once() {
    let mut bomb = "{ me { ...F0 } }".to_owned();
    for level in 0..60 {
        let next = level + 1;
        let _ = write!(bomb, " fragment F{level} on User {{ ...F{next} ... on User {{ ...F{next} }} }}");
    }
    bomb.push_str(" fragment F60 on User { id }");
    assert_eq!(refusal(&bomb), "1:1 The operation selects more than 5000 fields.");
}

#[test]
fn no_text_exhausts_the_stack() {
    for open in ["{a", "{a(b:[", "{a(b:{c:", "query($a:[", "{...{", "{a@b(c:["] {
        let hostile = open.repeat(2_000);
        assert_ne!(refusal(&hostile), "admitted", "{open}");
    }
    let mut chain = "{ me { ...F0 } }".to_owned();
    for level in 0..1_000 {
        let _ = write!(chain, " fragment F{level} on User {{ ...F{} }}", level + 1);
    }
    assert_ne!(refusal(&chain), "admitted");
    assert_ne!(refusal(&"a ".repeat(20_000)), "admitted");
}
