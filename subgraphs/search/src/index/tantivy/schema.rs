//! The fields of a product as Tantivy keeps them.

use std::collections::BTreeMap;

use ::tantivy::columnar::Column;
use ::tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use ::tantivy::{SegmentReader, TantivyDocument, Term};

use crate::index::document::{Change, ProductId};
use crate::index::plan::fields::{Fields, Keyword, Number, PriceEntry, TextField};

pub(super) const ID_HIGH: &str = "id_high";
pub(super) const ID_LOW: &str = "id_low";
pub(super) const REVISION: &str = "revision";
const GONE: &str = "gone";
const SOURCE: &str = "source";
pub(super) const PRICE_KEY: &str = "price_key";
pub(super) const PRICE_AMOUNT: &str = "price_amount";
pub(super) const PRICE_FROM: &str = "price_from";
pub(super) const PRICE_UNTIL: &str = "price_until";
pub(super) const PRICE_SHOPS: &str = "price_shops";

/// The fields that an index has, which may be of another layout: what is not there has no value, and is not written.
#[derive(Debug, Clone)]
pub(super) struct ProductSchema {
    texts: BTreeMap<TextField, Field>,
    keywords: BTreeMap<Keyword, Field>,
    numbers: BTreeMap<Number, Field>,
    id_high: Field,
    id_low: Field,
    revision: Field,
    /// 1 on what stands for a product that is gone.
    pub(super) gone: Field,
    prices: Option<PriceFields>,
    pub(super) source: Field,
}

/// Columns of one length for each product, and the shops that they name.
#[derive(Debug, Clone, Copy)]
struct PriceFields {
    key: Field,
    amount: Field,
    from: Field,
    until: Field,
    shops: Field,
}

/// What an index of this version's layout is made with.
pub(super) fn schema() -> Schema {
    let mut schema = Schema::builder();
    for field in TextField::all() {
        let option = match field {
            TextField::Words(_) => IndexRecordOption::WithFreqsAndPositions,
            TextField::Stems(_) => IndexRecordOption::WithFreqs,
        };
        let indexing = TextFieldIndexing::default().set_tokenizer("whitespace").set_index_option(option);
        schema.add_text_field(field.name(), TextOptions::default().set_indexing_options(indexing));
    }
    for keyword in Keyword::ALL {
        let options = if has_column(keyword) { STRING | FAST } else { STRING };
        schema.add_text_field(keyword.name(), options);
    }
    for number in Number::ALL {
        schema.add_i64_field(number.name(), FAST);
    }
    for name in [ID_HIGH, ID_LOW, REVISION] {
        schema.add_u64_field(name, FAST);
    }
    schema.add_u64_field(GONE, INDEXED);
    for name in [PRICE_KEY, PRICE_SHOPS] {
        schema.add_text_field(name, TextOptions::default().set_fast("raw"));
    }
    for name in [PRICE_AMOUNT, PRICE_FROM, PRICE_UNTIL] {
        schema.add_i64_field(name, FAST);
    }
    schema.add_bytes_field(SOURCE, STORED);
    schema.build()
}

impl PriceFields {
    fn of(schema: &Schema) -> ::tantivy::Result<Self> {
        Ok(Self {
            key: schema.get_field(PRICE_KEY)?,
            amount: schema.get_field(PRICE_AMOUNT)?,
            from: schema.get_field(PRICE_FROM)?,
            until: schema.get_field(PRICE_UNTIL)?,
            shops: schema.get_field(PRICE_SHOPS)?,
        })
    }
}

impl ProductSchema {
    pub(super) fn of(schema: &Schema) -> ::tantivy::Result<Self> {
        let found = |name: &str| schema.get_field(name).ok();
        let keywords = Keyword::ALL.into_iter();
        let numbers = Number::ALL.into_iter();
        Ok(Self {
            texts: TextField::all().filter_map(|field| Some((field, found(field.name())?))).collect(),
            keywords: keywords.filter_map(|keyword| Some((keyword, found(keyword.name())?))).collect(),
            numbers: numbers.filter_map(|number| Some((number, found(number.name())?))).collect(),
            id_high: schema.get_field(ID_HIGH)?,
            id_low: schema.get_field(ID_LOW)?,
            revision: schema.get_field(REVISION)?,
            gone: schema.get_field(GONE)?,
            prices: PriceFields::of(schema).ok(),
            source: schema.get_field(SOURCE)?,
        })
    }

    pub(super) fn text(&self, field: TextField, word: &str) -> Option<Term> {
        self.texts.get(&field).map(|field| Term::from_field_text(*field, word))
    }

    pub(super) fn keyword(&self, keyword: Keyword, value: &str) -> Option<Term> {
        self.keywords.get(&keyword).map(|field| Term::from_field_text(*field, value))
    }

    pub(super) fn number(&self, number: Number, value: i64) -> Option<Term> {
        self.numbers.get(&number).map(|field| Term::from_field_i64(*field, value))
    }

    pub(super) fn id(&self, id: ProductId) -> Option<Term> {
        self.keyword(Keyword::Id, &id.to_string())
    }

    /// The document of a change; what is gone leaves its id and revision.
    pub(super) fn document(&self, change: &Change) -> Result<TantivyDocument, serde_json::Error> {
        let mut document = TantivyDocument::new();
        let (high, low) = change.id().uuid().as_u64_pair();
        document.add_u64(self.id_high, high);
        document.add_u64(self.id_low, low);
        document.add_u64(self.revision, change.revision());
        match change {
            Change::Upsert(product) => {
                self.fill(&mut document, &Fields::of(product));
                document.add_bytes(self.source, &serde_json::to_vec(product)?);
            }
            Change::Delete { id, .. } => {
                document.add_u64(self.gone, 1);
                if let Some(field) = self.keywords.get(&Keyword::Id) {
                    document.add_text(*field, id.to_string());
                }
            }
        }
        Ok(document)
    }

    fn fill(&self, document: &mut TantivyDocument, fields: &Fields) {
        for (field, values) in &fields.texts {
            if let Some(field) = self.texts.get(field) {
                values.iter().for_each(|value| document.add_text(*field, value));
            }
        }
        for (keyword, values) in &fields.keywords {
            if let Some(field) = self.keywords.get(keyword) {
                values.iter().for_each(|value| document.add_text(*field, value));
            }
        }
        for (number, value) in &fields.numbers {
            if let Some(field) = self.numbers.get(number) {
                document.add_i64(*field, *value);
            }
        }
        let Some(prices) = self.prices else { return };
        for PriceEntry { currency, shop, amount, from, until } in &fields.prices {
            document.add_text(prices.key, price_key(currency, shop.as_deref()));
            document.add_i64(prices.amount, *amount);
            document.add_i64(prices.from, *from);
            document.add_i64(prices.until, *until);
        }
        fields.price_shops.iter().for_each(|shop| document.add_text(prices.shops, shop));
    }
}

/// A currency and a shop in one value.
pub(super) fn price_key(currency: &str, shop: Option<&str>) -> String {
    format!("{currency} {}", shop.unwrap_or_default())
}

/// A column of a segment, whose values none has where its layout lacks it.
pub(super) fn numbers(segment: &SegmentReader, name: &str) -> ::tantivy::Result<Column<i64>> {
    let column = segment.fast_fields().column_opt(name)?;
    Ok(column.unwrap_or_else(|| Column::build_empty_column(segment.max_doc())))
}

/// Whether a keyword is counted or sorted by.
fn has_column(keyword: Keyword) -> bool {
    match keyword {
        Keyword::Brand
        | Keyword::Tags
        | Keyword::Categories
        | Keyword::Attributes
        | Keyword::Availability
        | Keyword::SortName => true,
        Keyword::Id | Keyword::Company | Keyword::Shops | Keyword::Codes => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::index::layout::LAYOUT;

    #[test]
    fn what_the_engine_is_told_is_of_this_layout() {
        let kept: Value = serde_json::from_str(include_str!("schema.json")).unwrap();
        let told = json!({ "layout": LAYOUT, "fields": schema() });
        assert_eq!(told, kept, "raise LAYOUT, then keep this in schema.json:\n{told:#}");
    }
}
