//! What this VM knows of callers and what it holds for them: grants and leases. A request that finds both here makes
//! no network hop.
//!
//! Per key: what the control plane has handed out = free + reserved by requests in flight + used and not yet reported.

use crate::error::Error;
use std::{collections::HashMap, rc::Rc};
use tianji_proto::{Amount, Denial, Grant, Window};

/// SHA-256 of a credential.
pub type KeyHash = [u8; 32];

/// Grants and refusals kept at most; the ones longest unused go first.
const CAPACITY: usize = 20_000;
/// A lease idle for so long (milliseconds) is given back.
const IDLE: i64 = 5_000;

/// Every caller this VM has met.
#[derive(Default)]
pub struct Book {
    callers: HashMap<KeyHash, Caller>,
    refusals: HashMap<KeyHash, Denial>,
}

struct Caller {
    grant: Rc<Grant>,
    /// Unix milliseconds; the grant's own until it is revoked.
    expires_at: i64,
    /// May be negative: answers that cost more than was reserved for them.
    free: Amount,
    window: Window,
    /// Ask again before the next use: the link was down meanwhile.
    stale: bool,
    /// Grants with a smaller serial are void.
    void_before: u64,
    /// Grows when the lease is made void: tickets of an older one settle to nothing.
    epoch: u32,
    /// A refusal of more that holds for a while, for instance until the window ends.
    refusal: Option<Denial>,
    /// Requests that hold a ticket.
    in_flight: usize,
    used_at: i64,
}

/// What a request may turn out to use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Demand {
    /// Tokens, in and out.
    pub tokens: i64,
    /// 10^-9 US dollars.
    pub nanos: i64,
}

/// An admitted request's share of a lease. Give it back with `Book::settle`, exactly once.
#[derive(Debug, PartialEq)]
pub struct Ticket {
    hash: KeyHash,
    reserved: Amount,
    window: u64,
    epoch: u32,
}

/// What is given back of a lease.
#[derive(Debug, Default, PartialEq)]
pub struct Idle {
    /// How much of it.
    pub amount: Amount,
    /// The window its requests and tokens belong to.
    pub window: u64,
    /// The latest grant's serial.
    pub serial: u64,
}

/// The book's answer.
#[derive(Debug, PartialEq)]
pub enum Admission {
    /// Go ahead.
    Admitted(Ticket),
    /// Ask the control plane for this much.
    Short(Amount),
    /// No.
    Refused(Denial),
}

/// Whether a caller is known.
#[derive(Debug, PartialEq)]
pub enum Known {
    /// Yes, by this grant.
    Granted(Rc<Grant>),
    /// A grant is here but should be confirmed, if the control plane can be reached.
    Stale(Rc<Grant>),
    /// Known to be refused.
    Refused(Denial),
    /// Never heard of, or expired.
    No,
}

impl Book {
    /// Who `hash` is, at `now` (Unix milliseconds).
    pub fn caller(&self, hash: &KeyHash, now: i64) -> Known {
        if let Some(denial) = self.refusals.get(hash).filter(|d| now < d.holds_until) {
            return Known::Refused(denial.clone());
        }
        match self.callers.get(hash) {
            Some(caller) if now >= caller.expires_at => Known::No,
            Some(caller) if caller.stale || now >= caller.grant.refresh_at => {
                Known::Stale(caller.grant.clone())
            }
            Some(caller) => Known::Granted(caller.grant.clone()),
            None => Known::No,
        }
    }

    /// Takes a request's share, if the lease covers it.
    pub fn admit(&mut self, hash: &KeyHash, demand: Demand, now: i64) -> Admission {
        let Some(caller) = self.callers.get_mut(hash) else {
            return Admission::Short(Amount::default());
        };
        caller.turn_window(now);
        let reserved = caller.reserve(demand);
        let missing = shortage(reserved, caller.free);
        if missing == Amount::default() {
            return Admission::Admitted(caller.take(*hash, reserved, now));
        }
        match &caller.refusal {
            Some(denial) if now < denial.holds_until => Admission::Refused(denial.clone()),
            _ => Admission::Short(missing),
        }
    }

    /// The control plane said yes to a request: it goes ahead, whatever else has happened to the lease meanwhile.
    pub fn admit_granted(&mut self, hash: &KeyHash, demand: Demand, now: i64) -> Option<Ticket> {
        let caller = self.callers.get_mut(hash)?;
        let reserved = caller.reserve(demand);
        Some(caller.take(*hash, reserved, now))
    }

    /// A request is over: what it reserved is freed, what it used is not.
    pub fn settle(&mut self, ticket: Ticket, used: Demand, now: i64) {
        let Some(caller) = self.callers.get_mut(&ticket.hash) else { return };
        caller.used_at = now;
        caller.in_flight = caller.in_flight.saturating_sub(1);
        if ticket.epoch != caller.epoch {
            return;
        }
        caller.free.slots += ticket.reserved.slots;
        if ticket.reserved.nanos > 0 {
            caller.free.nanos += ticket.reserved.nanos - used.nanos;
        }
        if ticket.reserved.tokens > 0 && ticket.window == caller.window.id {
            caller.free.tokens += ticket.reserved.tokens - used.tokens;
        }
    }

    /// A request that never reached a provider: nothing of it counts.
    pub fn refund(&mut self, ticket: Ticket, now: i64) {
        if let Some(caller) = self.callers.get_mut(&ticket.hash)
            && (ticket.window, ticket.epoch) == (caller.window.id, caller.epoch)
        {
            caller.free.requests += ticket.reserved.requests;
        }
        self.settle(ticket, Demand::default(), now);
    }

    /// A grant has come, with or without a lease. `None` when it was made void before it came.
    pub fn granted(&mut self, hash: KeyHash, mut grant: Grant, now: i64) -> Option<Rc<Grant>> {
        self.refusals.remove(&hash);
        let caller = self.callers.entry(hash).or_insert_with(|| Caller::new(now));
        if grant.serial < caller.void_before {
            return None;
        }
        let lease = grant.lease.take().unwrap_or_default();
        if let Some(window) = grant.window.take().filter(|window| window.id >= caller.window.id) {
            if window.id > caller.window.id {
                caller.free.requests = 0;
                caller.free.tokens = 0;
            }
            caller.window = window;
            caller.free.requests += lease.requests;
            caller.free.tokens += lease.tokens;
        }
        caller.free.nanos += lease.nanos;
        caller.free.slots += lease.slots;
        caller.expires_at = grant.expires_at;
        caller.stale = false;
        caller.refusal = None;
        caller.grant = Rc::new(grant);
        Some(caller.grant.clone())
    }

    /// A refusal has come; remembered for as long as it says.
    pub fn denied(&mut self, hash: KeyHash, denial: &Denial) {
        if denial.status == 401 {
            self.callers.remove(&hash);
            if self.refusals.len() < CAPACITY {
                self.refusals.insert(hash, denial.clone());
            }
        } else if let Some(caller) = self.callers.get_mut(&hash) {
            caller.refusal = Some(denial.clone());
        }
    }

    /// Gives back what is free of a key's lease.
    pub fn recall(&mut self, hash: &KeyHash) -> Idle {
        self.callers.get_mut(hash).map(Caller::give_back).unwrap_or_default()
    }

    /// This key was changed: its grant and its lease are void.
    pub fn revoke(&mut self, hash: &KeyHash, serial: u64) {
        self.refusals.remove(hash);
        if let Some(caller) = self.callers.get_mut(hash) {
            caller.void(serial);
        }
    }

    /// All of them are void.
    pub fn revoke_all(&mut self, serial: u64) {
        self.refusals.clear();
        self.callers.values_mut().for_each(|caller| caller.void(serial));
    }

    /// The link is new: changes may have been missed.
    pub fn suspect_all(&mut self) {
        self.refusals.clear();
        for caller in self.callers.values_mut() {
            caller.stale = true;
        }
    }

    /// Forgets what has expired and gives back what lies idle.
    pub fn sweep(&mut self, now: i64) -> Vec<(KeyHash, Idle)> {
        self.refusals.retain(|_, denial| now < denial.holds_until);
        let mut returned = Vec::new();
        for (hash, caller) in &mut self.callers {
            if now - caller.used_at > IDLE || now >= caller.expires_at {
                let idle = caller.give_back();
                if idle.amount != Amount::default() {
                    returned.push((*hash, idle));
                }
            }
        }
        self.callers.retain(|_, caller| caller.in_flight > 0 || now < caller.expires_at);
        if self.callers.len() > CAPACITY {
            let mut ages: Vec<i64> = self.callers.values().map(|c| c.used_at).collect();
            ages.sort_unstable();
            let limit = ages.get(ages.len() - CAPACITY).copied().unwrap_or(now);
            self.callers.retain(|_, caller| caller.in_flight > 0 || caller.used_at >= limit);
        }
        returned
    }
}

impl Caller {
    fn new(now: i64) -> Self {
        Self {
            grant: Rc::default(),
            expires_at: 0,
            free: Amount::default(),
            window: Window::default(),
            stale: false,
            void_before: 0,
            epoch: 0,
            refusal: None,
            in_flight: 0,
            used_at: now,
        }
    }

    fn void(&mut self, serial: u64) {
        self.void_before = serial;
        self.expires_at = 0;
        self.free = Amount::default();
        self.epoch += 1;
        self.refusal = None;
    }

    /// A minute that is over voids what was leased for it.
    fn turn_window(&mut self, now: i64) {
        if now >= self.window.ends_at {
            self.free.requests = 0;
            self.free.tokens = 0;
        }
    }

    /// What a demand comes to where it is limited. One that exceeds a whole limit counts as the limit: it may pass
    /// when all of it is free.
    fn reserve(&self, demand: Demand) -> Amount {
        let limits = self.grant.limits.unwrap_or_default();
        let budget = limits.budget.map(nanos);
        Amount {
            requests: limits.requests_per_minute.map_or(0, |_| 1),
            tokens: limits.tokens_per_minute.map_or(0, |limit| demand.tokens.min(limit).max(1)),
            nanos: budget.map_or(0, |limit| demand.nanos.min(limit).max(1)),
            slots: limits.parallel.map_or(0, |_| 1),
        }
    }

    fn take(&mut self, hash: KeyHash, reserved: Amount, now: i64) -> Ticket {
        self.used_at = now;
        self.in_flight += 1;
        self.free.requests -= reserved.requests;
        self.free.tokens -= reserved.tokens;
        self.free.nanos -= reserved.nanos;
        self.free.slots -= reserved.slots;
        Ticket { hash, reserved, window: self.window.id, epoch: self.epoch }
    }

    fn give_back(&mut self) -> Idle {
        let free = &mut self.free;
        let amount = Amount {
            requests: free.requests.max(0),
            tokens: free.tokens.max(0),
            nanos: free.nanos.max(0),
            slots: free.slots.max(0),
        };
        free.requests -= amount.requests;
        free.tokens -= amount.tokens;
        free.nanos -= amount.nanos;
        free.slots -= amount.slots;
        Idle { amount, window: self.window.id, serial: self.grant.serial }
    }
}

/// US dollars as 10^-9 US dollars, rounded up: a lease must cover what it stands for.
pub fn nanos(dollars: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a float beyond i64 saturates, as it should here")]
    let nanos = (dollars * 1e9).ceil() as i64;
    nanos.max(0)
}

/// The refusal as an error for the client.
pub fn refusal(denial: &Denial) -> Error {
    let status = u16::try_from(denial.status).unwrap_or(500);
    let mut error = Error::new(status, &denial.r#type, denial.message.clone());
    if denial.retry_after_ms > 0 {
        error.retry_after = Some(denial.retry_after_ms.max(0).unsigned_abs().div_ceil(1000).to_string());
    }
    error
}

fn shortage(wanted: Amount, free: Amount) -> Amount {
    // A dimension that is not wanted is not limited: an old debt in it does not matter.
    let missing = |wanted: i64, free: i64| if wanted > 0 { (wanted - free).max(0) } else { 0 };
    Amount {
        requests: missing(wanted.requests, free.requests),
        tokens: missing(wanted.tokens, free.tokens),
        nanos: missing(wanted.nanos, free.nanos),
        slots: missing(wanted.slots, free.slots),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tianji_proto::Limits;

    const KEY: KeyHash = [7; 32];
    const SMALL: Demand = Demand { tokens: 10, nanos: 100 };

    fn grant(limits: Limits, lease: Amount) -> Grant {
        Grant {
            key_hash: KEY.to_vec(),
            expires_at: 100_000,
            refresh_at: 50_000,
            limits: Some(limits),
            lease: Some(lease),
            window: Some(Window { id: 1, ends_at: 60_000 }),
            ..Grant::default()
        }
    }

    fn rpm(limit: i64) -> Limits {
        Limits { requests_per_minute: Some(limit), ..Limits::default() }
    }

    #[test]
    fn a_caller_without_limits_is_admitted_for_ever() {
        let mut book = Book::default();
        book.granted(KEY, grant(Limits::default(), Amount::default()), 0);
        for _ in 0..1000 {
            assert!(matches!(book.admit(&KEY, SMALL, 1), Admission::Admitted(_)));
        }
    }

    #[test]
    fn a_spent_lease_asks_for_exactly_what_is_missing() {
        let mut book = Book::default();
        book.granted(KEY, grant(rpm(100), Amount { requests: 1, ..Amount::default() }), 0);
        assert!(matches!(book.admit(&KEY, SMALL, 1), Admission::Admitted(_)));
        assert_eq!(book.admit(&KEY, SMALL, 1), Admission::Short(Amount { requests: 1, ..Amount::default() }));
    }

    #[test]
    fn a_lease_ends_with_its_minute() {
        let mut book = Book::default();
        book.granted(KEY, grant(rpm(100), Amount { requests: 50, ..Amount::default() }), 0);
        assert!(matches!(book.admit(&KEY, SMALL, 60_000), Admission::Short(_)));
    }

    #[test]
    fn a_slot_is_free_again_when_the_request_is_over() {
        let mut book = Book::default();
        let limits = Limits { parallel: Some(1), ..Limits::default() };
        book.granted(KEY, grant(limits, Amount { slots: 1, ..Amount::default() }), 0);
        let Admission::Admitted(ticket) = book.admit(&KEY, SMALL, 1) else { panic!("not admitted") };
        assert!(matches!(book.admit(&KEY, SMALL, 1), Admission::Short(_)));
        book.settle(ticket, SMALL, 2);
        assert!(matches!(book.admit(&KEY, SMALL, 3), Admission::Admitted(_)));
    }

    #[test]
    fn what_was_reserved_and_not_used_is_free_again_and_what_was_used_beyond_is_owed() {
        let mut book = Book::default();
        let limits = Limits { tokens_per_minute: Some(1000), ..Limits::default() };
        book.granted(KEY, grant(limits, Amount { tokens: 100, ..Amount::default() }), 0);
        let Admission::Admitted(ticket) = book.admit(&KEY, Demand { tokens: 80, nanos: 0 }, 1) else {
            panic!()
        };
        book.settle(ticket, Demand { tokens: 130, nanos: 0 }, 2);
        let missing = Amount { tokens: 40, ..Amount::default() };
        assert_eq!(book.admit(&KEY, SMALL, 3), Admission::Short(missing), "30 owed, 10 wanted");
    }

    #[test]
    fn a_revoked_grant_is_void_and_so_is_what_its_requests_give_back() {
        let mut book = Book::default();
        let limits = Limits { parallel: Some(2), ..Limits::default() };
        book.granted(KEY, grant(limits, Amount { slots: 2, ..Amount::default() }), 0);
        let Admission::Admitted(ticket) = book.admit(&KEY, SMALL, 1) else { panic!() };
        book.revoke(&KEY, 5);
        assert_eq!(book.caller(&KEY, 2), Known::No);
        assert_eq!(book.granted(KEY, grant(limits, Amount { slots: 2, ..Amount::default() }), 2), None, "sent before");
        book.settle(ticket, SMALL, 3);
        assert_eq!(book.recall(&KEY).amount, Amount::default(), "the slot was of the void lease");
    }

    #[test]
    fn a_recall_gives_back_what_is_free_and_no_more() {
        let mut book = Book::default();
        book.granted(KEY, grant(rpm(100), Amount { requests: 5, ..Amount::default() }), 0);
        assert!(matches!(book.admit(&KEY, SMALL, 1), Admission::Admitted(_)));
        assert_eq!(book.recall(&KEY).amount, Amount { requests: 4, ..Amount::default() });
        assert_eq!(book.recall(&KEY).amount, Amount::default());
    }

    #[test]
    fn a_request_that_reached_no_provider_does_not_count() {
        let mut book = Book::default();
        book.granted(KEY, grant(rpm(1), Amount { requests: 1, ..Amount::default() }), 0);
        let Admission::Admitted(ticket) = book.admit(&KEY, SMALL, 1) else { panic!() };
        book.refund(ticket, 2);
        assert!(matches!(book.admit(&KEY, SMALL, 3), Admission::Admitted(_)));
    }

    #[test]
    fn a_refusal_holds_as_long_as_it_says() {
        let mut book = Book::default();
        book.granted(KEY, grant(rpm(1), Amount::default()), 0);
        book.denied(KEY, &Denial { status: 429, holds_until: 1000, ..Denial::default() });
        assert!(matches!(book.admit(&KEY, SMALL, 999), Admission::Refused(_)));
        assert!(matches!(book.admit(&KEY, SMALL, 1000), Admission::Short(_)));
    }

    #[test]
    fn an_idle_lease_is_given_back() {
        let mut book = Book::default();
        book.granted(KEY, grant(rpm(100), Amount { requests: 5, ..Amount::default() }), 0);
        assert_eq!(book.sweep(IDLE), []);
        let idle = Idle { amount: Amount { requests: 5, ..Amount::default() }, window: 1, serial: 0 };
        assert_eq!(book.sweep(IDLE + 1), [(KEY, idle)]);
    }
}
