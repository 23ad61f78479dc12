//! The rows of rollups as they are asked for: every query starts at what the caller may see.

/// Declares the entity of one table of rollups.
macro_rules! rollup {
    ($(#[$doc:meta])* $name:ident, $table:literal, { $($(#[$attribute:meta])* $field:ident: $type:ty),+ }) => {
        $(#[$doc])*
        pub(super) mod $name {
            use sea_orm::entity::prelude::*;
            use souk_kit::id::CompanyId;
            use souk_kit::sql::Tenanted;

            #[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub(in crate::store) struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub(in crate::store) company: CompanyId,
                #[sea_orm(primary_key, auto_increment = false)]
                pub(in crate::store) measure: String,
                #[sea_orm(primary_key, auto_increment = false)]
                pub(in crate::store) hour: i64,
                #[sea_orm(primary_key, auto_increment = false)]
                pub(in crate::store) shop: String,
                $($(#[$attribute])* pub(in crate::store) $field: $type),+
            }

            #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
            pub(in crate::store) enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}

            impl Tenanted for Entity {
                fn company_column() -> Option<Column> {
                    Some(Column::Company)
                }

                fn shop_column() -> Option<Column> {
                    Some(Column::Shop)
                }
            }
        }
    };
}

rollup! {
    /// What is counted.
    count, "hour_count", { value: i64 }
}

rollup! {
    /// Different visitors.
    sketch, "hour_sketch", { state: Vec<u8> }
}

rollup! {
    /// What is counted by item.
    tally, "hour_tally", { #[sea_orm(primary_key, auto_increment = false)] item: String, value: i64 }
}
