//! What one worker holds of one key.

use chrono::{DateTime, Duration, Utc};
use std::collections::VecDeque;
use tianji_proto::Amount;

/// How long money of a void lease stays reserved for the answers that were in flight when it was voided.
const VOID_FOR: Duration = Duration::minutes(10);
/// How many leases of a worker are remembered, to be taken back if they get lost.
const RECENT: usize = 64;

/// Leased to one worker and not yet settled or returned.
#[derive(Debug, Clone, Default)]
pub struct Holder {
    /// Nano-dollars. Below zero when answers cost more than was leased for them: the worker owes that.
    pub nanos: i64,
    /// Requests in flight, and slots kept for the next.
    pub slots: i64,
    /// Of the window `window`: what was leased.
    pub tokens: i64,
    /// The window of `tokens`, and of the latest lease.
    pub window: u64,
    /// It has got something since it was last asked what it has idle.
    pub is_unasked: bool,
    /// The serial number at which it last got something.
    pub handed_at: u64,
    /// Its latest leases, oldest first: serial number, amount, window.
    pub recent: VecDeque<(u64, Amount, u64)>,
    void: i64,
    void_until: DateTime<Utc>,
}

impl Holder {
    /// As it was written down. It may hold requests and tokens of the window too: how many was not.
    pub fn restored(nanos: i64, slots: i64, window: u64) -> Self {
        Self { nanos, slots, window, tokens: 1, is_unasked: true, ..Self::default() }
    }

    /// A lease is on its way to the worker.
    pub fn remember(&mut self, serial: u64, amount: Amount, window: u64) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back((serial, amount, window));
    }

    /// Money that nobody else may have.
    pub fn reserved(&self) -> i64 {
        self.nanos.max(0).saturating_add(self.void)
    }

    /// An answer has cost this much: it comes out of what is left of void leases first.
    pub fn settle(&mut self, cost: i64) {
        let from_void = cost.clamp(0, self.void);
        self.void -= from_void;
        self.nanos = self.nanos.saturating_sub(cost - from_void);
    }

    /// The worker forgets its lease. Slots are free at once; money waits for the records of answers in flight.
    /// Returns the slots, and the debt that was forgotten with the rest.
    pub fn void(&mut self, now: DateTime<Utc>) -> (i64, i64) {
        let slots = std::mem::take(&mut self.slots);
        let nanos = std::mem::take(&mut self.nanos);
        self.void = self.void.saturating_add(nanos.max(0));
        self.void_until = now + VOID_FOR;
        self.recent.clear();
        self.is_unasked = false;
        (slots, (-nanos).max(0))
    }

    /// It holds nothing, owes nothing, and nothing is expected of it.
    pub fn is_empty(&self) -> bool {
        self.nanos == 0 && self.slots == 0 && self.void == 0
    }

    /// Gives up waiting for records of void leases; returns the money set free.
    pub fn expire(&mut self, now: DateTime<Utc>) -> i64 {
        if now < self.void_until { 0 } else { std::mem::take(&mut self.void) }
    }
}
