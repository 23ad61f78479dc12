//! Answers `__schema` and `__type` from the API schema, straight to bytes. The compiler crate can do this too, but
//! without `isOneOf` and without a bound: a short query with aliases can ask for gigabytes.

mod elements;
mod selection;
mod writer;

use apollo_compiler::Node;
use apollo_compiler::executable::Field;

use elements::{Answer, Thing};
pub(super) use selection::Request;
pub(super) use writer::Unfinished;
use writer::Writer;

/// The JSON of the root field `__schema` or `__type`, whose occurrences are `fields`, after `before` bytes of other
/// answers to the same request.
pub(super) fn answer<'a>(
    request: &Request<'a>,
    fields: &[&'a Node<Field>],
    before: usize,
) -> Result<Vec<u8>, Unfinished> {
    let Some(first) = fields.first() else { return Ok(b"null".to_vec()) };
    let value = if first.name == "__schema" {
        Answer::Object(Thing::Schema)
    } else {
        let name = first.specified_argument_by_name("name").and_then(|value| request.text(value));
        request.named(&name.unwrap_or_default())
    };
    let mut writer = Writer { request, bytes: Vec::new(), before };
    writer.write(value, fields)?;
    Ok(writer.bytes)
}
