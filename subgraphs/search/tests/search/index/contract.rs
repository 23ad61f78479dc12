//! What the port promises, case by case.

use std::collections::BTreeSet;

use souk_kit::page::SortDirection;
use souk_search::index::answer::{HighlightField, SuggestionKind, Total};
use souk_search::index::document::{Assortment, Availability, Price, ProductText};
use souk_search::index::query::{
    Facet, Filter, PopularSearch, Range, SearchQuery, Sort, SuggestQuery, Synonyms, Tuning,
};

use super::fixture::{
    Side, ask, cluster, company, deletion, embedded, hours, id, number, price, product, shop, staff, upsert,
};
use super::wording::{
    codes_come_first, languages_differ, words_are_found, words_are_found_wherever_they_stand,
};

#[tokio::test]
async fn tantivy_keeps_the_contract() {
    words_are_found(&embedded()).await;
    words_are_found_wherever_they_stand(&embedded()).await;
    codes_come_first(&embedded()).await;
    languages_differ(&embedded()).await;
    a_company_tunes_its_searches(&embedded()).await;
    only_what_may_be_seen_is_found(&embedded()).await;
    prices_go_by_shop_and_instant(&embedded()).await;
    a_facet_does_not_narrow_itself(&embedded()).await;
    pages_follow_each_other_in_every_order(&embedded()).await;
    late_and_repeated_changes_have_no_effect(&embedded()).await;
    a_generation_is_built_beside_the_live_one(&embedded()).await;
    what_was_typed_is_completed(&embedded()).await;
    what_was_found_is_marked(&embedded()).await;
    wrong_questions_are_refused(&embedded()).await;
}

#[tokio::test]
async fn elasticsearch_keeps_the_contract() {
    let Some(cluster) = cluster() else { return };
    macro_rules! each {
        ($($case:ident)*) => {$(
            let side = cluster.index();
            $case(&side).await;
        )*};
    }
    each!(
        words_are_found
        words_are_found_wherever_they_stand
        codes_come_first
        languages_differ
        a_company_tunes_its_searches
        only_what_may_be_seen_is_found
        prices_go_by_shop_and_instant
        a_facet_does_not_narrow_itself
        pages_follow_each_other_in_every_order
        late_and_repeated_changes_have_no_effect
        a_generation_is_built_beside_the_live_one
        what_was_typed_is_completed
        what_was_found_is_marked
        wrong_questions_are_refused
    );
}

async fn a_company_tunes_its_searches(side: &Side) {
    side.fill([
        product(1, "Coffee Mug"),
        product(2, "Porcelain Beaker"),
        product(3, "Gift Mug"),
        product(4, "Christmas Tree"),
        product(5, "Wrapping Paper"),
    ])
    .await;
    let synonyms = vec![
        Synonyms::Equivalent(vec!["mug".into(), "beaker".into()]),
        Synonyms::OneWay { from: "xmas".into(), to: vec!["christmas".into()] },
    ];
    let tuned = |text: &str, tuning: Tuning| SearchQuery { tuning, ..ask(text) };
    let with = |text: &str| tuned(text, Tuning { synonyms: synonyms.clone(), ..Tuning::default() });
    assert_eq!(sorted(&side.found(&with("mugs")).await), [1, 2, 3], "{}", side.name);
    assert_eq!(side.found(&with("xmas tree")).await, [4], "{}", side.name);
    let stop_words = Tuning { stop_words: vec!["gift".into()], ..Tuning::default() };
    assert_eq!(sorted(&side.found(&tuned("gift mug", stop_words)).await), [1, 3], "{}", side.name);
    let moved = Tuning { pinned: vec![id(5), id(3), id(5)], buried: vec![id(1)], ..Tuning::default() };
    let moved = Tuning { synonyms: synonyms.clone(), ..moved };
    assert_eq!(side.found(&tuned("mug", moved)).await, [5, 3, 2, 1], "{}", side.name);
    let mut filtered = with("mug");
    filtered.tuning.pinned = vec![id(5)];
    filtered.filter = Filter::Product(vec![id(1)]);
    assert_eq!(side.found(&filtered).await, [1], "{}: a filter holds for what is pinned", side.name);
}

async fn only_what_may_be_seen_is_found(side: &Side) {
    let mut products = Vec::new();
    for n in 1..=9 {
        products.push(product(n, "Lamp"));
    }
    products[1].publication.is_active = false;
    products[2].publication.from = Some(hours(1));
    products[3].publication.until = Some(hours(0));
    products[4].publication.company_active = false;
    products[5].publication.shop_active = false;
    products[6].company = company(2);
    products[7].company = company(2);
    products[7].publication.is_active = false;
    products[8].shops = Assortment::Listed(BTreeSet::from([shop(1)]));
    for product in &mut products {
        product.brand = Some("Acme".into());
    }
    side.fill(products).await;
    let mut query = SearchQuery { facets: vec![Facet::Brand], sort: Sort::Newest, ..ask("lamp") };
    let answer = side.index.search(&query).await.unwrap();
    assert_eq!(side.found(&query).await, [1, 7, 9], "{}", side.name);
    assert_eq!((answer.total.count, answer.facets[0].values[0].count), (3, 3), "{}", side.name);
    // Of a company that was closed, what the index does not know yet.
    query.audience.closed = vec![company(2), company(3)];
    let answer = side.index.search(&query).await.unwrap();
    assert_eq!(side.found(&query).await, [1, 9], "{}", side.name);
    assert_eq!((answer.total.count, answer.facets[0].values[0].count), (2, 2), "{}", side.name);
    query.audience.visibility = staff(2);
    assert_eq!(side.found(&query).await, [1, 7, 8, 9], "{}: its own people find it", side.name);
    query.audience.closed.clear();
    assert_eq!(side.found(&query).await, [1, 7, 8, 9], "{}", side.name);
    query.audience.company = Some(company(2));
    assert_eq!(side.found(&query).await, [7, 8], "{}", side.name);
    query.audience.company = Some(company(1));
    query.audience.shop = Some(shop(2));
    assert_eq!(side.found(&query).await, [1], "{}", side.name);
    query.audience.shop = Some(shop(1));
    assert_eq!(side.found(&query).await, [1, 9], "{}", side.name);
    let mut later = ask("lamp");
    later.audience.at = hours(1);
    assert_eq!(sorted(&side.found(&later).await), [1, 3, 7, 9], "{}", side.name);
    let rival = SuggestQuery {
        audience: ask("").audience,
        text: "lam".into(),
        limit: 20,
        popular: Vec::new(),
        tuning: Tuning::default(),
    };
    let products = side.index.suggest(&rival).await.unwrap();
    let products = products.iter().filter(|one| matches!(one.kind, SuggestionKind::Product(_)));
    assert_eq!(products.count(), 3, "{}", side.name);
}

async fn prices_go_by_shop_and_instant(side: &Side) {
    let with = |n, prices: Vec<Price>| {
        let mut product = product(n, "Vase");
        product.prices = prices;
        product
    };
    side.fill([
        with(1, vec![price(500), Price { shop: Some(shop(1)), ..price(900) }]),
        with(
            2,
            vec![Price { until: Some(hours(1)), ..price(700) }, Price { from: Some(hours(1)), ..price(100) }],
        ),
        with(3, vec![Price { currency: "EUR".into(), ..price(1) }]),
        with(4, vec![]),
    ])
    .await;
    let mut query = SearchQuery { sort: Sort::Price(SortDirection::Asc), ..ask("") };
    query.facets = vec![Facet::Price(vec![
        Range { at_least: None, below: Some(600) },
        Range { at_least: Some(600), below: None },
    ])];
    let bounds = |answer: &souk_search::index::answer::SearchAnswer| {
        let facet = &answer.facets[0];
        (facet.price_bounds, facet.values.iter().map(|value| value.count).collect::<Vec<_>>())
    };
    let answer = side.index.search(&query).await.unwrap();
    assert_eq!(side.found(&query).await, [1, 2, 3, 4], "{}", side.name);
    assert_eq!(bounds(&answer), (Some((500, 700)), vec![1, 1]), "{}", side.name);
    query.audience.shop = Some(shop(1));
    assert_eq!(side.found(&query).await, [2, 1, 3, 4], "{}", side.name);
    query.audience.shop = None;
    query.audience.at = hours(1);
    assert_eq!(side.found(&query).await, [2, 1, 3, 4], "{}", side.name);
    query.sort = Sort::Price(SortDirection::Desc);
    assert_eq!(side.found(&query).await, [1, 2, 3, 4], "{}", side.name);
    query.filter = Filter::Price(Range { at_least: Some(101), below: None });
    assert_eq!(side.found(&query).await, [1], "{}", side.name);
    query.currency = None;
    assert!(side.index.search(&query).await.is_err());
}

async fn a_facet_does_not_narrow_itself(side: &Side) {
    let mut products = Vec::new();
    for (n, (brand, colour)) in
        (1..).zip([("Acme", "red"), ("Acme", "blue"), ("Brio", "red"), ("Brio", "green"), ("Cook", "red")])
    {
        let mut one = product(n, "Rug");
        one.brand = Some(brand.into());
        one.attributes = [("colour".to_owned(), BTreeSet::from([colour.to_owned()]))].into();
        one.rating = Some(u16::try_from(n * 100).unwrap());
        one.availability = if n == 1 { Availability::OutOfStock } else { Availability::InStock };
        one.categories = BTreeSet::from(["root".to_owned(), format!("leaf-{}", n % 2)]);
        one.tags = BTreeSet::from(["Soft".to_owned()]);
        products.push(one);
    }
    side.fill(products).await;
    let colour = Facet::Attribute("colour".into());
    let mut query = ask("rug");
    query.facets =
        vec![Facet::Brand, colour.clone(), Facet::Rating, Facet::Availability, Facet::Category, Facet::Tag];
    query.filter = Filter::And(vec![
        Filter::Brand(vec!["Acme".into(), "Cook".into()]),
        Filter::Attribute { code: "colour".into(), values: vec!["red".into()] },
    ]);
    let answer = side.index.search(&query).await.unwrap();
    let counts = |place: usize| -> Vec<String> {
        let values = &answer.facets[place].values;
        values.iter().map(|one| format!("{}={}", one.value, one.count)).collect()
    };
    assert_eq!(answer.total.count, 2, "{}", side.name);
    assert_eq!(counts(0), ["Acme=1", "Brio=1", "Cook=1"], "{}: brands of what is red", side.name);
    assert_eq!(counts(1), ["red=2", "blue=1"], "{}: colours of Acme and Cook", side.name);
    assert_eq!(counts(2), ["4=1", "3=1", "2=1", "1=2"], "{}", side.name);
    assert_eq!(counts(3), ["in_stock=1", "out_of_stock=1"], "{}", side.name);
    assert_eq!(counts(4), ["leaf-1=2", "root=2"], "{}", side.name);
    assert_eq!(counts(5), ["Soft=2"], "{}", side.name);
}

async fn pages_follow_each_other_in_every_order(side: &Side) {
    let mut products = Vec::new();
    for n in 1..=60_u64 {
        let mut one = product(n, ["Bell", "bèll jar", "Bell", "Bell tower"][usize::try_from(n % 4).unwrap()]);
        one.popularity = n % 5;
        one.rating = (n % 3 != 0).then_some(u16::try_from(n % 3).unwrap() * 100);
        one.created_at = hours(-i64::try_from(n % 7).unwrap());
        one.prices = if n % 4 == 0 { vec![] } else { vec![price(i64::try_from(n % 6).unwrap())] };
        products.push(one);
    }
    side.fill(products).await;
    let (up, down) = (SortDirection::Asc, SortDirection::Desc);
    for sort in [
        Sort::Relevance,
        Sort::Price(up),
        Sort::Price(down),
        Sort::Newest,
        Sort::Popularity,
        Sort::Rating,
        Sort::Name(up),
        Sort::Name(down),
    ] {
        let mut query = SearchQuery { sort, first: 60, ..ask("bell") };
        let whole = side.found(&query).await;
        assert_eq!(whole.len(), 60, "{}: {sort:?}", side.name);
        query.first = 7;
        let mut walked = Vec::new();
        loop {
            let answer = side.index.search(&query).await.unwrap();
            assert_eq!(answer.total, Total { count: 60, is_lower_bound: false });
            walked.extend(answer.hits.iter().map(|hit| number(hit.id)));
            if !answer.has_next {
                break;
            }
            query.after = answer.hits.last().map(|hit| hit.cursor.clone());
        }
        assert_eq!(walked, whole, "{}: {sort:?}", side.name);
    }
}

async fn late_and_repeated_changes_have_no_effect(side: &Side) {
    let at = |revision, name: &str| {
        let mut one = product(1, name);
        one.revision = revision;
        upsert(one)
    };
    let index = &side.index;
    assert_eq!(index.write(&[at(2, "Kettle")]).await.unwrap().applied, 1);
    let written = index.write(&[at(2, "Wrong"), at(1, "Wrong")]).await.unwrap();
    assert_eq!((written.applied, written.stale), (0, 2), "{}", side.name);
    index.refresh().await.unwrap();
    assert_eq!(side.finds("kettle").await, [1], "{}", side.name);
    assert_eq!(index.write(&[at(3, "Jug"), at(5, "Pan"), at(4, "Wrong")]).await.unwrap().applied, 2);
    index.refresh().await.unwrap();
    assert_eq!((side.finds("pan").await, index.count().await.unwrap()), (vec![1], 1), "{}", side.name);
    assert_eq!(index.write(&[deletion(1, 6)]).await.unwrap().applied, 1);
    let written = index.write(&[at(5, "Ghost"), at(6, "Ghost"), deletion(1, 6)]).await.unwrap();
    assert_eq!((written.applied, written.stale), (0, 3), "{}", side.name);
    index.refresh().await.unwrap();
    assert_eq!((side.finds("").await, index.count().await.unwrap()), (vec![], 0), "{}", side.name);
    let mut everyone = ask("");
    everyone.audience.visibility = souk_kit::permission::Visibility::everything_for("a test");
    assert_eq!(side.found(&everyone).await, Vec::<u64>::new(), "{}: a tombstone is no product", side.name);
    assert_eq!(index.write(&[at(7, "Pot")]).await.unwrap().applied, 1);
    index.refresh().await.unwrap();
    assert_eq!(side.finds("pot").await, [1], "{}: what is written later is there again", side.name);
    assert_eq!(index.write(&[]).await.unwrap().applied, 0);
}

async fn a_generation_is_built_beside_the_live_one(side: &Side) {
    let index = &side.index;
    side.fill([product(1, "Old"), product(2, "Both")]).await;
    let abandoned = index.begin_build().await.unwrap();
    let build = index.begin_build().await.unwrap();
    assert!(index.write_build(&abandoned, &[upsert(product(9, "Wrong"))]).await.is_err(), "{}", side.name);
    let mut newer = product(2, "Newer");
    newer.revision = 2;
    index.write(&[upsert(newer)]).await.unwrap();
    index.write_build(&build, &[upsert(product(2, "Both")), upsert(product(3, "New"))]).await.unwrap();
    index.refresh().await.unwrap();
    assert_eq!(side.finds("new").await, [2], "{}: what is built is not found yet", side.name);
    assert_eq!(index.count().await.unwrap(), 2);
    index.publish(build.clone()).await.unwrap();
    index.abandon(build).await.unwrap();
    assert_eq!(sorted(&side.finds("").await), [2, 3], "{}: what is live is not given up", side.name);
    assert_eq!(side.finds("newer").await, [2], "{}: the change reached both", side.name);
    index.write(&[deletion(3, 2)]).await.unwrap();
    let build = index.begin_build().await.unwrap();
    index.abandon(build).await.unwrap();
    index.refresh().await.unwrap();
    assert_eq!(side.finds("").await, [2], "{}", side.name);
}

async fn what_was_typed_is_completed(side: &Side) {
    let mut products = Vec::new();
    for (n, (name, brand, category)) in (1..).zip([
        ("Lantern", "Lambda", "Lamps"),
        ("Lamb Cushion", "Acme", "Cushions"),
        ("Chair", "Lambda", "Lamps"),
    ]) {
        let mut one = product(n, name);
        one.brand = Some(brand.into());
        one.categories = BTreeSet::from([category.to_lowercase(), "home".into()]);
        let names = [(category.to_lowercase(), category.to_owned()), ("home".into(), "Home".into())];
        one.texts.get_mut("en").unwrap().categories = names.into();
        products.push(one);
    }
    side.fill(products).await;
    let popular = |text: &str, weight| PopularSearch { text: text.into(), weight };
    let query = SuggestQuery {
        audience: ask("").audience,
        text: "lam".into(),
        limit: 5,
        popular: vec![popular("lamb", 1), popular("lambda chair", 7), popular("vase", 9)],
        tuning: Tuning::default(),
    };
    let suggestions = side.index.suggest(&query).await.unwrap();
    let of = |wanted: fn(&SuggestionKind) -> bool| -> Vec<&str> {
        suggestions.iter().filter(|one| wanted(&one.kind)).map(|one| one.text.as_str()).collect()
    };
    assert_eq!(of(|kind| *kind == SuggestionKind::Search), ["lambda chair", "lamb"], "{}", side.name);
    assert_eq!(of(|kind| *kind == SuggestionKind::Brand), ["Lambda"], "{}", side.name);
    assert_eq!(of(|kind| matches!(kind, SuggestionKind::Category(_))), ["Lamps"], "{}", side.name);
    let products = of(|kind| matches!(kind, SuggestionKind::Product(_)));
    assert_eq!(products.first(), Some(&"Lamb Cushion"), "{}", side.name);
    for text in ["", " ", "???", "🙂"] {
        let query = SuggestQuery { text: text.into(), ..query.clone() };
        assert_eq!(side.index.suggest(&query).await.unwrap(), [], "{}: {text}", side.name);
    }
}

async fn what_was_found_is_marked(side: &Side) {
    let mut two = product(1, "Mugs & Cups <new>");
    let german = ProductText { name: "Becher".into(), ..ProductText::default() };
    two.texts.insert("de-CH".into(), german);
    side.fill([two]).await;
    let query = SearchQuery { highlight: true, ..ask("mug") };
    let answer = side.index.search(&query).await.unwrap();
    let highlight = &answer.hits[0].highlights[0];
    assert_eq!(highlight.field, HighlightField::Name);
    assert_eq!(highlight.html, "<mark>Mugs</mark> &amp; Cups &lt;new&gt;", "{}", side.name);
    assert!(answer.hits[0].score.is_some());
    for locale in ["de-CH", "DE-ch", "DE"] {
        let mut query = SearchQuery { highlight: true, ..ask("becher") };
        query.audience.locale = Some(locale.into());
        let answer = side.index.search(&query).await.unwrap();
        let marked: Vec<&str> = answer.hits[0].highlights.iter().map(|one| one.html.as_str()).collect();
        assert_eq!(marked, ["<mark>Becher</mark>"], "{}: {locale}", side.name);
    }
}

async fn wrong_questions_are_refused(side: &Side) {
    let mut deep = Filter::everything();
    for _ in 0..50 {
        deep = Filter::Or(vec![deep]);
    }
    let all = ask("");
    let price = |count| SearchQuery {
        facets: vec![Facet::Price(vec![Range { at_least: Some(1), below: Some(9) }; count])],
        ..all.clone()
    };
    let attribute = |code: String| SearchQuery {
        facets: vec![Facet::Attribute(code)],
        sort: Sort::Newest,
        ..all.clone()
    };
    for most in [price(100), attribute("-".repeat(120))] {
        let answer = side.index.search(&most).await.unwrap();
        let counted = if matches!(most.facets[0], Facet::Price(_)) { 100 } else { 0 };
        assert_eq!(answer.facets[0].values.len(), counted, "{}", side.name);
    }
    for wrong in [
        price(101),
        attribute("-".repeat(121)),
        attribute("-".repeat(100_000)),
        SearchQuery { first: 101, ..all.clone() },
        SearchQuery { after: Some("x".into()), ..all.clone() },
        SearchQuery { filter: deep, ..all.clone() },
        SearchQuery { currency: None, sort: Sort::Price(SortDirection::Asc), ..all.clone() },
    ] {
        let fault = side.index.search(&wrong).await.unwrap_err();
        assert_eq!(fault.code().as_str(), "BAD_USER_INPUT", "{}", side.name);
    }
    assert_eq!(side.found(&SearchQuery { first: 0, ..all }).await, Vec::<u64>::new());
}

pub(super) fn sorted(numbers: &[u64]) -> Vec<u64> {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    numbers
}
