//! The layout of what engines keep, which each generation remembers, and what another one means for who writes.

use souk_kit::fault::Fault;

/// It goes up with any change to fields, words or mappings that needs products to be indexed anew. A generation of an
/// earlier layout goes on answering and takes what it has fields for, until the worker has built one of this layout
/// beside it, which it begins by itself. `elasticsearch/mappings.json` and `tantivy/schema.json` hold what it is on each.
///
/// So each version asks generations of other layouts, and must get an answer. That holds as long as
/// - the name of a field stands for one type, indexed in one way, in all layouts: what is kept otherwise gets a name of
///   its own, and where a generation lacks that no product has a value;
/// - id, revision, what is stored, what is gone and [who sees a product](super::plan::filters::scope) are kept alike in
///   all layouts.
pub(crate) const LAYOUT: u32 = 2;

/// Whether a generation of `layout` is to make room for one of this version's.
pub(crate) fn is_behind(layout: u32) -> bool {
    layout < LAYOUT
}

/// Refuses to write to a generation of a later version: it would never get what that keeps of a product beyond what
/// this one does, as it would know the revision already.
pub(crate) fn check_writable(layout: u32) -> Result<(), Fault> {
    if layout > LAYOUT {
        return Err(Fault::broken(format!(
            "the search index has layout {layout} of a later version, and this one writes {LAYOUT}: products wait for \
             a worker of that version, or for `souk search reindex` by this one"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_layouts_are_written_and_make_room_and_later_ones_are_left_alone() {
        for (layout, writable, behind) in
            [(LAYOUT - 1, true, true), (LAYOUT, true, false), (LAYOUT + 1, false, false)]
        {
            assert_eq!((check_writable(layout).is_ok(), is_behind(layout)), (writable, behind), "{layout}");
        }
    }
}
