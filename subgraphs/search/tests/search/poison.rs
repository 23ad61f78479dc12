//! Events that the indexer cannot take: they hold up nothing, stand among the dead letters, and take effect once when
//! what was wrong is mended, however often they are tried again.

use serde_json::json;
use souk_kit::consumer::{DeadLetter, dead_letter_topic, dead_letters, retry, retry_topic};
use souk_kit::event::Topic;
use souk_kit::event_log::{Delivered, Record, Start};
use souk_kit::testing::refusing::{accept, refuse};
use souk_search::INDEXER;
use souk_search::domain::ids::{CategoryId, ProductId};

use crate::floor::{Floor, eventually};

const PRODUCTS: &str = "search-indexer.products";
const CATEGORIES: &str = "search-indexer.categories";
const CONSUMERS: [(&str, Topic); 5] = [
    (PRODUCTS, Topic::Product),
    (CATEGORIES, Topic::Product),
    ("search-indexer.price-lists", Topic::Product),
    ("search-indexer.companies", Topic::Company),
    ("search-indexer.shops", Topic::Shop),
];

/// The names and revisions of all documents, by name.
fn found(floor: &Floor) -> Vec<(String, u64)> {
    let documents = floor.model.documents().into_values();
    let mut found: Vec<_> = documents.map(|one| (one.texts["en"].name.clone(), one.revision)).collect();
    found.sort();
    found
}

async fn waiting(floor: &Floor, consumer: &str) -> Vec<DeadLetter> {
    let log = &*floor.search.stage.ports.events;
    let (mut waiting, mut letters) = (dead_letters(log, consumer).await.unwrap(), Vec::new());
    loop {
        let some = waiting.next().await.unwrap();
        if some.is_empty() {
            return letters;
        }
        letters.extend(some);
    }
}

async fn try_again(floor: &Floor, consumer: &str) -> u64 {
    retry(&*floor.search.stage.ports.events, consumer).await.unwrap()
}

/// All that stands in a topic.
async fn records(floor: &Floor, topic: &str) -> Vec<Delivered> {
    let log = &floor.search.stage.ports.events;
    let mut records = Vec::new();
    for from in log.positions(topic, Start::Beginning).await.unwrap() {
        records.extend(log.read(&from, 1_000).await.unwrap());
    }
    records
}

/// A product that is told after everything else is found: so is all that was taken in before.
async fn settled(floor: &Floor) {
    for (consumer, topic) in CONSUMERS {
        floor.caught_up(consumer, topic).await;
    }
    let marker = floor.id();
    floor.tell_product(1, floor.product(marker, "marker")).await;
    eventually("the marker", async || floor.model.documents().contains_key(&marker).then_some(())).await;
    let gone = floor.product_deleted(2, floor.product(marker, "marker"));
    floor.tell([("product.events", gone)]).await;
    let is_gone = async || (!floor.model.documents().contains_key(&marker)).then_some(());
    eventually("no marker", is_gone).await;
}

#[tokio::test]
async fn what_cannot_be_read_holds_up_nothing_and_its_dead_letter_says_where_it_stood_and_why() {
    let floor = Floor::open().await;
    let running = floor.run().await;
    let same = floor.id();
    // Between two events of one product, so of one key.
    let unreadable = floor.product_event(2, json!({ "id": same, "company": floor.company, "name": 7 }));
    let garbage = Record::new("product.events", "garbage", "not an event");
    floor.tell_product(1, floor.product(same, "first")).await;
    floor.tell([("product.events", unreadable.clone())]).await;
    floor.tell_product(3, floor.product(same, "third")).await;
    let mut expected = vec!["third".to_owned()];
    for n in 0..20 {
        if n % 8 == 4 {
            floor.append(vec![garbage.clone()]).await;
        }
        floor.tell_product(1, floor.product(floor.id(), &format!("good {n}"))).await;
        expected.push(format!("good {n}"));
    }
    expected.sort();
    let names = || found(&floor).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    eventually("all that can be read", async || (names() == expected).then_some(())).await;
    settled(&floor).await;

    // The unreadable one is of the products' consumer alone; garbage is of nobody, so of everyone who reads the topic.
    let letters = waiting(&floor, PRODUCTS).await;
    assert_eq!((letters.len(), waiting(&floor, CATEGORIES).await.len()), (3, 2));
    let written = records(&floor, "product.events").await;
    let buried = records(&floor, &dead_letter_topic(PRODUCTS)).await;
    for (letter, record) in letters.iter().zip(&buried) {
        let stood = written.iter().find(|one| {
            (&one.record.topic, one.partition, one.offset) == (&letter.topic, letter.partition, letter.offset)
        });
        let stood = &stood.unwrap().record;
        assert_eq!(stood.key, letter.key);
        if letter.key == same.to_string() {
            assert_eq!(letter.event.get().as_bytes(), stood.payload, "as it stands there");
            assert!(letter.reason.contains("invalid type: integer `7`"), "{}", letter.reason);
        } else {
            assert_eq!(letter.event.get(), "\"not an event\"");
            assert!(letter.reason.contains("expected"), "{}", letter.reason);
        }
        let header = |name| std::str::from_utf8(&record.record.headers[name]).unwrap();
        assert_eq!(header("dead-letter-topic"), letter.topic);
        assert_eq!(header("dead-letter-offset"), letter.offset.to_string());
        assert_eq!(header("dead-letter-reason"), letter.reason);
    }

    // Nothing was mended, and garbage is not tried.
    let before = found(&floor);
    assert_eq!(try_again(&floor, PRODUCTS).await, 1);
    let again = async || {
        let again = waiting(&floor, PRODUCTS).await;
        (again.len() == 3).then_some(again)
    };
    let again = eventually("dead letters again", again).await;
    let places = |letters: &[DeadLetter]| {
        let mut places: Vec<_> =
            letters.iter().map(|one| (one.topic.clone(), one.partition, one.offset)).collect();
        places.sort();
        places
    };
    assert_eq!(places(&again), places(&letters), "a letter says where its event stood first");
    settled(&floor).await;
    assert_eq!(found(&floor), before);
    running.stop().await;
    println!("counted: {} events of products taken beside 7 dead letters", expected.len() + 1);
}

/// An indexer whose database refuses a product and a category, as one would that is not made for them. That is mended,
/// it is started again, and the dead letters are tried again, more than once and beside other copies of them.
#[tokio::test]
async fn what_is_mended_takes_effect_once_however_often_it_is_tried_again_and_delivered() {
    let floor = Floor::open().await;
    let log = &*floor.search.stage.ports.events;
    let (late, outdated): (ProductId, ProductId) = (floor.id(), floor.id());
    let category = CategoryId::new(floor.search.stage.clock().now());
    let refused = [
        ("product_part", "product", vec![late.to_string(), outdated.to_string()]),
        ("shared_part", "id", vec![category.to_string()]),
    ];
    drop(floor.worker().await);
    let database = async || {
        let sql = async || floor.search.stage.ports.sql(INDEXER).await.ok();
        eventually("the indexer's database", sql).await
    };
    {
        let sql = database().await;
        for (table, column, values) in &refused {
            let values: Vec<_> = values.iter().map(String::as_str).collect();
            refuse(&sql, table, column, &values).await.unwrap();
        }
    }
    let running = floor.run().await;
    // What is told of companies and shops raises the revisions of products, too.
    settled(&floor).await;
    let kept = |id, name: &str| {
        let mut product = floor.product(id, name);
        product["categories"] = json!([category]);
        product
    };
    let named = json!({ "id": category, "name": "Kitchen" });
    let named = floor.event(floor.company, "category.created", &category.to_string(), 1, named);
    let first = floor.product_event(1, kept(late, "late"));
    let second = floor.product_event(1, floor.product(outdated, "as it was"));
    floor.tell_product(1, kept(floor.id(), "before")).await;
    floor.tell([("product.events", named.clone()), ("product.events", first.clone())]).await;
    // The log may hold an event twice.
    floor.tell([("product.events", first.clone()), ("product.events", second)]).await;
    floor.tell_product(1, kept(floor.id(), "behind")).await;
    let good = [("before".to_owned(), 1), ("behind".to_owned(), 1)];
    eventually("the good ones", async || (found(&floor) == good).then_some(())).await;
    settled(&floor).await;
    assert_eq!(found(&floor), good);
    let letters = waiting(&floor, PRODUCTS).await;
    assert_eq!((letters.len(), waiting(&floor, CATEGORIES).await.len()), (3, 1));
    assert!(letters.iter().all(|letter| letter.reason.contains("no room for this")), "{letters:?}");
    assert_eq!(letters.iter().filter(|letter| letter.key == late.to_string()).count(), 2);

    // What operators do: a version that can is deployed, and the dead letters are tried again.
    running.stop().await;
    {
        let sql = database().await;
        for (table, _, _) in &refused {
            accept(&sql, table).await.unwrap();
        }
    }
    let running = floor.run().await;
    // A later state of the other one, before the earlier is tried again.
    floor.tell_product(2, floor.product(outdated, "outdated")).await;
    floor.caught_up(PRODUCTS, Topic::Product).await;
    let (one, other) = tokio::join!(try_again(&floor, PRODUCTS), try_again(&floor, PRODUCTS));
    let third = try_again(&floor, PRODUCTS).await;
    assert_eq!((one + other, third, try_again(&floor, CATEGORIES).await), (3, 0, 1));
    // One that broke off leaves more copies; and the log may deliver the first ones again at any time.
    let copy = |consumer, event: &serde_json::Value| {
        Record::new(retry_topic(consumer), event["subject"].as_str().unwrap(), event.to_string())
    };
    floor.append(vec![copy(PRODUCTS, &first), copy(CATEGORIES, &named)]).await;
    floor.tell([("product.events", first), ("product.events", named)]).await;
    settled(&floor).await;
    let mended = found(&floor);
    // The good ones were told, and then of the category, and the late one both in some order; the other was told once.
    let names: Vec<_> = mended.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["before", "behind", "late", "outdated"]);
    let revisions: Vec<_> = mended.iter().map(|(_, revision)| *revision).collect();
    assert!(matches!(revisions[..], [2, 2, 1 | 2, 1]), "{mended:?}");
    let is_in_kitchen = floor.model.documents().into_values().filter(|one| {
        one.texts["en"].categories.get(&category.to_string()).is_some_and(|name| name == "Kitchen")
    });
    assert_eq!(is_in_kitchen.count(), 3);
    assert_eq!((waiting(&floor, PRODUCTS).await.len(), waiting(&floor, CATEGORIES).await.len()), (0, 0));
    running.stop().await;

    // The whole log once more: `souk events replay --from beginning`.
    let beginning = log.positions("product.events", Start::Beginning).await.unwrap();
    eventually("a group at rest", async || log.reset(PRODUCTS, &beginning).await.ok()).await;
    let running = floor.run().await;
    settled(&floor).await;
    assert_eq!(found(&floor), mended);
    running.stop().await;
    println!(
        "counted: 4 dead letters tried again by 4 commands and 2 copies, each took effect once or not any more"
    );
}
