//! Companies, shops, and the two tables that shops are searched by: their staff and their hours.
//!
//! Times are whole microseconds since 1970 in UTC, which compare and page alike on every engine. Text that
//! lists are sorted by is stored lower-cased beside the original.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m2026_11_21_companies_and_shops"
    }
}

#[derive(DeriveIden)]
enum Company {
    Table,
    Id,
    Version,
    Slug,
    Name,
    NameSort,
    Logo,
    Description,
    Contact,
    Address,
    Country,
    Branding,
    Currency,
    AcceptedCurrencies,
    Locales,
    TimeZone,
    TaxRatePpm,
    PricesIncludeTax,
    PlanTier,
    PlanStanding,
    PlanExpiresAt,
    Owner,
    ExternalReference,
    PrivateMetadata,
    Active,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum Shop {
    Table,
    Id,
    Version,
    CompanyId,
    CompanyActive,
    Slug,
    Name,
    NameSort,
    Kind,
    Description,
    Address,
    Country,
    LatitudeE6,
    LongitudeE6,
    Contact,
    TimeZone,
    OpeningHours,
    Manager,
    Staff,
    ExternalReference,
    PrivateMetadata,
    Active,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum ShopStaff {
    Table,
    ShopId,
    UserId,
}

#[derive(DeriveIden)]
enum ShopHours {
    Table,
    ShopId,
    Day,
    Opens,
    Closes,
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "the trait declares it so, and async-trait wants the same here")]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(company()).await?;
        manager.create_table(shop()).await?;
        manager.create_table(shop_staff()).await?;
        manager.create_table(shop_hours()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn company() -> TableCreateStatement {
    Table::create()
        .table(Company::Table)
        .col(ColumnDef::new(Company::Id).string().not_null().primary_key())
        .col(ColumnDef::new(Company::Version).big_integer().not_null())
        .col(ColumnDef::new(Company::Slug).string().not_null())
        .col(ColumnDef::new(Company::Name).string().not_null())
        .col(ColumnDef::new(Company::NameSort).string().not_null())
        .col(ColumnDef::new(Company::Logo).text())
        .col(ColumnDef::new(Company::Description).text())
        .col(ColumnDef::new(Company::Contact).json().not_null())
        .col(ColumnDef::new(Company::Address).json())
        .col(ColumnDef::new(Company::Country).string())
        .col(ColumnDef::new(Company::Branding).json().not_null())
        .col(ColumnDef::new(Company::Currency).string().not_null())
        .col(ColumnDef::new(Company::AcceptedCurrencies).json().not_null())
        .col(ColumnDef::new(Company::Locales).json().not_null())
        .col(ColumnDef::new(Company::TimeZone).string().not_null())
        .col(ColumnDef::new(Company::TaxRatePpm).integer().not_null())
        .col(ColumnDef::new(Company::PricesIncludeTax).boolean().not_null())
        .col(ColumnDef::new(Company::PlanTier).string().not_null())
        .col(ColumnDef::new(Company::PlanStanding).string().not_null())
        .col(ColumnDef::new(Company::PlanExpiresAt).big_integer())
        .col(ColumnDef::new(Company::Owner).string())
        .col(ColumnDef::new(Company::ExternalReference).string())
        .col(ColumnDef::new(Company::PrivateMetadata).json().not_null())
        .col(ColumnDef::new(Company::Active).boolean().not_null())
        .col(ColumnDef::new(Company::CreatedAt).big_integer().not_null())
        .col(ColumnDef::new(Company::UpdatedAt).big_integer().not_null())
        .to_owned()
}

fn shop() -> TableCreateStatement {
    Table::create()
        .table(Shop::Table)
        .col(ColumnDef::new(Shop::Id).string().not_null().primary_key())
        .col(ColumnDef::new(Shop::Version).big_integer().not_null())
        .col(ColumnDef::new(Shop::CompanyId).string().not_null())
        .col(ColumnDef::new(Shop::CompanyActive).boolean().not_null())
        .col(ColumnDef::new(Shop::Slug).string().not_null())
        .col(ColumnDef::new(Shop::Name).string().not_null())
        .col(ColumnDef::new(Shop::NameSort).string().not_null())
        .col(ColumnDef::new(Shop::Kind).string().not_null())
        .col(ColumnDef::new(Shop::Description).text())
        .col(ColumnDef::new(Shop::Address).json())
        .col(ColumnDef::new(Shop::Country).string())
        .col(ColumnDef::new(Shop::LatitudeE6).integer())
        .col(ColumnDef::new(Shop::LongitudeE6).integer())
        .col(ColumnDef::new(Shop::Contact).json().not_null())
        .col(ColumnDef::new(Shop::TimeZone).string().not_null())
        .col(ColumnDef::new(Shop::OpeningHours).json())
        .col(ColumnDef::new(Shop::Manager).string())
        .col(ColumnDef::new(Shop::Staff).json().not_null())
        .col(ColumnDef::new(Shop::ExternalReference).string())
        .col(ColumnDef::new(Shop::PrivateMetadata).json().not_null())
        .col(ColumnDef::new(Shop::Active).boolean().not_null())
        .col(ColumnDef::new(Shop::CreatedAt).big_integer().not_null())
        .col(ColumnDef::new(Shop::UpdatedAt).big_integer().not_null())
        .foreign_key(ForeignKey::create().from(Shop::Table, Shop::CompanyId).to(Company::Table, Company::Id))
        .to_owned()
}

fn shop_staff() -> TableCreateStatement {
    Table::create()
        .table(ShopStaff::Table)
        .col(ColumnDef::new(ShopStaff::ShopId).string().not_null())
        .col(ColumnDef::new(ShopStaff::UserId).string().not_null())
        .primary_key(Index::create().col(ShopStaff::ShopId).col(ShopStaff::UserId))
        .foreign_key(ForeignKey::create().from(ShopStaff::Table, ShopStaff::ShopId).to(Shop::Table, Shop::Id))
        .to_owned()
}

fn shop_hours() -> TableCreateStatement {
    Table::create()
        .table(ShopHours::Table)
        .col(ColumnDef::new(ShopHours::ShopId).string().not_null())
        .col(ColumnDef::new(ShopHours::Day).string().not_null())
        .col(ColumnDef::new(ShopHours::Opens).integer().not_null())
        .col(ColumnDef::new(ShopHours::Closes).integer().not_null())
        .primary_key(Index::create().col(ShopHours::ShopId).col(ShopHours::Day).col(ShopHours::Opens))
        .foreign_key(ForeignKey::create().from(ShopHours::Table, ShopHours::ShopId).to(Shop::Table, Shop::Id))
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let company = |name: &str| Index::create().name(name).table(Company::Table).to_owned();
    let shop = |name: &str| Index::create().name(name).table(Shop::Table).to_owned();
    vec![
        company("company_slug").col(Company::Slug).unique().to_owned(),
        company("company_external_reference").col(Company::ExternalReference).unique().to_owned(),
        company("company_by_name").col(Company::NameSort).col(Company::Id).to_owned(),
        company("company_by_age").col(Company::CreatedAt).col(Company::Id).to_owned(),
        shop("shop_slug").col(Shop::CompanyId).col(Shop::Slug).unique().to_owned(),
        shop("shop_external_reference").col(Shop::CompanyId).col(Shop::ExternalReference).unique().to_owned(),
        shop("shop_by_name").col(Shop::NameSort).col(Shop::Id).to_owned(),
        shop("shop_by_age").col(Shop::CreatedAt).col(Shop::Id).to_owned(),
        shop("shop_by_company_and_name").col(Shop::CompanyId).col(Shop::NameSort).col(Shop::Id).to_owned(),
        shop("shop_by_time_zone").col(Shop::TimeZone).to_owned(),
        shop("shop_by_place").col(Shop::LatitudeE6).col(Shop::LongitudeE6).to_owned(),
        Index::create()
            .name("shop_staff_by_user")
            .table(ShopStaff::Table)
            .col(ShopStaff::UserId)
            .col(ShopStaff::ShopId)
            .to_owned(),
    ]
}
