//! String literals of SDL: which part of a literal each part of its value comes from.

/// Where in a string literal, quotes included, the byte `at` of its value stands; `None` when the literal is
/// none, or its value is not `value`.
pub(super) fn place(literal: &str, value: &str, at: usize) -> Option<usize> {
    let decoded = match literal.strip_prefix("\"\"\"") {
        Some(body) => Decoded::block(body)?,
        None => Decoded::quoted(literal.strip_prefix('"')?)?,
    };
    let quotes = if literal.starts_with("\"\"\"") { 3 } else { 1 };
    if decoded.text() != value {
        return None;
    }
    Some(quotes + decoded.offset(at))
}

/// The characters of a value, each with the byte of the literal's body at which it starts.
struct Decoded {
    characters: Vec<(char, usize)>,
    end: usize,
}

impl Decoded {
    fn text(&self) -> String {
        self.characters.iter().map(|(character, _)| *character).collect()
    }

    fn offset(&self, at: usize) -> usize {
        let mut before = 0;
        for (character, offset) in &self.characters {
            if before >= at {
                return *offset;
            }
            before += character.len_utf8();
        }
        self.end
    }

    fn quoted(body: &str) -> Option<Self> {
        let mut characters = Vec::new();
        let mut rest = body.char_indices();
        while let Some((offset, character)) = rest.next() {
            let value = match character {
                '"' => return Some(Self { characters, end: offset }),
                '\\' => match rest.next()?.1 {
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'u' => {
                        let digits: String = rest.by_ref().take(4).map(|(_, digit)| digit).collect();
                        char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
                    }
                    same => same,
                },
                same => same,
            };
            characters.push((value, offset));
        }
        None
    }

    /// A block string: the indentation that its lines share, and blank lines around it, are not in its value.
    fn block(body: &str) -> Option<Self> {
        let mut lines: Vec<Vec<(char, usize)>> = vec![Vec::new()];
        let mut rest = body.char_indices().peekable();
        let end = loop {
            let (offset, character) = rest.next()?;
            let ahead = body.get(offset..)?;
            if ahead.starts_with("\"\"\"") {
                break offset;
            }
            if ahead.starts_with("\\\"\"\"") {
                lines.last_mut()?.extend([('"', offset), ('"', offset), ('"', offset)]);
                rest.nth(2);
                continue;
            }
            match character {
                '\r' if ahead.starts_with("\r\n") => {}
                '\n' | '\r' => lines.push(Vec::new()),
                other => lines.last_mut()?.push((other, offset)),
            }
        };
        let is_blank = |line: &[(char, usize)]| line.iter().all(|(c, _)| matches!(c, ' ' | '\t'));
        let indent_of =
            |line: &Vec<(char, usize)>| line.iter().take_while(|(c, _)| matches!(c, ' ' | '\t')).count();
        let indent = lines.iter().skip(1).filter(|line| !is_blank(line)).map(indent_of).min().unwrap_or(0);
        for line in lines.iter_mut().skip(1) {
            line.drain(..indent.min(line.len()));
        }
        let first = lines.iter().position(|line| !is_blank(line)).unwrap_or(lines.len());
        let last = lines.iter().rposition(|line| !is_blank(line)).map_or(first, |last| last + 1);
        let mut characters: Vec<(char, usize)> = Vec::new();
        for (at, line) in lines.iter().take(last).skip(first).enumerate() {
            if at > 0 {
                let after = characters.last().map_or(0, |(_, offset)| offset + 1);
                characters.push(('\n', after));
            }
            characters.extend(line);
        }
        Some(Self { characters, end })
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    /// The literal from the place on which the byte `at` of `value` has.
    fn from<'l>(literal: &'l str, value: &str, at: usize) -> Option<&'l str> {
        place(literal, value, at).and_then(|place| literal.get(place..))
    }

    #[test]
    fn a_quoted_string_is_followed_through_its_escapes() {
        assert_eq!(from(r#""id name" "#, "id name", 3), Some(r#"name" "#));
        assert_eq!(from(r#""a(b: \"x\") c""#, r#"a(b: "x") c"#, 10), Some(r#"c""#));
        assert_eq!(from(r#""\u00e9 c""#, "é c", 3), Some(r#"c""#));
        assert_eq!(from(r#""id""#, "id", 2), Some(r#"""#));
    }

    #[test]
    fn a_block_string_is_followed_through_its_indentation() {
        let literal = "\"\"\"\n    id\n      name\n  \"\"\"";
        assert_eq!(from(literal, "id\n  name", 5), Some("name\n  \"\"\""));
        assert_eq!(from("\"\"\"a \\\"\"\" b\"\"\"", "a \"\"\" b", 6), Some("b\"\"\""));
    }

    #[test]
    fn what_has_another_value_has_no_place() {
        assert_eq!(place(r#""id""#, "name", 0), None);
        assert_eq!(place("id", "id", 0), None);
        assert_eq!(place(r#""id"#, "id", 0), None);
    }
}
