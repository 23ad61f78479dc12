//! Writes the answer, within bounds of length and work.

use apollo_compiler::Node;
use apollo_compiler::executable::Field;

use super::elements::{Answer, Thing};
use super::selection::{Grouped, Request};

/// Longest answers to one request together, in bytes: several times what the usual tools ask of the largest schemas.
const LONGEST: usize = 16 << 20;

/// Most selections looked at for one request.
const MOST_VISITED: usize = 20_000_000;

/// Why an answer was not finished.
#[derive(Debug)]
pub(crate) enum Unfinished {
    /// It would be longer than we are willing to write.
    TooLong,
    /// The deadline passed.
    TooLate,
}

pub(super) struct Writer<'r, 'a> {
    pub(super) request: &'r Request<'a>,
    pub(super) bytes: Vec<u8>,
    /// Bytes of the answers before this one.
    pub(super) before: usize,
}

impl<'a> Writer<'_, 'a> {
    /// Appends what `fields` ask of `answer`.
    pub(super) fn write(&mut self, answer: Answer<'a>, fields: &[&'a Node<Field>]) -> Result<(), Unfinished> {
        if self.before + self.bytes.len() > LONGEST || self.request.visited() > MOST_VISITED {
            return Err(Unfinished::TooLong);
        }
        if self.request.is_late() {
            return Err(Unfinished::TooLate);
        }
        match answer {
            Answer::Null => self.bytes.extend_from_slice(b"null"),
            Answer::Boolean(value) => self.bytes.extend_from_slice(if value { b"true" } else { b"false" }),
            Answer::Text(text) => self.write_text(&text),
            Answer::Texts(texts) => self.write_list(texts, |writer, text| {
                writer.write_text(text);
                Ok(())
            })?,
            Answer::Object(thing) => {
                let grouped = self.collect(thing, fields);
                self.write_object(thing, &grouped)?;
            }
            Answer::Objects(things) => {
                // All items are of one type: what is selected is collected once.
                let Some(first) = things.first() else {
                    self.bytes.extend_from_slice(b"[]");
                    return Ok(());
                };
                let grouped = self.collect(*first, fields);
                self.write_list(things, |writer, thing| writer.write_object(thing, &grouped))?;
            }
        }
        Ok(())
    }

    fn collect(&self, thing: Thing<'a>, fields: &[&'a Node<Field>]) -> Grouped<'a> {
        self.request.collect(thing.type_name(), fields.iter().map(|field| &field.selection_set))
    }

    fn write_object(&mut self, thing: Thing<'a>, grouped: &Grouped<'a>) -> Result<(), Unfinished> {
        self.bytes.push(b'{');
        let mut separator: &[u8] = b"";
        for (key, fields) in grouped {
            let Some(first) = fields.first() else { continue };
            self.bytes.extend_from_slice(separator);
            separator = b",";
            self.write_text(key);
            self.bytes.push(b':');
            self.write(self.request.resolve(thing, first), fields)?;
        }
        self.bytes.push(b'}');
        Ok(())
    }

    fn write_list<T>(
        &mut self,
        items: Vec<T>,
        mut write: impl FnMut(&mut Self, T) -> Result<(), Unfinished>,
    ) -> Result<(), Unfinished> {
        self.bytes.push(b'[');
        let mut separator: &[u8] = b"";
        for item in items {
            self.bytes.extend_from_slice(separator);
            separator = b",";
            write(self, item)?;
        }
        self.bytes.push(b']');
        Ok(())
    }

    fn write_text(&mut self, text: &str) {
        // Writing a string to memory cannot fail.
        let _ = serde_json::to_writer(&mut self.bytes, text);
    }
}
