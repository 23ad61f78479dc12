//! Rich text: HTML cut down to what a shop page may safely show, and its plain text.

use super::text::{self, TextRefusal};

/// Rich text as kept: its safe HTML and the plain text that search and SEO read.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RichText {
    /// HTML without scripts, styles, frames or event handlers.
    pub html: String,
    /// The same without markup.
    pub plain: String,
}

impl RichText {
    /// Cleans what was written: markup that could run or restyle goes, text stays.
    pub fn clean(written: &str) -> Result<Self, TextRefusal> {
        let written = text::paragraphs(written, text::PARAGRAPHS)?;
        let html = ammonia::Builder::default().link_rel(Some("noopener noreferrer nofollow")).clean(&written);
        let plain = plain(&written);
        Ok(Self { html: html.to_string(), plain })
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.html.is_empty()
    }
}

/// The text of some HTML, tags gone, character references resolved, white space collapsed.
fn plain(html: &str) -> String {
    // A closed block or a break ends a word, though no white space need stand there.
    let spaced = html.replace("</", " </").replace("<br", " <br");
    let bare = ammonia::Builder::empty().clean(&spaced).to_string();
    let resolved = bare
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    resolved.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_run_goes_and_what_can_be_read_stays() {
        let rich =
            RichText::clean(r#"<p onclick="x()">Tea &amp; <b>cake</b></p><script>steal()</script>"#).unwrap();
        assert_eq!(rich.html, "<p>Tea &amp; <b>cake</b></p>");
        assert_eq!(rich.plain, "Tea & cake");
    }

    #[test]
    fn blocks_do_not_run_together_in_plain_text() {
        assert_eq!(RichText::clean("<li>one</li><li>two<br>three</li>").unwrap().plain, "one two three");
    }
}
