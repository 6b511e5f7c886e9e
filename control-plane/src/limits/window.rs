//! A key's current minute: it begins with the first use after the last one has ended.

use chrono::{DateTime, Duration, Utc};

/// How long a window is.
pub const LENGTH: Duration = Duration::seconds(60);

/// One window of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Grows by one with each window of the key.
    pub id: u64,
    /// When its first use was.
    pub started_at: DateTime<Utc>,
    /// Requests leased and not returned.
    pub requests: i64,
    /// Tokens leased and not returned.
    pub tokens: i64,
}

impl Window {
    /// Before any use.
    pub const NONE: Self = Self { id: 0, started_at: DateTime::UNIX_EPOCH, requests: 0, tokens: 0 };

    /// When it ends.
    pub fn ends_at(&self) -> DateTime<Utc> {
        self.started_at + LENGTH
    }

    /// This window, or the next one if this has ended.
    #[must_use]
    pub fn at(&self, now: DateTime<Utc>) -> Self {
        if now < self.ends_at() {
            return *self;
        }
        Self { id: self.id + 1, started_at: now, requests: 0, tokens: 0 }
    }

    /// The same for windows that begin with the clock's minutes: those of a key that shares limits with others, and of
    /// what it shares. So all of them turn together, and what is leased belongs to one window of each. What was used in a
    /// window that is still running counts on.
    #[must_use]
    pub fn aligned_at(&self, now: DateTime<Utc>) -> Self {
        let minute = now.timestamp().div_euclid(LENGTH.num_seconds());
        let started_at = DateTime::from_timestamp(minute * LENGTH.num_seconds(), 0).unwrap_or(now);
        if self.started_at == started_at {
            return *self;
        }
        let (requests, tokens) = if now < self.ends_at() { (self.requests, self.tokens) } else { (0, 0) };
        let id = (self.id + 1).max(minute.cast_unsigned());
        Self { id, started_at, requests, tokens }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    #[test]
    fn aligned_windows_turn_together_whatever_came_before() {
        let own = Window { id: 7, started_at: at(30), requests: 3, tokens: 5 };
        let (one, other) = (own.aligned_at(at(40)), Window::NONE.aligned_at(at(40)));
        assert_eq!((one.id, one.started_at), (other.id, other.started_at));
        assert_eq!((one.requests, other.requests), (3, 0), "a window that still runs counts on");
        let next = one.aligned_at(at(60));
        assert_eq!((next.id, next.requests, next.started_at), (one.id + 1, 0, at(60)));
        assert_eq!(next.aligned_at(at(119)), next);
        let back = next.at(at(130));
        assert!(back.id > next.id && back.aligned_at(at(131)).id > back.id, "ids only grow");
    }
}
