//! What becomes of a product that cannot be written: it is set aside, so that it holds up no other.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::document::Change;

/// What `take_apart` makes of a change; where it panics, what it makes of what is left of the change.
pub(crate) fn taken_apart<T>(change: &Change, take_apart: impl Fn(&Change) -> T) -> T {
    unless_panicking(|| take_apart(change)).unwrap_or_else(|panic| {
        tell(change, &format!("cannot be taken apart: {panic}"));
        take_apart(&set_aside(change))
    })
}

/// What `work` makes, or what it panics with. It must leave nothing half done behind.
pub(crate) fn unless_panicking<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| said(panic.as_ref()))
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
}

/// What is written of a change that cannot be: nothing under its revision. What was found before may be public no more,
/// so the product is not found until it changes or the index is built anew.
pub(crate) fn set_aside(change: &Change) -> Change {
    let company = match change {
        Change::Upsert(document) => document.company,
        Change::Delete { company, .. } => *company,
    };
    Change::Delete { id: change.id(), company, revision: change.revision() }
}

/// Tells operators that a product is set aside, and `why`.
pub(crate) fn tell(change: &Change, why: &str) {
    let (id, revision) = (change.id(), change.revision());
    tracing::error!(
        product = %id,
        revision,
        "{id} {why}: it is not found until it changes or the index is built anew",
    );
    metrics::counter!("souk_search_set_aside_total").increment(1);
}

#[cfg(test)]
mod tests {
    use souk_kit::clock::Timestamp;
    use souk_kit::event::Envelope;

    use super::*;
    use crate::domain::heard;
    use crate::domain::rendering::{Surroundings, render};

    fn upsert(revision: u64) -> Change {
        let golden = include_str!("../../../catalog/tests/events/product.created.v1.json");
        let event: Envelope<heard::Product> = serde_json::from_str(golden).unwrap();
        let around = Surroundings::default();
        Change::Upsert(Box::new(render(&event.data, &around, 0, revision, Timestamp::UNIX_EPOCH)))
    }

    #[test]
    fn of_what_panics_nothing_is_left_under_its_revision() {
        let [bad, good] = [7, 3].map(upsert);
        let take_apart = |change: &Change| {
            assert!(!matches!(change, Change::Upsert(_)) || change.revision() != 7, "no words");
            change.clone()
        };
        assert_eq!(taken_apart(&good, take_apart), good);
        assert_eq!(taken_apart(&bad, take_apart), set_aside(&bad));
        assert_eq!((set_aside(&bad).id(), set_aside(&bad).revision()), (bad.id(), 7));
    }

    #[test]
    fn what_a_panic_says_is_told() {
        assert_eq!(unless_panicking(|| 1), Ok(1));
        assert_eq!(unless_panicking::<()>(|| panic!("{} letters", 3)), Err("3 letters".to_owned()));
        assert_eq!(unless_panicking::<()>(|| panic!("none")), Err("none".to_owned()));
    }
}
