//! What search is told: products and texts that have become popular, and that have ceased to be.

use std::collections::HashSet;

use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value as Json, json};
use souk_kit::event::{AnyEnvelope, Topic};
use souk_kit::id::CompanyId;

use crate::merchants::company_event;
use crate::storefront::{Storefront, click, product, product_event, search, view};

impl Storefront {
    /// What was told so far, of this kind.
    async fn told(&self, kind: &str) -> Vec<(i64, Json)> {
        let told = self.log().await.into_iter().filter(|event| event.kind == kind);
        told.map(|event| (event.sequence, event.data)).collect()
    }

    /// Does the job that tells.
    async fn tell(&self) {
        self.job("analytics.tell-popularity").await;
    }
}

/// With two companies of which events have told.
async fn open() -> Storefront {
    let front = Storefront::open().await;
    for (n, company) in [(1, front.company), (2, front.rival)] {
        let event = company_event(n, company, "company.created", 1, true, "Europe/Berlin");
        front.hear(Topic::Company, &event).await;
    }
    front
}

/// What was told of products: which, to whom, the score and the sequence.
async fn told_products(front: &Storefront) -> Vec<(Json, CompanyId, i64, i64)> {
    front.tell().await;
    // A relay that was broken off tells the same once more.
    let mut seen = HashSet::new();
    let is_told = |event: &AnyEnvelope| event.kind == "product.popularity_changed" && seen.insert(event.id);
    let told = front.log().await.into_iter().filter(is_told);
    let mut told: Vec<_> = told
        .map(|event| {
            let (data, company) = (event.data, event.company.unwrap());
            assert_eq!(data["company"], json!(company));
            (data["id"].clone(), company, data["score"].as_i64().unwrap(), event.sequence)
        })
        .collect();
    // Companies are told of in the order of their ids, which are random.
    told.sort_by_key(|(id, _, _, sequence)| (id.to_string(), *sequence));
    told
}

#[tokio::test]
async fn only_products_of_the_company_are_told_whatever_visitors_name() {
    let front = open().await;
    let (own, foreign, made_up) = (product(1), product(2), product(3));
    front.hear(Topic::Product, &product_event(1, front.company, "product.created", 1)).await;
    front.hear(Topic::Product, &product_event(2, front.rival, "product.created", 1)).await;
    let views = [own.clone(), foreign.clone(), made_up];
    for (n, company) in [(0, front.company), (10, front.rival)] {
        let mut input = front.input(1, &[]);
        input["company"] = json!(company);
        let events = (n..).zip(&views).map(|(n, product)| view(n, front.now(), product));
        input["events"] = events.collect();
        front.send(input).await;
    }
    front.count().await;
    let told = [(json!(own), front.company, 1_000, 1), (json!(foreign), front.rival, 1_000, 1)];
    assert_eq!(told_products(&front).await, told);
    assert_eq!(told_products(&front).await, told, "nobody's row has changed hands");
}

#[tokio::test]
async fn a_product_that_changes_hands_goes_on_with_the_next_number() {
    let front = open().await;
    let mut input = front.input(1, &[view(1, front.now(), &product(1)), view(2, front.now(), &product(1))]);
    front.hear(Topic::Product, &product_event(1, front.company, "product.created", 1)).await;
    front.track(1, &[view(3, front.now(), &product(1))]).await;
    front.count().await;
    assert_eq!(told_products(&front).await, [(json!(product(1)), front.company, 1_000, 1)]);
    input["company"] = json!(front.rival);
    front.send(input).await;
    front.count().await;
    front.hear(Topic::Product, &product_event(1, front.rival, "product.updated", 2)).await;
    front.count().await;
    // What is older comes late, and changes nothing.
    front.hear(Topic::Product, &product_event(1, front.company, "product.updated", 1)).await;
    front.count().await;
    // The worker may have looked in between, and told that the one has lost it before it told that the other has it.
    let told = told_products(&front).await;
    assert!((1..).zip(&told).all(|(n, (.., sequence))| *sequence == n), "{told:?}");
    let (_, company, score, _) = told.last().unwrap();
    assert_eq!((*company, *score), (front.rival, 2_000), "{told:?}");
}

#[tokio::test]
async fn a_deleted_product_is_told_once_more_and_then_never() {
    let front = open().await;
    front.hear(Topic::Product, &product_event(1, front.company, "product.created", 1)).await;
    front.track(1, &[view(1, front.now(), &product(1))]).await;
    front.count().await;
    assert_eq!(told_products(&front).await.len(), 1);
    front.hear(Topic::Product, &product_event(1, front.company, "product.deleted", 2)).await;
    front.count().await;
    assert_eq!(told_products(&front).await[1..], [(json!(product(1)), front.company, 0, 2)]);
    front.track(2, &[2, 3, 4].map(|n| view(n, front.now(), &product(1)))).await;
    front.count().await;
    assert_eq!(told_products(&front).await.len(), 2);
}

#[tokio::test]
async fn popularity_is_told_when_it_changes_by_much_and_when_it_ends() {
    let front = open().await;
    let (tea, pot) = (product(1), product(2));
    for n in [1, 2] {
        front.hear(Topic::Product, &product_event(n, front.company, "product.created", 1)).await;
    }
    let scores = async || {
        let told = front.told("product.popularity_changed").await;
        told.iter()
            .map(|(sequence, data)| (data["id"].clone(), data["score"].as_i64().unwrap(), *sequence))
            .collect::<Vec<_>>()
    };
    front
        .track(
            1,
            &[
                view(1, front.now(), &tea),
                click(2, front.now(), 9, &tea, 1),
                view(3, front.ago(24 * 60), &pot),
                view(4, front.ago(24 * 60), &pot),
            ],
        )
        .await;
    front.count().await;
    front.tell().await;
    assert_eq!(scores().await, [(json!(tea), 4_000, 1), (json!(pot), 1_000, 1)]);
    front.tell().await;
    assert_eq!(scores().await.len(), 2, "nothing has changed");
    front.analytics.stage.clock().advance(TimeDelta::hours(24));
    front.tell().await;
    assert_eq!(scores().await[2..], [(json!(tea), 2_000, 2)]);
    front.analytics.stage.clock().advance(TimeDelta::days(8));
    front.tell().await;
    assert_eq!(scores().await[3..], [(json!(tea), 0, 3), (json!(pot), 0, 2)]);
    front.tell().await;
    assert_eq!(scores().await.len(), 5);
}

#[tokio::test]
async fn popular_searches_are_told_when_they_change_and_never_those_of_a_few() {
    let front = open().await;
    let mut n = 0;
    let mut searched = async |text: &str, times: u32, results| {
        for _ in 0..times {
            n += 1;
            front.track(n, &[search(n.into(), front.now(), text, results)]).await;
        }
    };
    let told = async || {
        front.count().await;
        front.tell().await;
        let told = front.told("search.popular_changed").await;
        told.into_iter()
            .map(|(sequence, data)| {
                let searches = data["searches"].as_array().unwrap();
                (
                    sequence,
                    searches.iter().map(|one| one["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>(),
                )
            })
            .collect::<Vec<_>>()
    };
    searched("Tea", 4, 3).await;
    searched("pot", 3, 3).await;
    searched("my secret", 2, 3).await;
    searched("nothing", 9, 0).await;
    // One visitor who tries it again and again, and some of whom nobody knows that they are not one.
    let often: Vec<Json> = (500..509).map(|n| search(n, front.now(), "my name", 3)).collect();
    front.track(1_000, &often).await;
    for n in 600..604 {
        let mut input = front.input(1, &[search(n, front.ago(60), "my street", 3)]);
        input["visitor"] = Json::Null;
        front.send(input).await;
    }
    assert_eq!(told().await, [(1, vec!["tea".to_owned(), "pot".to_owned()])]);
    assert_eq!(told().await.len(), 1);
    searched("pot", 3, 3).await;
    assert_eq!(told().await[1..], [(2, vec!["pot".to_owned(), "tea".to_owned()])]);
    front.analytics.stage.clock().advance(TimeDelta::days(2));
    let again = (3, vec!["pot".to_owned(), "tea".to_owned()]);
    assert_eq!(told().await[2..], [again], "they count a quarter by now");
    front.analytics.stage.clock().advance(TimeDelta::days(6));
    assert_eq!(told().await[3..], [(4, vec![])]);
}

#[tokio::test]
async fn who_has_searched_is_forgotten_when_the_week_is_over() {
    let front = open().await;
    let kept = async || {
        front.count().await;
        front.job("analytics.forget-visits").await;
        let sql = front.analytics.stage.ports.sql(souk_analytics::NAME).await.unwrap();
        let rows = sql.reader().query_all_raw(Statement::from_string(
            sql.reader().get_database_backend(),
            "SELECT item FROM hour_tally WHERE measure = 'searchers'",
        ));
        let rows = rows.await.unwrap();
        rows.iter().map(|row| row.try_get::<String>("", "item").unwrap()).collect::<Vec<_>>()
    };
    front.track(1, &[search(1, front.now(), "tea", 3), search(2, front.now(), "pot", 3)]).await;
    let found = kept().await;
    assert_eq!(found.len(), 2);
    assert_ne!(found[0].get(..16), found[1].get(..16), "nobody can tell that it was the same one");
    front.analytics.stage.clock().advance(TimeDelta::days(8));
    front.track(2, &[search(3, front.now(), "cup", 3)]).await;
    let found = kept().await;
    assert!(found.len() == 1 && found[0].ends_with("cup"), "{found:?}");
}
