//! Status and publish window: what decides whether the public sees a thing.

use serde::{Deserialize, Serialize};
use souk_kit::clock::Timestamp;

/// Where a product stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Being written: seen by staff only.
    Draft,
    /// Offered, within its publish window.
    Active,
    /// No longer offered; kept because orders refer to it.
    Archived,
}

impl Status {
    /// The word in documents and events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }
}

/// When the public may see an active product: from an instant, until another, each optional.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First instant of the window; none is always so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// First instant after the window; none is for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// A window that ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must end after it begins")]
pub struct WindowRefusal;

impl Window {
    /// A window that ends after it begins.
    pub fn new(from: Option<Timestamp>, until: Option<Timestamp>) -> Result<Self, WindowRefusal> {
        match (from, until) {
            (Some(from), Some(until)) if until <= from => Err(WindowRefusal),
            (None | Some(_), None | Some(_)) => Ok(Self { from, until }),
        }
    }

    /// Whether `at` lies within: the beginning does, the end does not.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// Whether the public sees a product of this status and window at `at`.
pub fn is_published(status: Status, window: &Window, at: Timestamp) -> bool {
    match status {
        Status::Active => window.contains(at),
        Status::Draft | Status::Archived => false,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn hour(h: u32) -> Timestamp {
        chrono::Utc.with_ymd_and_hms(2030, 1, 1, h, 0, 0).unwrap()
    }

    #[test]
    fn a_window_holds_its_beginning_and_not_its_end() {
        let window = Window::new(Some(hour(8)), Some(hour(18))).unwrap();
        let seen: Vec<_> = [7, 8, 17, 18].map(|h| is_published(Status::Active, &window, hour(h))).into();
        assert_eq!(seen, [false, true, true, false]);
        assert!(!is_published(Status::Draft, &window, hour(9)));
        assert!(!is_published(Status::Archived, &window, hour(9)));
    }

    #[test]
    fn a_window_cannot_end_before_it_begins() {
        assert_eq!(Window::new(Some(hour(8)), Some(hour(8))), Err(WindowRefusal));
        assert!(Window::new(None, Some(hour(8))).unwrap().contains(hour(0)));
    }
}
