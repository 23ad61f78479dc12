//! What the port promises of words, codes and languages: which products they find.

use std::collections::BTreeSet;

use souk_search::index::answer::Total;
use souk_search::index::document::ProductText;

use super::contract::sorted;
use super::fixture::{Side, ask, product};

pub(super) async fn words_are_found(side: &Side) {
    let mut described = product(4, "Tray");
    described.texts.get_mut("en").unwrap().description = "Fits a teapot and two cups".into();
    side.fill([
        product(1, "Red Retrospot Mug"),
        product(2, "Set of 2 Mugs, Blue"),
        product(3, "Vintage Teapot"),
        described,
        product(5, "Hanging T-Light Holder"),
        product(6, "Crème Brûlée Dish"),
        product(7, "Children's Apron"),
    ])
    .await;
    for (text, expected) in [
        ("mug", vec![1, 2]),
        ("mugs blue", vec![2]),
        ("red mug", vec![1]),
        ("retr", vec![1]),
        ("retrosopt", vec![1]),
        ("retorspot mgu", vec![]),
        ("teapot", vec![3, 4]),
        ("taepot", vec![3, 4]),
        ("tlight", vec![5]),
        ("t-light holders", vec![5]),
        ("creme brulee", vec![6]),
        ("brûlee", vec![6]),
        ("childrens", vec![7]),
        ("children's", vec![7]),
        ("\"teapot and two\"", vec![4]),
        ("\"two teapot\"", vec![]),
        ("the mug", vec![1, 2]),
        ("vintage yellow teapot", vec![3]),
        ("nothing", vec![]),
        ("and", vec![4]),
        ("a and", vec![4]),
        ("the", vec![]),
        (" \t", vec![1, 2, 3, 4, 5, 6, 7]),
        ("???", vec![]),
        ("🙂", vec![]),
        ("\"-\"", vec![]),
    ] {
        let found = side.finds(text).await;
        assert_eq!(sorted(&found), expected, "{}: {text}", side.name);
    }
    assert_eq!(
        side.finds("teapot").await,
        [3, 4],
        "{}: the name weighs more than the description",
        side.name
    );
    let answer = side.index.search(&ask("mgu")).await.unwrap();
    assert_eq!(answer.total, Total::default());
    assert_eq!(answer.did_you_mean.as_deref(), Some("mug"), "{}", side.name);
    for text in ["zzzzzz", "???", "🙂"] {
        let answer = side.index.search(&ask(text)).await.unwrap();
        assert_eq!((answer.total, answer.did_you_mean), (Total::default(), None), "{}: {text}", side.name);
    }
}

pub(super) async fn words_are_found_wherever_they_stand(side: &Side) {
    let mut branded = product(1, "Pan");
    branded.brand = Some("Le Creuset".into());
    let mut tagged = product(2, "Pot");
    tagged.tags = BTreeSet::from(["Dishwasher-safe".into()]);
    let mut made = product(3, "Jug");
    made.texts.get_mut("en").unwrap().attributes = vec!["Stainless steel".into()];
    let mut placed = product(4, "Bowl");
    let names = [("c".to_owned(), "Kitchen utensils".to_owned())];
    placed.texts.get_mut("en").unwrap().categories = names.into();
    side.fill([branded, tagged, made, placed]).await;
    for (text, expected) in [
        ("creuset", 1),
        ("le creus", 1),
        ("pan creuset", 1),
        ("dishwasher", 2),
        ("\"dishwasher safe\"", 2),
        ("pot dishw", 2),
        ("stainless", 3),
        ("steel jug", 3),
        ("kitchen", 4),
        ("utensil bowl", 4),
    ] {
        assert_eq!(side.finds(text).await, [expected], "{}: {text}", side.name);
    }
    for apart in ["creuset dishwasher", "steel pan", "utensil jug"] {
        assert_eq!(side.finds(apart).await, Vec::<u64>::new(), "{}: {apart}", side.name);
    }
}

pub(super) async fn codes_come_first(side: &Side) {
    let mut coded = product(1, "Lantern");
    coded.skus = BTreeSet::from(["85123A".into(), "AB-12/3".into()]);
    coded.barcodes = BTreeSet::from(["5012345678900".into()]);
    let mut named = product(2, "85123A 85123A Lantern");
    named.popularity = 1_000;
    side.fill([coded, named, product(3, "Lantern 5012345678900")]).await;
    assert_eq!(side.finds("85123a").await.first(), Some(&1), "{}", side.name);
    assert_eq!(side.finds("5012345678900").await.first(), Some(&1), "{}", side.name);
    assert_eq!(side.finds("ab 12 3").await, [1], "{}", side.name);
    assert_eq!(side.finds("85123").await.len(), 2, "{}", side.name);
    assert_eq!(side.finds("85124a").await, Vec::<u64>::new(), "{}: codes are not guessed", side.name);
}

pub(super) async fn languages_differ(side: &Side) {
    let mut lamp = product(1, "Villa");
    let german = ProductText { name: "Haus".into(), ..ProductText::default() };
    lamp.texts.insert("de-CH".into(), german);
    let mut tea = product(2, "陶瓷茶壶");
    tea.default_locale = "zh".into();
    tea.texts = [("zh".to_owned(), tea.texts.remove("en").unwrap())].into();
    side.fill([lamp, tea]).await;
    let mut german = ask("Häuser");
    assert_eq!(side.found(&german).await, Vec::<u64>::new(), "{}", side.name);
    german.audience.locale = Some("de".into());
    assert_eq!(side.found(&german).await, [1], "{}", side.name);
    german.audience.locale = Some("DE-at".into());
    assert_eq!(side.found(&german).await, [1], "{}", side.name);
    assert_eq!(side.finds("茶壶").await, [2], "{}", side.name);
}
