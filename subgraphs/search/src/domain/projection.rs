//! How parts of different sources become one projection: each source has the last state and sequence that it told,
//! and whatever is late, repeated or crossing changes nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Who tells a part of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The catalogue: the product itself.
    Product,
    /// Analytics: how much it is looked at.
    Popularity,
}

impl Source {
    /// The word in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Popularity => "popularity",
        }
    }
}

/// What one source has told last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part<S> {
    /// Counts what the source told: higher is later.
    pub sequence: i64,
    /// The state; none is a tombstone: it is gone, and stays gone for whatever is older.
    pub state: Option<S>,
}

impl<S> Part<S> {
    /// Whether a part of `sequence` says anything that `known` does not.
    #[must_use]
    pub fn is_news(known: Option<i64>, sequence: i64) -> bool {
        known.is_none_or(|known| known < sequence)
    }
}

/// All parts of one product.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Projection<S> {
    /// How often it has changed: the document's version in the index.
    pub revision: i64,
    /// By source.
    pub parts: BTreeMap<Source, Part<S>>,
}

impl<S> Projection<S> {
    /// Takes in what `source` tells; whether that changed anything.
    pub fn apply(&mut self, source: Source, part: Part<S>) -> bool {
        let known = self.parts.get(&source).map(|part| part.sequence);
        let is_news = Part::<S>::is_news(known, part.sequence);
        if is_news {
            self.parts.insert(source, part);
            self.revision += 1;
        }
        is_news
    }

    /// The state that `source` told last, unless it is gone or was never told.
    pub fn state(&self, source: Source) -> Option<&S> {
        self.parts.get(&source).and_then(|part| part.state.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(history: &[(Source, i64, Option<u8>)]) -> Projection<u8> {
        let mut projection = Projection::default();
        for (source, sequence, state) in history {
            projection.apply(*source, Part { sequence: *sequence, state: *state });
        }
        projection
    }

    #[test]
    fn what_comes_late_or_again_changes_nothing() {
        use Source::{Popularity, Product};
        type Case<'a> = (&'a [(Source, i64, Option<u8>)], i64, Option<u8>);

        let cases: [Case<'_>; 6] = [
            (&[(Product, 1, Some(1)), (Product, 2, Some(2))], 2, Some(2)),
            (&[(Product, 2, Some(2)), (Product, 1, Some(1))], 1, Some(2)),
            (&[(Product, 1, Some(1)), (Product, 1, Some(1))], 1, Some(1)),
            (&[(Product, 2, None), (Product, 1, Some(1))], 1, None),
            (&[(Product, 1, Some(1)), (Popularity, 1, Some(9)), (Product, 2, None)], 3, None),
            (&[(Product, 2, None), (Product, 3, Some(3))], 2, Some(3)),
        ];
        for (history, revision, state) in cases {
            let projection = told(history);
            assert_eq!(
                (projection.revision, projection.state(Product)),
                (revision, state.as_ref()),
                "{history:?}"
            );
        }
    }

    proptest! {
        /// A source tells each sequence with one state only; what reaches us is any order of it with repetitions.
        #[test]
        fn any_order_with_any_repetition_gives_the_same_parts(
            states in prop::collection::vec(prop::option::of(any::<u8>()), 1..12),
            picks in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..60),
        ) {
            let history: Vec<_> = states.iter().enumerate().flat_map(|(n, state)| {
                let sequence = i64::try_from(n).unwrap() + 1;
                [(Source::Product, sequence, *state), (Source::Popularity, sequence, state.map(|s| s ^ 1))]
            }).collect();
            let in_order = told(&history);
            let mut crossed: Vec<_> = picks.iter().map(|(pick, _)| *pick.get(&history)).collect();
            // Everything comes at least once.
            let mut rest = history.clone();
            if picks.first().is_some_and(|(_, turn)| *turn) { rest.reverse(); }
            crossed.extend(rest);
            let found = told(&crossed);
            prop_assert_eq!(&found.parts, &in_order.parts);
            // Each applied change raised the revision, and none but those.
            let mut seen = Projection::default();
            for (source, sequence, state) in &crossed {
                let before = seen.revision;
                let changed = seen.apply(*source, Part { sequence: *sequence, state: *state });
                prop_assert_eq!(seen.revision, before + i64::from(changed));
            }
        }
    }
}
