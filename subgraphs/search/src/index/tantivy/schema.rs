//! The fields of a product as Tantivy keeps them.

use std::collections::BTreeMap;

use ::tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use ::tantivy::{TantivyDocument, Term};

use crate::index::document::{Change, ProductId};
use crate::index::plan::fields::{Fields, Keyword, Number, PriceEntry, TextField};

pub(super) const ID_HIGH: &str = "id_high";
pub(super) const ID_LOW: &str = "id_low";
pub(super) const REVISION: &str = "revision";
pub(super) const PRICE_KEY: &str = "price_key";
pub(super) const PRICE_AMOUNT: &str = "price_amount";
pub(super) const PRICE_FROM: &str = "price_from";
pub(super) const PRICE_UNTIL: &str = "price_until";
pub(super) const PRICE_SHOPS: &str = "price_shops";

#[derive(Debug, Clone)]
pub(super) struct ProductSchema {
    pub(super) schema: Schema,
    texts: BTreeMap<TextField, Field>,
    keywords: BTreeMap<Keyword, Field>,
    numbers: BTreeMap<Number, Field>,
    id_high: Field,
    id_low: Field,
    revision: Field,
    /// 1 on what stands for a product that is gone.
    pub(super) gone: Field,
    price_key: Field,
    price_amount: Field,
    price_from: Field,
    price_until: Field,
    price_shops: Field,
    pub(super) source: Field,
}

impl ProductSchema {
    pub(super) fn new() -> Self {
        let mut schema = Schema::builder();
        let words = |option| {
            let indexing = TextFieldIndexing::default().set_tokenizer("whitespace").set_index_option(option);
            TextOptions::default().set_indexing_options(indexing)
        };
        let mut text = |field: TextField| {
            let option = match field {
                TextField::Words(_) => IndexRecordOption::WithFreqsAndPositions,
                TextField::Stems(_) => IndexRecordOption::WithFreqs,
            };
            (field, schema.add_text_field(field.name(), words(option)))
        };
        let texts = TextField::all().map(&mut text).collect();
        let mut keyword = |keyword: Keyword| {
            let options = if has_column(keyword) { STRING | FAST } else { STRING };
            (keyword, schema.add_text_field(keyword.name(), options))
        };
        let keywords = Keyword::ALL.map(&mut keyword).into();
        let numbers = Number::ALL.map(|number| (number, schema.add_i64_field(number.name(), FAST))).into();
        Self {
            texts,
            keywords,
            numbers,
            id_high: schema.add_u64_field(ID_HIGH, FAST),
            id_low: schema.add_u64_field(ID_LOW, FAST),
            revision: schema.add_u64_field(REVISION, FAST),
            gone: schema.add_u64_field("gone", INDEXED),
            price_key: schema.add_text_field(PRICE_KEY, TextOptions::default().set_fast("raw")),
            price_amount: schema.add_i64_field(PRICE_AMOUNT, FAST),
            price_from: schema.add_i64_field(PRICE_FROM, FAST),
            price_until: schema.add_i64_field(PRICE_UNTIL, FAST),
            price_shops: schema.add_text_field(PRICE_SHOPS, TextOptions::default().set_fast("raw")),
            source: schema.add_bytes_field("source", STORED),
            schema: schema.build(),
        }
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
        for PriceEntry { currency, shop, amount, from, until } in &fields.prices {
            document.add_text(self.price_key, price_key(currency, shop.as_deref()));
            document.add_i64(self.price_amount, *amount);
            document.add_i64(self.price_from, *from);
            document.add_i64(self.price_until, *until);
        }
        fields.price_shops.iter().for_each(|shop| document.add_text(self.price_shops, shop));
    }
}

/// A currency and a shop in one value.
pub(super) fn price_key(currency: &str, shop: Option<&str>) -> String {
    format!("{currency} {}", shop.unwrap_or_default())
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
