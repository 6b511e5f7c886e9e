//! A key as the data path sees it.

use super::scopes::{Shared, tightest};
use crate::{
    limits::{self, Window, from_dollars},
    store::{
        keys::Key,
        parties::{Kind, Party},
    },
};
use chrono::{DateTime, Duration, Utc};
use std::sync::Arc;
use tianji_proto::{Access, Amount, Grant, Limits};

/// How long a VM may use a grant without having heard of us.
const LIVES: Duration = Duration::minutes(10);
/// In a user's list: no model but its teams'.
const NO_DEFAULT: &str = "no-default-models";
/// When a VM should ask again.
pub const REFRESH: Duration = Duration::seconds(60);

/// The grant for a key and all it belongs to, without a lease.
pub fn grant(
    key: &Key,
    scopes: &[Arc<Shared>],
    window: &Window,
    spent: i64,
    serial: u64,
    now: DateTime<Utc>,
) -> Grant {
    let tightest = tightest(limits(key), scopes);
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
            requests_per_minute: tightest.requests,
            tokens_per_minute: tightest.tokens,
            parallel: tightest.slots,
            budget: tightest.nanos.map(dollars),
        }),
        lease: None,
        window: Some(tianji_proto::Window { id: window.id, ends_at: window.ends_at().timestamp_millis() }),
        spend: dollars(spent),
        serial,
        organization_id: organization(key, scopes).unwrap_or_default(),
        access: scopes.iter().filter_map(|shared| access(key, &shared.state().party)).collect(),
        tags: key.tags(),
    }
}

/// The organization that counts: the key's own, or its team's.
pub fn organization(key: &Key, scopes: &[Arc<Shared>]) -> Option<String> {
    let of_team = || {
        let team = scopes.iter().find(|shared| shared.state().party.kind == Kind::Team)?;
        team.state().party.organization_id.clone()
    };
    key.organization_id.clone().or_else(of_team)
}

/// What a party allows the key, if it says anything of that.
fn access(key: &Key, party: &Party) -> Option<Access> {
    let of = match party.kind {
        Kind::User => "user",
        Kind::Team => "team",
        Kind::TeamMember => "team_member",
        Kind::Organization => "org",
        Kind::OrganizationMember | Kind::Customer | Kind::Tag => return None,
    };
    let mut models = party.models.0.clone();
    if party.kind == Kind::User && models.iter().any(|model| model == NO_DEFAULT) {
        // It says that a user may use what its teams may, and nothing else.
        if key.team_id.is_some() {
            return None;
        }
        models.retain(|model| model != NO_DEFAULT);
        if models.is_empty() {
            models.push(NO_DEFAULT.into());
        }
    }
    if models.is_empty() { None } else { Some(Access { of: of.into(), models }) }
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

/// What a party's row says of its limits.
pub fn party_limits(party: &Party) -> limits::Limits {
    limits::Limits {
        requests: party.bounds.rpm_limit,
        tokens: party.bounds.tpm_limit,
        slots: party.bounds.max_parallel_requests,
        nanos: party.bounds.max_budget.filter(|budget| budget.is_finite()).map(from_dollars),
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
