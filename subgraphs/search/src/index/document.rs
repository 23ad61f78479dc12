//! What the index holds of one product: everything that a search, a facet, a sort or a suggestion reads.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use souk_kit::clock::Timestamp;
use souk_kit::id::{CompanyId, Id, Kind, ShopId};

/// Names products; the kind's prefix is the catalogue's.
#[derive(Debug)]
pub enum ProductKind {}

impl Kind for ProductKind {
    const PREFIX: &'static str = "prod";
}

/// The id of a product.
pub type ProductId = Id<ProductKind>;

/// One product as it is searched, with what its variants add. It is replaced as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductDocument {
    /// Whose it is in the catalogue.
    pub id: ProductId,
    /// The company that sells it.
    pub company: CompanyId,
    /// The external version: the revision of the projection that this was made of; 1 or more. Of two documents of
    /// one product the greater wins, whichever is written last.
    pub revision: u64,
    /// Who may see it, and when.
    pub publication: Publication,
    /// Where it is offered.
    pub shops: Assortment,
    /// The locale (BCP 47) of `texts` in which the company wrote it; its texts are what names sort by.
    pub default_locale: String,
    /// What can be read of it, by locale (BCP 47, such as `de-CH`).
    pub texts: BTreeMap<String, ProductText>,
    /// The brand as it is shown; one language for all.
    pub brand: Option<String>,
    /// Words to find it by, as they are shown.
    pub tags: BTreeSet<String>,
    /// The stock keeping units of its variants, as written.
    pub skus: BTreeSet<String>,
    /// The barcodes (GTIN and others) of its variants, as written.
    pub barcodes: BTreeSet<String>,
    /// The ids of its categories and of all that these stand in, up to the roots.
    pub categories: BTreeSet<String>,
    /// Its attributes and those of its variants: code to values.
    pub attributes: BTreeMap<String, BTreeSet<String>>,
    /// What it costs: see [`Price`].
    pub prices: Vec<Price>,
    /// When it was created; what "newest" sorts by.
    pub created_at: Timestamp,
    /// How sought after it is: greater is more, 0 when nothing is known.
    pub popularity: u64,
    /// The mean rating in hundredths of a star, 0 to 500; none when nobody has rated it.
    pub rating: Option<u16>,
    /// Whether it can be had.
    pub availability: Availability,
}

/// What decides whether the public sees a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// Whether its status is active, neither draft nor archived.
    pub is_active: bool,
    /// First instant at which the public may see it; none is always so far.
    pub from: Option<Timestamp>,
    /// First instant after that; none is for ever.
    pub until: Option<Timestamp>,
    /// Whether its company is active.
    pub company_active: bool,
    /// Whether it is offered in all shops, or one at least of those that are listed is active.
    pub shop_active: bool,
}

impl Publication {
    /// Whether the public sees it at `at`.
    #[must_use]
    pub fn is_public(&self, at: Timestamp) -> bool {
        self.is_active
            && self.company_active
            && self.shop_active
            && self.from.is_none_or(|from| from <= at)
            && self.until.is_none_or(|until| at < until)
    }
}

/// In which shops of its company a product is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "shops")]
pub enum Assortment {
    /// In every one.
    All,
    /// In these; never none.
    Listed(BTreeSet<ShopId>),
}

impl Assortment {
    /// Whether it is offered in `shop`, which must be one of its company.
    #[must_use]
    pub fn offers_in(&self, shop: ShopId) -> bool {
        match self {
            Self::All => true,
            Self::Listed(shops) => shops.contains(&shop),
        }
    }
}

/// The texts of one locale, without markup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductText {
    /// Its name; empty where nothing but its categories is told in this locale.
    pub name: String,
    /// Its description, feature lines included.
    #[serde(default)]
    pub description: String,
    /// What its categories are called, those that they stand in included: id to name.
    #[serde(default)]
    pub categories: BTreeMap<String, String>,
    /// What its attributes say in words: values, names of variants and options.
    #[serde(default)]
    pub attributes: Vec<String>,
}

impl ProductText {
    fn bytes(&self) -> usize {
        let words = self.categories.values().chain(&self.attributes);
        self.name.len() + self.description.len() + words.map(String::len).sum::<usize>()
    }
}

/// The lowest price of one unit of any variant, for buyers in one shop or in all that have none of their own.
///
/// A product with a price that names a shop has prices of its own in that shop: those without a shop do not count
/// there. For any currency, shop and instant one price holds at most, which who makes the document sees to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// ISO 4217.
    pub currency: String,
    /// For buyers in this shop; none is for those in every other, or in none.
    pub shop: Option<ShopId>,
    /// In the currency's minor units.
    pub amount_minor: i64,
    /// First instant at which it holds; none is always so far.
    pub from: Option<Timestamp>,
    /// First instant after that; none is for ever.
    pub until: Option<Timestamp>,
}

impl ProductDocument {
    /// What it costs a buyer in `shop`, in the currency's minor units; none when it has no price there.
    #[must_use]
    pub fn price(&self, currency: &str, shop: Option<ShopId>, at: Timestamp) -> Option<i64> {
        let own = shop.filter(|shop| self.prices.iter().any(|price| price.shop == Some(*shop)));
        let holds = |price: &&Price| {
            price.currency == currency
                && price.shop == own
                && price.from.is_none_or(|from| from <= at)
                && price.until.is_none_or(|until| at < until)
        };
        self.prices.iter().filter(holds).map(|price| price.amount_minor).min()
    }

    /// The texts for a reader of `locale`, in whatever case that is written: of this locale, of a shorter one, of another
    /// region of the language, or else of the product's own.
    #[must_use]
    pub fn text(&self, locale: Option<&str>) -> Option<&ProductText> {
        self.text_with(locale, |text| !text.name.is_empty())
    }

    /// What its categories are called for a reader of `locale`, by the same rule.
    #[must_use]
    pub fn categories_for(&self, locale: Option<&str>) -> Option<&BTreeMap<String, String>> {
        self.text_with(locale, |text| !text.categories.is_empty()).map(|text| &text.categories)
    }

    fn text_with(&self, locale: Option<&str>, says: fn(&ProductText) -> bool) -> Option<&ProductText> {
        let own = || self.texts.get(&self.default_locale).or_else(|| self.texts.values().next());
        locale.and_then(|locale| self.text_in(locale, says)).or_else(own)
    }

    fn text_in(&self, locale: &str, says: fn(&ProductText) -> bool) -> Option<&ProductText> {
        let exact = shorter_and_shorter(locale).find_map(|tag| {
            let mut texts = self.texts.iter();
            texts.find(|(own, text)| own.eq_ignore_ascii_case(tag) && says(text))
        });
        let of_language = || {
            let language = language(locale);
            let default = self.texts.get_key_value(&self.default_locale);
            let mut texts = default.into_iter().chain(&self.texts);
            texts.find(|(own, text)| self::language(own).eq_ignore_ascii_case(language) && says(text))
        };
        exact.or_else(of_language).map(|(_, text)| text)
    }
}

/// A locale, and what it is a kind of: `zh-Hant-TW`, `zh-Hant`, `zh`.
pub(crate) fn shorter_and_shorter(locale: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(locale), |tag| tag.rsplit_once('-').map(|(rest, _)| rest))
}

/// The language of a locale: its first part.
pub(crate) fn language(locale: &str) -> &str {
    locale.split(['-', '_']).next().unwrap_or(locale)
}

/// Whether a product can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// One variant at least can be bought now.
    InStock,
    /// None can.
    OutOfStock,
    /// Nothing is known of its stock.
    Unknown,
}

impl Availability {
    /// The word in the index and in facets.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InStock => "in_stock",
            Self::OutOfStock => "out_of_stock",
            Self::Unknown => "unknown",
        }
    }
}

/// One thing to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The product is this now.
    Upsert(Box<ProductDocument>),
    /// The product is gone.
    Delete {
        /// Which one.
        id: ProductId,
        /// Whose it was.
        company: CompanyId,
        /// The revision of the projection at which it went; remembered, so that no earlier one brings it back.
        revision: u64,
    },
}

impl Change {
    /// Which product.
    #[must_use]
    pub fn id(&self) -> ProductId {
        match self {
            Self::Upsert(document) => document.id,
            Self::Delete { id, .. } => *id,
        }
    }

    /// Its external version.
    #[must_use]
    pub fn revision(&self) -> u64 {
        match self {
            Self::Upsert(document) => document.revision,
            Self::Delete { revision, .. } => *revision,
        }
    }

    /// How many bytes of text it has, roughly: what its size is told by.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Upsert(document) => document.texts.values().map(ProductText::bytes).sum(),
            Self::Delete { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(default_locale: &str, locales: &[&str]) -> ProductDocument {
        let text = |locale: &&str| ProductText { name: (*locale).to_owned(), ..ProductText::default() };
        let at = Timestamp::UNIX_EPOCH;
        ProductDocument {
            id: ProductId::new(at),
            company: CompanyId::new(at),
            revision: 1,
            publication: Publication {
                is_active: true,
                from: None,
                until: None,
                company_active: true,
                shop_active: true,
            },
            shops: Assortment::All,
            default_locale: default_locale.to_owned(),
            texts: locales.iter().map(|locale| ((*locale).to_owned(), text(locale))).collect(),
            brand: None,
            tags: BTreeSet::new(),
            skus: BTreeSet::new(),
            barcodes: BTreeSet::new(),
            categories: BTreeSet::new(),
            attributes: BTreeMap::new(),
            prices: Vec::new(),
            created_at: at,
            popularity: 0,
            rating: None,
            availability: Availability::Unknown,
        }
    }

    #[test]
    fn a_reader_gets_the_nearest_texts_in_whatever_case_the_locale_is_written() {
        let product = document("en", &["de", "de-CH", "en", "fr-CA", "zh-Hant"]);
        for (locale, expected) in [
            (Some("de-CH"), "de-CH"),
            (Some("DE-ch"), "de-CH"),
            (Some("DE"), "de"),
            (Some("De-At"), "de"),
            (Some("FR"), "fr-CA"),
            (Some("ZH-HANT-tw"), "zh-Hant"),
            (Some("EN-gb"), "en"),
            (Some("sv"), "en"),
            (None, "en"),
        ] {
            assert_eq!(product.text(locale).unwrap().name, expected, "{locale:?}");
        }
        // Of several regions of a language the company's own comes first.
        assert_eq!(document("pt-PT", &["pt-BR", "pt-PT"]).text(Some("PT")).unwrap().name, "pt-PT");
    }
}
