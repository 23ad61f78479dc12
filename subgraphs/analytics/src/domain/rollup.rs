//! Rollups: what happened, added up by hour, company and shop. Adding is the same in any order and in any parts.

use std::collections::BTreeMap;

use souk_kit::id::{CompanyId, ShopId};

use super::hour::Hour;
use super::measures::{ALL, Happening, Share};
use super::sketch::Sketch;

/// Where something is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Slot {
    pub(crate) company: CompanyId,
    /// None for what happened in no single shop.
    pub(crate) shop: Option<ShopId>,
    pub(crate) hour: Hour,
}

/// Figures of some slots, by the names of their measures.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Rollup {
    pub(crate) counts: BTreeMap<(Slot, &'static str), i64>,
    pub(crate) sketches: BTreeMap<(Slot, &'static str), Sketch>,
    pub(crate) tallies: BTreeMap<(Slot, &'static str, String), i64>,
}

impl Rollup {
    /// Adds what every measure counts of it.
    pub(crate) fn add(&mut self, slot: Slot, happening: &Happening<'_>) {
        for measure in ALL {
            match (measure.share)(happening) {
                Share::Nothing => {}
                Share::Count(by) => add(self.counts.entry((slot, measure.name)).or_default(), by),
                Share::Visitor(hash) => self.sketches.entry((slot, measure.name)).or_default().insert(hash),
                Share::Item(item, by) => add(self.tallies.entry((slot, measure.name, item)).or_default(), by),
            }
        }
    }
}

fn add(figure: &mut i64, by: i64) {
    *figure = figure.saturating_add(by);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use souk_kit::clock::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::ProductId;
    use crate::domain::pseudonym::Pseudonym;
    use crate::domain::search_text::SearchText;
    use crate::domain::visit::{ListViewed, ProductViewed, ResultClicked, SearchPerformed, Visit, What};

    fn company() -> CompanyId {
        CompanyId::from_uuid(Uuid::from_u128(1))
    }

    fn visit(what: What, visitor: Option<u8>) -> Visit {
        let at = "2026-03-10T09:30:00Z".parse::<Timestamp>().unwrap();
        let visitor = visitor.map(|n| Pseudonym::of(&n.to_string(), company(), &[0; 32]));
        Visit { company: company(), shop: None, visitor, at, received: at, what }
    }

    fn slot(hour: i64) -> Slot {
        Slot { company: company(), shop: None, hour: Hour(hour) }
    }

    fn product(n: u128) -> ProductId {
        ProductId::from_uuid(Uuid::from_u128(n))
    }

    fn view(n: u128) -> What {
        What::ProductViewed(ProductViewed { product: product(n), duration_ms: 500 })
    }

    fn search(text: Option<&str>, result_count: i64) -> What {
        let text = text.and_then(SearchText::of);
        What::SearchPerformed(SearchPerformed { search: Uuid::from_u128(1), text, result_count })
    }

    fn click(position: i64) -> What {
        What::ResultClicked(ResultClicked { search: Uuid::from_u128(1), product: product(1), position })
    }

    #[test]
    fn each_event_counts_in_its_measures() {
        let list = What::ListViewed(ListViewed { list: "home".into() });
        let p = product(1).to_string();
        let visitor = visit(list.clone(), Some(1)).visitor.unwrap();
        let searcher = format!("{:016x}mug", visitor.hash_for("mug"));
        let cases = [
            (
                view(1),
                vec![
                    ("product_views", p.clone(), 1),
                    ("viewing_ms", String::new(), 500),
                    ("views", String::new(), 1),
                ],
            ),
            (list, vec![("list_views", String::new(), 1), ("lists", "home".into(), 1)]),
            (
                search(Some("mug"), 7),
                vec![
                    ("results_shown", "7".into(), 1),
                    ("search_texts", "mug".into(), 1),
                    ("searchers", searcher, 1),
                    ("searches", String::new(), 1),
                ],
            ),
            (search(None, 1_000), vec![("results_shown", "50".into(), 1), ("searches", String::new(), 1)]),
            (
                search(Some("xyz"), 0),
                vec![
                    ("search_texts_without_results", "xyz".into(), 1),
                    ("searches", String::new(), 1),
                    ("searches_without_results", String::new(), 1),
                ],
            ),
            (
                click(3),
                vec![
                    ("clicks_at", "3".into(), 1),
                    ("product_clicks", p.clone(), 1),
                    ("result_clicks", String::new(), 1),
                ],
            ),
            (
                click(99),
                vec![
                    ("clicks_at", "50".into(), 1),
                    ("product_clicks", p, 1),
                    ("result_clicks", String::new(), 1),
                ],
            ),
        ];
        for (what, expected) in cases {
            let mut rollup = Rollup::default();
            rollup.add(slot(1), &Happening::Visit(&visit(what.clone(), Some(1))));
            let counts = rollup.counts.iter().map(|((_, name), value)| (*name, String::new(), *value));
            let tallies = rollup.tallies.iter().map(|((_, name, item), value)| (*name, item.clone(), *value));
            let mut found: Vec<_> = counts.chain(tallies).collect();
            found.sort();
            assert_eq!(found, expected, "{what:?}");
            let visitors: Vec<_> = rollup.sketches.values().map(Sketch::count).collect();
            assert_eq!(visitors, [1], "whoever does something visits");
        }
    }

    #[test]
    fn who_is_not_told_apart_is_no_visitor() {
        let mut rollup = Rollup::default();
        rollup.add(slot(1), &Happening::Visit(&visit(view(1), None)));
        assert!(rollup.sketches.is_empty());
        assert_eq!(rollup.counts[&(slot(1), "views")], 1);
    }

    #[test]
    fn what_other_domains_tell_counts_in_one_measure() {
        let cases = [
            (Happening::ProductCreated, "products_created"),
            (Happening::ProductPublished, "products_published"),
            (Happening::ShopOpened, "shops_opened"),
            (Happening::ShopClosed, "shops_closed"),
        ];
        for (happening, measure) in cases {
            let mut rollup = Rollup::default();
            rollup.add(slot(1), &happening);
            let counts = [((slot(1), measure), 1)].into();
            assert_eq!(rollup, Rollup { counts, ..Rollup::default() }, "{happening:?}");
        }
    }

    #[test]
    fn measures_have_names_of_their_own() {
        let mut names: Vec<_> = ALL.iter().map(|measure| measure.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }

    proptest! {
        #[test]
        fn the_order_of_events_changes_nothing(
            events in prop::collection::vec((0_i64..5, 0_u8..4, 0_u8..20), 0..60).prop_shuffle(),
        ) {
            let fold = |events: &[(i64, u8, u8)]| {
                let mut rollup = Rollup::default();
                for (hour, kind, n) in events {
                    let what = match kind {
                        0 => view(u128::from(*n)),
                        1 => search(Some(&n.to_string()), i64::from(*n)),
                        2 => click(i64::from(*n) + 1),
                        _ => What::ListViewed(ListViewed { list: n.to_string() }),
                    };
                    rollup.add(slot(*hour), &Happening::Visit(&visit(what, Some(*n))));
                }
                rollup
            };
            let mut sorted = events.clone();
            sorted.sort_unstable();
            prop_assert_eq!(fold(&events), fold(&sorted));
        }
    }
}
