//! What is known of each article after all its lines, and which lines told nothing.

use std::collections::BTreeMap;

use super::line::Line;
use super::naming;
use crate::import::product::Refusal;

/// One stock code with the name and price its sales agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Article {
    /// Upper case: five digits and up to two letters, or `DCGS…`.
    pub(super) code: String,
    pub(super) name: String,
    /// Other names it was sold under, most frequent first.
    pub(super) also_known_as: Vec<String>,
    /// Pounds, as the file writes them, with at most two decimals.
    pub(super) price: String,
    /// How many lines sold it: what the most popular variant is told by.
    pub(super) sales: u64,
}

#[derive(Debug, Default)]
pub(super) struct Articles {
    known: BTreeMap<String, Tally>,
    refusals: BTreeMap<(String, &'static str), Refusal>,
}

#[derive(Debug, Default)]
struct Tally {
    first_line: u64,
    names: Frequencies,
    prices: Frequencies,
}

/// How often each text occurred, and when it last did.
#[derive(Debug, Default)]
struct Frequencies(BTreeMap<String, (u64, u64)>);

impl Frequencies {
    fn count(&mut self, text: String, line: u64) {
        let seen = self.0.entry(text).or_default();
        *seen = (seen.0 + 1, line);
    }

    /// Most frequent first; of equals the one seen last.
    fn ranked(self) -> Vec<String> {
        let mut ranked: Vec<_> = self.0.into_iter().collect();
        ranked.sort_by_key(|(_, seen)| std::cmp::Reverse(*seen));
        ranked.into_iter().map(|(text, _)| text).collect()
    }
}

impl Articles {
    pub(super) fn add(&mut self, number: u64, row: Result<Line, csv::Error>) {
        let line = match row {
            Ok(line) => line,
            Err(error) => return self.refuse_row(number, &error),
        };
        let code = line.stock_code.to_uppercase();
        if let Some(reason) = not_an_article(&code, &line.description) {
            return self.refuse(number, code, reason);
        }
        let tally = self
            .known
            .entry(code.clone())
            .or_insert_with(|| Tally { first_line: number, ..Tally::default() });
        match sale(&line) {
            Ok((name, price)) => {
                tally.names.count(name, number);
                tally.prices.count(price, number);
            }
            Err(reason) => self.refuse(number, code, reason),
        }
    }

    /// The articles with at least one sale; the others join the refusals.
    pub(super) fn finish(self) -> (Vec<Article>, Vec<Refusal>) {
        let mut articles = Vec::new();
        let mut refusals: Vec<_> = self.refusals.into_values().collect();
        for (code, tally) in self.known {
            let sales = tally.names.0.values().map(|seen| seen.0).sum();
            let mut names = tally.names.ranked().into_iter();
            match (names.next(), tally.prices.ranked().into_iter().next()) {
                (Some(name), Some(price)) => {
                    articles.push(Article { code, name, also_known_as: names.collect(), price, sales });
                }
                _ => refusals.push(Refusal {
                    line: tally.first_line,
                    reference: code,
                    lines: 0,
                    reason: "never sold with a name and a price: no product".to_owned(),
                }),
            }
        }
        (articles, refusals)
    }

    fn refuse(&mut self, line: u64, reference: String, reason: &'static str) {
        let refusal = self.refusals.entry((reference.clone(), reason)).or_insert_with(|| Refusal {
            line,
            reference,
            lines: 0,
            reason: reason.to_owned(),
        });
        refusal.lines += 1;
    }

    fn refuse_row(&mut self, line: u64, error: &csv::Error) {
        let refusal =
            Refusal { line, reference: String::new(), lines: 1, reason: format!("unreadable: {error}") };
        self.refusals.insert((format!("line {line}"), "unreadable"), refusal);
    }
}

/// Why a stock code names no article of the shop, if so.
fn not_an_article(code: &str, description: &str) -> Option<&'static str> {
    match code {
        "" => return Some("no stock code"),
        "POST" | "DOT" | "C2" => return Some("postage or carriage, not goods"),
        "BANK CHARGES" | "AMAZONFEE" | "CRUK" | "B" => return Some("a fee or commission, not goods"),
        "D" => return Some("a discount, not goods"),
        "M" => return Some("a manual entry: nothing says what was sold"),
        "S" => return Some("samples, not for sale"),
        "PADS" => return Some("given along at no price of its own"),
        _ => {}
    }
    if code.starts_with("GIFT_") {
        return Some("a gift voucher, not goods");
    }
    if description.eq_ignore_ascii_case("next day carriage") {
        return Some("postage or carriage, not goods");
    }
    if !is_article_code(code) {
        return Some("the code is none of the shop's articles: five digits and up to two letters");
    }
    None
}

fn is_article_code(code: &str) -> bool {
    if let Some(own) = code.strip_prefix("DCGS") {
        return !own.is_empty() && own.chars().all(|c| c.is_ascii_alphanumeric());
    }
    let digits = code.chars().take_while(char::is_ascii_digit).count();
    let letters = code.chars().skip(digits);
    digits == 5 && letters.clone().count() <= 2 && letters.clone().all(|c| c.is_ascii_uppercase())
}

/// The name and price a line sold its article at, or why it tells none.
fn sale(line: &Line) -> Result<(String, String), &'static str> {
    if line.invoice_no.starts_with(['C', 'c']) {
        return Err("a cancellation: tells no name or price");
    }
    if line.quantity <= 0 {
        return Err("a stock correction: tells no name or price");
    }
    let price = price(&line.unit_price)?;
    if line.description.is_empty() {
        return Err("no description");
    }
    if naming::is_note(&line.description) {
        return Err("the description is a note of the stock room");
    }
    Ok((naming::folded(&line.description), price))
}

/// Pounds with at most two decimals and more than zero, as `3.39`, trailing zeros of a longer fraction cut.
fn price(text: &str) -> Result<String, &'static str> {
    let (pounds, pence) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    if pounds.is_empty() || !digits(pounds) || !digits(pence) {
        return Err("the price is no positive decimal number");
    }
    let pence = pence.trim_end_matches('0');
    if pence.len() > 2 {
        return Err("the price is finer than a penny");
    }
    if pence.is_empty() && pounds.chars().all(|c| c == '0') {
        return Err("given away: no price");
    }
    Ok(format!("{pounds}.{pence:0<2}"))
}
