//! Reads the product CSV that Shopify exports: a product is a run of rows with one handle, of which
//! the first has what the product has, and each may add a variant, an image or both.
//!
//! The columns are those of Shopify's help page "Using CSV files to import and export products".
//! Columns that are missing count as empty; `Handle` and `Title` must be there.

use std::collections::HashMap;
use std::io::Read;

use csv::{ReaderBuilder, StringRecord, StringRecordsIntoIter};
use itertools::Itertools;

use super::product::{Image, ImageSource, Product, Refusal, Status, Variant};

/// What Shopify calls the option of a product that has none.
const NO_OPTION: (&str, &str) = ("Title", "Default Title");

/// The products of a file, one at a time, each with the line it starts at.
pub(crate) struct Products<R> {
    columns: HashMap<String, usize>,
    rows: StringRecordsIntoIter<R>,
    /// The first row of the next product, already read.
    ahead: Option<StringRecord>,
    line: u64,
}

/// One product, or why its rows are none; with the first line it is about.
pub(crate) type Item = (u64, Result<Product, Refusal>);

impl<R: Read> Products<R> {
    /// # Errors
    /// When the file cannot be read or has no `Handle` and `Title` columns.
    pub(crate) fn read(source: R) -> Result<Self, csv::Error> {
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(source);
        let columns: HashMap<_, _> =
            reader.headers()?.iter().enumerate().map(|(at, name)| (name.trim().to_owned(), at)).collect();
        for column in ["Handle", "Title"] {
            if !columns.contains_key(column) {
                let message =
                    format!("the file has no column `{column}`: is it a product export of Shopify?");
                return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, message).into());
            }
        }
        Ok(Self { columns, rows: reader.into_records(), ahead: None, line: 1 })
    }

    fn row<'a>(&'a self, record: &'a StringRecord) -> Row<'a> {
        Row { columns: &self.columns, record }
    }

    fn handle(&self, record: &StringRecord) -> String {
        self.row(record).text("Handle").unwrap_or_default().to_owned()
    }
}

impl<R: Read> Iterator for Products<R> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let first = match self.ahead.take() {
            Some(record) => record,
            None => match self.rows.next()? {
                Ok(record) => record,
                Err(error) => return Some(unreadable(&error)),
            },
        };
        let line = first.position().map_or(self.line, csv::Position::line);
        self.line = line;
        let handle = self.handle(&first);
        let mut rows = vec![first];
        let mut broken = None;
        for next in self.rows.by_ref() {
            match next {
                Ok(record) => {
                    let row = Row { columns: &self.columns, record: &record };
                    if row.text("Handle").unwrap_or_default() != handle {
                        self.ahead = Some(record);
                        break;
                    }
                    rows.push(record);
                }
                Err(error) => {
                    broken = Some(unreadable(&error));
                    break;
                }
            }
        }
        if let Some(broken) = broken {
            return Some(broken);
        }
        let rows: Vec<_> = rows.iter().map(|record| self.row(record)).collect();
        let product = product(&handle, &rows).map_err(|reason| Refusal {
            line,
            reference: handle,
            lines: rows.len() as u64,
            reason,
        });
        Some((line, product))
    }
}

fn unreadable(error: &csv::Error) -> Item {
    let line = error.position().map_or(0, csv::Position::line);
    (line, Err(Refusal { line, reference: String::new(), lines: 1, reason: format!("unreadable: {error}") }))
}

/// A row with its columns by name; an empty cell is as good as none.
struct Row<'a> {
    columns: &'a HashMap<String, usize>,
    record: &'a StringRecord,
}

impl<'a> Row<'a> {
    fn text(&self, column: &str) -> Option<&'a str> {
        let text = self.record.get(*self.columns.get(column)?)?.trim();
        (!text.is_empty()).then_some(text)
    }

    fn owned(&self, column: &str) -> Option<String> {
        self.text(column).map(str::to_owned)
    }

    /// `TRUE` or `FALSE`, in any case.
    fn flag(&self, column: &str) -> Result<Option<bool>, String> {
        match self.text(column).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(format!("`{column}` takes TRUE or FALSE, not `{other}`")),
        }
    }
}

fn product(handle: &str, rows: &[Row<'_>]) -> Result<Product, String> {
    let first = rows.first().ok_or("no rows")?;
    if handle.is_empty() {
        return Err("`Handle` is empty".to_owned());
    }
    let name = first.owned("Title").ok_or("`Title` is empty on the product's first row")?;
    let options = options(first);
    let mut variants = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        if let Some(variant) =
            variant(row, options.len()).map_err(|reason| format!("row {}: {reason}", at + 1))?
        {
            variants.push(variant);
        }
    }
    if variants.is_empty() {
        return Err("no row has a `Variant Price`".to_owned());
    }
    if options.is_empty() && variants.len() > 1 {
        return Err("several variants but no option that tells them apart".to_owned());
    }
    Ok(Product {
        reference: handle.to_owned(),
        slug: handle.to_owned(),
        name,
        description: first.owned("Body (HTML)").unwrap_or_default(),
        brand: first.owned("Vendor"),
        category: category(first),
        tags: first.text("Tags").map(tags).unwrap_or_default(),
        status: status(first)?,
        options,
        variants,
        images: images(rows),
        seo_title: first.owned("SEO Title"),
        seo_description: first.owned("SEO Description"),
    })
}

fn options(first: &Row<'_>) -> Vec<String> {
    let named: Vec<_> = (1..=3).filter_map(|n| first.owned(&format!("Option{n} Name"))).collect();
    let none = named.len() == 1
        && first.text("Option1 Name") == Some(NO_OPTION.0)
        && first.text("Option1 Value") == Some(NO_OPTION.1);
    if none { Vec::new() } else { named }
}

/// The variant of a row, if it has one: rows that only add an image have no price.
fn variant(row: &Row<'_>, options: usize) -> Result<Option<Variant>, String> {
    let Some(price) = row.text("Variant Price") else { return Ok(None) };
    let option_values: Vec<_> =
        (1..=options).filter_map(|n| row.owned(&format!("Option{n} Value"))).collect();
    if option_values.len() != options {
        return Err(format!("the variant has {} of {options} option values", option_values.len()));
    }
    let grams = row.text("Variant Grams").map(grams).transpose()?;
    Ok(Some(Variant {
        // A leading apostrophe keeps spreadsheets from reading the number; Shopify writes it.
        sku: row.text("Variant SKU").map(|sku| sku.trim_start_matches('\'').to_owned()),
        barcode: row.text("Variant Barcode").map(|code| code.trim_start_matches('\'').to_owned()),
        option_values,
        price: decimal("Variant Price", price)?,
        compare_at_price: row
            .text("Variant Compare At Price")
            .map(|price| decimal("Variant Compare At Price", price))
            .transpose()?,
        weight_grams: grams.filter(|&grams| grams > 0),
        ships: row.flag("Variant Requires Shipping")?.unwrap_or(true),
    }))
}

/// Whole grams; Shopify also writes `250.0`.
fn grams(text: &str) -> Result<u32, String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    match whole.parse() {
        Ok(grams) if fraction.chars().all(|c| c == '0') => Ok(grams),
        _ => Err(format!("`Variant Grams` takes a whole number of grams, not `{text}`")),
    }
}

fn decimal(column: &str, text: &str) -> Result<String, String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    if digits(whole) && digits(fraction) {
        Ok(text.to_owned())
    } else {
        Err(format!("`{column}` takes a decimal number such as 12.50, not `{text}`"))
    }
}

/// `Product Category` is a path of Shopify's taxonomy; `Type` is the merchant's own word.
fn category(first: &Row<'_>) -> Vec<String> {
    let path = first.text("Product Category").or(first.text("Type")).unwrap_or_default();
    path.split('>').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn tags(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

fn status(first: &Row<'_>) -> Result<Status, String> {
    match first.text("Status").map(str::to_ascii_lowercase).as_deref() {
        Some("active") => Ok(Status::Active),
        Some("archived") => Ok(Status::Archived),
        Some("draft") => Ok(Status::Draft),
        Some(other) => Err(format!("`Status` takes active, archived or draft, not `{other}`")),
        None if first.flag("Published")? == Some(false) => Ok(Status::Draft),
        None => Ok(Status::Active),
    }
}

/// In the order of `Image Position`, rows without one last; an address that several rows repeat counts once.
fn images(rows: &[Row<'_>]) -> Vec<Image> {
    let mut placed: Vec<_> = rows
        .iter()
        .filter_map(|row| {
            let url = row.owned("Image Src")?;
            let position = row.text("Image Position").and_then(|text| text.parse().ok()).unwrap_or(u32::MAX);
            Some((position, Image { source: ImageSource::Url(url), alt: row.owned("Image Alt Text") }))
        })
        .collect();
    placed.sort_by_key(|(position, _)| *position);
    placed.into_iter().map(|(_, image)| image).unique_by(|image| image.source.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,\
        Option2 Name,Option2 Value,Variant SKU,Variant Grams,Variant Price,Variant Compare At Price,\
        Variant Requires Shipping,Variant Barcode,Image Src,Image Position,Image Alt Text,Status\n";

    fn read(rows: &str) -> Vec<Item> {
        Products::read(format!("{HEADER}{rows}").as_bytes()).unwrap().collect()
    }

    #[test]
    fn variants_and_images_are_rows_of_one_handle() {
        let items = read(
            "mug,Mug,<p>Hot</p>,Souk,Kitchen > Mugs,\"a, b\",TRUE,Size,S,Colour,Red,'001,250.0,5.00,6.50,true,,http://x/1.png,2,Front,active\n\
                          mug,,,,,,,,L,,Red,002,300,7,,FALSE,4006381333931,http://x/0.png,1,,\n\
                          mug,,,,,,,,,,,,,,,,,http://x/2.png,3,,\n\
                          cup,Cup,,,,,,Title,Default Title,,,,0,1.5,,,,,,,draft\n",
        );
        assert_eq!(items.len(), 2);
        let mug = items[0].1.as_ref().unwrap();
        assert_eq!(
            (items[0].0, mug.options.as_slice()),
            (2, ["Size".to_owned(), "Colour".to_owned()].as_slice())
        );
        assert_eq!(mug.category, ["Kitchen", "Mugs"]);
        assert_eq!(mug.tags, ["a", "b"]);
        let told: Vec<_> = mug
            .variants
            .iter()
            .map(|v| (v.sku.as_deref(), v.option_values.join("/"), v.ships, v.weight_grams))
            .collect();
        assert_eq!(
            told,
            [
                (Some("001"), "S/Red".to_owned(), true, Some(250)),
                (Some("002"), "L/Red".to_owned(), false, Some(300))
            ]
        );
        let images: Vec<_> = mug.images.iter().map(|image| image.source.clone()).collect();
        assert_eq!(
            images,
            ["http://x/0.png", "http://x/1.png", "http://x/2.png"].map(|url| ImageSource::Url(url.into()))
        );
        let cup = items[1].1.as_ref().unwrap();
        assert_eq!(
            (cup.options.len(), cup.status, cup.variants[0].price.as_str()),
            (0, Status::Draft, "1.5")
        );
    }

    #[test]
    fn a_bad_product_is_refused_with_its_line_and_the_next_is_read() {
        for (row, reason) in [
            ("mug,,,,,,,,,,,,,1,,,,,,,\n", "`Title` is empty on the product's first row"),
            ("mug,Mug,,,,,,,,,,,,,,,,,,,\n", "no row has a `Variant Price`"),
            (
                "mug,Mug,,,,,,,,,,,,cheap,,,,,,,\n",
                "row 1: `Variant Price` takes a decimal number such as 12.50, not `cheap`",
            ),
            (
                "mug,Mug,,,,,,,,,,,0.5,1,,,,,,,\n",
                "row 1: `Variant Grams` takes a whole number of grams, not `0.5`",
            ),
            ("mug,Mug,,,,,,Size,,,,,,1,,,,,,,\n", "row 1: the variant has 0 of 1 option values"),
            (
                "mug,Mug,,,,,,,,,,,,1,,maybe,,,,,\n",
                "row 1: `Variant Requires Shipping` takes TRUE or FALSE, not `maybe`",
            ),
            ("mug,Mug,,,,,,,,,,,,1,,,,,,,sold\n", "`Status` takes active, archived or draft, not `sold`"),
            (",Mug,,,,,,,,,,,,1,,,,,,,\n", "`Handle` is empty"),
        ] {
            let items = read(&format!("{row}cup,Cup,,,,,,,,,,,,1,,,,,,,\n"));
            let refusal = items[0].1.as_ref().unwrap_err();
            assert_eq!((refusal.reason.as_str(), refusal.line), (reason, 2));
            assert!(items[1].1.is_ok(), "{row}");
        }
    }

    #[test]
    fn a_file_of_another_kind_is_an_error() {
        let error = Products::read("a,b\n".as_bytes()).err().unwrap().to_string();
        assert!(error.contains("`Handle`"), "{error}");
    }
}
