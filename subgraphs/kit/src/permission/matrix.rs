//! The permission matrix. To give a role a right, edit a line of [`MATRIX`] and accept the changed snapshot.

use super::visibility::{Access, Reach, Visibility};
use crate::fault::Fault;
use crate::principal::{Principal, Role};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Resource {
    /// A tenant and its settings.
    Company,
    /// A shop, its hours and its people.
    Shop,
    /// Products, variants, media and their prices.
    Product,
    /// The category tree.
    Category,
    /// Collections of products, manual and by rule.
    Collection,
    /// Price lists.
    PriceList,
    /// Attributes that products may carry.
    Attribute,
    /// How a company's products are found: synonyms, stop words, what comes first.
    Search,
    /// Orders.
    Order,
    /// Stock.
    Inventory,
    /// People who sign in.
    User,
    /// Figures and reports.
    Analytics,
    /// What only our own parts may call: marked `@inaccessible` in the schema.
    Internal,
}

/// What is to be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Look at it.
    Read,
    /// Make one.
    Create,
    /// Change it.
    Update,
    /// Archive or delete it, or switch it off.
    Delete,
}

/// How far a right reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grant {
    /// Over all tenants.
    All,
    /// Over the caller's company.
    Company,
    /// Over the caller's shops.
    Shops,
    /// Over what belongs to the caller as a person.
    Own,
    /// Nowhere.
    No,
}

/// Who sees the public face in addition: active companies and shops, published products.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Face {
    Public,
    Private,
}

struct Row {
    resource: Resource,
    action: Action,
    /// One per role, in the order of [`Role::ALL`].
    grants: [Grant; 5],
    face: Face,
}

const fn row(resource: Resource, action: Action, grants: [Grant; 5], face: Face) -> Row {
    Row { resource, action, grants, face }
}

use Action::{Create, Delete, Read, Update};
use Face::{Private, Public};
use Grant::{All, Company, No, Own, Shops};
use Resource as R;

/// A right that stands in no row nobody has, except services, which may everything.
#[rustfmt::skip]
const MATRIX: &[Row] = &[
    //                              super    company  shop     shop     customer
    //                              admin    admin    manager  staff
    row(R::Company,    Read,   [All,     Company, No,      No,      No     ], Public),
    row(R::Company,    Create, [All,     No,      No,      No,      No     ], Private),
    row(R::Company,    Update, [All,     No,      No,      No,      No     ], Private),
    row(R::Company,    Delete, [All,     No,      No,      No,      No     ], Private),
    row(R::Shop,       Read,   [All,     Company, Shops,   Shops,   No     ], Public),
    row(R::Shop,       Create, [All,     Company, No,      No,      No     ], Private),
    row(R::Shop,       Update, [All,     Company, No,      No,      No     ], Private),
    row(R::Shop,       Delete, [All,     Company, No,      No,      No     ], Private),
    row(R::Product,    Read,   [All,     Company, Shops,   Shops,   No     ], Public),
    row(R::Product,    Create, [All,     Company, Shops,   No,      No     ], Private),
    row(R::Product,    Update, [All,     Company, Shops,   Shops,   No     ], Private),
    row(R::Product,    Delete, [All,     Company, Shops,   No,      No     ], Private),
    row(R::Category,   Read,   [All,     Company, Company, Company, No     ], Public),
    row(R::Category,   Create, [All,     Company, No,      No,      No     ], Private),
    row(R::Category,   Update, [All,     Company, No,      No,      No     ], Private),
    row(R::Category,   Delete, [All,     Company, No,      No,      No     ], Private),
    row(R::Collection, Read,   [All,     Company, Company, Company, No     ], Public),
    row(R::Collection, Create, [All,     Company, No,      No,      No     ], Private),
    row(R::Collection, Update, [All,     Company, No,      No,      No     ], Private),
    row(R::Collection, Delete, [All,     Company, No,      No,      No     ], Private),
    row(R::PriceList,  Read,   [All,     Company, Company, Company, No     ], Private),
    row(R::PriceList,  Create, [All,     Company, No,      No,      No     ], Private),
    row(R::PriceList,  Update, [All,     Company, No,      No,      No     ], Private),
    row(R::PriceList,  Delete, [All,     Company, No,      No,      No     ], Private),
    row(R::Attribute,  Read,   [All,     Company, Company, Company, No     ], Public),
    row(R::Attribute,  Create, [All,     Company, No,      No,      No     ], Private),
    row(R::Attribute,  Update, [All,     Company, No,      No,      No     ], Private),
    row(R::Attribute,  Delete, [All,     Company, No,      No,      No     ], Private),
    row(R::Search,     Read,   [All,     Company, Company, Company, No     ], Private),
    row(R::Search,     Update, [All,     Company, No,      No,      No     ], Private),
    row(R::Order,      Read,   [All,     Company, Shops,   Shops,   Own    ], Private),
    row(R::Inventory,  Read,   [All,     Company, Shops,   Shops,   No     ], Private),
    row(R::Inventory,  Create, [All,     Company, No,      No,      No     ], Private),
    row(R::Inventory,  Update, [All,     Company, Shops,   No,      No     ], Private),
    row(R::Inventory,  Delete, [All,     Company, No,      No,      No     ], Private),
    row(R::User,       Read,   [All,     Company, Shops,   No,      Own    ], Private),
    row(R::User,       Create, [All,     Company, No,      No,      No     ], Private),
    row(R::User,       Update, [All,     Company, No,      No,      Own    ], Private),
    row(R::User,       Delete, [All,     Company, No,      No,      No     ], Private),
    row(R::Analytics,  Read,   [All,     Company, Shops,   Shops,   No     ], Private),
];

/// What `principal` may reach when it wants to do `action` to `resource`; without any reach, a fault:
/// `UNAUTHENTICATED` for visitors, whom signing in may help, `FORBIDDEN` for the others.
pub fn decide(principal: &Principal, action: Action, resource: Resource) -> Result<Visibility, Fault> {
    let access = match action {
        Action::Read => Access::Read,
        Action::Create | Action::Update | Action::Delete => Access::Write,
    };
    if let Principal::Service(_) = principal {
        return Ok(Visibility::new(Reach::Everything, access, true));
    }
    let row = MATRIX.iter().find(|row| row.resource == resource && row.action == action);
    let reach = match (row, principal.role()) {
        (Some(row), Some(role)) => reach(principal, role.grant_in(row)),
        _ => Reach::Nothing,
    };
    let public = row.is_some_and(|row| row.face == Face::Public);
    match (&reach, principal) {
        (Reach::Nothing, Principal::Anonymous) if !public => Err(Fault::unauthenticated("sign in first")),
        (Reach::Nothing, _) if !public => Err(Fault::forbidden()),
        _ => Ok(Visibility::new(reach, access, public)),
    }
}

impl Role {
    fn grant_in(self, row: &Row) -> Grant {
        let [super_admin, company_admin, shop_manager, shop_staff, customer] = row.grants;
        match self {
            Self::SuperAdmin => super_admin,
            Self::CompanyAdmin => company_admin,
            Self::ShopManager => shop_manager,
            Self::ShopStaff => shop_staff,
            Self::Customer => customer,
        }
    }
}

/// A grant becomes a reach only with the ids that it needs: an admin of no company reaches nothing.
fn reach(principal: &Principal, grant: Grant) -> Reach {
    match grant {
        Grant::All => Reach::Everything,
        Grant::Company => principal.company().map_or(Reach::Nothing, Reach::Company),
        Grant::Shops => match principal.company() {
            Some(company) if !principal.shops().is_empty() => {
                Reach::Shops { company, shops: principal.shops().into() }
            }
            _ => Reach::Nothing,
        },
        Grant::Own => principal.user().map_or(Reach::Nothing, Reach::Own),
        Grant::No => Reach::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn the_matrix_as_everyone_should_read_it() {
        let mut table = String::from(
            "resource   action  super_admin company_admin shop_manager shop_staff customer visitor\n",
        );
        for row in MATRIX {
            let [admin, company, manager, staff, customer] = row.grants.map(|grant| match grant {
                Grant::All => "all",
                Grant::Company => "company",
                Grant::Shops => "shops",
                Grant::Own => "own",
                Grant::No => "-",
            });
            let face = if row.face == Face::Public { "public" } else { "-" };
            let (resource, action) = (format!("{:?}", row.resource), format!("{:?}", row.action));
            writeln!(table, "{resource:<10} {action:<7} {admin:<11} {company:<13} {manager:<12} {staff:<10} {customer:<8} {face}")
                .unwrap();
        }
        insta::assert_snapshot!("permission_matrix", table);
    }

    #[test]
    fn no_right_stands_in_two_rows() {
        for (n, row) in MATRIX.iter().enumerate() {
            let twins = MATRIX.iter().filter(|r| r.resource == row.resource && r.action == row.action);
            assert_eq!(twins.count(), 1, "row {n}: {:?} {:?}", row.resource, row.action);
        }
    }
}
