//! What the catalogue adds to `Shop`, which merchants owns.

use async_graphql::{ComplexObject, Context, SimpleObject};
use souk_kit::documents::Filter;
use souk_kit::fault::Fault;
use souk_kit::id::ShopId;
use souk_kit::money::CurrencyCode;
use souk_kit::page::{Connection, PageArgs};

use super::product::Product;
use super::product_list::{self, ProductListArgs, ProductSort};
use super::product_where::ProductWhere;

/// A shop of a company.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(complex)]
pub struct Shop {
    /// Its id.
    id: ShopId,
}

impl From<ShopId> for Shop {
    fn from(id: ShopId) -> Self {
        Self { id }
    }
}

#[ComplexObject]
impl Shop {
    /// The products that are offered in the shop.
    #[expect(clippy::too_many_arguments, reason = "the arguments of every product list")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the front; 20 when not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "After which cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the back; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Before which cursor.")] before: Option<String>,
        #[graphql(name = "where", desc = "Which products.")] filter: Option<ProductWhere>,
        #[graphql(desc = "In which order; the newest first when not said.")] sort: Option<ProductSort>,
        #[graphql(desc = "The currency of filters and sorts by price; else that of the shop's company.")]
        currency: Option<CurrencyCode>,
    ) -> Result<Option<Connection<Product>>, Fault> {
        let page = PageArgs { first, after, last, before };
        let shop = Some(self.id.into());
        let args = ProductListArgs {
            company: None,
            within: Filter::everything(),
            page,
            filter,
            sort,
            currency,
            shop,
        };
        product_list::list(ctx, args).await.map(Some)
    }
}
