//! What clients say of a product, and the changes that it means. Four inputs share these fields.

use async_graphql::{InputObject, MaybeUndefined};
use souk_kit::clock::Timestamp;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::metadata::{self, MetadataEntryInput};

use super::attribute_value::AttributeValueInput;
use super::option::ProductOptionInput;
use super::product::ProductStatus;
use super::specifications::ProductSpecificationsInput;
use super::texts::{SeoInput, TranslationInput};
use super::variant_input::{ProductVariantInput, set};
use crate::domain::assortment::Assortment;
use crate::domain::change::Change;
use crate::domain::finding::Path;
use crate::domain::ids::{CategoryId, ProductId, VariantId};
use crate::domain::product_write::NewProduct;
use crate::domain::variant_change::Located;

/// Declares inputs with the fields that all of them share, and how these become changes.
macro_rules! with_product_fields {
    ($($(#[$doc:meta])* $input:ident { $($(#[$own_doc:meta])* $own:ident: $own_type:ty,)* })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, InputObject)]
        pub struct $input {
            $($(#[$own_doc])* pub $own: $own_type,)*
            /// Its id in another system, unique in the company. Changes without an `id` name their product by it. Null: it
            /// has none.
            pub external_reference: MaybeUndefined<String>,
            /// The address of its page: lower-case letters and digits, joined by single hyphens. Left out at the
            /// creation, it is made of the name. After a change the former one redirects.
            pub slug: Option<String>,
            /// Description as HTML; what could run or restyle is taken out.
            pub description_html: Option<String>,
            /// Brand. Null: none.
            pub brand: MaybeUndefined<String>,
            /// Feature lines, in place of those before; at most 50.
            pub features: Option<Vec<String>>,
            /// Weight, dimensions and stated facts, in place of those before.
            pub specifications: Option<ProductSpecificationsInput>,
            /// Where it stands in its life; a new product is a draft.
            pub status: Option<ProductStatus>,
            /// First instant at which the public may see it. Null: at once.
            pub publish_from: MaybeUndefined<Timestamp>,
            /// First instant at which the public may not see it any more. Null: never.
            pub publish_until: MaybeUndefined<Timestamp>,
            /// Tags, in place of those before; at most 100.
            pub tags: Option<Vec<String>>,
            /// What search engines are told.
            pub seo: Option<SeoInput>,
            /// Public metadata, in place of what was before.
            pub metadata: Option<Vec<MetadataEntryInput>>,
            /// Private metadata, in place of what was before.
            pub private_metadata: Option<Vec<MetadataEntryInput>>,
            /// Texts of these locales, in place of what stood there.
            pub translations: Option<Vec<TranslationInput>>,
            /// Typed attributes, in place of those before.
            pub attributes: Option<Vec<AttributeValueInput>>,
            /// Categories, the main one first, in place of those before; at most 50.
            pub categories: Option<Vec<CategoryId>>,
            /// The shops that it is offered in, at most 500. Null: all of the company, also those yet to open.
            pub shops: MaybeUndefined<Vec<ShopId>>,
            /// Options, in place of those before; at most 5.
            pub options: Option<Vec<ProductOptionInput>>,
            /// Variants to add or change. A product without any gets one.
            pub variants: Option<Vec<ProductVariantInput>>,
        }

        impl From<$input> for ProductFields {
            fn from(input: $input) -> Self {
                Self {
                    external_reference: input.external_reference,
                    slug: input.slug,
                    description_html: input.description_html,
                    brand: input.brand,
                    features: input.features,
                    specifications: input.specifications,
                    status: input.status,
                    publish_from: input.publish_from,
                    publish_until: input.publish_until,
                    tags: input.tags,
                    seo: input.seo,
                    metadata: input.metadata,
                    private_metadata: input.private_metadata,
                    translations: input.translations,
                    attributes: input.attributes,
                    categories: input.categories,
                    shops: input.shops,
                    options: input.options,
                    variants: input.variants,
                }
            }
        }
    )+};
}

with_product_fields! {
    /// A product to add.
    ProductCreateInput {
        /// The company that offers it.
        company: CompanyId,
        /// Its name, at most 255 characters.
        name: String,
        /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
        idempotency_key: Option<String>,
    }
    /// Changes of a product. What is left out stays as it is; null does the same where nothing else is said of it.
    ProductUpdateInput {
        /// Which product; else the one with the external reference.
        id: Option<ProductId>,
        /// The company that offers it, when it is named by its external reference; else the caller's own.
        company: Option<CompanyId>,
        /// The version that the client saw; with another one nothing changes. Omitted: the last write wins.
        expected_version: Option<i64>,
        /// Its name, at most 255 characters.
        name: Option<String>,
        /// Variants to take away; one must stay.
        remove_variants: Option<Vec<VariantId>>,
        /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
        idempotency_key: Option<String>,
    }
    /// A product to add, as one of many.
    ProductBulkCreateRow {
        /// Its name, at most 255 characters.
        name: String,
    }
    /// Changes of a product, as one of many: named by its id or by its external reference. What is left out stays as it
    /// is; null does the same where nothing else is said of it.
    ProductBulkUpdateRow {
        /// Which product; else the one with the external reference.
        id: Option<ProductId>,
        /// The version that the client saw; with another one the row changes nothing. Omitted: the last write wins.
        expected_version: Option<i64>,
        /// Its name, at most 255 characters.
        name: Option<String>,
        /// Variants to take away; one must stay.
        remove_variants: Option<Vec<VariantId>>,
    }
}

/// The fields that the inputs share.
#[derive(Debug, Clone)]
pub(super) struct ProductFields {
    external_reference: MaybeUndefined<String>,
    slug: Option<String>,
    description_html: Option<String>,
    brand: MaybeUndefined<String>,
    features: Option<Vec<String>>,
    specifications: Option<ProductSpecificationsInput>,
    status: Option<ProductStatus>,
    publish_from: MaybeUndefined<Timestamp>,
    publish_until: MaybeUndefined<Timestamp>,
    tags: Option<Vec<String>>,
    seo: Option<SeoInput>,
    metadata: Option<Vec<MetadataEntryInput>>,
    private_metadata: Option<Vec<MetadataEntryInput>>,
    translations: Option<Vec<TranslationInput>>,
    attributes: Option<Vec<AttributeValueInput>>,
    categories: Option<Vec<CategoryId>>,
    shops: MaybeUndefined<Vec<ShopId>>,
    options: Option<Vec<ProductOptionInput>>,
    variants: Option<Vec<ProductVariantInput>>,
}

impl ProductFields {
    /// The shops named, which the company must be known to have.
    pub(super) fn shops_named(&self) -> &[ShopId] {
        self.shops.value().map(Vec::as_slice).unwrap_or_default()
    }

    /// The external reference, when one is named.
    pub(super) fn external_reference_named(&self) -> Option<&String> {
        self.external_reference.value()
    }

    /// A product to add.
    pub(super) fn into_new(mut self, company: CompanyId, name: String, at: Timestamp) -> NewProduct {
        let slug = self.slug.take();
        let (id, variant) = (ProductId::new(at), VariantId::new(at));
        NewProduct { id, variant, company, name, slug, changes: self.changes(None, Vec::new(), at) }
    }

    /// The changes, those of options before those of variants.
    pub(super) fn changes(
        self,
        name: Option<String>,
        remove_variants: Vec<VariantId>,
        at: Timestamp,
    ) -> Vec<Located<Change>> {
        let variants = self.variants.clone().unwrap_or_default();
        let translations = self.translations.clone().unwrap_or_default();
        let mut changes = self.simple_changes(name);
        let place = |field: &str, number: usize| Path::from(field).then(number);
        for (number, one) in translations.into_iter().enumerate() {
            changes.push(Located::new(place("translations", number), Change::Translation(one.into())));
        }
        for (number, one) in variants.into_iter().enumerate() {
            changes.push(one.change(&place("variants", number), at));
        }
        for (number, one) in remove_variants.into_iter().enumerate() {
            changes.push(Located::new(place("removeVariants", number), Change::VariantRemove(one)));
        }
        changes
    }

    fn simple_changes(self, name: Option<String>) -> Vec<Located<Change>> {
        let at = |field: &str, change: Change| Located::new(field, change);
        let (from, until) = (set(self.publish_from), set(self.publish_until));
        let ends = until.is_some();
        let window = (from.is_some() || until.is_some()).then_some(Change::Window { from, until });
        let assortment = set(self.shops).map(|shops| match shops {
            None => Ok(Assortment::All),
            Some(shops) => Assortment::listed(shops),
        });
        let all = [
            set(self.external_reference).map(|v| at("externalReference", Change::ExternalReference(v))),
            self.slug.map(|v| at("slug", Change::Slug(v))),
            name.map(|v| at("name", Change::Name(v))),
            self.description_html.map(|v| at("descriptionHtml", Change::Description(v))),
            set(self.brand).map(|v| at("brand", Change::Brand(v))),
            self.features.map(|v| at("features", Change::Features(v))),
            self.specifications.map(|v| at("specifications", Change::Specifications(v.into()))),
            self.status.map(|v| at("status", Change::Status(v.into()))),
            window.map(|v| at(if ends { "publishUntil" } else { "publishFrom" }, v)),
            self.tags.map(|v| at("tags", Change::Tags(v))),
            self.seo.map(|v| at("seo", Change::Seo(v.into()))),
            self.metadata.map(|v| at("metadata", Change::Metadata(metadata::given(v)))),
            self.private_metadata.map(|v| at("privateMetadata", Change::PrivateMetadata(metadata::given(v)))),
            self.attributes
                .map(|v| at("attributes", Change::Attributes(v.into_iter().map(Into::into).collect()))),
            self.categories.map(|v| at("categories", Change::Categories(v))),
            assortment.map(|v| at("shops", Change::Assortment(v))),
            self.options.map(|v| at("options", Change::Options(v.into_iter().map(Into::into).collect()))),
        ];
        all.into_iter().flatten().collect()
    }
}
