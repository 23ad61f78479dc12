//! Lines and paragraphs that people type: trimmed, bounded, free of control characters.

/// Longest name of a product, category, collection or option, in characters.
pub const NAME: usize = 255;
/// Longest single line such as a brand, tag or option value, in characters.
pub const LINE: usize = 255;
/// Longest running text such as a description, in characters.
pub const PARAGRAPHS: usize = 100_000;
/// Longest reference into another system, in characters.
pub const REFERENCE: usize = 255;

/// Why a text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextRefusal {
    /// Nothing but white space was given where a text is needed.
    #[error("must not be empty")]
    Empty,
    /// More characters than the field holds.
    #[error("must have at most {max} characters")]
    TooLong {
        /// The most characters that the field holds.
        max: usize,
    },
    /// A control character stands in the text.
    #[error("must not contain control characters")]
    ControlCharacter,
}

/// One line that may not be empty: outer white space goes, at most `max` characters stay.
pub fn line(value: &str, max: usize) -> Result<String, TextRefusal> {
    let value = value.trim();
    if value.is_empty() {
        return Err(TextRefusal::Empty);
    }
    if value.chars().any(char::is_control) {
        return Err(TextRefusal::ControlCharacter);
    }
    bounded(value, max)
}

/// One line or none: a text of white space counts as none.
pub fn optional_line(value: Option<&str>, max: usize) -> Result<Option<String>, TextRefusal> {
    match value.map(str::trim) {
        None | Some("") => Ok(None),
        Some(value) => line(value, max).map(Some),
    }
}

/// Running text, which may be empty and may break lines.
pub fn paragraphs(value: &str, max: usize) -> Result<String, TextRefusal> {
    let value = value.trim();
    if value.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(TextRefusal::ControlCharacter);
    }
    bounded(value, max)
}

fn bounded(value: &str, max: usize) -> Result<String, TextRefusal> {
    if value.chars().nth(max).is_some() {
        return Err(TextRefusal::TooLong { max });
    }
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_judged_by_characters_not_bytes() {
        let cases = [
            (" tea ", 3, Ok("tea".to_owned())),
            ("", 3, Err(TextRefusal::Empty)),
            (" \t ", 3, Err(TextRefusal::Empty)),
            ("äöü", 3, Ok("äöü".to_owned())),
            ("äöüß", 3, Err(TextRefusal::TooLong { max: 3 })),
            ("a\nb", 9, Err(TextRefusal::ControlCharacter)),
        ];
        for (given, max, expected) in cases {
            assert_eq!(line(given, max), expected, "{given:?}");
        }
    }

    #[test]
    fn paragraphs_may_break_lines_but_hold_no_other_control_character() {
        assert_eq!(paragraphs("a\nb", 9).as_deref(), Ok("a\nb"));
        assert_eq!(paragraphs("a\u{0}b", 9), Err(TextRefusal::ControlCharacter));
    }
}
