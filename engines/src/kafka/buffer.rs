//! Records that wait in a member until they are handed out: bounded in number and in bytes.

use std::collections::{BTreeMap, VecDeque};

use souk_kit::event_log::{Delivered, LARGEST_BATCH};

use super::client::Partition;

/// Records that wait at most, and their bytes; either may be passed by one record.
const RECORDS: usize = 1_000;
const BYTES: usize = LARGEST_BATCH;

/// What waits, by partition.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    partitions: BTreeMap<Partition, VecDeque<Delivered>>,
    /// Whose records were handed out last.
    served: Option<Partition>,
    records: usize,
    bytes: usize,
}

impl Buffer {
    pub(super) fn is_empty(&self) -> bool {
        self.partitions.is_empty()
    }

    /// Whether no more should be taken in.
    pub(super) fn is_full(&self) -> bool {
        self.records >= RECORDS || self.bytes >= BYTES
    }

    /// Whether enough was handed out since it was full to take in more.
    pub(super) fn has_room(&self) -> bool {
        self.records < RECORDS / 2 && self.bytes < BYTES / 2
    }

    pub(super) fn push(&mut self, partition: Partition, one: Delivered) {
        self.records += 1;
        self.bytes += size(&one);
        self.partitions.entry(partition).or_default().push_back(one);
    }

    /// Drops what waits of a partition.
    pub(super) fn forget(&mut self, partition: &Partition) {
        for one in self.partitions.remove(partition).unwrap_or_default() {
            self.count_out(&one);
        }
    }

    /// The partition whose turn it is: a busy one must not starve a quiet one.
    pub(super) fn turn(&mut self) -> Option<Partition> {
        let behind = |partition: &&Partition| self.served.as_ref().is_none_or(|served| *partition > served);
        let turn = self.partitions.keys().find(behind).or_else(|| self.partitions.keys().next())?.clone();
        self.served = Some(turn.clone());
        Some(turn)
    }

    /// The next records of a partition, at most `limit`.
    pub(super) fn take(&mut self, partition: &Partition, limit: usize) -> Vec<Delivered> {
        let Some(queue) = self.partitions.get_mut(partition) else { return Vec::new() };
        let batch: Vec<_> = queue.drain(..limit.max(1).min(queue.len())).collect();
        if queue.is_empty() {
            self.partitions.remove(partition);
        }
        for one in &batch {
            self.count_out(one);
        }
        batch
    }

    fn count_out(&mut self, one: &Delivered) {
        self.records = self.records.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(size(one));
    }
}

/// What a record counts for.
pub(super) fn size(one: &Delivered) -> usize {
    one.record.payload.len() + one.record.key.len()
}

#[cfg(test)]
mod tests {
    use souk_kit::event_log::Record;

    use super::*;

    fn partition(number: i32) -> Partition {
        ("product.events".to_owned(), number)
    }

    fn record(offset: i64, bytes: usize) -> Delivered {
        Delivered { partition: 0, offset, record: Record::new("product.events", "", vec![b' '; bytes]) }
    }

    #[test]
    fn it_is_full_by_number_or_by_bytes_and_has_room_again_at_half() {
        for (records, bytes) in [(1_000, 10), (8, 1_000_000)] {
            let mut buffer = Buffer::default();
            for n in 0..records {
                assert!(!buffer.is_full(), "{n} of {records}");
                buffer.push(partition(0), record(n, bytes));
            }
            assert!(buffer.is_full());
            let half = usize::try_from(records).unwrap() / 2;
            assert_eq!(buffer.take(&partition(0), half).len(), half);
            assert!(!buffer.is_full() && !buffer.has_room());
            buffer.take(&partition(0), 1);
            assert!(buffer.has_room());
        }
    }

    #[test]
    fn what_is_forgotten_makes_room() {
        let mut buffer = Buffer::default();
        buffer.push(partition(0), record(0, 9_000_000));
        buffer.push(partition(1), record(0, 1));
        assert!(buffer.is_full());
        buffer.forget(&partition(0));
        assert!(buffer.has_room() && !buffer.is_empty());
        buffer.forget(&partition(1));
        assert!(buffer.is_empty());
    }

    #[test]
    fn partitions_take_turns_and_each_keeps_its_order() {
        let mut buffer = Buffer::default();
        for n in 0..6 {
            buffer.push(partition(0), record(n, 1));
        }
        buffer.push(partition(1), record(100, 1));
        let mut handed_out = Vec::new();
        while let Some(turn) = buffer.turn() {
            handed_out.extend(buffer.take(&turn, 4).into_iter().map(|one| one.offset));
        }
        assert_eq!(handed_out, [0, 1, 2, 3, 100, 4, 5]);
    }
}
