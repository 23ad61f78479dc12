//! Names out of descriptions: the file shouts, abbreviates and leaves notes in them.

/// What stock-room notes say instead of a name. The file's names are in capitals; a description in
/// lower case is a note unless it also has a capitalised word, as `BAG 125g SWIRLY MARBLES` has.
pub(super) fn is_note(description: &str) -> bool {
    let letters = || description.chars().filter(|c| c.is_alphabetic());
    let shouted = description.split_whitespace().any(|word| {
        word.chars().filter(|c| c.is_alphabetic()).count() >= 3
            && word.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase)
    });
    letters().count() < 3 || !shouted
}

/// White space folded, as the file has one name with one and with two spaces.
pub(super) fn folded(description: &str) -> String {
    description.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches(['.', ',']).to_owned()
}

/// `SET/5 RED RETROSPOT T-LIGHTS` as `Set of 5 Red Retrospot T-Lights`.
pub(super) fn displayed(name: &str) -> String {
    let words = name.split(' ').map(|word| match word.split_once('/') {
        Some(("SET" | "S", count)) if is_number(count) => format!("Set of {count}"),
        _ => capitalised(word),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

fn capitalised(word: &str) -> String {
    if word.chars().any(char::is_lowercase) || word.chars().any(|c| c.is_ascii_digit()) {
        return word.to_owned();
    }
    let mut after_letter = false;
    word.chars()
        .map(|c| {
            let shown = if after_letter { c.to_ascii_lowercase() } else { c };
            after_letter = c.is_alphabetic() || c == '\'';
            shown
        })
        .collect()
}

/// The words that all names share, in the order of the first; `None` when they share none worth a name.
pub(super) fn shared(names: &[&str]) -> Option<String> {
    let (first, others) = names.split_first()?;
    let common: Vec<_> = first
        .split(' ')
        .filter(|word| others.iter().all(|other| other.split(' ').any(|theirs| theirs == *word)))
        .collect();
    let telling = common.iter().any(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 3);
    telling.then(|| common.join(" "))
}

/// What is left of `name` without the words of `shared`: how a variant differs from its product.
pub(super) fn difference(name: &str, shared: &str) -> String {
    let kept: Vec<_> =
        name.split(' ').filter(|word| !shared.split(' ').any(|common| common == *word)).collect();
    kept.join(" ")
}
