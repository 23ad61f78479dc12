//! `Shop.staff`: the people who work in a shop, in pages.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::future::ready;
use std::ops::Bound;

use souk_kit::fault::Fault;
use souk_kit::id::UserId;
use souk_kit::page::{Connection, Cursor, ListName, Page, PageArgs};

use super::user::User;

/// Names the list: people are what another subgraph owns, and its items are references to them.
pub(crate) struct ShopStaff;

impl ListName<Option<User>> for ShopStaff {
    fn list_name() -> Cow<'static, str> {
        "ShopStaff".into()
    }
}

/// A page of the people who work in a shop, in the order of their ids.
pub(super) fn page(
    staff: &BTreeSet<UserId>,
    args: &PageArgs,
) -> Result<Connection<Option<User>, ShopStaff>, Fault> {
    let page = args.page("id")?;
    let count = u64::try_from(staff.len()).unwrap_or(u64::MAX);
    Ok(page.slice(rows(staff, &page)?).connection(
        |user| Cursor(vec![user.to_string().into()]),
        |user| Some(User::from(user)),
        move || Box::pin(ready(Ok(count))),
    ))
}

/// What a page of the set is cut from: one more than it holds, from its end when it goes backward.
fn rows(staff: &BTreeSet<UserId>, page: &Page) -> Result<Vec<UserId>, Fault> {
    let from = page.from.as_ref().map(user).transpose()?.map_or(Bound::Unbounded, Bound::Excluded);
    Ok(if page.backward {
        staff.range((Bound::Unbounded, from)).rev().take(page.fetch()).copied().collect()
    } else {
        staff.range((from, Bound::Unbounded)).take(page.fetch()).copied().collect()
    })
}

fn user(cursor: &Cursor) -> Result<UserId, Fault> {
    let id = match cursor.0.as_slice() {
        [id] => id.as_str().and_then(|id| id.parse().ok()),
        _ => None,
    };
    id.ok_or_else(|| Fault::bad_input("this cursor does not belong to this list"))
}
