//! Collections by rule: the filter over indexed values finds what the rules accept.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use souk_catalog::domain::attribute::AttributeValue;
use souk_catalog::domain::category_tree::CategoryTree;
use souk_catalog::domain::collection_rule::{Join, Rule, RuleSet};
use souk_catalog::domain::content::ContentChange;
use souk_catalog::domain::ids::{CategoryId, ProductId, VariantId};
use souk_catalog::domain::price::Price;
use souk_catalog::domain::product::Product;
use souk_catalog::domain::slug::Slug;
use souk_catalog::domain::variant::Variant;
use souk_catalog::store::{Catalog, gathering};
use souk_kit::call::Call;
use souk_kit::clock::Timestamp;
use souk_kit::documents::{Decided, Filter, View};
use souk_kit::id::CompanyId;
use souk_kit::money::Currency;
use souk_kit::permission::Visibility;
use souk_kit::principal::Principal;

use crate::shop_floor::Known;

const WORDS: [&str; 3] = ["tea", "cup", "pot"];

fn word() -> impl Strategy<Value = String> {
    (0..WORDS.len()).prop_map(|place| WORDS[place].to_owned())
}

fn currency() -> impl Strategy<Value = Currency> {
    any::<bool>().prop_map(|gbp| if gbp { "GBP" } else { "EUR" }.parse().unwrap())
}

fn values() -> impl Strategy<Value = Vec<AttributeValue>> {
    prop::option::of((word(), prop::collection::vec(word(), 0..3)))
        .prop_map(|value| value.into_iter().map(|(code, values)| AttributeValue { code, values }).collect())
}

fn product(
    company: CompanyId,
    at: Timestamp,
    categories: &[CategoryId],
) -> impl Strategy<Value = Product> + use<> {
    let categories = prop::sample::subsequence(categories.to_vec(), 0..2);
    let prices = prop::collection::vec((currency(), 0i64..5, 1u32..3), 0..4);
    let tags = prop::collection::vec(word(), 0..3);
    (tags, prop::option::of(word()), categories, values(), values(), prices).prop_map(
        move |(tags, brand, categories, attributes, of_variant, prices)| {
            let id = ProductId::new(at);
            let slug = Slug::derive(&id.to_string()).unwrap();
            let mut product = Product::draft(id, company, "Product".into(), slug, at);
            let mut variant = Variant::new(VariantId::new(at));
            variant.attributes = of_variant;
            for (currency, amount, min_quantity) in prices {
                variant.prices.set(Price { min_quantity, ..Price::base(currency, amount) }).unwrap();
            }
            product.variants = vec![variant];
            Product { tags, brand, categories, attributes, ..product }
        },
    )
}

fn rules(categories: &[CategoryId]) -> impl Strategy<Value = RuleSet> + use<> {
    let rule = prop_oneof![
        word().prop_map(Rule::Tag),
        word().prop_map(Rule::Brand),
        prop::sample::select(categories.to_vec()).prop_map(Rule::Category),
        (word(), word()).prop_map(|(code, value)| Rule::Attribute { code, value }),
        (currency(), 0i64..6)
            .prop_map(|(currency, amount_minor)| Rule::PriceBelow { currency, amount_minor }),
        (currency(), 0i64..6).prop_map(|(currency, amount_minor)| Rule::PriceFrom { currency, amount_minor }),
    ];
    (any::<bool>(), prop::collection::vec(rule, 0..4))
        .prop_map(|(all, rules)| RuleSet { join: if all { Join::All } else { Join::Any }, rules })
}

#[test]
fn the_filter_of_a_collection_finds_what_its_rules_accept() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let stage = crate::side::stage().await;
        let now = stage.clock().now();
        let engine = stage.ports.documents("catalog").await.unwrap();
        let collections = Catalog::collections(engine, stage.ports.idempotency_retention);
        collections.prepare().await.unwrap();
        let catalog = Catalog::new(&collections, Arc::new(Known::default()), stage.clock().clone());
        let company = CompanyId::new(now);
        let mut tree = CategoryTree::new(company);
        let mut categories = Vec::new();
        for parent in [None, Some(0), Some(1), None] {
            let parent = parent.map(|place: usize| categories[place]);
            let named = ContentChange { name: Some("Category".into()), ..ContentChange::default() };
            categories.push(tree.create(CategoryId::new(now), parent, named, now).unwrap().id);
        }
        let call = Call::new(&Principal::service("test"), "test", now);
        let mut runner = TestRunner::deterministic();
        let mut products = Vec::new();
        for _ in 0..60 {
            let made = product(company, now, &categories).new_tree(&mut runner).unwrap().current();
            let decided = Decided { state: made.clone(), events: Vec::new(), answer: () };
            assert!(catalog.products.try_create(&call, &decided).await.unwrap());
            products.push(made);
        }
        let view = View::new(&Visibility::everything_for("test"), Filter::everything());
        let config = Config { cases: 200, failure_persistence: None, ..Config::default() };
        let handle = tokio::runtime::Handle::current();
        let outcome = TestRunner::new(config).run(&rules(&categories), |set| {
            let filter = gathering::filter(&set, &tree);
            let found = tokio::task::block_in_place(|| {
                handle.block_on(catalog.products.find(&view, filter, 100)).unwrap()
            });
            let found: BTreeSet<_> = found.iter().map(|listed| listed.document.id).collect();
            let accepted = products.iter().filter(|product| set.matches(product, &tree));
            prop_assert_eq!(found, accepted.map(|product| product.id).collect::<BTreeSet<_>>());
            Ok(())
        });
        outcome.unwrap();
    });
}
