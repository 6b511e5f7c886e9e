//! The time, as an argument: tests move it by hand.

use chrono::{DateTime, SubsecRound, Utc};
use std::sync::{Arc, Mutex};

/// Where the time comes from.
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<Mutex<DateTime<Utc>>>>);

impl Clock {
    /// The real one.
    pub fn system() -> Self {
        Self(None)
    }

    /// One that stands at `time` until it is moved with `set`.
    #[cfg(test)]
    pub fn fixed(time: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(Mutex::new(time))))
    }

    /// Moves a fixed clock.
    #[cfg(test)]
    pub fn set(&self, time: DateTime<Utc>) {
        if let Some(fixed) = &self.0 {
            *fixed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = time;
        }
    }

    /// Now, to the microsecond: what both databases keep.
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Some(fixed) => *fixed.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
            #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
            None => Utc::now().trunc_subsecs(6),
        }
    }
}
