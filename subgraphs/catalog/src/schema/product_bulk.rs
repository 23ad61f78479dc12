//! What bulk writes of products share: what they ask, answer, and how a row that fails is told.

use std::sync::Arc;

use async_graphql::{Context, Enum, SimpleObject};
use souk_kit::call::Call;
use souk_kit::fault::Fault;

use super::loading::Loading;
use super::product::Product;
use crate::domain::bulk::{self, MAX_ROWS, Policy};
use crate::domain::finding::Finding;
use crate::domain::product_write::Attempt;
use crate::domain::refusal::ProductRefusal;
use crate::error::{CatalogError, CatalogErrorCode};
use crate::store::product_writes::WriteAnswer;

/// What happens to the rows when some of them are wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "bulk::Policy")]
pub enum BulkErrorPolicy {
    /// Every row is validated first; if one is wrong, none is written. A conflict that only arises while the rows
    /// are written is reported on its row.
    RejectAll,
    /// Rows that are wrong are left out, the others are written.
    RejectFailedRows,
    /// Wrong fields are left out and reported; a row is left out only when what remains is no product.
    IgnoreFailedFields,
}

/// What came of one row.
#[derive(SimpleObject)]
pub struct ProductBulkResult {
    /// The product as it is now; null when the row was not written.
    product: Option<Product>,
    /// What is wrong with the row: why it was not written or, where the policy allows that, what was left out.
    /// Paths begin at the row.
    user_errors: Vec<CatalogError>,
}

/// What came of a bulk write.
#[derive(SimpleObject)]
pub struct ProductBulkPayload {
    /// A result for each row, in their order; empty when the call as a whole was refused.
    results: Vec<ProductBulkResult>,
    /// How many rows were written.
    written: u32,
    /// Why the call as a whole was refused; empty when it was not.
    user_errors: Vec<CatalogError>,
}

impl ProductBulkPayload {
    pub(super) fn refused(error: CatalogError) -> Self {
        Self { results: Vec::new(), written: 0, user_errors: vec![error] }
    }

    pub(super) async fn of(ctx: &Context<'_>, answers: Vec<WriteAnswer>) -> Result<Self, Fault> {
        let ids = answers.iter().flatten().map(|row| row.id.to_string());
        let (_, view) = ctx.view_products().await?;
        let mut fresh = ctx.catalog()?.products.get_many(&view, ids).await?;
        let mut results = Vec::with_capacity(answers.len());
        let mut written = 0;
        for answer in answers {
            results.push(match answer {
                Ok(row) => {
                    written += 1;
                    let product =
                        fresh.remove(&row.id.to_string()).map(|found| Product::from(Arc::new(found)));
                    ProductBulkResult { product, user_errors: row.left_out }
                }
                Err(user_errors) => ProductBulkResult { product: None, user_errors },
            });
        }
        Ok(Self { results, written, user_errors: Vec::new() })
    }

    /// The answer to a call of which no row is written because some are wrong.
    pub(super) fn stopped(rows: Vec<Vec<CatalogError>>) -> Self {
        let wrong = rows.iter().filter(|row| !row.is_empty()).count();
        let sentence = format!("no row was written, because {wrong} of {} are wrong", rows.len());
        let error = CatalogError::new(CatalogErrorCode::Invalid, sentence).at(["input", "rows"]);
        let results = rows.into_iter().map(|user_errors| ProductBulkResult { product: None, user_errors });
        Self { results: results.collect(), written: 0, user_errors: vec![error] }
    }
}

/// What is wrong with each row, when the policy writes none because of it.
pub(super) fn stopped(
    policy: Policy,
    judged: impl Iterator<Item = Result<Attempt, Vec<Finding<ProductRefusal>>>>,
) -> Option<Vec<Vec<CatalogError>>> {
    let findings = judged.map(|row| row.and_then(|attempt| attempt.settle(policy)).err().unwrap_or_default());
    let errors: Vec<Vec<_>> = findings.map(|row| row.into_iter().map(CatalogError::from).collect()).collect();
    let wrong = errors.iter().any(|row: &Vec<CatalogError>| !row.is_empty());
    (!policy.writes_any(wrong)).then_some(errors)
}

/// The refusal of a call with more rows than one may have.
pub(super) fn too_many(rows: usize) -> Option<CatalogError> {
    (rows > MAX_ROWS).then(|| {
        let sentence = format!("a bulk write takes at most {MAX_ROWS} rows, not {rows}");
        CatalogError::new(CatalogErrorCode::TooMany, sentence).at(["input", "rows"])
    })
}

/// The call for one row. Its key is the whole call's and the row's number: a bulk write that was broken off goes on
/// where it stopped when it is sent again.
pub(super) fn row_call(call: &Call, number: usize) -> Call {
    let mut row = call.clone();
    row.guard.expected_version = None;
    row.guard.idempotency_key = call.guard.idempotency_key.as_ref().map(|key| format!("{key}#{number}"));
    row
}
