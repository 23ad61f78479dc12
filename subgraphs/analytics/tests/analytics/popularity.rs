//! What search is told: products and texts that have become popular, and that have ceased to be.

use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use souk_kit::event::Topic;

use crate::merchants::company_event;
use crate::storefront::{Storefront, click, product, search, view};

impl Storefront {
    /// What was told so far, of this kind.
    async fn told(&self, kind: &str) -> Vec<(i64, Json)> {
        let told = self.log().await.into_iter().filter(|event| event.kind == kind);
        told.map(|event| (event.sequence, event.data)).collect()
    }

    /// Does the job that tells.
    async fn tell(&self) {
        let worker = self.worker().await;
        let job = worker.jobs().iter().find(|job| job.name() == "analytics.tell-popularity").unwrap();
        job.once().await.unwrap();
    }
}

async fn open() -> Storefront {
    let front = Storefront::open().await;
    let event = company_event(1, front.company, "company.created", 1, true, "Europe/Berlin");
    front.hear(Topic::Company, &event).await;
    front
}

#[tokio::test]
async fn popularity_is_told_when_it_changes_by_much_and_when_it_ends() {
    let front = open().await;
    let (tea, pot) = (product(1), product(2));
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
    assert_eq!(told().await, [(1, vec!["tea".to_owned(), "pot".to_owned()])]);
    assert_eq!(told().await.len(), 1);
    searched("pot", 3, 3).await;
    assert_eq!(told().await[1..], [(2, vec!["pot".to_owned(), "tea".to_owned()])]);
    front.analytics.stage.clock().advance(TimeDelta::days(8));
    assert_eq!(told().await[2..], [(3, vec![])]);
}
