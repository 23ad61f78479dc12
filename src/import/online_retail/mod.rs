//! Folds the order lines of the data set *Online Retail* into products: what was sold is known only
//! from the sales. Every line either supports a product or is refused with the reason.
//!
//! The rules, in order:
//! 1. A stock code is compared in upper case: `85123a` and `85123A` are one article.
//! 2. Only articles are products. Postage, fees, discounts, samples, vouchers and notes are refused.
//! 3. A line counts as a sale when its quantity and price are positive and it describes the article.
//!    Cancellations, corrections and gifts say nothing of name or price.
//! 4. An article's name is what most of its sales call it, its price the one most of them paid; of
//!    two as frequent ones the later wins.
//! 5. Articles with the same five digits are variants of one product: the letters tell designs apart.

mod article;
mod departments;
mod line;
mod naming;
mod products;

use super::product::{Product, Refusal};

/// What came of a file.
#[derive(Debug)]
pub(crate) struct Folded {
    /// Sorted by reference.
    pub(crate) products: Vec<Product>,
    /// Sorted by line.
    pub(crate) refusals: Vec<Refusal>,
    /// All lines read, the header not counted.
    pub(crate) lines: u64,
}

/// Reads `source` (CSV with the header of the data set) to its end and folds it.
///
/// # Errors
/// When the source cannot be read or its header lacks a column; a bad row is a refusal instead.
pub(crate) fn fold(source: impl std::io::Read) -> Result<Folded, csv::Error> {
    let mut articles = article::Articles::default();
    let mut lines = 0;
    for (number, row) in line::read(source)? {
        lines += 1;
        articles.add(number, row);
    }
    let (articles, mut refusals) = articles.finish();
    let products = products::group(articles);
    refusals.sort_by(|a, b| (a.line, &a.reference).cmp(&(b.line, &b.reference)));
    Ok(Folded { products, refusals, lines })
}

#[cfg(test)]
mod tests;
