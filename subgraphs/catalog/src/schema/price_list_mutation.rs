//! `priceListCreate`, `priceListUpdate`, `priceListPricesSet` and `priceListDelete`.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use souk_kit::clock::Timestamp;
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId};
use souk_kit::permission::{Action, Resource};

use super::loading::Loading;
use super::naming::{Naming, ToDelete, refusals};
use super::price::VariantPriceInput;
use super::price_list::PriceList;
use super::price_list_prices::{PriceEdit, VariantName, edit_prices};
use super::product_bulk::ProductBulkPayload;
use super::variant_input::set;
use crate::domain::ids::{PriceListId, VariantId};
use crate::domain::price_list::{self, PriceListChange};
use crate::error::CatalogError;
use crate::store::price_list_writes::PriceListAnswer;

/// A price list to add.
#[derive(Debug, Clone, InputObject)]
pub struct PriceListCreateInput {
    /// The company whose it is.
    pub company: CompanyId,
    /// What staff call it.
    pub name: String,
    /// Its id in another system, unique among the company's price lists.
    pub external_reference: MaybeUndefined<String>,
    /// Only for customers of this group; null is for everyone.
    pub customer_group: MaybeUndefined<String>,
    /// Only in this shop; null is everywhere.
    pub shop: MaybeUndefined<ShopId>,
    /// First instant at which it holds; left out or null: at once.
    pub valid_from: MaybeUndefined<Timestamp>,
    /// First instant at which it does not hold any more; left out or null: never.
    pub valid_until: MaybeUndefined<Timestamp>,
    /// Decides between lists that are equally specific: the higher one wins; 0 when not said.
    pub priority: Option<i32>,
    /// Whether it holds at all; it does when not said.
    pub active: Option<bool>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// Changes of a price list's terms. What is left out stays as it is; null does the same where nothing else is said of
/// it.
#[derive(Debug, Clone, InputObject)]
pub struct PriceListUpdateInput {
    /// Which list; else the one with the external reference.
    pub id: Option<PriceListId>,
    /// The company whose it is, when it is named by its external reference; else the caller's own.
    pub company: Option<CompanyId>,
    /// The version that the client saw; with another one nothing changes. Omitted: the last write wins.
    pub expected_version: Option<i64>,
    /// What staff call it.
    pub name: Option<String>,
    /// Its id in another system, unique among the company's price lists. Without an `id` it names the list.
    /// Null: it has none.
    pub external_reference: MaybeUndefined<String>,
    /// Only for customers of this group. Null: for everyone.
    pub customer_group: MaybeUndefined<String>,
    /// Only in this shop. Null: everywhere.
    pub shop: MaybeUndefined<ShopId>,
    /// First instant at which it holds. Null: always so far.
    pub valid_from: MaybeUndefined<Timestamp>,
    /// First instant at which it does not hold any more. Null: never.
    pub valid_until: MaybeUndefined<Timestamp>,
    /// Decides between lists that are equally specific.
    pub priority: Option<i32>,
    /// Whether it holds at all.
    pub active: Option<bool>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// Which price list goes.
#[derive(Debug, Clone, InputObject)]
pub struct PriceListDeleteInput {
    /// Which list; else the one with the external reference.
    pub id: Option<PriceListId>,
    /// Its id in another system, instead of `id`.
    pub external_reference: Option<String>,
    /// The company whose it is, when it is named by its external reference; else the caller's own.
    pub company: Option<CompanyId>,
    /// The version that the client saw; with another one nothing happens. Omitted: the last write wins.
    pub expected_version: Option<i64>,
    /// 1 to 200 bytes. The same key with the same input answers the first outcome again, for 7 days.
    pub idempotency_key: Option<String>,
}

/// Prices of a list.
#[derive(Debug, Clone, InputObject)]
pub struct PriceListPricesSetInput {
    /// Which list; else the one with the external reference.
    pub id: Option<PriceListId>,
    /// Its id in another system, instead of `id`.
    pub external_reference: Option<String>,
    /// The company whose it is, when it is named by its external reference; else the caller's own.
    pub company: Option<CompanyId>,
    /// The prices, at most 500; each in place of one for the same variant, currency and quantity.
    pub prices: Vec<PriceListPriceInput>,
    /// 1 to 200 bytes. The same key with the same input goes on where the first call ended.
    pub idempotency_key: Option<String>,
}

/// A price of a variant for a price list.
#[derive(Debug, Clone, InputObject)]
pub struct PriceListPriceInput {
    /// The variant; else the one with the SKU or the external reference.
    pub variant: Option<VariantId>,
    /// Its stock keeping unit, instead of `variant`.
    pub sku: Option<String>,
    /// Its id in another system, instead of `variant`.
    pub external_reference: Option<String>,
    /// Its price.
    pub price: VariantPriceInput,
}

/// The price list afterwards, or why nothing changed.
#[derive(SimpleObject)]
pub struct PriceListPayload {
    /// The list as it is now; null when it is gone or the call was refused.
    price_list: Option<PriceList>,
    /// The id of the list that is gone, after `priceListDelete`.
    deleted_id: Option<PriceListId>,
    /// Why the call was refused; empty when it took effect.
    user_errors: Vec<CatalogError>,
}

/// What can be done to price lists.
#[derive(Default)]
pub struct PriceListMutation;

#[Object]
impl PriceListMutation {
    /// Adds a price list, as yet without prices. For company and super administrators.
    async fn price_list_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list.")] input: PriceListCreateInput,
    ) -> Result<Option<PriceListPayload>, Fault> {
        let scope = ctx.may(Action::Create, Resource::PriceList)?;
        let (company, call, shop) = (input.company, ctx.call()?.within(input.company), set(input.shop));
        let change = PriceListChange {
            name: Some(input.name),
            external_reference: set(input.external_reference),
            customer_group: set(input.customer_group),
            shop,
            from: set(input.valid_from),
            until: set(input.valid_until),
            priority: input.priority,
            active: input.active,
        };
        let shops = company_shops(ctx, company, shop.flatten()).await?;
        let id = PriceListId::new(call.now);
        let make = || {
            let mut list = price_list::PriceList::new(id, company);
            list.apply(change.clone(), |shop| shops.contains(shop))?;
            Ok(list)
        };
        let answer = ctx.catalog()?.create_price_list(&scope, &call, company, make).await?;
        written(ctx, answer).await.map(Some)
    }

    /// Changes the terms of a price list; its prices stay. For company and super administrators.
    async fn price_list_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What changes.")] input: PriceListUpdateInput,
    ) -> Result<Option<PriceListPayload>, Fault> {
        let scope = ctx.may(Action::Update, Resource::PriceList)?;
        let naming = Naming::new(input.id, input.external_reference.value(), input.company);
        let found = naming.find(ctx, &scope).await?;
        let (id, company) = match found {
            Ok(found) => found,
            Err(error) => return Ok(Some(nothing(vec![error]))),
        };
        let (call, shop) = (ctx.call()?.within(company), set(input.shop));
        let change = PriceListChange {
            name: input.name,
            external_reference: set(input.external_reference),
            customer_group: set(input.customer_group),
            shop,
            from: set(input.valid_from),
            until: set(input.valid_until),
            priority: input.priority,
            active: input.active,
        };
        let shops = company_shops(ctx, company, shop.flatten()).await?;
        let decide =
            |list: &mut price_list::PriceList| list.apply(change.clone(), |shop| shops.contains(shop));
        let answer = ctx.catalog()?.change_price_list(&scope, &call, id, decide).await?;
        written(ctx, answer).await.map(Some)
    }

    /// Sets prices of a list. They stand on the variants: each product named is a row with an outcome of its own,
    /// in the order in which the products are first named. For company and super administrators.
    async fn price_list_prices_set(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The prices.")] input: PriceListPricesSetInput,
    ) -> Result<Option<ProductBulkPayload>, Fault> {
        let naming = Naming::new(input.id, input.external_reference.as_ref(), input.company);
        let edits = input.prices.into_iter().map(|price| {
            let PriceListPriceInput { variant, sku, external_reference, price } = price;
            (VariantName { variant, sku, external_reference }, PriceEdit::Set(price))
        });
        edit_prices(ctx, naming, edits.collect()).await.map(Some)
    }

    /// Deletes a price list. Its prices hold for nobody from then on, and are taken off the variants.
    /// For company and super administrators.
    async fn price_list_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which list.")] input: PriceListDeleteInput,
    ) -> Result<Option<PriceListPayload>, Fault> {
        let scope = ctx.may(Action::Delete, Resource::PriceList)?;
        let naming = Naming::new(input.id, input.external_reference.as_ref(), input.company);
        let ToDelete { id, call, unfound } = naming.to_delete(ctx, &scope).await?;
        let answer = ctx.catalog()?.delete_price_list(&scope, &call, id).await?;
        Ok(Some(match answer {
            Ok(gone) => PriceListPayload { deleted_id: Some(gone.id), ..nothing(Vec::new()) },
            Err(user_errors) => nothing(refusals(unfound, user_errors)),
        }))
    }
}

/// The shops that a list may name.
async fn company_shops(
    ctx: &Context<'_>,
    company: CompanyId,
    named: Option<ShopId>,
) -> Result<Vec<ShopId>, Fault> {
    let named: Vec<ShopId> = named.into_iter().collect();
    let record = ctx.catalog()?.companies.with_shops(company, &named, ctx.now()).await?;
    Ok(record.iter().flat_map(|record| record.shops.keys().copied()).collect())
}

fn nothing(user_errors: Vec<CatalogError>) -> PriceListPayload {
    PriceListPayload { price_list: None, deleted_id: None, user_errors }
}

async fn written(ctx: &Context<'_>, answer: PriceListAnswer) -> Result<PriceListPayload, Fault> {
    let done = match answer {
        Ok(done) => done,
        Err(user_errors) => return Ok(nothing(user_errors)),
    };
    let (_, view) = ctx.view_of_companies(Resource::PriceList).await?;
    let found = ctx.catalog()?.price_lists.get(&view, &done.id.to_string()).await?;
    Ok(PriceListPayload { price_list: found.map(PriceList::from), ..nothing(Vec::new()) })
}
