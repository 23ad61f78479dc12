//! Changes of a price list's prices, which stand on the variants: `priceListPricesRemove`, and what it shares with
//! `priceListPricesSet`.

use std::collections::BTreeMap;

use async_graphql::{Context, InputObject, Object};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::CompanyId;
use souk_kit::money::CurrencyCode;
use souk_kit::permission::{Action, Resource};

use super::loading::Loading;
use super::naming::Naming;
use super::price::VariantPriceInput;
use super::product_bulk::ProductBulkPayload;
use crate::domain::bulk::Policy;
use crate::domain::change::Change;
use crate::domain::finding::Path;
use crate::domain::ids::{PriceListId, PriceListKind, ProductId, VariantId};
use crate::domain::variant_change::{Located, VariantChange};
use crate::error::{CatalogError, CatalogErrorCode};
use crate::store::product_bulk::{Bulk, UpdateRow};
use crate::store::products::{product_key, variant_key};

/// Prices to take out of a list.
#[derive(Debug, Clone, InputObject)]
pub struct PriceListPricesRemoveInput {
    /// Which list; else the one with the external reference.
    pub id: Option<PriceListId>,
    /// Its id in another system, instead of `id`.
    pub external_reference: Option<String>,
    /// The company whose it is, when it is named by its external reference; else the caller's own.
    pub company: Option<CompanyId>,
    /// The prices, at most 500. One that is not there is no mistake.
    pub prices: Vec<PriceListPriceRemoveInput>,
    /// 1 to 200 bytes. The same key with the same input goes on where the first call ended.
    pub idempotency_key: Option<String>,
}

/// Which price of a variant goes.
#[derive(Debug, Clone, InputObject)]
pub struct PriceListPriceRemoveInput {
    /// The variant; else the one with the SKU or the external reference.
    pub variant: Option<VariantId>,
    /// Its stock keeping unit, instead of `variant`.
    pub sku: Option<String>,
    /// Its id in another system, instead of `variant`.
    pub external_reference: Option<String>,
    /// The price's currency.
    pub currency: CurrencyCode,
    /// The quantity that the price begins at.
    #[graphql(default = 1)]
    pub min_quantity: u32,
}

/// How an input names a variant: by its id, or else by its SKU, or else by its id in another system.
pub(super) struct VariantName {
    pub(super) variant: Option<VariantId>,
    pub(super) sku: Option<String>,
    pub(super) external_reference: Option<String>,
}

impl VariantName {
    /// The unique key of the variant in a company.
    fn key(&self, company: CompanyId) -> Option<String> {
        match (self.variant, &self.sku, &self.external_reference) {
            (Some(id), ..) => Some(variant_key(id)),
            (None, Some(sku), _) => Some(product_key("sku", company, sku.trim())),
            (None, None, Some(reference)) => Some(product_key("variant-ref", company, reference.trim())),
            (None, None, None) => None,
        }
    }

    /// The field that names it.
    fn field(&self) -> &'static str {
        match (self.variant, &self.sku, &self.external_reference) {
            (None, Some(_), _) => "sku",
            (None, None, Some(_)) => "externalReference",
            _ => "variant",
        }
    }
}

/// What becomes of a price.
pub(super) enum PriceEdit {
    /// It is set.
    Set(VariantPriceInput),
    /// The one in the currency that begins at the quantity goes.
    Remove(CurrencyCode, u32),
}

impl PriceEdit {
    fn change(self, list: PriceListId, path: &Path) -> Located<VariantChange> {
        match self {
            Self::Set(price) => {
                Located::new(path.then("price"), VariantChange::PriceSet(price.for_list(Some(list))))
            }
            Self::Remove(currency, from) => {
                Located::new(path.clone(), VariantChange::PriceRemove((Some(list), currency.0, from)))
            }
        }
    }
}

/// `priceListPricesRemove`.
#[derive(Default)]
pub struct PriceListPrices;

#[Object]
impl PriceListPrices {
    /// Takes prices out of a list. Each product named is a row with an outcome of its own, in the order in
    /// which the products are first named. For company and super administrators.
    async fn price_list_prices_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which prices.")] input: PriceListPricesRemoveInput,
    ) -> Result<Option<ProductBulkPayload>, Fault> {
        let naming = Naming::new(input.id, input.external_reference.as_ref(), input.company);
        let edits = input.prices.into_iter().map(|price| {
            let PriceListPriceRemoveInput { variant, sku, external_reference, currency, min_quantity } =
                price;
            let name = VariantName { variant, sku, external_reference };
            (name, PriceEdit::Remove(currency, min_quantity))
        });
        edit_prices(ctx, naming, edits.collect()).await.map(Some)
    }
}

/// Changes prices of a list: all rows are judged before one is written.
pub(super) async fn edit_prices(
    ctx: &Context<'_>,
    naming: Naming<PriceListKind>,
    edits: Vec<(VariantName, PriceEdit)>,
) -> Result<ProductBulkPayload, Fault> {
    let scope = ctx.may(Action::Update, Resource::PriceList)?;
    let catalog = ctx.catalog()?;
    let (list, company) = match naming.find(ctx, &scope).await? {
        Ok(found) => found,
        Err(error) => return Ok(ProductBulkPayload::refused(error)),
    };
    if let Err(refused) = ProductBulkPayload::check_size("prices", edits.len()) {
        return Ok(refused);
    }
    let call = ctx.call()?.within(company);
    let Some(around) = catalog.surroundings(company, &[], call.now).await? else {
        return Ok(ProductBulkPayload::refused(CatalogError::not_found()));
    };
    let keys: Vec<_> = edits.iter().map(|(name, _)| name.key(company)).collect();
    let variants = catalog.variants_by_key(company, keys.iter().flatten().cloned().collect()).await?;
    let mut rows: Vec<UpdateRow> = Vec::new();
    let mut places: BTreeMap<ProductId, usize> = BTreeMap::new();
    for (number, ((name, edit), key)) in edits.into_iter().zip(keys).enumerate() {
        let path = Path::from("prices").then(number);
        let Some((product, variant)) = key.as_ref().and_then(|key| variants.get(key)) else {
            let text = "the company has no such variant";
            let place = ["input", "prices", &number.to_string(), name.field()].map(ToOwned::to_owned);
            let error = CatalogError::new(CatalogErrorCode::VariantUnknown, text).at(place);
            return Ok(ProductBulkPayload::refused(error));
        };
        let changes = vec![edit.change(list, &path)];
        let change = Located::new(path, Change::Variant { id: *variant, changes });
        let place = *places.entry(*product).or_insert(rows.len());
        match rows.get_mut(place) {
            Some(row) => row.changes.push(change),
            None => {
                rows.push(UpdateRow { id: Some(*product), expected_version: None, changes: vec![change] });
            }
        }
    }
    let (writer, policy) = (ctx.writer(&scope), Policy::RejectAll);
    let bulk = Bulk { scope: &scope, call: &call, writer: &writer, around: &around, policy };
    let answers = catalog.update_products(&bulk, &rows).await?;
    ProductBulkPayload::of(ctx, answers).await
}
