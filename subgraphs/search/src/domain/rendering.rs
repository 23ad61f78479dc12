//! The document of a product: made of its own parts and of those that it shares with others.

use std::collections::{BTreeMap, BTreeSet};

use souk_kit::clock::Timestamp;
use souk_kit::id::ShopId;

use super::heard::{self, Category, Company, PriceList, Product, Status};
use super::ids::CategoryId;
use super::offers::offers;
use crate::index::document::{
    Assortment, Availability, ProductDocument, ProductText, Publication, shorter_and_shorter,
};

/// Counts the forms that documents have had: an index with documents of another form is built anew. What an earlier
/// version did not read of events is missing there until a product is told of again, or all are read from the catalogue.
pub const FORM: u32 = 3;

/// How many steps a category can stand below a root; what stands deeper, or in a circle, is cut.
const DEEPEST: usize = 50;

/// How many bytes of attributes' values, and of categories' names, are found by words. They stand in the text of each
/// language that a product has, up to fifty.
const MOST_WORDS: usize = 32 << 10;

/// What a company's products share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The company; none as long as no event has told of it.
    pub company: Option<Company>,
    /// Its categories.
    pub categories: BTreeMap<CategoryId, Category>,
    /// Its price lists.
    pub lists: Vec<PriceList>,
    /// Its active shops.
    pub active_shops: BTreeSet<ShopId>,
}

/// The document of `product` as it is from `at` on.
#[must_use]
pub fn render(
    product: &Product,
    around: &Surroundings,
    popularity: u64,
    revision: u64,
    at: Timestamp,
) -> ProductDocument {
    let locales = around.company.as_ref().map(|company| company.locales.as_slice()).unwrap_or_default();
    let default_locale = locales.first().cloned().unwrap_or_else(|| "en".to_owned());
    let categories = with_ancestors(&product.categories, &around.categories);
    let texts = texts(product, &categories, &default_locale);
    let variants = || product.variants.iter();
    ProductDocument {
        id: product.id,
        company: product.company,
        revision,
        publication: publication(product, around),
        shops: match &product.assortment {
            heard::Assortment::All => Assortment::All,
            heard::Assortment::Listed(shops) => Assortment::Listed(shops.clone()),
        },
        default_locale,
        texts,
        brand: product.brand.clone(),
        tags: product.tags.iter().cloned().collect(),
        skus: variants().filter_map(|variant| variant.sku.clone()).collect(),
        barcodes: variants().filter_map(|variant| variant.barcode.clone()).collect(),
        categories: categories.keys().map(ToString::to_string).collect(),
        attributes: attributes(product),
        prices: offers(&product.variants, &around.lists, at),
        created_at: product.created_at,
        popularity,
        rating: None,
        availability: Availability::Unknown,
    }
}

/// A company that nothing is known of yet is not shown: its event is on its way.
fn publication(product: &Product, around: &Surroundings) -> Publication {
    let shop_active = match &product.assortment {
        heard::Assortment::All => true,
        heard::Assortment::Listed(shops) => shops.iter().any(|shop| around.active_shops.contains(shop)),
    };
    Publication {
        is_active: match product.status {
            Status::Active => true,
            Status::Draft | Status::Archived => false,
        },
        from: product.window.from,
        until: product.window.until,
        company_active: around.company.as_ref().is_some_and(|company| company.active),
        shop_active,
    }
}

/// The categories and all that they stand in, each once. One that nothing is known of has its id alone.
fn with_ancestors<'c>(
    direct: &[CategoryId],
    known: &'c BTreeMap<CategoryId, Category>,
) -> BTreeMap<CategoryId, Option<&'c Category>> {
    let mut found = BTreeMap::new();
    for start in direct {
        let mut next = Some(*start);
        for _ in 0..DEEPEST {
            let Some(id) = next else { break };
            let category = known.get(&id);
            if found.insert(id, category).is_some() {
                break;
            }
            next = category.and_then(|category| category.parent);
        }
    }
    found
}

fn texts(
    product: &Product,
    categories: &BTreeMap<CategoryId, Option<&Category>>,
    default_locale: &str,
) -> BTreeMap<String, ProductText> {
    let attributes = words(product);
    let named = |locale: Option<&str>| -> BTreeMap<String, String> {
        let known = categories.iter().filter_map(|(id, category)| Some((id, (*category)?)));
        let names = known.map(|(id, category)| {
            let name = locale.and_then(|locale| category_name(category, locale));
            (id.to_string(), name.unwrap_or(&category.name))
        });
        let mut left = MOST_WORDS;
        let names = names.take_while(|(_, name)| takes(&mut left, name));
        names.map(|(id, name)| (id, name.clone())).collect()
    };
    let mut texts = BTreeMap::new();
    // Also where the product itself is not translated. Its own texts are not repeated there.
    for locale in category_locales(categories).filter(|locale| *locale != default_locale) {
        let text = ProductText { categories: named(Some(locale)), ..ProductText::default() };
        texts.insert(locale.to_owned(), text);
    }
    for (locale, translation) in product.translations.iter().filter(|(locale, _)| *locale != default_locale) {
        let text = ProductText {
            name: translation.name.clone().unwrap_or_else(|| product.name.clone()),
            description: description(translation.description.as_ref(), &translation.features),
            categories: named(Some(locale)),
            attributes: attributes.clone(),
        };
        texts.insert(locale.clone(), text);
    }
    let own = ProductText {
        name: product.name.clone(),
        description: description(Some(&product.description), &product.features),
        categories: named(None),
        attributes,
    };
    texts.insert(default_locale.to_owned(), own);
    texts
}

/// What is said at length, the selling points last.
fn description(text: Option<&heard::Text>, features: &[String]) -> String {
    let parts = text.map(|text| &text.plain).into_iter().chain(features);
    parts.filter(|part| !part.is_empty()).map(String::as_str).collect::<Vec<_>>().join("\n")
}

/// The locales in which a category has a name beside its own.
fn category_locales<'c>(
    categories: &BTreeMap<CategoryId, Option<&'c Category>>,
) -> impl Iterator<Item = &'c str> {
    let translations = categories.values().flatten().flat_map(|category| &category.translations);
    translations.filter(|(_, translation)| translation.name.is_some()).map(|(locale, _)| locale.as_str())
}

/// What a category is called in a locale or in what that is a kind of.
fn category_name<'c>(category: &'c Category, locale: &str) -> Option<&'c String> {
    shorter_and_shorter(locale).find_map(|tag| category.translations.get(tag)?.name.as_ref())
}

/// What attributes, variants and options say in words.
fn words(product: &Product) -> Vec<String> {
    let of_variants = product.variants.iter().flat_map(|variant| {
        let values = variant.attributes.iter().flat_map(|attribute| &attribute.values);
        values.chain(variant.options.iter().map(|option| &option.value)).chain(&variant.name)
    });
    let own = product.attributes.iter().flat_map(|attribute| &attribute.values);
    let distinct: BTreeSet<&String> = own.chain(of_variants).collect();
    let mut left = MOST_WORDS;
    distinct.into_iter().take_while(|word| takes(&mut left, word)).cloned().collect()
}

/// Takes the text's bytes from what is left; whether that was enough.
fn takes(left: &mut usize, text: &str) -> bool {
    let rest = left.checked_sub(text.len());
    *left = rest.unwrap_or_default();
    rest.is_some()
}

fn attributes(product: &Product) -> BTreeMap<String, BTreeSet<String>> {
    let of_variants = product.variants.iter().flat_map(|variant| &variant.attributes);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for attribute in product.attributes.iter().chain(of_variants) {
        found.entry(attribute.code.clone()).or_default().extend(attribute.values.iter().cloned());
    }
    found
}

#[cfg(test)]
mod tests {
    use souk_kit::event::Envelope;

    use super::*;

    #[test]
    fn many_words_in_many_languages_stay_small() {
        let golden = include_str!("../../../catalog/tests/events/product.created.v1.json");
        let event: Envelope<serde_json::Value> = serde_json::from_str(golden).unwrap();
        let mut product = event.data;
        let values: Vec<_> = (0..40_000).map(|n| format!("attribute value {n}")).collect();
        product["attributes"] = serde_json::json!([{ "code": "kind", "values": values }]);
        let locales = (0..50).map(|n| (format!("x{n}"), serde_json::json!({ "name": "N" })));
        product["translations"] = locales.collect::<serde_json::Map<_, _>>().into();
        let product: Product = serde_json::from_value(product).unwrap();
        let document = render(&product, &Surroundings::default(), 0, 1, Timestamp::UNIX_EPOCH);
        let words = |text: &ProductText| text.attributes.iter().map(String::len).sum::<usize>();
        assert!(document.texts.len() > 50);
        assert!(document.texts.values().all(|text| (MOST_WORDS - 50..=MOST_WORDS).contains(&words(text))));
        assert_eq!(document.attributes["kind"].len(), 40_000, "as keywords all are found");
    }
}
