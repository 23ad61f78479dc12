//! Result coercion of scalars and enums (GraphQL specification, section 6.4.3): what a subgraph sent, as the schema's type has it.
use super::json::{Json, Kind, NodeId};
use crate::plan::shape::Leaf;

/// Writes the value at `at` as a `leaf`; `None`, with nothing written, if it is none.
pub(super) fn write(out: &mut Vec<u8>, json: &Json, at: NodeId, leaf: &Leaf) -> Option<()> {
    let text = json.text(at);
    match (leaf, json.kind(at)) {
        (Leaf::Custom, _)
        | (Leaf::String | Leaf::Id, Kind::String | Kind::Escaped)
        | (Leaf::Boolean, Kind::True | Kind::False)
        | (Leaf::Float, Kind::Number) => out.extend_from_slice(text),
        (Leaf::Int, Kind::Number) => write_int(out, text)?,
        (Leaf::Id, Kind::Number) if is_integer(text) => {
            out.push(b'"');
            out.extend_from_slice(text);
            out.push(b'"');
        }
        (Leaf::Enum(values), Kind::String | Kind::Escaped) => {
            if !values.contains(&*json.string(at)?) {
                return None;
            }
            out.extend_from_slice(text);
        }
        _ => return None,
    }
    Some(())
}

fn is_integer(text: &[u8]) -> bool {
    !text.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'))
}

/// An `Int` has 32 bits. `1.0` and `1e3` are integers too.
fn write_int(out: &mut Vec<u8>, text: &[u8]) -> Option<()> {
    let text = std::str::from_utf8(text).ok()?;
    if is_integer(text.as_bytes()) {
        text.parse::<i32>().ok()?;
        out.extend_from_slice(text.as_bytes());
        return Some(());
    }
    let number: f64 = text.parse().ok()?;
    let whole = number.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number);
    if whole {
        out.extend_from_slice(format!("{number:.0}").as_bytes());
    }
    whole.then_some(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::execute::json::scan;

    fn coerced(leaf: &Leaf, value: &'static str) -> Option<String> {
        let json = scan(value.into()).unwrap();
        let mut out = Vec::new();
        write(&mut out, &json, NodeId::ROOT, leaf).map(|()| String::from_utf8(out).unwrap())
    }

    #[test]
    fn leaves_are_coerced_as_the_specification_says() {
        let shade = Leaf::Enum(Arc::new(["LIGHT".into()].into_iter().collect()));
        for (leaf, value, expected) in [
            (&Leaf::Int, "7", Some("7")),
            (&Leaf::Int, "-2147483648", Some("-2147483648")),
            (&Leaf::Int, "2147483648", None),
            (&Leaf::Int, "7.0", Some("7")),
            (&Leaf::Int, "1e3", Some("1000")),
            (&Leaf::Int, "7.5", None),
            (&Leaf::Int, "\"7\"", None),
            (&Leaf::Float, "7", Some("7")),
            (&Leaf::Float, "true", None),
            (&Leaf::String, "\"a\\n\"", Some("\"a\\n\"")),
            (&Leaf::String, "1", None),
            (&Leaf::Id, "12", Some("\"12\"")),
            (&Leaf::Id, "1.5", None),
            (&Leaf::Id, "\"x\"", Some("\"x\"")),
            (&Leaf::Boolean, "false", Some("false")),
            (&Leaf::Boolean, "0", None),
            (&Leaf::Custom, "{\"any\": [1]}", Some("{\"any\": [1]}")),
            (&shade, "\"LIGHT\"", Some("\"LIGHT\"")),
            (&shade, "\"DARK\"", None),
            (&shade, "[\"LIGHT\"]", None),
        ] {
            assert_eq!(coerced(leaf, value).as_deref(), expected, "{leaf:?} {value}");
        }
    }
}
