//! The scanner: checks a text against RFC 8259 and indexes it in one pass, without recursion, so that no nesting overflows the stack.
use bytes::Bytes;

use super::{Json, Kind, MAX_NODES, Node, write_string};

/// Why a text is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("no JSON at byte {0}")]
    Syntax(usize),
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    #[error("too many values")]
    TooLong,
}

/// The deepest nesting that is taken: beyond any operation that is planned, below what a stack of a reader would bear.
const MAX_DEPTH: usize = 500;

/// Indexes `body`, which must be one JSON value.
pub(crate) fn scan(body: Bytes) -> Result<Json, Malformed> {
    if body.len() > MAX_NODES {
        return Err(Malformed::TooLong);
    }
    if let Err(error) = std::str::from_utf8(&body) {
        return Err(Malformed::Syntax(error.valid_up_to()));
    }
    // Typical answers have a node per ten bytes: fewer, larger growths.
    let nodes = Vec::with_capacity(body.len() / 10 + 4);
    let mut scanner = Scanner { text: &body, at: 0, nodes, extra: Vec::new(), open: Vec::new() };
    scanner.run()?;
    let Scanner { nodes, extra, .. } = scanner;
    Ok(Json { body, extra, nodes })
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    nodes: Vec<Node>,
    extra: Vec<u8>,
    /// The objects and arrays around the current position.
    open: Vec<usize>,
}

impl Scanner<'_> {
    fn run(&mut self) -> Result<(), Malformed> {
        self.value()?;
        while let Some(parent) = self.open.last().copied() {
            self.skip_space();
            let is_object = self.nodes.get(parent).is_some_and(|node| node.kind() == Kind::Object);
            let is_first = parent + 1 == self.nodes.len();
            match self.peek() {
                Some(b'}') if is_object => self.close(parent),
                Some(b']') if !is_object => self.close(parent),
                Some(b',') if !is_first => {
                    self.at += 1;
                    self.skip_space();
                    self.child(is_object)?;
                }
                Some(_) if is_first => self.child(is_object)?,
                _ => return Err(Malformed::Syntax(self.at)),
            }
        }
        self.skip_space();
        if self.at == self.text.len() { Ok(()) } else { Err(Malformed::Syntax(self.at)) }
    }

    fn child(&mut self, of_object: bool) -> Result<(), Malformed> {
        if of_object {
            self.key()?;
            self.skip_space();
            self.expect(b":")?;
        }
        self.value()
    }

    /// Reads a value, of an object or array only the opening.
    fn value(&mut self) -> Result<(), Malformed> {
        self.skip_space();
        let start = self.at;
        match self.peek() {
            Some(b'"') => self.string(),
            Some(open @ (b'{' | b'[')) => {
                self.at += 1;
                if self.open.len() == MAX_DEPTH {
                    return Err(Malformed::TooDeep);
                }
                self.open.push(self.nodes.len());
                self.push(if open == b'{' { Kind::Object } else { Kind::Array }, start);
                Ok(())
            }
            Some(b't') => self.literal(b"true", Kind::True),
            Some(b'f') => self.literal(b"false", Kind::False),
            Some(b'n') => self.literal(b"null", Kind::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(Malformed::Syntax(start)),
        }
    }

    fn close(&mut self, parent: usize) {
        self.at += 1;
        self.open.pop();
        let (end, at) = (self.nodes.len(), self.at);
        if let Some(node) = self.nodes.get_mut(parent) {
            let len = narrow(at) - node.start;
            *node = Node::new(node.kind(), node.start, len, narrow(end));
        }
    }

    fn push(&mut self, kind: Kind, start: usize) {
        let end = narrow(self.nodes.len() + 1);
        self.nodes.push(Node::new(kind, narrow(start), narrow(self.at - start), end));
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, word: &[u8]) -> Result<(), Malformed> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word) {
            return Err(Malformed::Syntax(self.at));
        }
        self.at += word.len();
        Ok(())
    }

    fn literal(&mut self, word: &[u8], kind: Kind) -> Result<(), Malformed> {
        let start = self.at;
        self.expect(word)?;
        self.push(kind, start);
        Ok(())
    }

    /// A key; one with escapes is kept without them, so that a key is found by comparing bytes.
    fn key(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(Malformed::Syntax(start));
        }
        self.string()?;
        let Some(node) = self.nodes.last_mut().filter(|node| node.kind() == Kind::Escaped) else {
            return Ok(());
        };
        let quoted = self.text.get(start..self.at).unwrap_or_default();
        let plain: String = serde_json::from_slice(quoted).map_err(|_| Malformed::Syntax(start))?;
        *node = Node::new(
            Kind::String,
            narrow(self.text.len() + self.extra.len()),
            narrow(plain.len() + 2),
            node.end(),
        );
        self.extra.push(b'"');
        self.extra.extend_from_slice(plain.as_bytes());
        self.extra.push(b'"');
        Ok(())
    }

    fn string(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        let mut kind = Kind::String;
        self.at += 1;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
            self.at += plain.unwrap_or(rest.len());
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    kind = Kind::Escaped;
                    self.escape()?;
                }
                _ => return Err(Malformed::Syntax(self.at)),
            }
        }
        self.at += 1;
        self.push(kind, start);
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Malformed> {
        let wrong = Err(Malformed::Syntax(self.at));
        match self.text.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let unit = self.code_unit(self.at);
                self.at += match unit {
                    Some(0xD800..0xDC00) => match self.code_unit(self.at + 6) {
                        Some(0xDC00..0xE000) => 12,
                        _ => return wrong,
                    },
                    Some(0xDC00..0xE000) | None => return wrong,
                    Some(_) => 6,
                };
            }
            _ => return wrong,
        }
        Ok(())
    }

    /// The UTF-16 code unit that `\uXXXX` at `at` stands for.
    fn code_unit(&self, at: usize) -> Option<u32> {
        let digits = self.text.get(at..at + 6)?.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
    }

    fn number(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        match self.peek() {
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        self.push(Kind::Number, start);
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(Malformed::Syntax(start)) } else { Ok(()) }
    }
}

/// Positions fit: no text is longer than [`MAX_NODES`] bytes, and `extra` is no longer than the text.
fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

impl Json {
    /// A new string node's place in `extra`: where it starts and how long it is, quotes included.
    pub(super) fn add_text(&mut self, text: &str) -> (u32, u32) {
        let start = self.extra.len();
        write_string(&mut self.extra, text);
        (narrow(self.body.len() + start), narrow(self.extra.len() - start))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::execute::json::NodeId;

    fn value(json: &Json, id: NodeId) -> serde_json::Value {
        match json.kind(id) {
            Kind::Array => json.items(id).map(|item| value(json, item)).collect(),
            Kind::Object => {
                let (mut at, end) = (id.0 + 1, json.node(id).end());
                let mut members = serde_json::Map::new();
                while at < end {
                    members.insert(json.string(NodeId(at)).unwrap().into(), value(json, NodeId(at + 1)));
                    at = json.node(NodeId(at + 1)).end();
                }
                members.into()
            }
            Kind::String | Kind::Escaped => json.string(id).unwrap().into(),
            _ => serde_json::from_slice(json.text(id)).unwrap(),
        }
    }

    fn check(text: &[u8]) {
        let ours = scan(Bytes::copy_from_slice(text));
        match serde_json::from_slice::<serde_json::Value>(text) {
            Ok(theirs) => assert_eq!(value(&ours.unwrap(), NodeId::ROOT), theirs),
            // A number too large for a double is JSON all the same; the other side reads no further.
            Err(error) if error.to_string().starts_with("number out of range") => {}
            Err(error) => assert!(ours.is_err(), "{error}: {}", String::from_utf8_lossy(text)),
        }
    }

    #[test]
    fn what_is_json_is_read_and_what_is_not_is_refused() {
        for text in [
            "",
            " ",
            "null",
            "nul",
            "true false",
            "[]",
            "[1,]",
            "[,1]",
            "{}",
            "{\"a\"}",
            "{\"a\":1,}",
            "{,}",
            "[1 2]",
            "{\"a\":1 \"b\":2}",
            "-",
            "-0",
            "01",
            "1.",
            ".5",
            "1e",
            "1e+",
            "1E-9",
            "\"",
            "\"\\\"",
            "\"\\u12\"",
            "\"\\ud800\"",
            "\"\\udc00\"",
            "\"\\ud83d\\ude00\"",
            "{\"\\u0061\":[{\"b\":[[]]}]}",
            "\"a\nb\"",
            "\u{feff}1",
            "[1}",
            "{\"a\":]",
            "]",
            "{1:2}",
            " [ 1 , { \"a\" : null } ] ",
            "1e999",
        ] {
            check(text.as_bytes());
        }
        check(b"\"\xff\"");
    }

    #[test]
    fn nesting_beyond_the_limit_is_refused_without_recursion() {
        let deep = "[".repeat(1_000_000);
        assert_eq!(scan(deep.into()).unwrap_err(), Malformed::TooDeep);
        let fits = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert!(scan(fits.into()).is_ok());
    }

    #[test]
    fn members_are_found_in_any_order() {
        let json = scan(Bytes::from_static(br#"{"a":1,"b":{"c":[2]},"\u0064":3}"#)).unwrap();
        let mut hint = NodeId(0);
        for (key, text) in [("b", "{\"c\":[2]}"), ("d", "3"), ("a", "1"), ("b", "{\"c\":[2]}")] {
            let found = json.member(NodeId::ROOT, key, &mut hint).unwrap();
            assert_eq!(json.text(found), text.as_bytes());
        }
        assert_eq!(json.member(NodeId::ROOT, "c", &mut hint), None);
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            (-1e9..1e9).prop_map(|number: f64| number.into()),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::vec((any::<String>(), inner), 0..6)
                    .prop_map(|members| { serde_json::Value::Object(members.into_iter().collect()) }),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_agrees_with_serde_on_any_json_and_on_damaged_json(
            json in any_json(), at in any::<prop::sample::Index>(), byte in any::<u8>(), pretty in any::<bool>()
        ) {
            let mut text = if pretty { serde_json::to_vec_pretty(&json) } else { serde_json::to_vec(&json) }.unwrap();
            check(&text);
            let at = at.index(text.len());
            text[at] = byte;
            check(&text);
            check(&text[..at]);
        }
    }
}
