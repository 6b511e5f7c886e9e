//! One key's account: what was leased to whom, and what is left.

use super::{Change, Dimension, Window, holder::Holder};
use chrono::{DateTime, Utc};
use std::{collections::BTreeMap, sync::Arc};
use tianji_proto::Amount;

/// No worker gets more ahead than this many times what it asked for.
const MOST_AHEAD: i64 = 256;
/// Less than this is not worth having ahead: near a limit, one request at a time.
const LEAST_AHEAD: i64 = 8;

/// What a key may do; `None` does not bind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Per window.
    pub requests: Option<i64>,
    /// Per window.
    pub tokens: Option<i64>,
    /// At once.
    pub slots: Option<i64>,
    /// Nano-dollars in the budget period.
    pub nanos: Option<i64>,
}

impl Limits {
    /// Whether this can run out.
    pub fn binds(&self, dimension: Dimension) -> bool {
        self.of(dimension).is_some()
    }

    /// The limit of one dimension.
    pub fn of(&self, dimension: Dimension) -> Option<i64> {
        match dimension {
            Dimension::Requests => self.requests,
            Dimension::Tokens => self.tokens,
            Dimension::Slots => self.slots,
            Dimension::Nanos => self.nanos,
        }
    }

    /// The limit of one dimension, to change.
    pub fn of_mut(&mut self, dimension: Dimension) -> &mut Option<i64> {
        match dimension {
            Dimension::Requests => &mut self.requests,
            Dimension::Tokens => &mut self.tokens,
            Dimension::Slots => &mut self.slots,
            Dimension::Nanos => &mut self.nanos,
        }
    }
}

/// A worker asks.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Who asks.
    pub worker: &'a Arc<str>,
    /// What the request at hand needs beyond what the worker holds.
    pub need: Amount,
    /// How many workers there are to share what is left.
    pub workers: usize,
    /// The answer's number.
    pub serial: u64,
    /// The worker has no other question about this key under way, so it has nothing idle of what it asks for.
    pub is_only: bool,
    /// Windows begin with the clock's minutes.
    pub is_aligned: bool,
}

/// A worker may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// What it got: what it needs and perhaps some more.
    pub amount: Amount,
    /// The window that requests and tokens belong to.
    pub window: Window,
}

/// A worker may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// What there is too little of, in the order of `Dimension::ALL`; never empty.
    pub of: Vec<Dimension>,
    /// The limit of the first.
    pub limit: i64,
    /// What is left of the first.
    pub left: i64,
    /// Workers that may have something idle of what is short.
    pub holders: Vec<Arc<str>>,
    /// Some of them have got something since they were last asked.
    pub is_unsettled: bool,
    /// The end of the window.
    pub until: DateTime<Utc>,
    /// Nothing that workers return can change this answer before `until`.
    pub is_final: bool,
}

/// One key's limits and leases.
#[derive(Debug, Clone)]
pub struct Account {
    limits: Limits,
    /// Nano-dollars settled in this budget period.
    spent: i64,
    window: Window,
    holders: BTreeMap<Arc<str>, Holder>,
}

impl Account {
    /// An account as it was left.
    pub fn new(limits: Limits, spent: i64, window: Window) -> Self {
        Self { limits, spent, window, holders: BTreeMap::new() }
    }

    /// What a worker held before a restart.
    pub fn restore(&mut self, worker: Arc<str>, nanos: i64, slots: i64) {
        self.holders.insert(worker, Holder::restored(nanos, slots, self.window.id));
    }

    /// The key was read again.
    pub fn update(&mut self, limits: Limits, spent: i64) {
        self.limits = limits;
        self.spent = spent;
    }

    /// The window in force, or the last one.
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// What binds.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether nothing would be lost by forgetting this account.
    pub fn is_idle(&self, now: DateTime<Utc>) -> bool {
        self.holders.is_empty() && now >= self.window.ends_at()
    }

    /// Leases what is asked for, and some more while there is plenty.
    pub fn authorize(&mut self, now: DateTime<Utc>, ask: Ask<'_>) -> Result<(Lease, Change), Shortage> {
        let amount = self.offer(now, &ask)?;
        Ok(self.take(now, &ask, amount))
    }

    /// What could be leased: what is asked for, and some more while there is plenty.
    pub fn offer(&self, now: DateTime<Utc>, ask: &Ask<'_>) -> Result<Amount, Shortage> {
        let window = self.window_for(now, ask);
        let short: Vec<_> =
            Dimension::ALL.into_iter().filter(|d| self.is_short(*d, &ask.need, &window)).collect();
        if let Some(first) = short.first() {
            return Err(self.shortage(*first, short.clone(), ask, &window));
        }
        let mut amount = Amount::default();
        for dimension in Dimension::ALL {
            *dimension.of_mut(&mut amount) = self.portion(dimension, ask, &window);
        }
        Ok(amount)
    }

    /// Leases what was offered, or less of it.
    pub fn take(&mut self, now: DateTime<Utc>, ask: &Ask<'_>, mut amount: Amount) -> (Lease, Change) {
        for dimension in Dimension::ALL.into_iter().filter(|dimension| !self.limits.binds(*dimension)) {
            *dimension.of_mut(&mut amount) = 0;
        }
        let mut change = Change::default();
        self.window = self.window_for(now, ask);
        if self.wants_window(ask) {
            self.window.requests += amount.requests;
            self.window.tokens += amount.tokens;
            change.window = Some((self.window, amount.requests, amount.tokens));
        }
        if ask.need != Amount::default() && self.limits != Limits::default() {
            self.hold(ask, amount);
            change.held.push((ask.worker.clone(), amount.nanos, amount.slots));
        }
        (Lease { amount, window: self.window }, change)
    }

    fn wants_window(&self, ask: &Ask<'_>) -> bool {
        (ask.need.requests > 0 && self.limits.requests.is_some())
            || (ask.need.tokens > 0 && self.limits.tokens.is_some())
    }

    fn window_for(&self, now: DateTime<Utc>, ask: &Ask<'_>) -> Window {
        match (self.wants_window(ask), ask.is_aligned) {
            (false, _) => self.window,
            (true, false) => self.window.at(now),
            (true, true) => self.window.aligned_at(now),
        }
    }

    fn hold(&mut self, ask: &Ask<'_>, amount: Amount) {
        let holder = self.holders.entry(ask.worker.clone()).or_default();
        if holder.window != self.window.id {
            (holder.window, holder.tokens) = (self.window.id, 0);
        }
        holder.nanos += amount.nanos;
        holder.slots += amount.slots;
        holder.tokens += amount.tokens;
        (holder.is_unasked, holder.handed_at) = (true, ask.serial);
        holder.remember(ask.serial, amount, self.window.id);
    }

    /// What may be had at most, of which how much is free. Of money, at most what is not spent.
    fn limit_and_left(&self, dimension: Dimension, window: &Window) -> Option<(i64, i64)> {
        let held = |of: fn(&Holder) -> i64| self.holders.values().map(of).fold(0, i64::saturating_add);
        let (limit, taken) = match dimension {
            Dimension::Requests => (self.limits.requests?, window.requests),
            Dimension::Tokens => (self.limits.tokens?, window.tokens),
            Dimension::Slots => (self.limits.slots?, held(|h| h.slots)),
            Dimension::Nanos => (self.limits.nanos?.saturating_sub(self.spent), held(Holder::reserved)),
        };
        Some((limit, limit.saturating_sub(taken)))
    }

    fn is_short(&self, dimension: Dimension, need: &Amount, window: &Window) -> bool {
        let Some((limit, left)) = self.limit_and_left(dimension, window) else { return false };
        let need = dimension.of(need);
        // Who needs more than the whole limit may have the whole of it, if it is free: not at once is not never.
        match dimension {
            Dimension::Nanos => limit <= 0 || need.min(limit) > left,
            _ => need > 0 && (limit <= 0 || need.min(limit) > left),
        }
    }

    /// What a worker gets of something of which there is enough.
    fn portion(&self, dimension: Dimension, ask: &Ask<'_>, window: &Window) -> i64 {
        let Some((limit, left)) = self.limit_and_left(dimension, window) else { return 0 };
        let need = dimension.of(&ask.need).clamp(0, limit.max(0));
        if need == 0 {
            return 0;
        }
        let sharers = i64::try_from(ask.workers.max(2)).unwrap_or(i64::MAX);
        let ahead = (left - need) / sharers.saturating_mul(4);
        let ahead = if ahead < LEAST_AHEAD { 0 } else { ahead.min(need.saturating_mul(MOST_AHEAD)) };
        need + ahead
    }

    fn shortage(&self, first: Dimension, of: Vec<Dimension>, ask: &Ask<'_>, window: &Window) -> Shortage {
        let (limit, left) = self.limit_and_left(first, window).unwrap_or_default();
        let limit = if first == Dimension::Nanos { limit.saturating_add(self.spent) } else { limit };
        let holders = self.holders_of(&of, ask, window);
        let is_final = match first {
            Dimension::Nanos => self.spent >= limit,
            // Requests that were begun do not come back; tokens and slots may.
            Dimension::Requests => {
                limit <= 0 || (left <= 0 && self.holders_of(&[first], ask, window).is_empty())
            }
            Dimension::Tokens | Dimension::Slots => limit <= 0,
        };
        let is_unasked = |worker| self.holders.get(worker).is_some_and(|holder: &Holder| holder.is_unasked);
        let is_unsettled = holders.iter().any(is_unasked);
        Shortage { of, limit, left: left.max(0), holders, is_unsettled, until: window.ends_at(), is_final }
    }

    fn holders_of(&self, short: &[Dimension], ask: &Ask<'_>, window: &Window) -> Vec<Arc<str>> {
        let holds = |holder: &Holder, dimension: &Dimension| match dimension {
            Dimension::Nanos => holder.nanos > 0,
            Dimension::Slots => holder.slots > 0,
            Dimension::Tokens => holder.window == window.id && holder.tokens > 0,
            Dimension::Requests => holder.window == window.id && holder.is_unasked,
        };
        self.holders
            .iter()
            .filter(|(worker, _)| !ask.is_only || *worker != ask.worker)
            .filter(|(_, holder)| short.iter().any(|dimension| holds(holder, dimension)))
            .map(|(worker, _)| worker.clone())
            .collect()
    }

    /// A lease leaves for its worker at this serial number: only who is asked later can return something of it.
    pub fn hand_out(&mut self, worker: &str, serial: u64) {
        if let Some(holder) = self.holders.get_mut(worker) {
            (holder.is_unasked, holder.handed_at) = (true, serial);
        }
    }

    /// A worker was asked at the serial number `asked` for what it has idle, and this is it.
    pub fn give_back(&mut self, worker: &str, amount: &Amount, window: u64, asked: u64) -> Change {
        let Some(holder) = self.holders.get_mut(worker) else { return Change::default() };
        holder.is_unasked &= holder.handed_at > asked;
        let amount = Amount {
            requests: amount.requests.clamp(0, self.window.requests.max(0)),
            tokens: amount.tokens.clamp(0, self.window.tokens.max(0)),
            nanos: amount.nanos.clamp(0, holder.nanos.max(0)),
            slots: amount.slots.clamp(0, holder.slots.max(0)),
        };
        self.take_back(worker, &amount, window)
    }

    fn take_back(&mut self, worker: &str, amount: &Amount, window: u64) -> Change {
        let mut change = Change::default();
        let Some(name) = self.holders.get_key_value(worker).map(|(name, _)| name.clone()) else {
            return change;
        };
        let Some(holder) = self.holders.get_mut(worker) else { return change };
        if window == self.window.id {
            self.window.requests -= amount.requests;
            self.window.tokens -= amount.tokens;
            change.window = Some((self.window, -amount.requests, -amount.tokens));
            if holder.window == window {
                holder.tokens = (holder.tokens - amount.tokens).max(0);
            }
        }
        holder.slots -= amount.slots;
        holder.nanos -= amount.nanos;
        change.held.push((name, -amount.nanos, -amount.slots));
        change
    }

    /// Takes back the lease `serial`, which did not reach its worker. Void ones are gone already.
    pub fn cancel(&mut self, worker: &str, serial: u64) -> Change {
        let recent = self.holders.get_mut(worker).map(|holder| &mut holder.recent);
        let lost = recent.and_then(|recent| {
            let at = recent.iter().position(|(s, ..)| *s == serial)?;
            recent.remove(at)
        });
        lost.map_or_else(Change::default, |(_, amount, window)| self.take_back(worker, &amount, window))
    }

    /// The worker's latest lease that it took is `received`: later ones got lost.
    pub fn acknowledge(&mut self, worker: &str, received: u64) -> Vec<Change> {
        let Some(holder) = self.holders.get_mut(worker) else { return Vec::new() };
        holder.recent.retain(|(serial, ..)| *serial > received);
        let lost = std::mem::take(&mut holder.recent);
        lost.iter().map(|(_, amount, window)| self.take_back(worker, amount, *window)).collect()
    }

    /// Whether the costs of this worker's answers come out of a lease.
    pub fn is_holder(&self, worker: &str) -> bool {
        self.holders.contains_key(worker)
    }

    /// Answers of a worker have cost this many nano-dollars, by which the spend has grown.
    pub fn settle(&mut self, worker: &str, cost: i64) {
        if let Some(holder) = self.holders.get_mut(worker) {
            holder.settle(cost);
        }
    }

    /// What was spent in this budget period and is in the ledger, in nano-dollars.
    pub fn settled(&self) -> i64 {
        self.spent
    }

    /// What all answers of this budget period have cost by now, in nano-dollars.
    pub fn spent(&mut self, nanos: i64) {
        self.spent = nanos;
    }

    /// The worker is gone for good. Its requests and tokens stay counted until the window ends.
    pub fn release(&mut self, worker: &str) -> bool {
        self.holders.remove(worker).is_some()
    }

    /// All workers are told to forget their leases.
    pub fn void(&mut self, now: DateTime<Utc>) -> Change {
        self.void_of(now, |_| true)
    }

    /// These workers are told to forget their leases.
    pub fn void_of(&mut self, now: DateTime<Utc>, is_told: impl Fn(&str) -> bool) -> Change {
        let mut change = Change::default();
        for (worker, holder) in self.holders.iter_mut().filter(|(worker, _)| is_told(worker)) {
            let (slots, debt) = holder.void(now);
            change.held.push((worker.clone(), debt, -slots));
        }
        change
    }

    /// Forgets the workers that have nothing of this key any more; returns their names.
    pub fn prune(&mut self, now: DateTime<Utc>) -> Vec<Arc<str>> {
        let window = self.window;
        let is_over = |holder: &Holder| holder.window != window.id || now >= window.ends_at();
        self.holders
            .extract_if(.., |_, holder| holder.is_empty() && is_over(holder))
            .map(|(name, _)| name)
            .collect()
    }

    /// Gives up waiting for records of leases that were made void long ago.
    pub fn expire(&mut self, now: DateTime<Utc>) -> Change {
        let mut change = Change::default();
        for (worker, holder) in &mut self.holders {
            let freed = holder.expire(now);
            if freed != 0 {
                change.held.push((worker.clone(), -freed, 0));
            }
        }
        change
    }
}
