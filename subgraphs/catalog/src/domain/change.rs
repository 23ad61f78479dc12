//! What a writer may change on a product, one field at a time.
//!
//! A mutation becomes a list of changes. Each is tried by itself, and what is refused is reported with its
//! place: a single update keeps all or nothing, a bulk row may keep the good ones.

use std::collections::BTreeMap;

use souk_kit::clock::Timestamp;
use souk_kit::metadata::Entries;

use super::assortment::{Assortment, AssortmentRefusal};
use super::attribute::AttributeValue;
use super::finding::{self, Finding, Path};
use super::html::RichText;
use super::ids::{CategoryId, VariantId};
use super::measures::Specifications;
use super::media::MediaChange;
use super::metadata;
use super::option::{self, ProductOption};
use super::product::Product;
use super::publication::{Status, Window};
use super::refusal::ProductRefusal;
use super::slug::{self, Slug};
use super::surroundings::Surroundings;
use super::text;
use super::translation::{Seo, TranslationDraft, features};
use super::variant::{MAX_VARIANTS, Variant};
use super::variant_change::{Located, VariantChange};
use super::writer::Writer;

/// Most tags of a product.
pub const MAX_TAGS: usize = 100;
/// Most categories that one product stands in.
pub const MAX_CATEGORIES: usize = 50;

/// One change of one field.
#[derive(Debug, Clone)]
pub enum Change {
    /// Its id in another system.
    ExternalReference(Option<String>),
    /// The page's address; the former one redirects.
    Slug(String),
    /// Name.
    Name(String),
    /// Description as HTML.
    Description(String),
    /// Brand.
    Brand(Option<String>),
    /// Feature lines, in place of those before.
    Features(Vec<String>),
    /// Weight, dimensions and stated facts, in place of those before.
    Specifications(Specifications),
    /// Draft, active or archived.
    Status(Status),
    /// Publish window; none leaves an end as it is.
    Window {
        /// First instant.
        from: Option<Option<Timestamp>>,
        /// First instant after.
        until: Option<Option<Timestamp>>,
    },
    /// Tags, in place of those before.
    Tags(Vec<String>),
    /// What search engines are told.
    Seo(Seo),
    /// Public metadata, in place of what was before.
    Metadata(Entries),
    /// Private metadata, in place of what was before.
    PrivateMetadata(Entries),
    /// The texts of one locale.
    Translation(TranslationDraft),
    /// Typed attributes, in place of those before.
    Attributes(Vec<AttributeValue>),
    /// Categories, the main one first, in place of those before.
    Categories(Vec<CategoryId>),
    /// In which shops it is offered; or why what was asked for is no assortment.
    Assortment(Result<Assortment, AssortmentRefusal>),
    /// Options, in place of those before.
    Options(Vec<ProductOption>),
    /// One more variant; or changes of the one that already has the same external reference or SKU.
    VariantAdd {
        /// Its id, if it is new.
        id: VariantId,
        /// What it is.
        changes: Vec<Located<VariantChange>>,
    },
    /// Changes of a variant.
    Variant {
        /// Which.
        id: VariantId,
        /// What changes.
        changes: Vec<Located<VariantChange>>,
    },
    /// One variant less.
    VariantRemove(VariantId),
    /// Pictures.
    Media(MediaChange),
}

/// What came of changes.
#[derive(Debug, Default)]
pub struct Applied {
    /// What was refused.
    pub findings: Vec<Finding<ProductRefusal>>,
    /// Where in the input each variant stands that was to be added or changed.
    pub places: BTreeMap<VariantId, Path>,
}

impl Product {
    /// Applies each change that the writer may make by itself; what is refused is reported and left as it
    /// was. Afterwards the whole is checked: findings of [`Product::check`] are never to be let pass.
    pub fn apply(
        &mut self,
        writer: &Writer,
        changes: Vec<Located<Change>>,
        around: &Surroundings,
        at: Timestamp,
    ) -> Applied {
        let mut applied = Applied::default();
        let known: Vec<VariantId> = self.variants.iter().map(|variant| variant.id).collect();
        for Located { path, change } in changes {
            let outcome = match writer.may_change(&change) {
                Ok(()) => self.apply_one(&path, change, &known, around, &mut applied.places),
                Err(refusal) => Err(vec![Finding { path: path.clone(), refusal }]),
            };
            applied.findings.extend(outcome.err().into_iter().flatten());
        }
        self.updated_at = at;
        applied
    }

    fn apply_one(
        &mut self,
        path: &Path,
        change: Change,
        known: &[VariantId],
        around: &Surroundings,
        places: &mut BTreeMap<VariantId, Path>,
    ) -> Result<(), Vec<Finding<ProductRefusal>>> {
        if let Change::VariantAdd { id, changes } = change {
            let same = self.same_variant(known, &changes);
            places.insert(same.unwrap_or(id), path.clone());
            return match same {
                Some(same) => self.change_variant(path, same, changes, around),
                None => self.add_variant(path, id, changes, around),
            };
        }
        if let Change::Variant { id, changes } = change {
            places.insert(id, path.clone());
            return self.change_variant(path, id, changes, around);
        }
        let culprit = culprit(&change, around);
        self.apply_field(change, around).map_err(|refusal| {
            let path = culprit.map_or_else(|| path.clone(), |place| path.then(place));
            vec![Finding { path, refusal }]
        })
    }

    fn add_variant(
        &mut self,
        path: &Path,
        id: VariantId,
        changes: Vec<Located<VariantChange>>,
        around: &Surroundings,
    ) -> Result<(), Vec<Finding<ProductRefusal>>> {
        if self.variants.len() >= MAX_VARIANTS {
            return Err(vec![Finding::new(path.clone(), ProductRefusal::TooManyVariants)]);
        }
        let mut variant = Variant::new(id);
        let findings = variant.apply(changes, around);
        self.variants.push(variant);
        if findings.is_empty() { Ok(()) } else { Err(findings) }
    }

    fn change_variant(
        &mut self,
        path: &Path,
        id: VariantId,
        changes: Vec<Located<VariantChange>>,
        around: &Surroundings,
    ) -> Result<(), Vec<Finding<ProductRefusal>>> {
        let Some(variant) = self.variants.iter_mut().find(|variant| variant.id == id) else {
            return Err(vec![Finding::new(path.clone(), ProductRefusal::VariantUnknown)]);
        };
        let findings = variant.apply(changes, around);
        if findings.is_empty() { Ok(()) } else { Err(findings) }
    }

    /// The variant, of those known before, that has the external reference or else the SKU which is to be set.
    fn same_variant(&self, known: &[VariantId], changes: &[Located<VariantChange>]) -> Option<VariantId> {
        let known = || self.variants.iter().filter(|variant| known.contains(&variant.id));
        let by_reference = changes.iter().find_map(|located| {
            let VariantChange::ExternalReference(Some(wanted)) = &located.change else { return None };
            known().find(|variant| variant.external_reference.as_ref() == Some(wanted))
        });
        let by_sku = || {
            changes.iter().find_map(|located| {
                let VariantChange::Sku(Some(wanted)) = &located.change else { return None };
                known().find(|variant| variant.sku.as_ref() == Some(wanted))
            })
        };
        by_reference.or_else(by_sku).map(|variant| variant.id)
    }

    fn apply_field(&mut self, change: Change, around: &Surroundings) -> Result<(), ProductRefusal> {
        match change {
            Change::ExternalReference(reference) => {
                self.external_reference = text::optional_line(reference.as_deref(), text::REFERENCE)?;
            }
            Change::Slug(next) => slug::replace(&mut self.slug, &mut self.former_slugs, Slug::parse(&next)?),
            Change::Name(name) => self.name = text::line(&name, text::NAME)?,
            Change::Description(html) => self.description = RichText::clean(&html)?,
            Change::Brand(brand) => self.brand = text::optional_line(brand.as_deref(), text::LINE)?,
            Change::Features(lines) => self.features = features(&lines)?,
            Change::Specifications(specifications) => self.specifications = specifications.checked()?,
            Change::Status(status) => self.status = status,
            Change::Window { from, until } => {
                self.window =
                    Window::new(from.unwrap_or(self.window.from), until.unwrap_or(self.window.until))?;
            }
            Change::Tags(tags) => self.tags = checked_tags(&tags)?,
            Change::Seo(seo) => self.seo = seo.checked()?,
            Change::Metadata(entries) => self.metadata.public = metadata::checked(entries)?,
            Change::PrivateMetadata(entries) => self.metadata.private = metadata::checked(entries)?,
            Change::Translation(draft) => self.translations.set(draft)?,
            Change::Attributes(values) => self.attributes = around.attributes.checked(&values)?,
            Change::Categories(categories) => self.set_categories(categories, around)?,
            Change::Assortment(assortment) => {
                let assortment = assortment?;
                if assortment.shops().into_iter().flatten().any(|shop| !around.has_shop(shop)) {
                    return Err(ProductRefusal::ShopUnknown);
                }
                self.assortment = assortment;
            }
            Change::Options(options) => self.options = option::checked(&options)?,
            Change::VariantRemove(id) => self.remove_variant(id)?,
            Change::Media(change) => self.change_media(change)?,
            Change::VariantAdd { .. } | Change::Variant { .. } => {}
        }
        Ok(())
    }

    fn set_categories(
        &mut self,
        categories: Vec<CategoryId>,
        around: &Surroundings,
    ) -> Result<(), ProductRefusal> {
        if categories.len() > MAX_CATEGORIES {
            return Err(ProductRefusal::TooMany { max: MAX_CATEGORIES });
        }
        if categories.iter().any(|category| !around.has_category(category)) {
            return Err(ProductRefusal::CategoryUnknown);
        }
        let mut once = Vec::with_capacity(categories.len());
        for category in categories {
            if !once.contains(&category) {
                once.push(category);
            }
        }
        self.categories = once;
        Ok(())
    }

    fn remove_variant(&mut self, id: VariantId) -> Result<(), ProductRefusal> {
        let place = self.variants.iter().position(|variant| variant.id == id);
        let place = place.ok_or(ProductRefusal::VariantUnknown)?;
        if self.variants.len() == 1 {
            return Err(ProductRefusal::LastVariant);
        }
        self.variants.remove(place);
        Ok(())
    }
}

/// Which entry of a list is the first that it cannot be taken with.
fn culprit(change: &Change, around: &Surroundings) -> Option<usize> {
    match change {
        Change::Tags(tags) => finding::culprit(tags, |tags| checked_tags(tags).is_ok()),
        Change::Features(lines) => finding::culprit(lines, |lines| features(lines).is_ok()),
        Change::Attributes(values) => {
            finding::culprit(values, |values| around.attributes.checked(values).is_ok())
        }
        Change::Categories(ids) => finding::culprit(ids, |ids| ids.iter().all(|id| around.has_category(id))),
        Change::Options(options) => finding::culprit(options, |options| option::checked(options).is_ok()),
        Change::ExternalReference(_)
        | Change::Slug(_)
        | Change::Name(_)
        | Change::Description(_)
        | Change::Brand(_)
        | Change::Specifications(_)
        | Change::Status(_)
        | Change::Window { .. }
        | Change::Seo(_)
        | Change::Metadata(_)
        | Change::PrivateMetadata(_)
        | Change::Translation(_)
        | Change::Assortment(_)
        | Change::VariantAdd { .. }
        | Change::Variant { .. }
        | Change::VariantRemove(_)
        | Change::Media(_) => None,
    }
}

/// Tags trimmed, each once, in the order given.
fn checked_tags(tags: &[String]) -> Result<Vec<String>, ProductRefusal> {
    let mut once: Vec<String> = Vec::with_capacity(tags.len().min(MAX_TAGS));
    for tag in tags {
        let tag = text::line(tag, text::LINE)?;
        if !once.contains(&tag) {
            once.push(tag);
        }
        if once.len() > MAX_TAGS {
            return Err(ProductRefusal::TooMany { max: MAX_TAGS });
        }
    }
    Ok(once)
}
