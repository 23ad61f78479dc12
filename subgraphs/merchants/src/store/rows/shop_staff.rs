//! Who works in which shop: an index over the shops' rows, rewritten with them.

use sea_orm::entity::prelude::*;
use souk_kit::id::{ShopId, UserId};

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shop_staff")]
pub(in crate::store) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(in crate::store) user_id: UserId,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::store) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
