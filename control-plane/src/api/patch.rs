//! What a request says of a field: nothing, `null`, or a value; and what is wrong with the value.

use crate::{
    durations::{Length, Unreadable},
    fault::Fault,
    store::parties::Bounds,
};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

/// Absent, `null`, or a value.
pub type Patch<T> = Option<Option<T>>;

/// For fields that are `Patch`es.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Patch<T>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Puts in what was given.
pub fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *field = given;
    }
}

/// An empty text is no text.
pub fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// No text that becomes a name has control characters.
pub fn printable(name: &str, text: Option<&str>, faults: &mut Vec<Fault>) {
    if text.is_some_and(|text| text.chars().any(char::is_control)) {
        faults.push(Fault::new(name, "must not contain control characters"));
    }
}

/// An amount of money is a number, and not negative.
pub fn money(name: &str, amount: Option<f64>, faults: &mut Vec<Fault>) {
    if let Some(amount) = amount.filter(|amount| !amount.is_finite() || *amount < 0.0) {
        faults.push(Fault::new(name, format!("must be a non-negative finite number. Received: {amount}")));
    }
}

/// A length of time.
pub fn parsed(name: &str, text: Option<String>, faults: &mut Vec<Fault>) -> Option<Length> {
    text?.parse().map_err(|e: Unreadable| faults.push(Fault::new(name, e.to_string()))).ok()
}

/// The limits of a party or a budget.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Limits {
    /// US dollars that may be spent, per `budget_duration` if there is one.
    #[serde(deserialize_with = "present")]
    pub max_budget: Patch<f64>,
    /// US dollars after which somebody should be told.
    #[serde(deserialize_with = "present")]
    pub soft_budget: Patch<f64>,
    /// When the budget starts anew: `1d` at midnight, `7d` on Monday, `30d` on the first (UTC).
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 32))]
    pub budget_duration: Patch<String>,
    /// Requests per minute.
    #[serde(deserialize_with = "present")]
    #[schemars(range(min = 0))]
    pub rpm_limit: Patch<i64>,
    /// Tokens per minute.
    #[serde(deserialize_with = "present")]
    #[schemars(range(min = 0))]
    pub tpm_limit: Patch<i64>,
    /// Requests at once.
    #[serde(deserialize_with = "present")]
    #[schemars(range(min = 0))]
    pub max_parallel_requests: Patch<i64>,
}

impl Limits {
    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Puts what was given into `bounds`, and the end of the period it is in into `reset_at`: only where the duration is
    /// another one, for given again it does not start the period anew.
    pub fn apply(
        self,
        bounds: &mut Bounds,
        reset_at: &mut Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        faults: &mut Vec<Fault>,
    ) {
        money("max_budget", self.max_budget.flatten(), faults);
        money("soft_budget", self.soft_budget.flatten(), faults);
        set(&mut bounds.max_budget, self.max_budget);
        set(&mut bounds.soft_budget, self.soft_budget);
        set(&mut bounds.rpm_limit, self.rpm_limit);
        set(&mut bounds.tpm_limit, self.tpm_limit);
        set(&mut bounds.max_parallel_requests, self.max_parallel_requests);
        if let Some(duration) = self.budget_duration {
            let length = parsed("budget_duration", duration.clone(), faults);
            if bounds.budget_duration != duration {
                *reset_at = length.map(|length| length.period_end(now));
            }
            bounds.budget_duration = duration;
        }
    }
}
