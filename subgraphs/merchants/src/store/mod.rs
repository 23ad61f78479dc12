//! Where companies and shops are kept: repositories over private rows.

mod companies;
mod filter;
mod loaders;
mod migrations;
mod nearby;
mod open_now;
mod rows;
mod shops;

use sea_orm::DbErr;
use souk_kit::aggregate::Denied;
use souk_kit::sql::unique_violation;
use souk_kit::user_error::UserError;

use crate::domain::refusal::{Reason, Refusal};
use crate::refusal_code::MerchantErrorCode;

pub(crate) use companies::Companies;
pub(crate) use filter::{CompanyFilter, ShopFilter, Sort, SortField, Wanted};
pub(crate) use loaders::{
    CompanyById, ShopById, ShopCount, ShopCounts, ShopList, ShopsOfCompanies, ShopsOfCompany,
};
pub(crate) use migrations::Migrator;
pub(crate) use nearby::{Nearby, NearbyShop};
pub(crate) use shops::Shops;

/// Says which unique value another record has: the slug or the external reference.
fn taken(error: DbErr) -> Denied<MerchantErrorCode> {
    let refusal = |path, reason| UserError::from(Refusal::at(&[path], reason));
    let slug = refusal("slug", Reason::SlugTaken);
    let reference = refusal("externalReference", Reason::ExternalReferenceTaken);
    // Both tables name the column in the constraint, and no other constraint of theirs holds either name.
    if error.to_string().contains("external_reference") {
        unique_violation(error, "external_reference", reference)
    } else {
        unique_violation(error, "slug", slug)
    }
}
