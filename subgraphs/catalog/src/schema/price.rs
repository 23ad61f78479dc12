//! Prices in the schema, and how the price context of a request becomes one.

use async_graphql::{ComplexObject, Context, Enum, InputObject, SimpleObject};
use souk_kit::context::ContextExt;
use souk_kit::fault::Fault;
use souk_kit::id::{CompanyId, ShopId, ShopKind, SoughtId};
use souk_kit::money::{Currency, CurrencyCode, Decimal, Money};

use super::loading::Loading;
use crate::domain::ids::PriceListId;
use crate::domain::price::{self, Price};
use crate::domain::price_resolution::Precedence;
use crate::domain::variant::Variant;

/// A price of one unit, as it was entered.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct ProductPrice {
    /// The price of one unit.
    amount: Money,
    /// The former or usual price, to strike out beside it.
    compare_at: Option<Money>,
    /// Whether the amounts include tax, as the company enters its prices.
    tax_included: bool,
    /// Fewest units that one must take for this price.
    min_quantity: u32,
    #[graphql(skip)]
    list: Option<PriceListId>,
}

#[ComplexObject]
impl ProductPrice {
    /// The id of the price list that the price comes from; null for base prices.
    async fn price_list_id(&self) -> Option<PriceListId> {
        self.list
    }
}

/// A price of a variant as staff entered it.
#[derive(Debug, Clone, SimpleObject)]
pub struct VariantPrice {
    /// The price of one unit.
    amount: Money,
    /// The former or usual price.
    compare_at: Option<Money>,
    /// Fewest units that one must take for this price.
    min_quantity: u32,
    /// The price list that it belongs to; null for base prices.
    price_list_id: Option<PriceListId>,
}

impl From<&Price> for VariantPrice {
    fn from(own: &Price) -> Self {
        Self {
            amount: Money::new(own.amount_minor, own.currency),
            compare_at: own.compare_at_minor.map(|minor| Money::new(minor, own.currency)),
            min_quantity: own.min_quantity,
            price_list_id: own.list,
        }
    }
}

/// A base price of one unit.
#[derive(Debug, Clone, InputObject)]
pub struct VariantPriceInput {
    /// The price in the currency's main unit, such as "12.50".
    pub amount: Decimal,
    /// The former or usual price; above the price.
    pub compare_at: Option<Decimal>,
    /// The currency of both.
    pub currency: CurrencyCode,
    /// Fewest units that one must take for this price.
    #[graphql(default = 1)]
    pub min_quantity: u32,
}

impl VariantPriceInput {
    /// The price for `list`; what has more digits than the currency is refused like a price that cannot be.
    pub(super) fn for_list(&self, list: Option<PriceListId>) -> Price {
        let currency = self.currency.0;
        // Below zero is no price, and is refused as one.
        let minor = |amount| Money::from_decimal(amount, currency).map_or(-1, |money| money.amount_minor);
        Price {
            list,
            currency,
            min_quantity: self.min_quantity,
            amount_minor: minor(self.amount),
            compare_at_minor: self.compare_at.map(minor),
        }
    }
}

/// Which of the variants' prices a product shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum PriceChoice {
    /// The lowest.
    Lowest,
    /// The highest.
    Highest,
}

/// What a client asks a price for.
pub(super) struct Asked {
    pub(super) currency: Option<CurrencyCode>,
    pub(super) shop: Option<SoughtId<ShopKind>>,
    pub(super) quantity: u32,
}

impl Asked {
    /// The price of one unit; a quantity below one is a mistake of the client.
    pub(super) fn new(
        currency: Option<CurrencyCode>,
        shop: Option<SoughtId<ShopKind>>,
        quantity: Option<i32>,
    ) -> Result<Self, Fault> {
        let quantity = u32::try_from(quantity.unwrap_or(1)).ok().filter(|quantity| *quantity > 0);
        let quantity = quantity.ok_or_else(|| Fault::bad_input("`quantity` must be 1 or more"))?;
        Ok(Self { currency, shop, quantity })
    }

    fn shop(&self) -> Option<ShopId> {
        self.shop.and_then(SoughtId::get)
    }
}

/// The price that a buyer pays for the cheapest (or dearest) of some variants of one company.
pub(super) async fn resolve(
    ctx: &Context<'_>,
    company: CompanyId,
    variants: &[Variant],
    asked: &Asked,
    choice: PriceChoice,
) -> Result<Option<ProductPrice>, Fault> {
    let Some(record) = ctx.company(company).await? else { return Ok(None) };
    let currency = asked.currency.map_or(record.company.currency, Currency::from);
    let has_lists =
        variants.iter().flat_map(|variant| variant.prices.iter()).any(|price| price.list.is_some());
    let precedence = if has_lists { precedence(ctx, company, asked).await? } else { Precedence::default() };
    let prices =
        variants.iter().filter_map(|variant| precedence.price(&variant.prices, currency, asked.quantity));
    let chosen = match choice {
        PriceChoice::Lowest => prices.min_by_key(|price| price.amount_minor),
        PriceChoice::Highest => prices.max_by_key(|price| price.amount_minor),
    };
    Ok(chosen.map(|price| show(price, record.company.prices_include_tax)))
}

async fn precedence(ctx: &Context<'_>, company: CompanyId, asked: &Asked) -> Result<Precedence, Fault> {
    let lists = ctx.price_lists(company).await?;
    let groups = ctx.principal().customer_groups();
    // A shop that the caller does not see has the prices of no shop, as one that does not exist.
    let shop = match asked.shop() {
        Some(shop) => ctx.company_of_visible(shop).await?.map(|_| shop),
        None => None,
    };
    Ok(Precedence::of(lists.iter(), groups, shop.as_ref(), ctx.now()))
}

fn show(own: &price::Price, tax_included: bool) -> ProductPrice {
    ProductPrice {
        amount: Money::new(own.amount_minor, own.currency),
        compare_at: own.compare_at_minor.map(|minor| Money::new(minor, own.currency)),
        tax_included,
        min_quantity: own.min_quantity,
        list: own.list,
    }
}
