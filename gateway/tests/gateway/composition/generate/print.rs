//! A plan's subgraph as SDL, in its dialect.

use std::fmt::Write as _;

use super::dialect::Dialect;
use super::plan::{FieldPlan, TypePlan, Types};

const ROOTS: [(&str, &str); 3] =
    [("query", "Query"), ("mutation", "Mutation"), ("subscription", "Subscription")];

/// What a subgraph that composes a directive of its own links and defines.
const NOTE_LINK: &str =
    " @link(url: \"https://example.com/note/v1.0\", import: [\"@note\"]) @composeDirective(name: \"@note\")";
const NOTE: &str = "directive @note(level: Int!) on FIELD_DEFINITION | OBJECT\n\n";

/// The SDL of a subgraph; `composes` says whether it has a directive of its own.
pub(super) fn sdl(types: &Types, dialect: &Dialect, composes: bool) -> String {
    let mut body = if composes { NOTE.to_owned() } else { String::new() };
    let mut roots = String::new();
    for (name, ty) in types {
        let own_root =
            ROOTS.iter().find(|(_, root)| *root == name.as_str()).filter(|_| dialect.has_own_roots);
        let local = match own_root {
            Some((operation, root)) => {
                let _ = write!(roots, " {operation}: My{root}");
                format!("My{root}")
            }
            None => name.clone(),
        };
        define(&mut body, &local, ty);
    }
    dialect.written(&body, &roots, if composes { NOTE_LINK } else { "" })
}

fn define(sdl: &mut String, name: &str, ty: &TypePlan) {
    describe(sdl, "", &ty.description);
    let extend = if ty.is_extension { "extend " } else { "" };
    let _ = write!(sdl, "{extend}{} {name}", ty.keyword);
    if !ty.implements.is_empty() {
        let _ = write!(sdl, " implements {}", ty.implements.join(" & "));
    }
    for directive in &ty.directives {
        let _ = write!(sdl, " {directive}");
    }
    match ty.keyword {
        "union" => {
            let _ = writeln!(sdl, " = {}\n", ty.members.join(" | "));
        }
        "enum" => {
            let _ = writeln!(sdl, " {{\n  {}\n}}\n", ty.members.join("\n  "));
        }
        "directive" => {
            let _ = writeln!(sdl, "{}\n", ty.members.concat());
        }
        "scalar" => sdl.push_str("\n\n"),
        _ => {
            let split = ty.is_split.then(|| ty.fields.len() / 2).filter(|split| *split > 0);
            block(sdl, ty.fields.iter().take(split.unwrap_or(ty.fields.len())));
            if let Some(split) = split {
                let _ = write!(sdl, "extend {} {name}", ty.keyword);
                // A directive on a type speaks for the fields beside it alone.
                if ty.directives.iter().any(|directive| directive == "@shareable") {
                    sdl.push_str(" @shareable");
                }
                block(sdl, ty.fields.iter().skip(split));
            }
        }
    }
}

fn block<'f>(sdl: &mut String, fields: impl Iterator<Item = (&'f String, &'f FieldPlan)>) {
    sdl.push_str(" {\n");
    for (field, plan) in fields {
        describe(sdl, "  ", &plan.description);
        let _ = write!(sdl, "  {field}{}: {}", plan.arguments, plan.ty);
        for directive in &plan.directives {
            let _ = write!(sdl, " {directive}");
        }
        sdl.push('\n');
    }
    sdl.push_str("}\n\n");
}

fn describe(sdl: &mut String, indent: &str, description: &str) {
    if !description.is_empty() {
        let _ = writeln!(sdl, "{indent}\"\"\"\n{indent}{description}\n{indent}\"\"\"");
    }
}
