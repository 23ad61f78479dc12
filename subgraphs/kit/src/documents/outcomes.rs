//! How many idempotency outcomes a document keeps: it must fit into every engine with them.

use super::engine::Outcome;

/// How many bytes of outcomes a document keeps at most; that is thousands. A call whose outcome had to go for newer ones
/// is done anew when it comes again.
const LARGEST: usize = 2_000_000;

/// Forgets the oldest where there are too many, and never the newest; they stand in the order in which they came.
pub(super) fn keep_newest(outcomes: &mut Vec<Outcome>) {
    let mut bytes = 0;
    let kept = outcomes.iter().rev().enumerate().take_while(|(place, outcome)| {
        bytes += outcome.key.len() + outcome.request.len() + outcome.answer.len();
        *place == 0 || bytes <= LARGEST
    });
    let forgotten = outcomes.len() - kept.count();
    outcomes.drain(..forgotten);
}

#[cfg(test)]
mod tests {
    use crate::clock::Timestamp;

    use super::*;

    fn outcome(number: usize, bytes: usize) -> Outcome {
        let (key, answer) = (number.to_string(), "a".repeat(bytes));
        Outcome { key, request: String::new(), answer, at: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        for (there, bytes, kept) in [(0, 0, 0), (100, 10, 100), (30, 100_000, 19), (2, 3_000_000, 1)] {
            let mut outcomes: Vec<_> = (0..there).map(|number| outcome(number, bytes)).collect();
            keep_newest(&mut outcomes);
            let expected = (there - kept..there).map(|number| number.to_string());
            let left: Vec<_> = outcomes.into_iter().map(|outcome| outcome.key).collect();
            assert_eq!(left, expected.collect::<Vec<_>>(), "{there} of {bytes} bytes");
        }
    }
}
