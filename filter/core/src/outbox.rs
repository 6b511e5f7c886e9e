//! Usage records on their way to the control plane: kept until acknowledged, bounded, sent in batches.

use prost::Message;
use std::collections::VecDeque;
use tianji_proto::{Record, Settle, Up, up};

/// Records in one batch at most.
const BATCH: usize = 1_000;

/// Records under way to the control plane.
struct Batch {
    sequence: u64,
    /// An encoded `Up`.
    message: Vec<u8>,
}

/// What is not yet acknowledged.
#[derive(Default)]
pub struct Outbox {
    waiting: VecDeque<Record>,
    sent: Option<Batch>,
    sequence: u64,
    dropped: u64,
}

impl Outbox {
    /// Queues a record. When `capacity` are waiting the oldest is dropped: it stands in Envoy's access log.
    pub fn push(&mut self, record: Record, capacity: usize) {
        if self.waiting.len() >= capacity {
            self.waiting.pop_front();
            self.dropped += 1;
        }
        self.waiting.push_back(record);
    }

    /// The next batch as a message, once the one before is acknowledged.
    pub fn batch(&mut self) -> Option<Vec<u8>> {
        if self.sent.is_some() || self.waiting.is_empty() {
            return None;
        }
        let sequence = self.sequence + 1;
        let records = self.waiting.drain(..self.waiting.len().min(BATCH)).collect();
        let message = Up { kind: Some(up::Kind::Settle(Settle { sequence, records })) }.encode_to_vec();
        self.sequence = sequence;
        self.sent = Some(Batch { sequence, message });
        self.again()
    }

    /// The link is new: the batch that was not acknowledged must be sent again, as it was.
    pub fn again(&self) -> Option<Vec<u8>> {
        self.sent.as_ref().map(|batch| batch.message.clone())
    }

    /// The control plane has a batch on disk.
    pub fn acknowledged(&mut self, sequence: u64) {
        if self.sent.as_ref().is_some_and(|batch| batch.sequence == sequence) {
            self.sent = None;
        }
    }

    /// Records dropped since the last call.
    pub fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: usize) -> Record {
        Record { call_id: id.to_string(), ..Record::default() }
    }

    fn settle(message: &[u8]) -> Settle {
        let Some(up::Kind::Settle(settle)) = Up::decode(message).unwrap().kind else { panic!() };
        settle
    }

    #[test]
    fn a_batch_is_sent_again_until_it_is_acknowledged() {
        let mut outbox = Outbox::default();
        outbox.push(record(1), 10);
        let batch = outbox.batch().unwrap();
        outbox.push(record(2), 10);
        assert_eq!(outbox.batch(), None, "one at a time");
        assert_eq!(outbox.again(), Some(batch.clone()));
        outbox.acknowledged(settle(&batch).sequence);
        assert_eq!(outbox.again(), None);
        assert_eq!(settle(&outbox.batch().unwrap()).records, [record(2)]);
    }

    #[test]
    fn a_full_queue_drops_the_oldest_and_says_so() {
        let mut outbox = Outbox::default();
        (0..5).for_each(|id| outbox.push(record(id), 3));
        assert_eq!(outbox.take_dropped(), 2);
        assert_eq!(settle(&outbox.batch().unwrap()).records, [record(2), record(3), record(4)]);
    }
}
