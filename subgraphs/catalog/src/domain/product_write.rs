//! Creating and changing a product as a whole: what is kept of it, and what was found wrong.

use souk_kit::clock::Timestamp;
use souk_kit::id::CompanyId;

use super::bulk::{Policy, RowFindings};
use super::change::{Applied, Change};
use super::finding::{Finding, Path};
use super::ids::{ProductId, VariantId};
use super::product::Product;
use super::refusal::ProductRefusal;
use super::slug::{Slug, SlugRefusal};
use super::surroundings::Surroundings;
use super::text;
use super::variant::Variant;
use super::variant_change::Located;
use super::writer::Writer;

/// What was refused.
pub type Findings = Vec<Finding<ProductRefusal>>;

/// A product that somebody wants to add.
#[derive(Debug, Clone)]
pub struct NewProduct {
    /// Its id.
    pub id: ProductId,
    /// The id of its variant, should none be given.
    pub variant: VariantId,
    /// Whose it is to be.
    pub company: CompanyId,
    /// Its name.
    pub name: String,
    /// The page's address; none makes one of the name.
    pub slug: Option<String>,
    /// Everything else.
    pub changes: Vec<Located<Change>>,
}

/// A product as it would be, and what was found wrong on the way.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The product, less what was refused.
    pub product: Product,
    /// What was refused.
    pub found: RowFindings<ProductRefusal>,
}

impl Attempt {
    /// The product and what of it was left out, or why it is not written.
    pub fn settle(self, policy: Policy) -> Result<(Product, Findings), Findings> {
        if policy.writes_row(&self.found) {
            Ok((self.product, self.found.fields))
        } else {
            Err(self.found.fields.into_iter().chain(self.found.whole).collect())
        }
    }
}

impl NewProduct {
    /// The address it would have before it is known whether that is free; `attempt` counts how often it was not.
    fn wanted_slug(&self, attempt: usize) -> Result<Slug, Finding<ProductRefusal>> {
        if let Some(slug) = &self.slug {
            return Slug::parse(slug).map_err(|refusal| Finding::new("slug", refusal));
        }
        let derived = Slug::derive(&self.name).ok_or_else(|| Finding::new("slug", SlugRefusal))?;
        let id = self.id.to_string();
        Ok(match attempt {
            0 => derived,
            1 => derived.with_suffix(id.get(id.len().saturating_sub(6)..).unwrap_or(&id)),
            _ => derived.with_suffix(&id),
        })
    }

    /// Makes the product.
    pub fn attempt(
        &self,
        attempt: usize,
        writer: &Writer,
        around: &Surroundings,
        at: Timestamp,
    ) -> Result<Attempt, Vec<Finding<ProductRefusal>>> {
        writer.may_create().map_err(|refusal| vec![Finding { path: Path::root(), refusal }])?;
        let name =
            text::line(&self.name, text::NAME).map_err(|refusal| vec![Finding::new("name", refusal)])?;
        let slug = self.wanted_slug(attempt).map_err(|finding| vec![finding])?;
        let mut product = Product::draft(self.id, self.company, name, slug, at);
        let applied = product.apply(writer, self.changes.clone(), around, at);
        if product.variants.is_empty() {
            product.variants.push(Variant::new(self.variant));
        }
        Ok(judged(product, applied, writer))
    }
}

/// Changes a product that the writer may write.
pub fn update(
    product: &Product,
    changes: Vec<Located<Change>>,
    writer: &Writer,
    around: &Surroundings,
    at: Timestamp,
) -> Result<Attempt, Vec<Finding<ProductRefusal>>> {
    writer.may_write(product).map_err(|refusal| vec![Finding { path: Path::root(), refusal }])?;
    let mut next = product.clone();
    let applied = next.apply(writer, changes, around, at);
    Ok(judged(next, applied, writer))
}

fn judged(product: Product, applied: Applied, writer: &Writer) -> Attempt {
    let mut whole = product.check(&applied.places);
    if let Err(refusal) = product.check_size() {
        whole.push(Finding { path: Path::root(), refusal });
    }
    if let Err(refusal) = writer.may_write(&product) {
        whole.push(Finding::new("shops", refusal));
    }
    Attempt { product, found: RowFindings { fields: applied.findings, whole } }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use souk_kit::id::ShopId;

    use super::super::assortment::Assortment;
    use super::super::attribute::AttributeSet;
    use super::super::category_tree::CategoryTree;
    use super::super::product::MAX_BYTES;
    use super::super::product::tests::AT;
    use super::*;

    fn around(shops: &[ShopId]) -> Surroundings {
        let company = CompanyId::new(AT);
        Surroundings {
            shops: shops.iter().copied().collect(),
            categories: Arc::new(CategoryTree::new(company)),
            attributes: Arc::new(AttributeSet::new(company)),
            price_lists: Arc::default(),
        }
    }

    fn new(changes: Vec<Change>) -> NewProduct {
        let changes = changes.into_iter().map(|change| Located::new("field", change)).collect();
        NewProduct {
            id: ProductId::new(AT),
            variant: VariantId::new(AT),
            company: CompanyId::new(AT),
            name: "Tea pot".into(),
            slug: None,
            changes,
        }
    }

    #[test]
    fn every_product_has_a_variant_and_an_address() {
        let (product, left_out) = new(vec![])
            .attempt(0, &Writer::Company, &around(&[]), AT)
            .unwrap()
            .settle(Policy::RejectAll)
            .unwrap();
        assert_eq!((product.slug.as_str(), product.variants.len(), left_out.len()), ("tea-pot", 1, 0));
        let again = new(vec![]).attempt(1, &Writer::Company, &around(&[]), AT).unwrap().product;
        assert!(again.slug.as_str().starts_with("tea-pot-") && again.slug != product.slug);
    }

    #[test]
    fn wrong_fields_are_left_out_only_where_the_policy_says_so() {
        let attempt = || {
            let wrong = new(vec![Change::Slug("No Slug".into()), Change::Brand(Some("Acme".into()))]);
            wrong.attempt(0, &Writer::Company, &around(&[]), AT).unwrap()
        };
        assert!(attempt().settle(Policy::RejectFailedRows).is_err());
        let (product, left_out) = attempt().settle(Policy::IgnoreFailedFields).unwrap();
        assert_eq!((product.brand.as_deref(), left_out.len()), (Some("Acme"), 1));
    }

    #[test]
    fn a_product_that_no_store_has_room_for_is_refused_whatever_the_policy() {
        let mut product = new(vec![]).attempt(0, &Writer::Company, &around(&[]), AT).unwrap().product;
        product.former_slugs = vec![product.slug.clone(); MAX_BYTES / 10];
        let change = vec![Located::new("brand", Change::Brand(Some("Acme".into())))];
        for policy in [Policy::RejectAll, Policy::RejectFailedRows, Policy::IgnoreFailedFields] {
            let attempt = update(&product, change.clone(), &Writer::Company, &around(&[]), AT).unwrap();
            let refused = attempt.settle(policy);
            let is_too_large = |one: &Finding<ProductRefusal>| matches!(one.refusal, ProductRefusal::TooLarge { bytes } if bytes > MAX_BYTES);
            let is_refused = refused.is_err_and(|found| found.iter().any(is_too_large));
            assert!(is_refused, "{policy:?}");
        }
    }

    #[test]
    fn a_manager_creates_within_the_own_shops_only() {
        let (own, other) = (ShopId::new(AT), ShopId::new(AT));
        let manager = Writer::ShopManager(vec![own]);
        let cases = [
            (Assortment::All, false),
            (Assortment::listed([own, other]).unwrap(), false),
            (Assortment::listed([own]).unwrap(), true),
        ];
        for (assortment, allowed) in cases {
            let product = new(vec![Change::Assortment(Ok(assortment))]);
            let attempt = product.attempt(0, &manager, &around(&[own, other]), AT).unwrap();
            assert_eq!(attempt.settle(Policy::RejectAll).is_ok(), allowed);
        }
        assert!(new(vec![]).attempt(0, &Writer::ShopStaff(vec![own]), &around(&[own]), AT).is_err());
    }
}
