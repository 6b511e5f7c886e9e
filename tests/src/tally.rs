//! What a load run found: statuses, latencies, and whether the answers were whole.

use hdrhistogram::Histogram;
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

/// How one request ended.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// HTTP status.
    pub status: u16,
    /// Body bytes.
    pub bytes: u64,
    /// Server-sent events; 0 for a whole answer.
    pub events: u64,
    /// From the request's first byte to the answer's last.
    pub latency: Duration,
    /// From the request's first byte to the body's first.
    pub first: Duration,
    /// The body came to its proper end: for a stream, its closing event.
    pub whole: bool,
    /// `x-tianji-call-id`, where there was one.
    pub call_id: String,
}

/// All of them.
pub struct Tally {
    statuses: BTreeMap<u16, u64>,
    errors: BTreeMap<String, u64>,
    incomplete: u64,
    bytes: u64,
    events: u64,
    latency: Histogram<u64>,
    first: Histogram<u64>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            statuses: BTreeMap::new(),
            errors: BTreeMap::new(),
            incomplete: 0,
            bytes: 0,
            events: 0,
            latency: histogram(),
            first: histogram(),
        }
    }
}

/// Microseconds with three digits, up to an hour.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 3_600_000_000, 3).expect("the bounds are in order")
}

impl Tally {
    /// Counts an answer.
    pub fn add(&mut self, outcome: &Outcome) {
        *self.statuses.entry(outcome.status).or_default() += 1;
        self.incomplete += u64::from(!outcome.whole);
        self.bytes += outcome.bytes;
        self.events += outcome.events;
        self.latency.saturating_record(micros(outcome.latency));
        self.first.saturating_record(micros(outcome.first));
    }

    /// Counts a request without an answer.
    pub fn add_error(&mut self, error: &str) {
        *self.errors.entry(error.to_owned()).or_default() += 1;
    }

    /// One JSON object; latencies in microseconds.
    pub fn report(&self, elapsed: Duration) -> Value {
        let answers: u64 = self.statuses.values().sum();
        json!({
            "answers": answers,
            "statuses": self.statuses,
            "incomplete": self.incomplete,
            "transport_errors": self.errors.values().sum::<u64>(),
            "errors": self.errors,
            "bytes": self.bytes,
            "events": self.events,
            "seconds": elapsed.as_secs_f64(),
            "per_second": f64::from(u32::try_from(answers).unwrap_or(u32::MAX)) / elapsed.as_secs_f64().max(1e-9),
            "latency": quantiles(&self.latency),
            "first": quantiles(&self.first),
        })
    }
}

fn quantiles(histogram: &Histogram<u64>) -> Value {
    let at = |quantile| histogram.value_at_quantile(quantile);
    json!({
        "mean": histogram.mean(), "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "max": histogram.max(),
    })
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Counts the events of a stream as its bytes pass, and remembers how it ended.
#[derive(Debug, Default)]
pub struct Events {
    /// Blank lines seen, each the end of an event.
    pub count: u64,
    last: u8,
    tail: Vec<u8>,
}

/// Long enough for both dialects' closing events.
const TAIL: usize = 96;

impl Events {
    /// The next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        for &byte in bytes.iter().filter(|&&byte| byte != b'\r') {
            self.count += u64::from(byte == b'\n' && self.last == b'\n');
            self.last = byte;
        }
        self.tail.extend_from_slice(&bytes[bytes.len().saturating_sub(TAIL)..]);
        self.tail.drain(..self.tail.len().saturating_sub(TAIL));
    }

    /// The closing event has come: `data: [DONE]` or `message_stop`.
    pub fn closed(&self) -> bool {
        let has = |end: &[u8]| self.tail.windows(end.len()).any(|window| window == end);
        has(b"data: [DONE]") || has(b"\"message_stop\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_across_any_split() {
        let stream = b"event: x\ndata: 1\n\ndata: 2\r\n\r\ndata: [DONE]\n\n";
        for size in 1..stream.len() {
            let mut events = Events::default();
            stream.chunks(size).for_each(|piece| events.push(piece));
            assert!(events.count == 3 && events.closed(), "pieces of {size}");
        }
    }

    #[test]
    fn a_stream_without_its_closing_event_is_not_closed() {
        let mut events = Events::default();
        events.push(b"data: [DONE] was said early\n\n");
        events.push(&[b'x'; 200]);
        assert!(!events.closed());
    }
}
