//! Cursors: where a hit stands, as text that clients hand back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use souk_kit::fault::Fault;

use super::plan::matching::Stage;
use super::plan::{Order, OrderValue, Position};

#[derive(Serialize, Deserialize)]
struct Cursor<'a> {
    /// The order's name.
    o: &'a str,
    /// The position of the stage at which the question was answered.
    s: u8,
    /// A score, by its bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<String>,
    #[serde(default)]
    p: i64,
    i: super::document::ProductId,
}

/// The text of a position in an order.
pub(crate) fn encode(order: Order, stage: Stage, position: &Position) -> String {
    let (mut r, mut n, mut t) = (None, None, None);
    match &position.value {
        OrderValue::Score(score) => r = Some(score.to_bits()),
        OrderValue::Number(number) => n = *number,
        OrderValue::Text(text) => t = Some(text.clone()),
    }
    let s = Stage::ALL.iter().position(|one| *one == stage).and_then(|at| u8::try_from(at).ok());
    let cursor =
        Cursor { o: order.name(), s: s.unwrap_or_default(), r, n, t, p: position.popularity, i: position.id };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}

/// The position that a text names in an order; `BAD_USER_INPUT` when it names none.
pub(crate) fn decode(order: Order, text: &str) -> Result<(Stage, Position), Fault> {
    let wrong = || Fault::bad_input("`after` must be a cursor of an answer to the same question");
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
    let cursor: Cursor<'_> = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
    let stage = Stage::ALL.get(usize::from(cursor.s)).copied().ok_or_else(wrong)?;
    if cursor.o != order.name() {
        return Err(wrong());
    }
    let value = match (order, cursor.r, cursor.t) {
        (Order::Score, Some(bits), None) if f32::from_bits(bits).is_finite() => {
            OrderValue::Score(f32::from_bits(bits))
        }
        (Order::Name(_), None, Some(text)) => OrderValue::Text(text),
        (Order::Price(_) | Order::Newest | Order::Popularity | Order::Rating, None, None) => {
            OrderValue::Number(cursor.n)
        }
        _ => return Err(wrong()),
    };
    Ok((stage, Position { value, popularity: cursor.p, id: cursor.i }))
}

#[cfg(test)]
mod tests {
    use souk_kit::page::SortDirection;

    use super::super::document::ProductId;
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_place_in_its_own_order() {
        let id = ProductId::new(std::time::SystemTime::UNIX_EPOCH.into());
        let places = [
            (Order::Score, OrderValue::Score(1.25)),
            (Order::Price(SortDirection::Asc), OrderValue::Number(None)),
            (Order::Newest, OrderValue::Number(Some(i64::MIN))),
            (Order::Name(SortDirection::Desc), OrderValue::Text("mug \"é".into())),
        ];
        for (order, value) in places {
            let position = Position { value, popularity: 7, id };
            let cursor = encode(order, Stage::Tolerant, &position);
            assert_eq!(decode(order, &cursor).unwrap(), (Stage::Tolerant, position));
            assert!(decode(Order::Rating, &cursor).is_err());
        }
        assert!(decode(Order::Score, "nonsense").is_err());
    }
}
