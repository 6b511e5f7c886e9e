//! A key as the data path sees it.

use crate::{
    limits::{self, Window, from_dollars},
    store::keys::Key,
};
use chrono::{DateTime, Duration, Utc};
use tianji_proto::{Amount, Grant, Limits};

/// How long a VM may use a grant without having heard of us.
const LIVES: Duration = Duration::minutes(10);
/// When a VM should ask again.
pub const REFRESH: Duration = Duration::seconds(60);

/// The grant for a key, without a lease.
pub fn grant(key: &Key, window: &Window, spent: i64, serial: u64, now: DateTime<Utc>) -> Grant {
    let expires_at = key.expires.map_or(now + LIVES, |expires| expires.min(now + LIVES));
    Grant {
        key_hash: hex::decode(&key.token).unwrap_or_default(),
        key_alias: key.key_alias.clone().unwrap_or_default(),
        user_id: key.user_id.clone().unwrap_or_default(),
        team_id: key.team_id.clone().unwrap_or_default(),
        models: key.models.0.clone(),
        expires_at: expires_at.timestamp_millis(),
        refresh_at: (now + REFRESH).timestamp_millis(),
        limits: Some(Limits {
            requests_per_minute: key.rpm_limit,
            tokens_per_minute: key.tpm_limit,
            parallel: key.max_parallel_requests,
            budget: budget(key),
        }),
        lease: None,
        window: Some(tianji_proto::Window { id: window.id, ends_at: window.ends_at().timestamp_millis() }),
        spend: dollars(spent),
        serial,
    }
}

/// The grant of the master key: nothing binds it.
pub fn master(key_hash: Vec<u8>, serial: u64, now: DateTime<Utc>) -> Grant {
    Grant {
        key_hash,
        user_id: "default_user_id".to_owned(),
        expires_at: (now + LIVES).timestamp_millis(),
        refresh_at: (now + REFRESH).timestamp_millis(),
        limits: Some(Limits::default()),
        lease: Some(Amount::default()),
        serial,
        ..Grant::default()
    }
}

/// What the key's row says of its limits.
pub fn limits(key: &Key) -> limits::Limits {
    limits::Limits {
        requests: key.rpm_limit,
        tokens: key.tpm_limit,
        slots: key.max_parallel_requests,
        nanos: budget(key).map(from_dollars),
    }
}

/// Nano-dollars in dollars.
#[expect(clippy::cast_precision_loss, reason = "for show; exact up to nine million dollars")]
pub fn dollars(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}

/// A budget that is no number does not bind, as in `LiteLLM`.
fn budget(key: &Key) -> Option<f64> {
    key.max_budget.filter(|budget| budget.is_finite())
}
