//! One order line as the file has it.

use std::io::Read;

use csv::{Reader, ReaderBuilder, StringRecord, Trim};
use serde::Deserialize;

/// A row of the data set.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Line {
    /// A leading `C` marks a cancellation.
    pub(crate) invoice_no: String,
    pub(crate) stock_code: String,
    pub(crate) description: String,
    /// Negative on cancellations and corrections.
    pub(crate) quantity: i64,
    /// Pounds sterling, a decimal number.
    pub(crate) unit_price: String,
}

/// The rows of `source` with their line numbers. Only a header without the columns is an error here.
pub(super) fn read<R: Read>(
    source: R,
) -> Result<impl Iterator<Item = (u64, Result<Line, csv::Error>)>, csv::Error> {
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(source);
    let header = reader.headers()?.clone();
    for column in ["invoice_no", "stock_code", "description", "quantity", "unit_price"] {
        if !header.iter().any(|name| name == column) {
            let message = format!("the file has no column `{column}`");
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, message).into());
        }
    }
    Ok(rows(reader, header))
}

fn rows<R: Read>(
    mut reader: Reader<R>,
    header: StringRecord,
) -> impl Iterator<Item = (u64, Result<Line, csv::Error>)> {
    let mut record = StringRecord::new();
    std::iter::from_fn(move || {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => None,
            Ok(true) => Some((line, record.deserialize(Some(&header)))),
            Err(error) => Some((line, Err(error))),
        }
    })
}
