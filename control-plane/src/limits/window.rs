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
}
