//! What lists are filtered and sorted by, as typed values and as SQL conditions.

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, QuerySelect, QueryTrait};
use souk_kit::id::{CompanyId, ShopId, UserId};
use souk_kit::page::SortDirection;
use souk_kit::permission::Visibility;
use souk_kit::sql::{SortKey, Tenanted};

use super::open_now::OpenNow;
use super::rows::{company, shop, shop_staff};
use crate::domain::plan::Tier;
use crate::domain::shop::Kind;

/// What one field must be. Omitted, null and an empty list are three different things.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Wanted<T> {
    /// Omitted: anything.
    #[default]
    Anything,
    /// Null: records without a value.
    Nothing,
    /// One of these; none of them matches nothing.
    OneOf(Vec<T>),
}

impl<T> Wanted<T> {
    fn is_anything(&self) -> bool {
        matches!(self, Self::Anything)
    }

    /// The condition on `column`, whose values `stored` makes; `None` for anything.
    fn on<V: Into<sea_orm::Value>>(
        &self,
        column: impl ColumnTrait,
        stored: impl Fn(&T) -> V,
    ) -> Option<SimpleExpr> {
        match self {
            Self::Anything => None,
            Self::Nothing => Some(column.is_null()),
            Self::OneOf(values) => Some(column.is_in(values.iter().map(stored))),
        }
    }
}

/// Which companies are wanted. Every part that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CompanyFilter {
    pub(crate) all: Vec<CompanyFilter>,
    /// At least one, unless omitted.
    pub(crate) any: Option<Vec<CompanyFilter>>,
    /// None of these.
    pub(crate) none: Vec<CompanyFilter>,
    pub(crate) ids: Wanted<CompanyId>,
    pub(crate) slugs: Wanted<String>,
    pub(crate) name_contains: Option<String>,
    pub(crate) currencies: Wanted<String>,
    pub(crate) countries: Wanted<String>,
    pub(crate) active: Option<bool>,
    pub(crate) plans: Wanted<Tier>,
    pub(crate) owners: Wanted<UserId>,
    pub(crate) external_references: Wanted<String>,
}

impl CompanyFilter {
    /// Conditions on what is not public hold only for companies that `scope` reaches by right: else a visitor
    /// could find out by filtering what it may not read.
    pub(super) fn condition(&self, scope: &Visibility) -> Condition {
        use company::Column as C;
        let mut all = Condition::all()
            .add_option(self.ids.on(C::Id, |id| *id))
            .add_option(self.slugs.on(C::Slug, Clone::clone))
            .add_option(self.name_contains.as_ref().map(|part| contains(C::NameSort, part)))
            .add_option(self.currencies.on(C::Currency, Clone::clone))
            .add_option(self.countries.on(C::Country, Clone::clone))
            .add_option(self.active.map(|active| C::Active.eq(active)))
            .add_option(self.plans.on(C::PlanTier, |tier| tier.as_str()))
            .add_option(self.owners.on(C::Owner, |id| *id))
            .add_option(self.external_references.on(C::ExternalReference, Clone::clone));
        if !(self.plans.is_anything() && self.owners.is_anything() && self.external_references.is_anything())
        {
            all = all.add(C::Id.in_subquery(companies_by_right(scope)));
        }
        for part in &self.all {
            all = all.add(part.condition(scope));
        }
        for part in &self.none {
            all = all.add(none_of(part.condition(scope)));
        }
        let any = self.any.as_ref().map(|parts| any_of(parts.iter().map(|part| part.condition(scope))));
        all.add_option(any)
    }
}

/// Which shops are wanted. Every part that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ShopFilter {
    pub(crate) all: Vec<ShopFilter>,
    /// At least one, unless omitted.
    pub(crate) any: Option<Vec<ShopFilter>>,
    /// None of these.
    pub(crate) none: Vec<ShopFilter>,
    pub(crate) ids: Wanted<ShopId>,
    pub(crate) companies: Wanted<CompanyId>,
    pub(crate) slugs: Wanted<String>,
    pub(crate) kinds: Wanted<Kind>,
    pub(crate) name_contains: Option<String>,
    pub(crate) countries: Wanted<String>,
    pub(crate) time_zones: Wanted<String>,
    /// By the hours that a shop states, at the instant of the request.
    pub(crate) open_now: Wanted<bool>,
    pub(crate) active: Option<bool>,
    pub(crate) managers: Wanted<UserId>,
    pub(crate) staff: Wanted<UserId>,
    pub(crate) external_references: Wanted<String>,
}

impl ShopFilter {
    /// Whether the clocks of all zones must be read to answer.
    pub(super) fn asks_what_is_open(&self) -> bool {
        !self.open_now.is_anything()
            || [&self.all, &self.none].into_iter().chain(&self.any).flatten().any(Self::asks_what_is_open)
    }

    /// See [`CompanyFilter::condition`]. `open` is needed by filters that ask what is open.
    pub(super) fn condition(&self, scope: &Visibility, open: &OpenNow) -> Condition {
        use shop::Column as C;
        let mut all = Condition::all()
            .add_option(self.ids.on(C::Id, |id| *id))
            .add_option(self.companies.on(C::CompanyId, |id| *id))
            .add_option(self.slugs.on(C::Slug, Clone::clone))
            .add_option(self.kinds.on(C::Kind, |kind| kind.as_str()))
            .add_option(self.name_contains.as_ref().map(|part| contains(C::NameSort, part)))
            .add_option(self.countries.on(C::Country, Clone::clone))
            .add_option(self.time_zones.on(C::TimeZone, Clone::clone))
            .add_option(self.active.map(|active| C::Active.eq(active)))
            .add_option(self.managers.on(C::Manager, |id| *id))
            .add_option(self.external_references.on(C::ExternalReference, Clone::clone))
            .add_option(staff(&self.staff));
        if !(self.managers.is_anything()
            && self.staff.is_anything()
            && self.external_references.is_anything())
        {
            all = all.add(C::Id.in_subquery(shops_by_right(scope)));
        }
        match &self.open_now {
            Wanted::Anything => {}
            Wanted::Nothing => all = all.add(C::OpeningHours.is_null()),
            Wanted::OneOf(states) => all = all.add(any_of(states.iter().map(|state| open.condition(*state)))),
        }
        for part in &self.all {
            all = all.add(part.condition(scope, open));
        }
        for part in &self.none {
            all = all.add(none_of(part.condition(scope, open)));
        }
        let any = self.any.as_ref().map(|parts| any_of(parts.iter().map(|part| part.condition(scope, open))));
        all.add_option(any)
    }
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SortField {
    /// Without case.
    Name,
    CreatedAt,
}

/// The order of a list; equal ones go by id, in the same direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) field: SortField,
    pub(crate) direction: SortDirection,
}

impl Sort {
    pub(crate) const BY_NAME: Self = Self { field: SortField::Name, direction: SortDirection::Asc };

    /// Names the order in cursors: a cursor of one order points nowhere in another.
    pub(crate) fn name(self) -> String {
        format!("{:?}:{:?}", self.field, self.direction)
    }

    pub(super) fn of_companies(self) -> [SortKey<company::Column>; 2] {
        use company::Column as C;
        let by = match self.field {
            SortField::Name => C::NameSort,
            SortField::CreatedAt => C::CreatedAt,
        };
        [by, C::Id].map(|column| SortKey::towards(self.direction, column))
    }

    pub(super) fn of_shops(self) -> [SortKey<shop::Column>; 2] {
        use shop::Column as C;
        let by = match self.field {
            SortField::Name => C::NameSort,
            SortField::CreatedAt => C::CreatedAt,
        };
        [by, C::Id].map(|column| SortKey::towards(self.direction, column))
    }
}

/// Holds where `condition` does not, also where that depends on a value that a record lacks: SQL alone would find
/// neither true.
fn none_of(condition: Condition) -> Condition {
    let holds = Expr::case(condition, Expr::value(1)).finally(Expr::value(0));
    Condition::all().add(Expr::expr(holds).eq(0))
}

/// A disjunction without parts is false; sea-query alone would leave it out.
fn any_of(parts: impl Iterator<Item = Condition>) -> Condition {
    parts.fold(Condition::any().add(Expr::value(1).eq(0)), Condition::add)
}

/// `part` anywhere in a lower-cased column, taken literally.
fn contains(column: impl ColumnTrait, part: &str) -> SimpleExpr {
    let mut pattern = String::with_capacity(part.len() + 2);
    pattern.push('%');
    for c in part.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    column.like(LikeExpr::new(pattern).escape('\\'))
}

fn staff(wanted: &Wanted<UserId>) -> Option<Condition> {
    use shop_staff::Column as C;
    let employed = || Query::select().column(C::ShopId).from(shop_staff::Entity).to_owned();
    match wanted {
        Wanted::Anything => None,
        Wanted::Nothing => Some(Condition::all().add(shop::Column::Id.not_in_subquery(employed()))),
        Wanted::OneOf(users) => {
            let theirs = employed().and_where(C::UserId.is_in(users.iter().copied())).to_owned();
            Some(Condition::all().add(shop::Column::Id.in_subquery(theirs)))
        }
    }
}

fn companies_by_right(scope: &Visibility) -> SelectStatement {
    company::Entity::visible_to(&scope.without_public())
        .select_only()
        .column(company::Column::Id)
        .into_query()
}

fn shops_by_right(scope: &Visibility) -> SelectStatement {
    shop::Entity::visible_to(&scope.without_public()).select_only().column(shop::Column::Id).into_query()
}
