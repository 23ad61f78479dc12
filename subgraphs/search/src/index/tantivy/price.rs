//! Which of a product's prices counts, read from columns.

use ::tantivy::columnar::{Column, StrColumn};
use ::tantivy::query::Query;
use ::tantivy::query::doc_predicate_query::{DocPredicateQuery, FunctionPredicate};
use ::tantivy::{DocId, SegmentReader};

use super::schema::{PRICE_AMOUNT, PRICE_FROM, PRICE_KEY, PRICE_SHOPS, PRICE_UNTIL, numbers, price_key};
use crate::index::plan::PriceContext;
use crate::index::query::Range;

/// The prices of a segment's products, for one kind of buyer.
pub(super) struct Prices {
    keys: Column<u64>,
    amounts: Column<i64>,
    from: Column<i64>,
    until: Column<i64>,
    shops: Option<StrColumn>,
    /// The shop's ordinal, where a product of the segment has prices of its own for it.
    shop: Option<u64>,
    /// The ordinal of the currency with the shop, and with none.
    own: Option<u64>,
    general: Option<u64>,
    at: i64,
}

impl Prices {
    /// None when no product of the segment has such a price.
    pub(super) fn of(segment: &SegmentReader, context: &PriceContext) -> ::tantivy::Result<Option<Self>> {
        let columns = segment.fast_fields();
        let Some(keys) = columns.str(PRICE_KEY)? else { return Ok(None) };
        let shop_id = context.shop.map(|shop| shop.to_string());
        let ordinal = |shop: Option<&str>| keys.dictionary().term_ord(price_key(&context.currency, shop));
        let own = match &shop_id {
            Some(shop) => ordinal(Some(shop))?,
            None => None,
        };
        let general = ordinal(None)?;
        let shops = columns.str(PRICE_SHOPS)?;
        let shop = match (&shops, &shop_id) {
            (Some(shops), Some(shop)) => shops.dictionary().term_ord(shop)?,
            _ => None,
        };
        Ok(Some(Self {
            keys: keys.ords().clone(),
            amounts: numbers(segment, PRICE_AMOUNT)?,
            from: numbers(segment, PRICE_FROM)?,
            until: numbers(segment, PRICE_UNTIL)?,
            shops,
            shop,
            own,
            general,
            at: context.at.timestamp_micros(),
        }))
    }

    /// In minor units.
    pub(super) fn of_document(&self, document: DocId) -> Option<i64> {
        let has_own = self.shop.is_some_and(|shop| {
            self.shops.as_ref().is_some_and(|shops| shops.term_ords(document).any(|one| one == shop))
        });
        let wanted = if has_own { self.own } else { self.general }?;
        let windows = self.from.values_for_doc(document).zip(self.until.values_for_doc(document));
        let prices =
            self.keys.values_for_doc(document).zip(self.amounts.values_for_doc(document)).zip(windows);
        let holds = |key: u64, (from, until): (i64, i64)| key == wanted && from <= self.at && self.at < until;
        prices.filter(|((key, _), window)| holds(*key, *window)).map(|((_, amount), _)| amount).min()
    }
}

/// What finds products whose price lies within a range.
pub(super) fn within(context: PriceContext, range: Range) -> Box<dyn Query> {
    let of_segment = move |segment: &SegmentReader| {
        let prices = Prices::of(segment, &context)?;
        Ok(move |document: DocId| {
            let price = prices.as_ref().and_then(|prices| prices.of_document(document));
            price.is_some_and(|price| range.contains(price))
        })
    };
    Box::new(DocPredicateQuery::from(FunctionPredicate::from(of_segment)))
}
