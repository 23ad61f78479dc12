//! What bulk mutations of products share: policies, limits and answers row by row.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Enum, SimpleObject};
use souk_kit::fault::Fault;

use super::loading::Loading;
use super::product::Product;
use crate::domain::bulk;
use crate::error::{CatalogError, CatalogErrorCode, at_field};
use crate::store::product_writes::{WriteAnswer, Written};

/// What happens to the rows of a bulk write when some are wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "bulk::Policy")]
pub enum BulkErrorPolicy {
    /// Every row is validated first; if one is wrong, none is written. Then rows apply one by one: a conflict that
    /// arises only then is reported on its row.
    RejectAll,
    /// Wrong rows are left out, the others are written.
    RejectFailedRows,
    /// Wrong fields are left out and reported; a row is left out when what remains is no product.
    IgnoreFailedFields,
}

/// What became of one row.
#[derive(SimpleObject)]
pub struct ProductBulkRow {
    /// Its place among the rows, from 0.
    index: usize,
    /// Whether it was written.
    written: bool,
    /// The product afterwards.
    product: Option<Product>,
    /// Why it was not written; or, of a written one, which fields were left out and why.
    user_errors: Vec<CatalogError>,
}

/// What became of all rows.
#[derive(SimpleObject)]
pub struct ProductBulkPayload {
    /// One for each row given, in their order.
    rows: Vec<ProductBulkRow>,
    /// How many were written.
    written_count: usize,
    /// What is wrong with the call as a whole.
    user_errors: Vec<CatalogError>,
}

impl ProductBulkPayload {
    pub(super) fn refused(error: CatalogError) -> Self {
        Self { rows: Vec::new(), written_count: 0, user_errors: vec![error] }
    }

    /// A refusal of calls with more rows than are taken.
    pub(super) fn check_size(field: &str, rows: usize) -> Result<(), Self> {
        let text = format!("must have at most {} entries", bulk::MAX_ROWS);
        if rows > bulk::MAX_ROWS {
            return Err(Self::refused(at_field(field, CatalogErrorCode::TooMany, &text)));
        }
        Ok(())
    }

    /// The answers to the rows of the input with their products.
    pub(super) async fn of_rows(ctx: &Context<'_>, answers: Vec<WriteAnswer>) -> Result<Self, Fault> {
        let located = answers.into_iter().enumerate().map(|(index, answer)| {
            let all =
                |errors: Vec<CatalogError>| errors.into_iter().map(|error| in_row(error, index)).collect();
            match answer {
                Ok(written) => Ok(Written { left_out: all(written.left_out), ..written }),
                Err(errors) => Err(all(errors)),
            }
        });
        Self::of(ctx, located.collect()).await
    }

    /// The answers with their products, which are read in one query. Their paths lead through the input already.
    pub(super) async fn of(ctx: &Context<'_>, answers: Vec<WriteAnswer>) -> Result<Self, Fault> {
        let wants_products = ctx.look_ahead().field("rows").field("product").exists();
        let mut products = HashMap::new();
        if wants_products {
            let (_, view) = ctx.view_products().await?;
            let ids = answers
                .iter()
                .filter_map(|answer| answer.as_ref().ok())
                .map(|written| written.id.to_string());
            products = ctx.catalog()?.products.get_many(&view, ids).await?;
        }
        let row = |(index, answer): (usize, WriteAnswer)| match answer {
            Ok(written) => ProductBulkRow {
                index,
                written: true,
                product: products.get(&written.id.to_string()).map(|one| Arc::new(one.clone()).into()),
                user_errors: written.left_out,
            },
            Err(user_errors) => ProductBulkRow { index, written: false, product: None, user_errors },
        };
        let rows: Vec<_> = answers.into_iter().enumerate().map(row).collect();
        Ok(Self {
            written_count: rows.iter().filter(|row| row.written).count(),
            rows,
            user_errors: Vec::new(),
        })
    }
}

/// The same error with its path below its row.
fn in_row(error: CatalogError, index: usize) -> CatalogError {
    let inner = error.path().iter().skip(1).cloned();
    let path: Vec<String> =
        ["input".to_owned(), "rows".to_owned(), index.to_string()].into_iter().chain(inner).collect();
    error.at(path)
}
