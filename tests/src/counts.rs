//! What the provider has seen: counts for each model, and the last requests in full.

use serde::Serialize;
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

/// One request as it came.
#[derive(Debug, Clone, Serialize)]
pub struct Seen {
    /// `POST`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// In the order sent.
    pub headers: Vec<(String, String)>,
    /// JSON, or a string when it is none.
    pub body: Value,
    /// The model named in the body.
    pub model: String,
}

#[derive(Debug, Clone, Default, Serialize)]
struct Count {
    requests: u64,
    in_flight: u64,
    peak: u64,
    finished: u64,
    // The gateway hung up before the answer was out.
    cancelled: u64,
}

/// The provider's memory. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Counts(Rc<RefCell<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    models: BTreeMap<String, Count>,
    seen: VecDeque<Seen>,
    keep: usize,
}

impl Counts {
    /// A memory of the last `keep` requests.
    pub fn keeping(keep: usize) -> Self {
        Self(Rc::new(RefCell::new(Inner { keep, ..Inner::default() })))
    }

    /// Whether requests are remembered at all.
    pub fn remembers(&self) -> bool {
        self.0.borrow().keep > 0
    }

    /// Keeps a request.
    pub fn remember(&self, seen: Seen) {
        let mut inner = self.0.borrow_mut();
        while inner.seen.len() >= inner.keep.max(1) {
            inner.seen.pop_front();
        }
        inner.seen.push_back(seen);
    }

    /// Counts a request in: the running exchange, and how many there have been of its model.
    pub fn begin(&self, model: &str) -> (InFlight, u64) {
        let mut inner = self.0.borrow_mut();
        let count = inner.models.entry(model.to_owned()).or_default();
        count.requests += 1;
        count.in_flight += 1;
        count.peak = count.peak.max(count.in_flight);
        (InFlight { counts: self.clone(), model: model.to_owned(), finished: false }, count.requests)
    }

    /// Forgets everything.
    pub fn reset(&self) {
        let mut inner = self.0.borrow_mut();
        inner.models.clear();
        inner.seen.clear();
    }

    /// `{"models": {"<model>": {"requests": …, "cancelled": …}}}`
    pub fn stats(&self) -> Value {
        json!({ "models": self.0.borrow().models })
    }

    /// The requests remembered, oldest first; of one model, or of all.
    pub fn requests(&self, model: Option<&str>) -> Value {
        let inner = self.0.borrow();
        let wanted = inner.seen.iter().filter(|seen| model.is_none_or(|model| seen.model == model));
        json!(wanted.collect::<Vec<_>>())
    }

    fn end(&self, model: &str, finished: bool) {
        let mut inner = self.0.borrow_mut();
        // After a reset there is nothing to count down.
        let Some(count) = inner.models.get_mut(model) else { return };
        count.in_flight = count.in_flight.saturating_sub(1);
        if finished {
            count.finished += 1;
        } else {
            count.cancelled += 1;
        }
    }
}

/// A running exchange. Dropped before it is `finish`ed, it counts as cancelled by the client.
#[derive(Debug)]
pub struct InFlight {
    counts: Counts,
    model: String,
    finished: bool,
}

impl InFlight {
    /// The script has run to its end, whatever that was.
    pub fn finish(&mut self) {
        self.finished = true;
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.counts.end(&self.model, self.finished);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_dropped_early_is_cancelled() {
        let counts = Counts::keeping(1);
        let (mut whole, first) = counts.begin("m");
        let (hung_up, second) = counts.begin("m");
        whole.finish();
        drop((whole, hung_up));
        let m = &counts.stats()["models"]["m"];
        assert_eq!((first, second), (1, 2));
        assert_eq!((&m["peak"], &m["finished"], &m["cancelled"]), (&json!(2), &json!(1), &json!(1)));
    }
}
