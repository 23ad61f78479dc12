//! The port over any engine: what a question means, in stages from words as typed to words mistyped.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use souk_kit::fault::Fault;
use souk_kit::page::LARGEST_PAGE;

use super::answer::{Highlight, Hit, SearchAnswer, Suggestion, Total, Written};
use super::document::{Change, ProductId};
use super::engine::Engine;
use super::highlight::Highlighter;
use super::plan::condition::Condition;
use super::plan::fields::{Keyword, Role};
use super::plan::matching::{self, Stage};
use super::plan::reading::Reading;
use super::plan::{Found, Order, OrderValue, Plan, PriceContext, filters};
use super::query::{Audience, Facet, LARGEST_FACET, LONGEST_CODE, SearchQuery, Sort, SuggestQuery};
use super::words::Language;
use super::{Build, Live, SearchIndex, cursor, spelling, suggesting};

/// With fewer products than these as typed, words may be mistyped.
const FEW: u64 = 3;
/// How many conditions a filter may have, values included.
const MOST_CONDITIONS: usize = 1_000;
/// How deep a filter may be nested.
const DEEPEST: usize = 12;
/// How many facets may be asked for.
const MOST_FACETS: usize = 50;
/// Most products that are pinned or buried.
const MOST_PINNED: usize = 100;
/// How many documents are held at once to mark words in: each may have megabytes, and a page a hundred of them.
const MARKED_AT_ONCE: usize = 10;

/// The port over an engine.
#[derive(Debug)]
pub(crate) struct Index<E> {
    engine: E,
}

impl<E: Engine> Index<E> {
    pub(crate) fn new(engine: E) -> Self {
        Self { engine }
    }
}

/// A plan that finds what `matching` does for an audience, and nothing else yet.
pub(crate) fn plan(matching: Condition, audience: &Audience) -> Plan {
    Plan {
        matching,
        filters: filters::scope(audience),
        selections: Vec::new(),
        price: None,
        facets: Vec::new(),
        order: Order::Score,
        after: None,
        limit: 0,
        with_documents: false,
    }
}

/// How many products a reading finds for an audience, apart from filters.
pub(crate) async fn total<E: Engine>(
    engine: &E,
    reading: &Reading,
    stage: Stage,
    audience: &Audience,
) -> Result<u64, Fault> {
    let matching = matching::words(reading, stage, &Role::ALL);
    Ok(engine.find(&plan(matching, audience)).await?.total.count)
}

/// The first stage at which a reading finds enough.
pub(crate) async fn stage<E: Engine>(
    engine: &E,
    reading: &Reading,
    audience: &Audience,
) -> Result<Stage, Fault> {
    if reading.is_empty() || total(engine, reading, Stage::Strict, audience).await? >= FEW {
        return Ok(Stage::Strict);
    }
    forgiving_stage(engine, reading, audience).await
}

async fn forgiving_stage<E: Engine>(
    engine: &E,
    reading: &Reading,
    audience: &Audience,
) -> Result<Stage, Fault> {
    let can_miss_one = reading.units.len() > 2;
    if can_miss_one && total(engine, reading, Stage::Tolerant, audience).await? == 0 {
        Ok(Stage::Partial)
    } else {
        Ok(Stage::Tolerant)
    }
}

impl<E: Engine> Index<E> {
    fn plan_of(query: &SearchQuery, reading: &Reading, stage: Stage) -> Result<Plan, Fault> {
        let order = order(query.sort);
        let (narrowing, selections) = filters::split(&query.filter);
        let mut found = matching::words(reading, stage, &Role::ALL);
        if order == Order::Score {
            let mut tuning = query.tuning.clone();
            let mut seen = std::collections::BTreeSet::new();
            tuning.pinned.retain(|id| seen.insert(*id));
            tuning.buried.retain(|id| !seen.contains(id));
            tuning.buried.truncate(MOST_PINNED);
            found = matching::tuned(found, &tuning, MOST_PINNED);
        }
        let mut plan = plan(found, &query.audience);
        plan.filters.extend(narrowing);
        plan.selections = selections;
        plan.price = query.currency.as_ref().map(|currency| PriceContext {
            currency: currency.clone(),
            shop: query.audience.shop,
            at: query.audience.at,
        });
        plan.facets = query.facets.clone();
        plan.order = order;
        plan.limit = query.first.saturating_add(1);
        if let Some(after) = &query.after {
            plan.after = Some(cursor::decode(order, after)?.1);
        }
        Ok(plan)
    }

    /// Answers at the stage of the cursor, or at the first one that finds enough.
    async fn find(&self, query: &SearchQuery, reading: &Reading) -> Result<(Stage, Found), Fault> {
        let at = |stage| async move { self.engine.find(&Self::plan_of(query, reading, stage)?).await };
        if let Some(after) = &query.after {
            let (stage, _) = cursor::decode(order(query.sort), after)?;
            return Ok((stage, at(stage).await?));
        }
        let strict = at(Stage::Strict).await?;
        let is_enough = strict.total.count >= FEW && query.tuning.pinned.is_empty();
        let stage = if is_enough || reading.is_empty() {
            Stage::Strict
        } else {
            stage(&self.engine, reading, &query.audience).await?
        };
        match stage {
            Stage::Strict => Ok((stage, strict)),
            Stage::Tolerant | Stage::Partial => Ok((stage, at(stage).await?)),
        }
    }

    /// Marks what was found in the texts of a page, a few products at a time.
    async fn highlight(
        &self,
        hits: &mut [Hit],
        highlighter: Highlighter,
        audience: &Audience,
    ) -> Result<(), Fault> {
        let highlighter = Arc::new(highlighter);
        for some in hits.chunks_mut(MARKED_AT_ONCE) {
            let mut plan = plan(Condition::Everything, audience);
            let ids = some.iter().map(|hit| hit.id.to_string()).collect();
            plan.filters.push(Condition::Keyword(Keyword::Id, ids));
            plan.limit = some.len();
            plan.with_documents = true;
            let found = self.engine.find(&plan).await?.hits;
            let highlighter = Arc::clone(&highlighter);
            let mark = move || {
                let documents = found.into_iter().filter_map(|hit| hit.document);
                documents.map(|document| (document.id, highlighter.of(&document))).collect()
            };
            let mut marked: BTreeMap<ProductId, Vec<Highlight>> =
                tokio::task::spawn_blocking(mark).await.map_err(Fault::internal)?;
            for hit in some {
                hit.highlights = marked.remove(&hit.id).unwrap_or_default();
            }
        }
        Ok(())
    }
}

fn order(sort: Sort) -> Order {
    match sort {
        Sort::Relevance => Order::Score,
        Sort::Price(direction) => Order::Price(direction),
        Sort::Newest => Order::Newest,
        Sort::Popularity => Order::Popularity,
        Sort::Rating => Order::Rating,
        Sort::Name(direction) => Order::Name(direction),
    }
}

fn check(query: &SearchQuery) -> Result<(), Fault> {
    if query.first > LARGEST_PAGE {
        return Err(Fault::bad_input(format!("`first` must be at most {LARGEST_PAGE}")));
    }
    let (depth, size) = filters::extent(&query.filter);
    if depth > DEEPEST || size > MOST_CONDITIONS {
        let text =
            format!("a filter has at most {MOST_CONDITIONS} conditions and values, nested {DEEPEST} deep");
        return Err(Fault::bad_input(text));
    }
    if query.facets.len() > MOST_FACETS {
        return Err(Fault::bad_input(format!("at most {MOST_FACETS} facets are counted")));
    }
    query.facets.iter().try_for_each(check_facet)?;
    let by_price = matches!(query.sort, Sort::Price(_)) || filters::names_price(&query.filter);
    if by_price && query.currency.is_none() {
        return Err(Fault::bad_input("to sort or filter by price, name the currency"));
    }
    Ok(())
}

fn check_facet(facet: &Facet) -> Result<(), Fault> {
    match facet {
        Facet::Price(ranges) if ranges.len() > LARGEST_FACET => {
            Err(Fault::bad_input(format!("a facet has at most {LARGEST_FACET} ranges")))
        }
        // Engines bound it, too, and each in its own way.
        Facet::Attribute(code) if code.chars().count() > LONGEST_CODE => {
            Err(Fault::bad_input(format!("the code of an attribute has at most {LONGEST_CODE} characters")))
        }
        Facet::Price(_)
        | Facet::Attribute(_)
        | Facet::Category
        | Facet::Brand
        | Facet::Tag
        | Facet::Rating
        | Facet::Availability => Ok(()),
    }
}

#[async_trait]
impl<E: Engine> SearchIndex for Index<E> {
    async fn search(&self, query: &SearchQuery) -> Result<SearchAnswer, Fault> {
        check(query)?;
        let language = Language::of_locale(query.audience.locale.as_deref());
        let reading = Reading::of(&query.text, language, &query.tuning);
        let (stage, found) = self.find(query, &reading).await?;
        let order = order(query.sort);
        let has_next = found.hits.len() > query.first;
        let hits = found.hits.into_iter().take(query.first).map(|hit| Hit {
            id: hit.position.id,
            score: if let OrderValue::Score(score) = hit.position.value { Some(score) } else { None },
            highlights: Vec::new(),
            cursor: cursor::encode(order, stage, &hit.position),
        });
        let mut hits: Vec<_> = hits.collect();
        if query.highlight && !reading.is_empty() {
            let highlighter = Highlighter::new(&reading, stage, query.audience.locale.as_deref());
            self.highlight(&mut hits, highlighter, &query.audience).await?;
        }
        let is_nothing = found.total == Total::default() && query.after.is_none();
        let did_you_mean = if is_nothing && !reading.is_empty() {
            spelling::correct(&self.engine, &query.text, &reading, query).await?
        } else {
            None
        };
        Ok(SearchAnswer { hits, has_next, total: found.total, facets: found.facets, did_you_mean })
    }

    async fn suggest(&self, query: &SuggestQuery) -> Result<Vec<Suggestion>, Fault> {
        suggesting::suggest(&self.engine, query).await
    }

    async fn write(&self, changes: &[Change]) -> Result<Written, Fault> {
        self.engine.write(changes).await
    }

    async fn refresh(&self) -> Result<(), Fault> {
        self.engine.refresh().await
    }

    async fn needs_build(&self) -> Result<bool, Fault> {
        self.engine.needs_build().await
    }

    async fn begin_build(&self) -> Result<Build, Fault> {
        self.engine.begin_build().await
    }

    async fn write_build(&self, build: &Build, changes: &[Change]) -> Result<(), Fault> {
        self.engine.write_build(build, changes).await
    }

    async fn publish(&self, build: Build) -> Result<(), Fault> {
        self.engine.publish(build).await
    }

    async fn abandon(&self, build: Build) -> Result<(), Fault> {
        self.engine.abandon(build).await
    }

    async fn live(&self) -> Result<Option<Live>, Fault> {
        self.engine.live().await
    }

    async fn count(&self) -> Result<u64, Fault> {
        self.engine.count().await
    }

    async fn check(&self) -> Result<(), Fault> {
        self.engine.check().await
    }
}
