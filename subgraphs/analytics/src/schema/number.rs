//! Numbers as clients get them: an `Int` has 32 bits (GraphQL, section 3.5.1), and a gateway takes nothing larger for one.

/// What was counted; more than an `Int` holds is told as the largest.
pub(super) fn count(amount: i64) -> i32 {
    i32::try_from(amount).unwrap_or(if amount < 0 { i32::MIN } else { i32::MAX })
}

/// What was added up in thousandths, as a number of wholes. Exact up to 2^53 of them.
#[expect(
    clippy::cast_precision_loss,
    reason = "nothing adds up to so much, and what does is told with 15 digits"
)]
pub(super) fn wholes(thousandths: i64) -> f64 {
    thousandths as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_more_than_an_int_is_told_as_the_largest() {
        let largest = i64::from(i32::MAX);
        for (amount, expected) in [
            (0, 0),
            (7, 7),
            (largest, i32::MAX),
            (largest + 1, i32::MAX),
            (i64::MAX, i32::MAX),
            (i64::MIN, i32::MIN),
        ] {
            assert_eq!(count(amount), expected, "{amount}");
        }
        assert!((wholes(3_000_000_000_500) - 3_000_000_000.5).abs() < f64::EPSILON);
    }
}
