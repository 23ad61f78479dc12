//! One generation: a Tantivy index in a folder of its own, and how a plan is answered from it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ::tantivy::collector::Count;
use ::tantivy::directory::MmapDirectory;
use ::tantivy::query::{AllQuery, BooleanQuery, Occur, Query, TermQuery};
use ::tantivy::schema::{IndexRecordOption, Value};
use ::tantivy::{
    DocAddress, Index, IndexReader, IndexSettings, ReloadPolicy, Searcher, TantivyDocument, Term,
};
use souk_kit::fault::Fault;

use super::collector::PlanCollector;
use super::condition::Translator;
use super::fault;
use super::folder::{Folder, State, unavailable};
use super::schema::{ProductSchema, schema};
use crate::index::Live;
use crate::index::answer::Total;
use crate::index::document::ProductDocument;
use crate::index::layout::LAYOUT;
use crate::index::plan::{Dimension, Found, FoundHit, Plan};
use crate::index::query::EXACT_TOTAL;

/// The file that Tantivy replaces at each commit.
const META: &str = "meta.json";
/// How many blocks of stored documents are kept unpacked.
const CACHED_BLOCKS: usize = 20;

pub(super) struct Generation {
    pub(super) folder: PathBuf,
    pub(super) layout: u32,
    pub(super) index: Index,
    pub(super) reader: IndexReader,
    pub(super) schema: ProductSchema,
    /// What [`META`] held at the last look.
    seen: Mutex<Vec<u8>>,
}

impl std::fmt::Debug for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Generation({})", self.folder.display())
    }
}

impl Generation {
    /// An empty one of this version's layout.
    pub(super) fn create(folder: &Path) -> Result<Self, Fault> {
        fs::create_dir_all(folder).map_err(unavailable)?;
        let directory = MmapDirectory::open(folder).map_err(|error| fault(error.into()))?;
        let index = Index::create(directory, schema(), IndexSettings::default()).map_err(fault)?;
        Self::of(folder, LAYOUT, index)
    }

    /// The live one of whichever layout; `UNAVAILABLE` as long as there is none.
    pub(super) fn open(folder: &Folder, state: &State) -> Result<Self, Fault> {
        let folder = folder.generation(&state.live);
        let index = Index::open_in_dir(&folder)
            .map_err(|error| Fault::unavailable("the search index is not there yet", error))?;
        Self::of(&folder, state.layout, index)
    }

    fn of(folder: &Path, layout: u32, index: Index) -> Result<Self, Fault> {
        let schema = ProductSchema::of(&index.schema()).map_err(fault)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual);
        let reader: IndexReader =
            reader.doc_store_cache_num_blocks(CACHED_BLOCKS).try_into().map_err(fault)?;
        Ok(Self { folder: folder.to_owned(), layout, index, reader, schema, seen: Mutex::default() })
    }

    /// Opens what another process has committed since the last look.
    pub(super) fn reload_if_changed(&self) -> Result<(), Fault> {
        let committed = fs::read(self.folder.join(META)).map_err(unavailable)?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen != committed {
            self.reader.reload().map_err(fault)?;
            *seen = committed;
        }
        Ok(())
    }

    /// Which it is; none when its files have gone, though whoever has them open goes on reading.
    pub(super) fn told(&self) -> Result<Option<Live>, Fault> {
        if !self.folder.join(META).try_exists().map_err(unavailable)? {
            return Ok(None);
        }
        Ok(Some(Live { generation: self.name(), incarnation: String::new() }))
    }

    /// The name of its folder.
    pub(super) fn name(&self) -> String {
        self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn gone(&self) -> Box<dyn Query> {
        Box::new(TermQuery::new(Term::from_field_u64(self.schema.gone, 1), IndexRecordOption::Basic))
    }

    pub(super) fn count(&self) -> ::tantivy::Result<u64> {
        let there: Vec<(Occur, Box<dyn Query>)> =
            vec![(Occur::Must, Box::new(AllQuery)), (Occur::MustNot, self.gone())];
        let count = self.reader.searcher().search(&BooleanQuery::new(there), &Count)?;
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }

    pub(super) fn find(&self, plan: &Plan) -> ::tantivy::Result<Found> {
        let searcher = self.reader.searcher();
        let is_selected = |dimension: &Dimension| plan.selections.iter().any(|(other, _)| other == dimension);
        let (apart, together): (Vec<_>, Vec<_>) =
            plan.facets.iter().enumerate().partition(|(_, facet)| is_selected(&Dimension::of(facet)));
        let facets = together.iter().map(|(_, facet)| *facet).collect();
        let collector = PlanCollector { plan, facets, limit: plan.limit };
        let collected = searcher.search(&self.query(plan, None), &collector)?;
        let counted = together.into_iter().zip(collected.facets);
        let mut facets: Vec<_> =
            counted.map(|((place, facet), counted)| (place, counted.answer(facet))).collect();
        for (place, facet) in apart {
            let collector = PlanCollector { plan, facets: vec![facet], limit: 0 };
            let collected = searcher.search(&self.query(plan, Some(&Dimension::of(facet))), &collector)?;
            facets.extend(collected.facets.into_iter().map(|counted| (place, counted.answer(facet))));
        }
        facets.sort_by_key(|(place, _)| *place);
        let mut hits = Vec::with_capacity(collected.hits.len());
        for (position, address) in collected.hits {
            let document =
                if plan.with_documents { self.document(&searcher, address)?.map(Box::new) } else { None };
            hits.push(FoundHit { position, document });
        }
        Ok(Found {
            hits,
            total: Total {
                count: collected.total.min(EXACT_TOTAL),
                is_lower_bound: collected.total > EXACT_TOTAL,
            },
            facets: facets.into_iter().map(|(_, counts)| counts).collect(),
        })
    }

    /// What a plan matches, with all selections but those of one dimension.
    fn query(&self, plan: &Plan, without: Option<&Dimension>) -> BooleanQuery {
        let translator = Translator { schema: &self.schema, price: plan.price.as_ref() };
        let selections = plan.selections.iter().filter(|(dimension, _)| Some(dimension) != without);
        let filters = plan.filters.iter().chain(selections.map(|(_, condition)| condition));
        let mut clauses = vec![(Occur::Must, translator.query(&plan.matching))];
        clauses.extend(filters.map(|condition| (Occur::Must, translator.filter(condition))));
        clauses.push((Occur::MustNot, self.gone()));
        BooleanQuery::new(clauses)
    }

    fn document(
        &self,
        searcher: &Searcher,
        address: DocAddress,
    ) -> ::tantivy::Result<Option<ProductDocument>> {
        let stored: TantivyDocument = searcher.doc(address)?;
        let source = stored.get_first(self.schema.source).and_then(|value| value.as_bytes());
        Ok(source.and_then(|source| serde_json::from_slice(source).ok()))
    }
}
