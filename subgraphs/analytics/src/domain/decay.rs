//! What is popular now: what happened lately counts more. Time is that of the events, in steps of six hours.

use super::hour::Hour;

/// Hours of a step: within one, everything counts alike.
const STEP: i64 = 6;
/// Steps after which something counts half.
const HALF: u32 = 4;
/// Steps that are looked at: a week.
const STEPS: i64 = 28;
/// What something counts that happened in the latest step.
pub(crate) const WHOLE: i64 = 1_000;
/// How many views a click on a search's result counts as: who clicks has looked for something.
pub(crate) const CLICK: i64 = 3;

/// What an occurrence counts, in thousandths, by when it happened: from each hour on, and until the one before. The
/// latest comes first; what is earlier than the last counts nothing, and neither does what is later than `reference`.
pub(crate) fn weights(reference: Hour) -> Vec<(Hour, i64)> {
    (0..STEPS)
        .zip(0_u32..)
        .map(|(step, n)| {
            // The fourth root of a half, from a table: so that no float decides.
            let root = [1_000, 841, 707, 595].into_iter().nth((n % HALF) as usize).unwrap_or(0);
            (Hour(reference.0 + 1 - STEP * (step + 1)), (root * WHOLE / 1_000) >> (n / HALF))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_halves_and_a_week_ends_it() {
        let weights = weights(Hour(1_000));
        let weight = |age: i64| {
            weights.iter().find(|(from, _)| Hour(1_000 - age) >= *from).map_or(0, |(_, weight)| *weight)
        };
        let ages = [0, 5, 6, 12, 18, 23, 24, 48, 24 * 6, 24 * 7 - 1, 24 * 7];
        assert_eq!(ages.map(weight), [1_000, 1_000, 841, 707, 595, 595, 500, 250, 15, 9, 0]);
        assert!(weights.windows(2).all(|pair| pair[0].1 > pair[1].1 && pair[0].0 > pair[1].0));
    }
}
