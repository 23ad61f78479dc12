//! Marks in texts what a reading found there; alike on every engine, as it reads the texts themselves.

use super::answer::{Highlight, HighlightField};
use super::document::ProductDocument;
use super::plan::matching::Stage;
use super::plan::reading::Reading;
use super::words::{Language, Word, forgiven_edits, words};

/// How long a part of a long text is, in bytes.
const FRAGMENT: usize = 200;
/// How much of it stands before the first word that was found, in bytes.
const BEFORE: usize = 40;
/// How far into a text words are looked for, in characters: it may have ten times as many, each word is taken apart as
/// when it was indexed, and what is found far behind tells little of the product.
const LOOKED_AT: usize = 10_000;

/// Marks what a reading found.
#[derive(Debug)]
pub(crate) struct Highlighter {
    language: Language,
    locale: Option<String>,
    /// Words, their stems, and by how many edits they may be missed.
    sought: Vec<(String, String, usize)>,
    /// What a word may begin with.
    beginning: Option<String>,
}

impl Highlighter {
    pub(crate) fn new(reading: &Reading, stage: Stage, locale: Option<&str>) -> Self {
        let language = reading.language.clone();
        let stem = |word: &String| (word.clone(), language.stem(word));
        let mut sought = Vec::new();
        for unit in &reading.units {
            let edits = |word: &str| match stage {
                Stage::Strict => 0,
                Stage::Tolerant | Stage::Partial => usize::from(forgiven_edits(word)),
            };
            sought.extend(unit.words.iter().map(|word| (word.clone(), language.stem(word), edits(word))));
            let synonyms = unit.synonyms.iter().flatten().map(stem);
            sought.extend(synonyms.map(|(word, stem)| (word, stem, 0)));
        }
        let phrases = reading.phrases.iter().flatten();
        sought.extend(phrases.map(|word| (word.clone(), language.stem(word), 0)));
        let last = reading.units.iter().find(|unit| unit.is_last).and_then(|unit| unit.words.last());
        Self { language, locale: locale.map(str::to_owned), sought, beginning: last.cloned() }
    }

    /// The texts of a product in which something was found.
    pub(crate) fn of(&self, document: &ProductDocument) -> Vec<Highlight> {
        let text = document.text(self.locale.as_deref());
        let fields = [
            (HighlightField::Name, text.map(|text| text.name.as_str())),
            (HighlightField::Brand, document.brand.as_deref()),
            (HighlightField::Description, text.map(|text| text.description.as_str())),
        ];
        let marked = |(field, text): (HighlightField, Option<&str>)| {
            Some(Highlight { field, html: self.mark(text?)? })
        };
        fields.into_iter().filter_map(marked).collect()
    }

    fn mark(&self, whole: &str) -> Option<String> {
        let text = beginning(whole);
        let words = words(text);
        let mut found = words.iter().filter(|word| self.is_sought(&word.folded)).peekable();
        let (start, end) = fragment(text, found.peek()?.start, &words);
        let mut html = String::with_capacity(end.saturating_sub(start) + 32);
        let mut at = start;
        if start > 0 {
            html.push('…');
        }
        for word in found.take_while(|word| word.end <= end) {
            if word.start < at {
                continue;
            }
            escape(text.get(at..word.start).unwrap_or_default(), &mut html);
            html.push_str("<mark>");
            escape(text.get(word.start..word.end).unwrap_or_default(), &mut html);
            html.push_str("</mark>");
            at = word.end;
        }
        escape(text.get(at..end).unwrap_or_default(), &mut html);
        if end < whole.len() {
            html.push('…');
        }
        Some(html)
    }

    fn is_sought(&self, word: &str) -> bool {
        let stem = self.language.stem(word);
        let is_near = |sought: &str, edits: usize| edits > 0 && strsim::osa_distance(sought, word) <= edits;
        self.beginning.as_ref().is_some_and(|beginning| word.starts_with(beginning.as_str()))
            || self.sought.iter().any(|(sought, sought_stem, edits)| {
                sought == word || *sought_stem == stem || is_near(sought, *edits)
            })
    }
}

/// As much of a text as is looked at.
fn beginning(text: &str) -> &str {
    text.char_indices().nth(LOOKED_AT).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// The part of a text around the place where the first word was found, from word to word.
fn fragment(text: &str, first: usize, words: &[Word]) -> (usize, usize) {
    if text.len() <= FRAGMENT {
        return (0, text.len());
    }
    let earliest = first.saturating_sub(BEFORE);
    let start = if earliest == 0 {
        0
    } else {
        words.iter().map(|word| word.start).find(|start| *start >= earliest).unwrap_or(first)
    };
    if text.len() - start <= FRAGMENT {
        return (start, text.len());
    }
    let end = words.iter().map(|word| word.end).take_while(|end| *end <= start + FRAGMENT).last();
    (start, end.unwrap_or(text.len()))
}

fn escape(text: &str, into: &mut String) {
    for character in text.chars() {
        match character {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            '\'' => into.push_str("&#39;"),
            other => into.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::query::{Synonyms, Tuning};
    use super::*;

    fn mark(text: &str, query: &str, stage: Stage) -> Option<String> {
        let synonyms = vec![Synonyms::Equivalent(vec!["mug".into(), "beaker".into()])];
        let tuning = Tuning { synonyms, ..Tuning::default() };
        let reading = Reading::of(query, Language::of_locale(None), &tuning);
        Highlighter::new(&reading, stage, None).mark(text)
    }

    #[test]
    fn what_was_found_is_marked_and_the_rest_escaped() {
        let text = "Set of 2 Beakers <b>\"Café\"</b>";
        let marked = "Set of 2 <mark>Beakers</mark> &lt;b&gt;&quot;<mark>Café</mark>&quot;&lt;/b&gt;";
        assert_eq!(mark(text, "mugs caf", Stage::Strict).as_deref(), Some(marked));
        assert_eq!(mark(text, "baekers", Stage::Strict), None);
        assert!(mark(text, "baekers", Stage::Tolerant).unwrap().contains("<mark>Beakers</mark>"));
    }

    #[test]
    fn of_a_long_text_the_part_around_the_words_is_shown() {
        let text = format!("{} teapot {}", "word ".repeat(80), "more ".repeat(80));
        let html = mark(&text, "teapot", Stage::Strict).unwrap();
        assert!(html.contains("<mark>teapot</mark>") && html.len() < 300, "{html}");
        assert!(html.starts_with("…word") && html.ends_with("more…"), "{html}");
    }

    #[test]
    fn of_a_very_long_text_the_beginning_is_looked_at() {
        let words = |count| "wörd ".repeat(count);
        let far = mark(&format!("{}teapot", words(LOOKED_AT / 5)), "teapot", Stage::Strict);
        assert_eq!(far, None);
        let near = format!("{}teapot {}", words(LOOKED_AT / 5 - 2), words(20_000));
        let html = mark(&near, "teapot", Stage::Strict).unwrap();
        assert!(html.contains("<mark>teapot</mark>") && html.ends_with('…'), "{html}");
        assert!(
            mark(&"x".repeat(100_000), "x", Stage::Strict).unwrap().len() <= LOOKED_AT + 20,
            "one long word"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_marked(text in ".{0,300}", query in ".{0,20}") {
            mark(&text, &query, Stage::Tolerant);
        }
    }
}
