//! Bounded text: trimmed, without control characters, never longer than its field allows.

use super::refusal::Reason;

/// Longest name of a company or shop, in characters.
pub(crate) const MAX_NAME: usize = 200;
/// Longest description, in characters.
pub(crate) const MAX_DESCRIPTION: usize = 10_000;
/// Longest line of an address, contact detail or reference, in characters.
pub(crate) const MAX_LINE: usize = 255;
/// Longest web address, in characters.
pub(crate) const MAX_URL: usize = 2_048;

/// One line of text that says something.
pub(crate) fn line(raw: &str, max: usize) -> Result<String, Reason> {
    let text = raw.trim();
    if text.is_empty() {
        return Err(Reason::Required);
    }
    if text.chars().any(char::is_control) {
        return Err(Reason::Invalid { expected: "control characters and line breaks are not allowed" });
    }
    bounded(text, max)
}

/// Text of several lines; other control characters than line breaks and tabs are refused.
pub(crate) fn paragraphs(raw: &str, max: usize) -> Result<String, Reason> {
    let text = raw.trim();
    if text.is_empty() {
        return Err(Reason::Required);
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(Reason::Invalid { expected: "control characters are not allowed" });
    }
    bounded(text, max)
}

/// An absolute `http` or `https` address.
pub(crate) fn web_address(raw: &str) -> Result<String, Reason> {
    const EXPECTED: &str = "an absolute http or https address is expected";
    let text = line(raw, MAX_URL)?;
    let url = url::Url::parse(&text).map_err(|_| Reason::Invalid { expected: EXPECTED })?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(Reason::Invalid { expected: EXPECTED });
    }
    // The parsed form may be longer, since it escapes what an address may not hold.
    bounded(url.as_str(), MAX_URL)
}

/// Any text that is no longer than `max` characters.
pub(super) fn bounded(text: &str, max: usize) -> Result<String, Reason> {
    if text.chars().count() > max {
        return Err(Reason::TooLong { max });
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_bounded() {
        assert_eq!(line("  Bazaar ", 10), Ok("Bazaar".to_owned()));
        assert_eq!(line("   ", 10), Err(Reason::Required));
        assert_eq!(line("ééé", 2), Err(Reason::TooLong { max: 2 }), "characters count, not bytes");
        assert!(matches!(line("two\nlines", 20), Err(Reason::Invalid { .. })));
    }

    #[test]
    fn only_absolute_web_addresses_pass() {
        assert_eq!(
            web_address("https://souk.example/logo.png"),
            Ok("https://souk.example/logo.png".to_owned())
        );
        for wrong in
            ["javascript:alert(1)", "/logo.png", "ftp://souk.example/x", "http://", "data:text/html,x"]
        {
            assert!(matches!(web_address(wrong), Err(Reason::Invalid { .. })), "{wrong}");
        }
    }
}
