//! What this VM knows of callers and what it holds for them: grants and leases. A request that finds both here makes
//! no network hop.
//!
//! Per key: what the control plane has handed out = free + reserved by requests in flight + used and not yet reported.

use crate::error::Error;
use foldhash::HashMap;
use std::rc::Rc;
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
    /// Leased and not reserved. Below zero where answers cost more than was reserved for them, and by what is `asked`.
    free: Amount,
    /// Reserved before it was leased: the control plane has been asked for it.
    asked: Amount,
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
    asked: Amount,
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
    /// Ask the control plane for this much, and then `Book::confirm` the ticket.
    Short(Amount, Ticket),
    /// No.
    Refused(Denial),
    /// The caller has been forgotten meanwhile: ask who it is.
    Unknown,
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

    /// Takes a request's share. What the lease does not cover is taken all the same and has to be asked for, so that no
    /// recall gives away what the request counts on meanwhile.
    pub fn admit(&mut self, hash: &KeyHash, demand: Demand, now: i64) -> Admission {
        let Some(caller) = self.callers.get_mut(hash) else { return Admission::Unknown };
        caller.turn_window(now);
        let reserved = caller.reserve(demand);
        let missing = caller.missing(reserved);
        if missing == Amount::default() {
            return Admission::Admitted(caller.take(*hash, reserved, missing, now));
        }
        match &caller.refusal {
            Some(denial) if now < denial.holds_until => Admission::Refused(denial.clone()),
            _ => Admission::Short(missing, caller.take(*hash, reserved, missing, now)),
        }
    }

    /// The control plane has answered for a ticket. One it did not grant is good all the same if something has become
    /// free here meanwhile. `false`: refund it.
    pub fn confirm(&mut self, ticket: &mut Ticket, granted: bool) -> bool {
        let Some(caller) = self.callers.get_mut(&ticket.hash) else { return false };
        if ticket.epoch != caller.epoch {
            return false;
        }
        caller.asked = minus(caller.asked, std::mem::take(&mut ticket.asked));
        if granted {
            ticket.window = caller.window.id;
        }
        granted || caller.covers(ticket.reserved)
    }

    /// A request is over: what it reserved is freed, what it used is not.
    #[expect(clippy::needless_pass_by_value, reason = "a ticket is settled once")]
    pub fn settle(&mut self, ticket: Ticket, used: Demand, now: i64) {
        let Some(caller) = self.callers.get_mut(&ticket.hash) else { return };
        caller.used_at = now;
        caller.in_flight = caller.in_flight.saturating_sub(1);
        if ticket.epoch != caller.epoch {
            return;
        }
        caller.asked = minus(caller.asked, ticket.asked);
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
                caller.void_window();
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
            asked: Amount::default(),
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
        self.asked = Amount::default();
        self.epoch += 1;
        self.refusal = None;
    }

    /// A minute that is over voids what was leased for it.
    fn turn_window(&mut self, now: i64) {
        if now >= self.window.ends_at {
            self.void_window();
        }
    }

    fn void_window(&mut self) {
        self.free.requests = -self.asked.requests;
        self.free.tokens = -self.asked.tokens;
    }

    /// What of `wanted` neither is free nor has been asked for already.
    fn missing(&self, wanted: Amount) -> Amount {
        // A dimension that is not wanted is not limited: an old debt in it does not matter.
        let missing =
            |wanted: i64, free: i64, asked: i64| if wanted > 0 { (wanted - free - asked).max(0) } else { 0 };
        let (free, asked) = (&self.free, &self.asked);
        Amount {
            requests: missing(wanted.requests, free.requests, asked.requests),
            tokens: missing(wanted.tokens, free.tokens, asked.tokens),
            nanos: missing(wanted.nanos, free.nanos, asked.nanos),
            slots: missing(wanted.slots, free.slots, asked.slots),
        }
    }

    /// Whether what was reserved is covered: nothing of it is owed, but for what has been asked for.
    fn covers(&self, reserved: Amount) -> bool {
        let fine = |reserved: i64, free: i64, asked: i64| reserved == 0 || free + asked >= 0;
        let (free, asked) = (&self.free, &self.asked);
        fine(reserved.requests, free.requests, asked.requests)
            && fine(reserved.tokens, free.tokens, asked.tokens)
            && fine(reserved.nanos, free.nanos, asked.nanos)
            && fine(reserved.slots, free.slots, asked.slots)
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

    fn take(&mut self, hash: KeyHash, reserved: Amount, asked: Amount, now: i64) -> Ticket {
        self.used_at = now;
        self.in_flight += 1;
        self.free = minus(self.free, reserved);
        self.asked = plus(self.asked, asked);
        Ticket { hash, reserved, asked, window: self.window.id, epoch: self.epoch }
    }

    fn give_back(&mut self) -> Idle {
        let free = &mut self.free;
        let amount = Amount {
            requests: free.requests.max(0),
            tokens: free.tokens.max(0),
            nanos: free.nanos.max(0),
            slots: free.slots.max(0),
        };
        *free = minus(*free, amount);
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

fn plus(a: Amount, b: Amount) -> Amount {
    Amount {
        requests: a.requests + b.requests,
        tokens: a.tokens + b.tokens,
        nanos: a.nanos + b.nanos,
        slots: a.slots + b.slots,
    }
}

fn minus(a: Amount, b: Amount) -> Amount {
    Amount {
        requests: a.requests - b.requests,
        tokens: a.tokens - b.tokens,
        nanos: a.nanos - b.nanos,
        slots: a.slots - b.slots,
    }
}

#[cfg(test)]
mod tests;
