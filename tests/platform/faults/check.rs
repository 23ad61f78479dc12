//! What catalogue, event log, search and analytics have, held against what was acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use serde_json::{Value, json};
use souk_kit::clock::Clock;

use super::writers::{BRANDS, COMPANY, Kept, Made};
use crate::platform::Platform;

/// How long what was acknowledged may take to be everywhere.
const PATIENCE: Duration = Duration::from_mins(3);
/// How many products are searched for by their names.
const NAMES: usize = 200;

pub(super) struct Check<'c> {
    platform: &'c Platform,
    made: &'c Made,
}

/// What one question found: why it does not agree, or how much does.
type Found = Result<usize, String>;

impl<'c> Check<'c> {
    pub(super) fn new(platform: &'c Platform, made: &'c Made) -> Self {
        Self { platform, made }
    }

    /// Waits until all agree, and sees that they still do a moment later.
    pub(super) async fn agrees(&self, side: &str) {
        let in_catalogue = self.catalogue().await.unwrap();
        let start = Instant::now();
        let mut again = false;
        let (in_search, views) = loop {
            match (self.search().await, self.analytics().await) {
                (Ok(found), Ok(views)) if again => break (found, views),
                (Ok(_), Ok(_)) => again = true,
                (search, analytics) => {
                    assert!(!again, "they agreed, and do no more: {search:?}, {analytics:?}");
                    assert!(start.elapsed() < PATIENCE, "{search:?}, {analytics:?}");
                }
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        };
        let (events, repeated) = self.log();
        println!(
            "counted: {side}: {in_catalogue} products in the catalogue, {in_search} answers of search and {views} views \
             are as acknowledged; {events} events, none missing, none out of order, {repeated} of them twice in the log \
             and applied once"
        );
    }

    /// The products that are not deleted.
    fn alive(&self) -> impl Iterator<Item = (&String, &Kept)> {
        self.made.products.iter().filter(|(_, kept)| !kept.is_deleted)
    }

    async fn ask(&self, admin: bool, query: &str, variables: Value) -> Result<Value, String> {
        let token = admin.then_some(self.made.admin.as_str());
        self.platform.gateway().endpoint().ask(token, query, variables).await
    }

    async fn catalogue(&self) -> Found {
        let query = "query($company: ID!, $after: String) { list: products(company: $company, first: 100, after: $after) {
            nodes { id name brand status version } pageInfo { hasNextPage endCursor } } }";
        let mut found = BTreeMap::new();
        for node in self.pages(true, query, json!({})).await? {
            let text = |field: &str| node[field].as_str().unwrap_or_default().to_owned();
            let product = (text("name"), text("brand"), text("status"), node["version"].as_i64());
            found.insert(text("id"), product);
        }
        let wanted: BTreeMap<_, _> = self
            .alive()
            .map(|(id, kept)| {
                let status = kept.status.to_owned();
                (id.clone(), (kept.name.clone(), kept.brand.clone(), status, Some(kept.version)))
            })
            .collect();
        let differing: Vec<_> = wanted
            .keys()
            .chain(found.keys())
            .filter(|id| wanted.get(*id) != found.get(*id))
            .map(|id| (id, wanted.get(id), found.get(id)))
            .take(5)
            .collect();
        if differing.is_empty() { Ok(found.len()) } else { Err(format!("catalogue: {differing:?}")) }
    }

    /// All nodes of `list`, page by page.
    async fn pages(&self, admin: bool, query: &str, mut variables: Value) -> Result<Vec<Value>, String> {
        variables["company"] = json!(self.made.company);
        let mut nodes = Vec::new();
        loop {
            let mut page = self.ask(admin, query, variables.clone()).await?["list"].take();
            nodes.extend(page["nodes"].as_array().ok_or("no nodes")?.iter().cloned());
            if page["pageInfo"]["hasNextPage"] != true {
                return Ok(nodes);
            }
            variables["after"] = page["pageInfo"]["endCursor"].take();
        }
    }

    /// Each brand's products for staff and for visitors, all of them in number, and some by their names.
    async fn search(&self) -> Found {
        let query = "query($company: ID!, $brand: String!, $after: String) {
            list: search(company: $company, where: { brand: [$brand] }, first: 100, after: $after) {
                nodes { id } pageInfo { hasNextPage endCursor } } }";
        let mut right = 0;
        for admin in [true, false] {
            let seen = |kept: &Kept| admin || kept.status == "ACTIVE";
            for brand in (0..BRANDS).map(|n| format!("Brand {n}")) {
                let nodes = self.pages(admin, query, json!({ "brand": brand })).await?;
                let found: BTreeSet<_> = nodes.iter().filter_map(|node| node["id"].as_str()).collect();
                let of_brand = self.alive().filter(|(_, kept)| kept.brand == brand && seen(kept));
                let wanted: BTreeSet<_> = of_brand.map(|(id, _)| id.as_str()).collect();
                if nodes.len() != wanted.len() || found != wanted {
                    let lacking: Vec<_> = wanted.difference(&found).take(3).collect();
                    let ghosts: Vec<_> = found.difference(&wanted).take(3).collect();
                    return Err(format!("{brand}, staff: {admin}: lacking {lacking:?}, ghosts {ghosts:?}"));
                }
                right += found.len();
            }
            let query = "query($company: ID!) { search(company: $company) { totalCount } }";
            let total = self.ask(admin, query, json!({ "company": self.made.company })).await?;
            let wanted = self.alive().filter(|(_, kept)| seen(kept)).count();
            if total["search"]["totalCount"] != wanted {
                return Err(format!("staff: {admin}: {wanted} instead of {total}"));
            }
        }
        let query = "query($company: ID!, $text: String!) { search(company: $company, text: $text, first: 1) { nodes { id name } } }";
        for (id, kept) in self.alive().take(NAMES) {
            let variables = json!({ "company": self.made.company, "text": kept.name });
            let found = self.ask(true, query, variables).await?;
            if found["search"]["nodes"] != json!([{ "id": id, "name": kept.name }]) {
                return Err(format!("`{}` finds {found}", kept.name));
            }
            right += 1;
        }
        Ok(right)
    }

    async fn analytics(&self) -> Found {
        let query = "query($slug: String!, $from: DateTime!, $until: DateTime!) { company(slug: $slug) {
            analytics(from: $from, until: $until) { totals { views productsCreated productsPublished } } } }";
        let now = Clock::system().now();
        let (from, until) = (now - TimeDelta::days(2), now + TimeDelta::days(1));
        let found = self.ask(true, query, json!({ "slug": COMPANY, "from": from, "until": until })).await?;
        let totals = &found["company"]["analytics"]["totals"];
        let wanted = json!({ "views": self.made.views, "productsCreated": self.made.products.len(),
            "productsPublished": self.made.published() });
        if *totals == wanted {
            Ok(self.made.products.len())
        } else {
            Err(format!("analytics: {totals}, not {wanted}"))
        }
    }

    /// How many events there are of the products, and how many the log has more than once. Of each product the events
    /// follow each other without a gap, whatever is repeated behind.
    fn log(&self) -> (usize, usize) {
        let printed = self.platform.succeeds(&["events", "tail", "product.events"]);
        let mut last = BTreeMap::<String, i64>::new();
        let mut repeated = 0;
        for line in printed.lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            let (subject, sequence) =
                (&line["event"]["subject"], line["event"]["sequence"].as_i64().unwrap());
            let subject = subject.as_str().unwrap().to_owned();
            if !self.made.products.contains_key(&subject) {
                continue;
            }
            let before = last.entry(subject.clone()).or_default();
            assert!(sequence <= *before + 1, "{subject}: {sequence} stands behind {before}");
            repeated += usize::from(sequence <= *before);
            *before = sequence.max(*before);
        }
        for (id, kept) in &self.made.products {
            let wanted = kept.version + i64::from(kept.is_deleted);
            assert_eq!(last.get(id), Some(&wanted), "events of {id}: {kept:?}");
        }
        (last.values().map(|&count| usize::try_from(count).unwrap()).sum(), repeated)
    }
}
