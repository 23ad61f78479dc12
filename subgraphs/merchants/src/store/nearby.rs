//! Shops near a point: a bounding box that an index answers, then exact distances.
//!
//! No engine we run on sorts by distance without an extension, so a page is found by widening rings: the box of a
//! small circle first, four times as wide until the page is full. Only ids and coordinates of a box are read,
//! then the rows of the page. A page costs at most seven such queries, and a dense town is never read whole
//! because of a far country.

use sea_orm::{ColumnTrait, Condition, QueryFilter, QuerySelect};
use souk_kit::clock::Timestamp;
use souk_kit::fault::Fault;
use souk_kit::id::ShopId;
use souk_kit::page::{Cursor, Page, Slice};
use souk_kit::permission::Visibility;

use super::filter::ShopFilter;
use super::rows::shop;
use super::shops::Shops;
use crate::domain::geo::{BoundingBox, Coordinates, Longitudes};
use crate::domain::shop::Shop;

/// The first ring, in metres.
const SMALLEST_RING: u32 = 1_000;
/// How much wider each ring is than the last.
const WIDENING: u32 = 4;

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nearby {
    pub(crate) centre: Coordinates,
    /// Metres.
    pub(crate) within: u32,
}

impl Nearby {
    /// Names the list in cursors: a cursor of another place would make no sense here.
    pub(crate) fn name(&self) -> String {
        format!("near:{},{}", self.centre.latitude_e6, self.centre.longitude_e6)
    }
}

/// A shop and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NearbyShop {
    pub(crate) shop: Shop,
    /// From the point that was asked for.
    pub(crate) metres: u32,
}

impl NearbyShop {
    /// Its place in the list.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor(vec![self.metres.into(), self.shop.id.to_string().into()])
    }
}

impl Shops {
    /// A page of the shops nearest to a point, the nearest first.
    pub(crate) async fn nearby(
        &self,
        scope: &Visibility,
        filter: &ShopFilter,
        now: Timestamp,
        (near, page): (Nearby, &Page),
    ) -> Result<Slice<NearbyShop>, Fault> {
        if page.backward {
            return Err(Fault::bad_input("nearby shops are paged forwards, with `first` and `after`"));
        }
        let after = page.from.as_ref().map(place).transpose()?;
        let start = after.map_or(0, |(metres, _)| metres).saturating_mul(2);
        let mut ring = start.max(SMALLEST_RING).min(near.within);
        let found = loop {
            let mut found = self.in_ring(scope, filter, now, Nearby { within: ring, ..near }).await?;
            found.retain(|place| after.is_none_or(|after| *place > after));
            if found.len() >= page.fetch() || ring >= near.within {
                break found;
            }
            ring = ring.saturating_mul(WIDENING).min(near.within);
        };
        let mut found = found;
        found.sort_unstable();
        found.truncate(page.fetch());
        let ids: Vec<ShopId> = found.iter().map(|(_, id)| *id).collect();
        let mut shops = self.many(scope, &ids).await?;
        let near = found.into_iter().filter_map(|(metres, id)| {
            let shop = std::sync::Arc::unwrap_or_clone(shops.remove(&id)?);
            Some(NearbyShop { shop, metres })
        });
        Ok(page.slice(near.collect()))
    }

    /// How many `nearby` would go through.
    pub(crate) async fn count_nearby(
        &self,
        scope: &Visibility,
        filter: &ShopFilter,
        now: Timestamp,
        near: Nearby,
    ) -> Result<u64, Fault> {
        let found = self.in_ring(scope, filter, now, near).await?;
        Ok(u64::try_from(found.len()).unwrap_or(u64::MAX))
    }

    /// Distances and ids of all shops within a circle, in no order.
    async fn in_ring(
        &self,
        scope: &Visibility,
        filter: &ShopFilter,
        now: Timestamp,
        near: Nearby,
    ) -> Result<Vec<(u32, ShopId)>, Fault> {
        let rows: Vec<(ShopId, Option<i32>, Option<i32>)> = self
            .listed(scope, filter, now)
            .await?
            .filter(inside(BoundingBox::around(near.centre, near.within)))
            .select_only()
            .columns([shop::Column::Id, shop::Column::LatitudeE6, shop::Column::LongitudeE6])
            .into_tuple()
            .all(self.reader())
            .await?;
        let distances = rows.into_iter().filter_map(|(id, latitude, longitude)| {
            let point = Coordinates { latitude_e6: latitude?, longitude_e6: longitude? };
            Some((near.centre.distance_to(point), id)).filter(|(metres, _)| *metres <= near.within)
        });
        Ok(distances.collect())
    }
}

fn inside(area: BoundingBox) -> Condition {
    use shop::Column::{LatitudeE6, LongitudeE6};
    let band = Condition::all().add(LatitudeE6.between(area.south_e6, area.north_e6));
    match area.longitudes {
        Longitudes::All => band.add(LongitudeE6.is_not_null()),
        Longitudes::Between { west_e6, east_e6 } => band.add(LongitudeE6.between(west_e6, east_e6)),
        Longitudes::Wrapped { west_e6, east_e6 } => {
            band.add(Condition::any().add(LongitudeE6.gte(west_e6)).add(LongitudeE6.lte(east_e6)))
        }
    }
}

fn place(cursor: &Cursor) -> Result<(u32, ShopId), Fault> {
    let foreign = || Fault::bad_input("this cursor does not belong to this list");
    match cursor.0.as_slice() {
        [metres, id] => {
            let metres = metres.as_u64().and_then(|metres| u32::try_from(metres).ok()).ok_or_else(foreign)?;
            let id = id.as_str().and_then(|id| id.parse().ok()).ok_or_else(foreign)?;
            Ok((metres, id))
        }
        _ => Err(foreign()),
    }
}
