//! Collects in one pass what a plan asks of the products that match: the first hits, the total, counts of facets.

use std::collections::BinaryHeap;

use ::tantivy::collector::{Collector, SegmentCollector};
use ::tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader, TantivyError};

use super::facet::{Counted, Tally};
use super::order::{Rank, Ranking, compare};
use crate::index::plan::{Order, Plan, Position};
use crate::index::query::Facet;

pub(super) struct PlanCollector<'a> {
    pub(super) plan: &'a Plan,
    /// Which of the plan's facets to count.
    pub(super) facets: Vec<&'a Facet>,
    /// How many hits to keep.
    pub(super) limit: usize,
}

pub(super) struct SegmentHits {
    segment: SegmentOrdinal,
    ranking: Ranking,
    bound: Option<Rank>,
    limit: usize,
    best: BinaryHeap<(Rank, DocId)>,
    total: u64,
    tallies: Vec<Tally>,
}

#[derive(Default)]
pub(super) struct Collected {
    pub(super) hits: Vec<(Position, DocAddress)>,
    pub(super) total: u64,
    pub(super) facets: Vec<Counted>,
}

impl Collector for PlanCollector<'_> {
    type Fruit = Collected;
    type Child = SegmentHits;

    fn for_segment(
        &self,
        ordinal: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> ::tantivy::Result<SegmentHits> {
        let ranking = Ranking::of(segment, self.plan)?;
        let bound = match &self.plan.after {
            Some(after) => ranking.bound(after)?,
            None => None,
        };
        let tallies: ::tantivy::Result<Vec<_>> =
            self.facets.iter().map(|facet| Tally::of(facet, segment, self.plan)).collect();
        Ok(SegmentHits {
            segment: ordinal,
            ranking,
            bound,
            limit: self.limit,
            best: BinaryHeap::with_capacity(self.limit.saturating_add(1)),
            total: 0,
            tallies: tallies?,
        })
    }

    fn requires_scoring(&self) -> bool {
        self.plan.order == Order::Score && self.limit > 0
    }

    fn merge_fruits(&self, segments: Vec<::tantivy::Result<Collected>>) -> ::tantivy::Result<Collected> {
        let mut all =
            Collected { facets: vec![Counted::default(); self.facets.len()], ..Collected::default() };
        for segment in segments {
            let segment = segment?;
            all.total += segment.total;
            all.hits.extend(segment.hits);
            all.facets.iter_mut().zip(segment.facets).for_each(|(all, one)| all.add(one));
        }
        all.hits.sort_by(|(left, _), (right, _)| compare(self.plan.order, left, right));
        all.hits.truncate(self.limit);
        Ok(all)
    }
}

impl SegmentCollector for SegmentHits {
    type Fruit = Result<Collected, TantivyError>;

    fn collect(&mut self, document: DocId, score: Score) {
        self.total += 1;
        self.tallies.iter_mut().for_each(|tally| tally.count(document));
        if self.limit == 0 {
            return;
        }
        let rank = self.ranking.rank(document, score);
        if self.bound.is_some_and(|bound| rank <= bound) {
            return;
        }
        if self.best.len() < self.limit {
            self.best.push((rank, document));
        } else if self.best.peek().is_some_and(|(worst, _)| rank < *worst) {
            self.best.pop();
            self.best.push((rank, document));
        }
    }

    fn harvest(self) -> Self::Fruit {
        let hit = |(rank, document)| {
            let position = self.ranking.position(rank)?;
            Ok((position, DocAddress::new(self.segment, document)))
        };
        let hits: ::tantivy::Result<Vec<_>> = self.best.into_sorted_vec().into_iter().map(hit).collect();
        let facets = self.tallies.into_iter().map(Tally::counted).collect();
        Ok(Collected { hits: hits?, total: self.total, facets })
    }
}
