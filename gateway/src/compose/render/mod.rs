//! Shows a report: as text for people, as JSON for tools.

mod json;
mod text;

pub use json::json;
pub use text::{brief, text};

#[cfg(test)]
mod tests;
