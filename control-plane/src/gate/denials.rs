//! Why a caller is turned away, in `LiteLLM`'s words, types and statuses.

use crate::{
    limits::{Dimension, Shortage},
    store::keys::Key,
};
use chrono::{DateTime, Duration, Utc};
use tianji_proto::Denial;

/// How long a VM may repeat what only an administrator can change. A change is pushed anyway.
const HOLD: Duration = Duration::seconds(2);
/// When to try again while others are using all slots, in milliseconds.
const SLOT_RETRY_MS: i64 = 1000;

fn denial(status: u32, kind: &str, message: String) -> Denial {
    Denial { status, r#type: kind.to_owned(), message, retry_after_ms: 0, holds_until: 0 }
}

fn held(denial: Denial, now: DateTime<Utc>) -> Denial {
    Denial { holds_until: (now + HOLD).timestamp_millis(), ..denial }
}

/// No such key.
pub fn unknown(token: &str, now: DateTime<Utc>) -> Denial {
    let message = format!(
        "Authentication Error, Invalid proxy server token passed. key={token}, not found in db. Create key via \
         `/key/generate` call."
    );
    held(denial(401, "token_not_found_in_db", message), now)
}

/// The key is blocked or expired.
pub fn unusable(key: &Key, now: DateTime<Utc>) -> Option<Denial> {
    if key.blocked {
        let message = "Authentication Error, Key is blocked. Update via `/key/unblock` if you're an admin.";
        return Some(held(denial(401, "auth_error", message.to_owned()), now));
    }
    let expires = key.expires.filter(|expires| *expires <= now)?;
    let form = "%Y-%m-%d %H:%M:%S%.f%:z";
    let (expires, time) = (expires.format(form), now.format(form));
    let message =
        format!("Authentication Error - Expired Key. Key Expiry time {expires} and current time {time}");
    Some(held(denial(401, "expired_key", message), now))
}

/// There is too little of something.
pub fn short(key: &Key, shortage: &Shortage, spend: f64, now: DateTime<Utc>) -> Denial {
    let dimension = shortage.of.first().copied().unwrap_or(Dimension::Slots);
    match dimension {
        Dimension::Nanos => over_budget(key, shortage, spend, now),
        Dimension::Requests => over_rate(key, shortage, "requests", now),
        Dimension::Tokens => over_rate(key, shortage, "tokens", now),
        Dimension::Slots => over_rate(key, shortage, "max_parallel_requests", now),
    }
}

fn over_budget(key: &Key, shortage: &Shortage, spend: f64, now: DateTime<Utc>) -> Denial {
    let name = key.key_alias.as_deref().unwrap_or("key");
    let budget = key.max_budget.unwrap_or_default();
    let message = format!(
        "Budget has been exceeded! Key={name} ({}) Current cost: {spend:?}, Max budget: {budget:?}",
        key.key_name
    );
    let denial = denial(422, "budget_exceeded", message);
    match key.budget_reset_at {
        _ if !shortage.is_final => denial,
        Some(reset) if reset < now + HOLD => Denial { holds_until: reset.timestamp_millis(), ..denial },
        _ => held(denial, now),
    }
}

fn over_rate(key: &Key, shortage: &Shortage, kind: &str, now: DateTime<Utc>) -> Denial {
    let in_window = kind != "max_parallel_requests" && shortage.until > now;
    let wait = if in_window { shortage.until - now } else { Duration::milliseconds(SLOT_RETRY_MS) };
    let message = format!(
        "Rate limit exceeded for api_key: {}. Limit type: {kind}. Current limit: {}, Remaining: {}. Limit resets at: {}",
        key.token,
        shortage.limit,
        shortage.left,
        (now + wait).format("%Y-%m-%d %H:%M:%S UTC")
    );
    let holds_until = if shortage.is_final && in_window { shortage.until.timestamp_millis() } else { 0 };
    Denial {
        retry_after_ms: wait.num_milliseconds().max(1),
        holds_until,
        ..denial(429, "throttling_error", message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::testing::key;

    fn now() -> DateTime<Utc> {
        "2026-11-20T13:39:22.5Z".parse().unwrap()
    }

    fn shortage(of: Dimension) -> Shortage {
        let until = now() + Duration::seconds(30);
        Shortage {
            of: vec![of],
            limit: 100,
            left: 0,
            holders: vec![],
            is_unsettled: false,
            until,
            is_final: true,
        }
    }

    #[test]
    fn a_rate_limit_names_itself_and_its_end() {
        let denial = short(&key("k"), &shortage(Dimension::Requests), 0.0, now());
        assert_eq!(denial.status, 429);
        assert!(denial.message.ends_with(
            "Limit type: requests. Current limit: 100, Remaining: 0. Limit resets at: 2026-11-20 13:39:52 UTC"
        ));
        assert_eq!(denial.retry_after_ms, 30_000);
        assert_eq!(denial.holds_until, (now() + Duration::seconds(30)).timestamp_millis());
    }

    #[test]
    fn a_spent_budget_says_what_was_spent() {
        let key = Key { max_budget: Some(1.0), key_alias: Some("team".into()), ..key("k") };
        let denial = short(&key, &shortage(Dimension::Nanos), 1.25, now());
        assert_eq!((denial.status, &*denial.r#type), (422, "budget_exceeded"));
        assert_eq!(
            denial.message,
            "Budget has been exceeded! Key=team (sk-...test) Current cost: 1.25, Max budget: 1.0"
        );
    }

    #[test]
    fn a_denial_that_others_can_end_is_not_held() {
        let shortage = Shortage { is_final: false, ..shortage(Dimension::Slots) };
        let denial = short(&key("k"), &shortage, 0.0, now());
        assert_eq!((denial.holds_until, denial.retry_after_ms), (0, 1000));
    }

    #[test]
    fn expired_and_blocked_keys_are_refused() {
        let expired = Key { expires: Some(now() - Duration::seconds(1)), ..key("k") };
        assert_eq!(unusable(&expired, now()).unwrap().r#type, "expired_key");
        assert_eq!(unusable(&Key { blocked: true, ..key("k") }, now()).unwrap().status, 401);
        assert_eq!(unusable(&key("k"), now()), None);
    }
}
