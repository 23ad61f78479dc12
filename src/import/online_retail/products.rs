//! Groups articles into products: the letters behind the same five digits tell designs apart.

use std::collections::{BTreeMap, BTreeSet};

use super::article::Article;
use super::{departments, naming};
use crate::import::product::{Product, Status, Variant, slug};

/// The option that the letters choose by.
const DESIGN: &str = "Design";

pub(super) fn group(articles: Vec<Article>) -> Vec<Product> {
    let mut groups: BTreeMap<String, Vec<Article>> = BTreeMap::new();
    for article in articles {
        groups.entry(base(&article.code).to_owned()).or_default().push(article);
    }
    groups.into_iter().filter_map(|(base, articles)| product(base, articles)).collect()
}

/// The five digits, or the whole code where it has none.
fn base(code: &str) -> &str {
    match code.get(..5) {
        Some(digits) if digits.chars().all(|c| c.is_ascii_digit()) => digits,
        _ => code,
    }
}

fn product(base: String, articles: Vec<Article>) -> Option<Product> {
    let best = articles.iter().max_by_key(|article| article.sales)?;
    let names: Vec<_> = articles.iter().map(|article| article.name.as_str()).collect();
    let several = articles.len() > 1;
    let common = if several { naming::shared(&names) } else { None };
    let name = common.clone().unwrap_or_else(|| best.name.clone());
    let designs =
        if several { designs(&articles, common.as_deref().unwrap_or_default()) } else { vec![Vec::new()] };
    let everything = names.join(" ");
    let former: BTreeSet<_> = articles.iter().flat_map(|article| &article.also_known_as).collect();
    let description = if former.is_empty() {
        String::new()
    } else {
        let former: Vec<_> = former.into_iter().map(|name| naming::displayed(name)).collect();
        format!("Also sold as {}.", former.join(", "))
    };
    let displayed = naming::displayed(&name);
    Some(Product {
        slug: format!("{}-{}", slug(&displayed), slug(&base)),
        name: displayed,
        description,
        brand: None,
        category: departments::of(&everything).iter().map(|&name| name.to_owned()).collect(),
        tags: departments::themes(&everything).map(str::to_owned).collect(),
        status: Status::Active,
        options: if several { vec![DESIGN.to_owned()] } else { Vec::new() },
        variants: articles
            .into_iter()
            .zip(designs)
            .map(|(article, option_values)| variant(article, option_values))
            .collect(),
        images: Vec::new(),
        seo_title: None,
        seo_description: None,
        reference: base,
    })
}

/// How each article differs from the others. Two that would read alike get their letters along.
fn designs(articles: &[Article], common: &str) -> Vec<Vec<String>> {
    let told: Vec<_> = articles
        .iter()
        .map(|article| naming::displayed(&naming::difference(&article.name, common)))
        .collect();
    let designs = articles.iter().zip(&told).map(|(article, design)| {
        let letters = article.code.get(5..).unwrap_or_default();
        let unique = told.iter().filter(|other| *other == design).count() == 1;
        match (design.as_str(), letters) {
            ("", "") => vec!["Standard".to_owned()],
            ("", letters) => vec![letters.to_owned()],
            (design, _) if unique => vec![design.to_owned()],
            (design, "") => vec![design.to_owned()],
            (design, letters) => vec![format!("{design} ({letters})")],
        }
    });
    designs.collect()
}

fn variant(article: Article, option_values: Vec<String>) -> Variant {
    Variant {
        sku: Some(article.code),
        barcode: None,
        option_values,
        price: article.price,
        compare_at_price: None,
        weight_grams: None,
        ships: true,
    }
}
