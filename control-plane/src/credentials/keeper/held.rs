//! One credential: its token, when to ask for the next, and what became of the last attempt.

use super::Standing;
use crate::credentials::{Error, Source, Token};
use chrono::{DateTime, TimeDelta, Utc};
use std::{collections::BTreeSet, sync::Arc};

/// The longest between two attempts, when many have failed; the first waits a second.
const SLOWEST: TimeDelta = TimeDelta::minutes(1);

/// A credential, its token and what became of the attempts to get one.
pub(super) struct Held {
    /// Where tokens are had.
    pub source: Arc<dyn Source>,
    /// The deployments that want it.
    pub deployments: BTreeSet<String>,
    /// The token, as long as it is good.
    pub token: Option<Token>,
    /// When to ask next.
    pub due: DateTime<Utc>,
    /// It is being asked for.
    pub asked: bool,
    /// Attempts that failed since the last that did not.
    failures: u32,
    /// Why the last one failed.
    error: Option<Error>,
}

impl Held {
    /// One that is to be asked for at once.
    pub fn new(source: Arc<dyn Source>, due: DateTime<Utc>) -> Self {
        Self {
            source,
            deployments: BTreeSet::new(),
            token: None,
            due,
            asked: false,
            failures: 0,
            error: None,
        }
    }

    /// At least one attempt has ended.
    pub fn was_asked_for(&self) -> bool {
        self.token.is_some() || self.error.is_some()
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        Standing {
            issuer: self.source.kind(),
            deployments: self.deployments.clone(),
            held: self.token.is_some(),
            expires: self.token.as_ref().map(|token| token.expires),
            error: self.error.as_ref().map(ToString::to_string),
        }
    }

    /// Lets go of a token whose life is over. Whether it was.
    pub fn drop_expired(&mut self, now: DateTime<Utc>) -> bool {
        let expired = self.token.take_if(|token| token.expires <= now).is_some();
        if expired {
            tracing::error!(issuer = self.source.kind(), deployments = ?self.deployments, "a token has expired");
        }
        expired
    }

    /// Takes what was brought. Whether there is a new token.
    pub fn take(&mut self, result: Result<Token, Error>, now: DateTime<Utc>) -> bool {
        let (issuer, deployments) = (self.source.kind(), &self.deployments);
        match result {
            Ok(token) => {
                tracing::info!(issuer, ?deployments, expires = %token.expires, "a token was issued");
                self.due = renewal(now, token.expires);
                (self.failures, self.error) = (0, None);
                let changed = self.token.as_ref().is_none_or(|old| old.value != token.value);
                self.token = Some(token);
                changed
            }
            Err(error) => {
                tracing::warn!(issuer, ?deployments, %error, "no token was issued");
                self.due = now + back_off(self.failures);
                self.failures = self.failures.saturating_add(1);
                self.error = Some(error);
                false
            }
        }
    }
}

/// At four fifths of a token's life, or a little earlier: not all at the same moment.
fn renewal(now: DateTime<Utc>, expires: DateTime<Utc>) -> DateTime<Utc> {
    let life = (expires - now).max(TimeDelta::seconds(1));
    now + life * 4 / 5 - life / 20 * jitter() / 256
}

/// Twice as long each time, the last quarter of it by chance.
fn back_off(failures: u32) -> TimeDelta {
    let pause = (TimeDelta::seconds(1) * 2_i32.saturating_pow(failures.min(8))).min(SLOWEST);
    pause - pause / 4 * jitter() / 256
}

/// Of 256. Without randomness from the system there is none.
fn jitter() -> i32 {
    let mut byte = [0];
    let _ = getrandom::fill(&mut byte);
    byte[0].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_minute_and_are_never_equal_for_all() {
        let longest = [1, 2, 4, 8, 16, 32, 60, 60, 60];
        for (failures, longest) in (0..).zip(longest) {
            let pause = back_off(failures).num_milliseconds();
            assert!((longest * 750..=longest * 1000).contains(&pause), "{failures}: {pause}");
        }
        assert!(back_off(u32::MAX) <= SLOWEST);
    }
}
