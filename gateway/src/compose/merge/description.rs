//! Which of several descriptions an element keeps.

use apollo_compiler::Node;

/// The description that most subgraphs give; among equals the first. Empty ones do not count.
pub(super) fn merge<'d>(descriptions: impl Iterator<Item = Option<&'d Node<str>>>) -> Option<Node<str>> {
    let mut counted: Vec<(&Node<str>, usize)> = Vec::new();
    for description in descriptions.flatten().filter(|text| !text.is_empty()) {
        match counted.iter_mut().find(|(known, _)| ***known == **description) {
            Some((_, count)) => *count += 1,
            None => counted.push((description, 1)),
        }
    }
    let most = counted.iter().map(|(_, count)| *count).max()?;
    counted.into_iter().find(|(_, count)| *count == most).map(|(text, _)| text.clone())
}
