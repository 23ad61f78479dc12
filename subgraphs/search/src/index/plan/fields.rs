//! The fields of an indexed product, alike on every engine, and how a document fills them.

use std::collections::{BTreeMap, BTreeSet};

use crate::index::document::{Assortment, ProductDocument};
use crate::index::words::{self, Language, fold};

/// Parts an attribute's code from its value in a keyword.
pub(crate) const SEPARATOR: char = '\u{1f}';
/// The keyword for products that all shops offer.
pub(crate) const ALL_SHOPS: &str = "*";
/// Longest keyword, in characters.
const LONGEST_KEYWORD: usize = 512;

/// What a text of a product is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    Name,
    Brand,
    Category,
    Tag,
    Attribute,
    Description,
}

impl Role {
    pub(crate) const ALL: [Self; 6] =
        [Self::Name, Self::Brand, Self::Category, Self::Tag, Self::Attribute, Self::Description];

    /// How much a word in such a text counts.
    pub(crate) fn weight(self) -> f32 {
        match self {
            Self::Name => 4.0,
            Self::Brand => 3.0,
            Self::Category => 2.0,
            Self::Tag => 2.0,
            Self::Attribute => 1.5,
            Self::Description => 0.7,
        }
    }
}

/// A field of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TextField {
    /// As they stand, in every language that the product has.
    Words(Role),
    /// Without their endings, each marked with its language.
    Stems(Role),
}

impl TextField {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Role::ALL.into_iter().flat_map(|role| [Self::Words(role), Self::Stems(role)])
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Words(Role::Name) => "name_words",
            Self::Words(Role::Brand) => "brand_words",
            Self::Words(Role::Category) => "category_words",
            Self::Words(Role::Tag) => "tag_words",
            Self::Words(Role::Attribute) => "attribute_words",
            Self::Words(Role::Description) => "description_words",
            Self::Stems(Role::Name) => "name_stems",
            Self::Stems(Role::Brand) => "brand_stems",
            Self::Stems(Role::Category) => "category_stems",
            Self::Stems(Role::Tag) => "tag_stems",
            Self::Stems(Role::Attribute) => "attribute_stems",
            Self::Stems(Role::Description) => "description_stems",
        }
    }
}

/// A field of whole values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Keyword {
    Id,
    Company,
    /// Shops that list it, or [`ALL_SHOPS`].
    Shops,
    /// SKUs and barcodes as they are compared.
    Codes,
    Brand,
    Tags,
    Categories,
    /// Code, [`SEPARATOR`], value.
    Attributes,
    Availability,
    /// The name that it is sorted by.
    SortName,
}

impl Keyword {
    pub(crate) const ALL: [Self; 10] = [
        Self::Id,
        Self::Company,
        Self::Shops,
        Self::Codes,
        Self::Brand,
        Self::Tags,
        Self::Categories,
        Self::Attributes,
        Self::Availability,
        Self::SortName,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Company => "company",
            Self::Shops => "shops",
            Self::Codes => "codes",
            Self::Brand => "brand",
            Self::Tags => "tags",
            Self::Categories => "categories",
            Self::Attributes => "attributes",
            Self::Availability => "availability",
            Self::SortName => "sort_name",
        }
    }
}

/// A field of one whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Number {
    /// 1 when nothing but its window hides it from the public.
    Open,
    /// First instant of its window, in microseconds since 1970.
    From,
    /// First instant after it.
    Until,
    Created,
    Popularity,
    /// Hundredths of a star.
    Rating,
}

impl Number {
    pub(crate) const ALL: [Self; 6] =
        [Self::Open, Self::From, Self::Until, Self::Created, Self::Popularity, Self::Rating];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::From => "from",
            Self::Until => "until",
            Self::Created => "created",
            Self::Popularity => "popularity",
            Self::Rating => "rating",
        }
    }
}

/// A price as it is indexed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PriceEntry {
    pub(crate) currency: String,
    /// None is every shop without prices of its own.
    pub(crate) shop: Option<String>,
    pub(crate) amount: i64,
    pub(crate) from: i64,
    pub(crate) until: i64,
}

/// The fields of one product.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields {
    /// Each value is one text, its words parted by spaces.
    pub(crate) texts: BTreeMap<TextField, Vec<String>>,
    pub(crate) keywords: BTreeMap<Keyword, BTreeSet<String>>,
    pub(crate) numbers: BTreeMap<Number, i64>,
    pub(crate) prices: Vec<PriceEntry>,
    /// The shops that prices name.
    pub(crate) price_shops: BTreeSet<String>,
}

impl Fields {
    pub(crate) fn of(document: &ProductDocument) -> Self {
        let mut fields = Self::default();
        let default = Language::of_locale(Some(&document.default_locale));
        if let Some(brand) = &document.brand {
            fields.text(Role::Brand, brand, &default);
        }
        for tag in &document.tags {
            fields.text(Role::Tag, tag, &default);
        }
        for (locale, text) in &document.texts {
            let language = Language::of_locale(Some(locale));
            fields.text(Role::Name, &text.name, &language);
            fields.text(Role::Description, &text.description, &language);
            text.categories.values().for_each(|name| fields.text(Role::Category, name, &language));
            text.attributes.iter().for_each(|value| fields.text(Role::Attribute, value, &language));
        }
        fields.keywords(document);
        fields.numbers(document);
        for price in &document.prices {
            let shop = price.shop.map(|shop| shop.to_string());
            fields.price_shops.extend(shop.clone());
            fields.prices.push(PriceEntry {
                currency: price.currency.clone(),
                shop,
                amount: price.amount_minor,
                from: price.from.map_or(i64::MIN, |at| at.timestamp_micros()),
                until: price.until.map_or(i64::MAX, |at| at.timestamp_micros()),
            });
        }
        fields
    }

    fn text(&mut self, role: Role, text: &str, language: &Language) {
        let words = words::words(text);
        if words.is_empty() {
            return;
        }
        let row = |words: &mut dyn Iterator<Item = String>| words.collect::<Vec<_>>().join(" ");
        let plain = self.texts.entry(TextField::Words(role)).or_default();
        plain.push(row(&mut words.iter().map(|word| word.folded.clone())));
        plain.extend(words::joined(text, &words));
        let stems = self.texts.entry(TextField::Stems(role)).or_default();
        stems.push(row(&mut words.iter().map(|word| language.stem(&word.folded))));
    }

    fn keywords(&mut self, document: &ProductDocument) {
        let mut set = |keyword, values: BTreeSet<String>| {
            let values = values.into_iter().filter(|value| !value.is_empty());
            self.keywords.insert(keyword, values.map(|value| cut(&value)).collect());
        };
        let one = |value: String| BTreeSet::from([value]);
        set(Keyword::Id, one(document.id.to_string()));
        set(Keyword::Company, one(document.company.to_string()));
        set(
            Keyword::Shops,
            match &document.shops {
                Assortment::All => one(ALL_SHOPS.to_owned()),
                Assortment::Listed(shops) => shops.iter().map(ToString::to_string).collect(),
            },
        );
        let codes = document.skus.iter().chain(&document.barcodes);
        set(Keyword::Codes, codes.map(|one| words::code(one)).collect());
        set(Keyword::Brand, document.brand.iter().cloned().collect());
        set(Keyword::Tags, document.tags.clone());
        set(Keyword::Categories, document.categories.clone());
        let attributes = document.attributes.iter();
        let pairs = attributes.flat_map(|(code, values)| values.iter().map(|value| attribute(code, value)));
        set(Keyword::Attributes, pairs.collect());
        set(Keyword::Availability, one(document.availability.as_str().to_owned()));
        let name = sort_name(document.text(None).map_or("", |text| &text.name));
        set(Keyword::SortName, one(if name.is_empty() { document.id.to_string() } else { name }));
    }

    fn numbers(&mut self, document: &ProductDocument) {
        let publication = &document.publication;
        let open = publication.is_active && publication.company_active && publication.shop_active;
        self.numbers.insert(Number::Open, i64::from(open));
        let micros = |at: Option<souk_kit::clock::Timestamp>| at.map(|at| at.timestamp_micros());
        self.numbers.insert(Number::From, micros(publication.from).unwrap_or(i64::MIN));
        self.numbers.insert(Number::Until, micros(publication.until).unwrap_or(i64::MAX));
        self.numbers.insert(Number::Created, document.created_at.timestamp_micros());
        self.numbers.insert(Number::Popularity, i64::try_from(document.popularity).unwrap_or(i64::MAX));
        if let Some(rating) = document.rating {
            self.numbers.insert(Number::Rating, i64::from(rating));
        }
    }
}

/// An attribute's value as a keyword.
pub(crate) fn attribute(code: &str, value: &str) -> String {
    cut(&format!("{code}{SEPARATOR}{value}"))
}

/// A value as the keyword that it becomes.
pub(crate) fn cut(value: &str) -> String {
    value.chars().take(LONGEST_KEYWORD).collect()
}

/// What a name is sorted by: its words without case and accents.
pub(crate) fn sort_name(name: &str) -> String {
    let words = words::words(name).into_iter().map(|word| word.folded);
    let sorted = words.collect::<Vec<_>>().join(" ");
    let sorted = if sorted.is_empty() { fold(&name.to_lowercase()) } else { sorted };
    cut(&sorted)
}
