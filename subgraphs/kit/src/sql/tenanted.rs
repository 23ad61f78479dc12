//! Queries that cannot forget the tenant: every one starts at `visible_to`.

use sea_orm::sea_query::{ExprTrait, Query, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Select};

use crate::permission::{Reach, Visibility};

/// An entity whose rows belong to someone.
pub trait Tenanted: EntityTrait {
    /// The company that a row belongs to.
    fn company_column() -> Option<Self::Column>;

    /// The shop that a row belongs to; without one, the company's rows are within reach of its shops' people
    /// for looking, and not for changing.
    fn shop_column() -> Option<Self::Column> {
        None
    }

    /// The person that a row belongs to.
    fn person_column() -> Option<Self::Column> {
        None
    }

    /// Which rows everyone may see; by default none.
    fn public_face() -> Option<Condition> {
        None
    }

    /// The rows that `scope` reaches: where every query starts.
    #[expect(clippy::disallowed_methods, reason = "the one place where a query may start")]
    fn visible_to(scope: &Visibility) -> Select<Self> {
        Self::find().filter(visible::<Self>(scope))
    }
}

/// A table of parts, such as a shop's opening hours: a row is visible when the whole that it is part of is.
pub trait PartOf: EntityTrait {
    /// The entity of the whole.
    type Whole: Tenanted;

    /// The column that holds the id of the whole.
    fn whole_column() -> Self::Column;

    /// The column of the whole that it refers to.
    fn whole_id() -> <Self::Whole as EntityTrait>::Column;

    /// The rows whose whole `scope` reaches.
    #[expect(clippy::disallowed_methods, reason = "the one place where a query of parts may start")]
    fn visible_to(scope: &Visibility) -> Select<Self> {
        let wholes = Query::select()
            .column(Self::whole_id())
            .from(Self::Whole::default())
            .cond_where(visible::<Self::Whole>(scope))
            .to_owned();
        Self::find().filter(Self::whole_column().in_subquery(wholes))
    }
}

fn visible<E: Tenanted>(scope: &Visibility) -> Condition {
    let by_right = within_reach::<E>(scope);
    match E::public_face().filter(|_| scope.sees_public() && *scope.reach() != Reach::Everything) {
        Some(public) => Condition::any().add(by_right).add(public),
        None => by_right,
    }
}

fn within_reach<E: Tenanted>(scope: &Visibility) -> Condition {
    let all = Condition::all();
    let condition = match scope.reach() {
        Reach::Everything => Some(all),
        Reach::Company(company) => E::company_column().map(|column| all.add(column.eq(*company))),
        Reach::Shops { company, shops } => E::company_column().and_then(|column| {
            let own_company = all.add(column.eq(*company));
            match E::shop_column() {
                Some(column) => Some(own_company.add(column.is_in(shops.iter().copied()))),
                None if scope.is_write() => None,
                None => Some(own_company),
            }
        }),
        Reach::Own(person) => E::person_column().map(|column| Condition::all().add(column.eq(*person))),
        Reach::Nothing => None,
    };
    condition.unwrap_or_else(|| Condition::all().add(SimpleExpr::from(1).eq(0)))
}
