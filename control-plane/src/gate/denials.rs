//! Why a caller is turned away, in `LiteLLM`'s words, types and statuses.

use crate::{
    limits::{Dimension, Shortage},
    store::{
        keys::Key,
        parties::{Kind, Party},
    },
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

/// Somebody the key belongs to is blocked.
pub fn blocked(party: &Party, now: DateTime<Utc>) -> Option<Denial> {
    if !party.blocked {
        return None;
    }
    let (id, member) = (&party.id, &party.member);
    let who = match party.kind {
        Kind::Team => format!("Team={id} is blocked. Update via `/team/unblock` if you're an admin."),
        Kind::TeamMember => format!("User={member} in Team={id} is blocked."),
        Kind::User => format!("User={id} is blocked. Update via `/user/update` if you're an admin."),
        Kind::Organization => format!("Organization={id} is blocked."),
        Kind::OrganizationMember => format!("User={member} in Organization={id} is blocked."),
        Kind::Customer => {
            format!("End User={id} is blocked. Update via `/customer/unblock` if you're an admin.")
        }
        Kind::Tag => format!("Tag={id} is blocked."),
    };
    Some(held(denial(401, "auth_error", format!("Authentication Error, {who}")), now))
}

/// Whose limit it is that binds.
#[derive(Debug, Clone, Copy)]
pub enum Bound<'a> {
    /// The key's own.
    Key(&'a Key),
    /// Somebody's it belongs to.
    Party(&'a Party),
}

impl Bound<'_> {
    fn reset_at(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Key(key) => key.budget_reset_at,
            Self::Party(party) => party.budget_reset_at,
        }
    }

    fn over_budget(self, spend: f64) -> String {
        let party = match self {
            Self::Party(party) => party,
            Self::Key(key) => {
                let (name, budget) =
                    (key.key_alias.as_deref().unwrap_or("key"), key.max_budget.unwrap_or_default());
                let key = &key.key_name;
                return format!(
                    "Budget has been exceeded! Key={name} ({key}) Current cost: {spend:?}, Max budget: {budget:?}"
                );
            }
        };
        let (id, member, budget) = (&party.id, &party.member, party.bounds.max_budget.unwrap_or_default());
        let who = match party.kind {
            Kind::User => {
                return format!("ExceededBudget: User={id} over budget. Spend={spend:?}, Budget={budget:?}");
            }
            Kind::Customer => {
                return format!(
                    "ExceededBudget: End User={id} over budget. Spend={spend:?}, Budget={budget:?}"
                );
            }
            Kind::Team => format!("Team={id}"),
            Kind::TeamMember => format!("User={member} in Team={id}"),
            Kind::Organization => format!("Organization={id}"),
            Kind::OrganizationMember => format!("User={member} in Organization={id}"),
            Kind::Tag => format!("Tag={id}"),
        };
        format!("Budget has been exceeded! {who} Current cost: {spend:?}, Max budget: {budget:?}")
    }

    fn name(self) -> String {
        match self {
            Self::Key(key) => format!("api_key: {}", key.token),
            Self::Party(party) => {
                let kind = if party.kind == Kind::Customer { "end_user" } else { party.kind.name() };
                match party.member.as_str() {
                    "" => format!("{kind}: {}", party.id),
                    member => format!("{kind}: {}:{member}", party.id),
                }
            }
        }
    }
}

/// There is too little of something.
pub fn short(of: Bound<'_>, shortage: &Shortage, spend: f64, now: DateTime<Utc>) -> Denial {
    let dimension = shortage.of.first().copied().unwrap_or(Dimension::Slots);
    match dimension {
        Dimension::Nanos => over_budget(of, shortage, spend, now),
        Dimension::Requests => over_rate(of, shortage, "requests", now),
        Dimension::Tokens => over_rate(of, shortage, "tokens", now),
        Dimension::Slots => over_rate(of, shortage, "max_parallel_requests", now),
    }
}

fn over_budget(of: Bound<'_>, shortage: &Shortage, spend: f64, now: DateTime<Utc>) -> Denial {
    let denial = denial(422, "budget_exceeded", of.over_budget(spend));
    match of.reset_at() {
        _ if !shortage.is_final => denial,
        Some(reset) if reset < now + HOLD => Denial { holds_until: reset.timestamp_millis(), ..denial },
        _ => held(denial, now),
    }
}

fn over_rate(of: Bound<'_>, shortage: &Shortage, kind: &str, now: DateTime<Utc>) -> Denial {
    let in_window = kind != "max_parallel_requests" && shortage.until > now;
    let wait = if in_window { shortage.until - now } else { Duration::milliseconds(SLOT_RETRY_MS) };
    let message = format!(
        "Rate limit exceeded for {}. Limit type: {kind}. Current limit: {}, Remaining: {}. Limit resets at: {}",
        of.name(),
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
    use crate::{gate::testing::key, store::parties::Bounds};

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
        let denial = short(Bound::Key(&key("k")), &shortage(Dimension::Requests), 0.0, now());
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
        let denial = short(Bound::Key(&key), &shortage(Dimension::Nanos), 1.25, now());
        assert_eq!((denial.status, &*denial.r#type), (422, "budget_exceeded"));
        assert_eq!(
            denial.message,
            "Budget has been exceeded! Key=team (sk-...test) Current cost: 1.25, Max budget: 1.0"
        );
    }

    #[test]
    fn a_denial_that_others_can_end_is_not_held() {
        let shortage = Shortage { is_final: false, ..shortage(Dimension::Slots) };
        let denial = short(Bound::Key(&key("k")), &shortage, 0.0, now());
        assert_eq!((denial.holds_until, denial.retry_after_ms), (0, 1000));
    }

    #[test]
    fn expired_and_blocked_keys_are_refused() {
        let expired = Key { expires: Some(now() - Duration::seconds(1)), ..key("k") };
        assert_eq!(unusable(&expired, now()).unwrap().r#type, "expired_key");
        assert_eq!(unusable(&Key { blocked: true, ..key("k") }, now()).unwrap().status, 401);
        assert_eq!(unusable(&key("k"), now()), None);
    }

    #[test]
    fn the_error_names_whose_limit_it_is() {
        let of = |kind, member: &str| {
            let party = Party::new(kind, "t", now(), "");
            let bounds = Bounds { max_budget: Some(2.0), ..Bounds::default() };
            Party { member: member.into(), bounds, blocked: true, ..party }
        };
        let message =
            |party: &Party, dimension| short(Bound::Party(party), &shortage(dimension), 2.5, now()).message;
        let (team, member) = (of(Kind::Team, ""), of(Kind::TeamMember, "u"));
        assert_eq!(
            message(&team, Dimension::Nanos),
            "Budget has been exceeded! Team=t Current cost: 2.5, Max budget: 2.0"
        );
        assert_eq!(
            message(&member, Dimension::Nanos),
            "Budget has been exceeded! User=u in Team=t Current cost: 2.5, Max budget: 2.0"
        );
        assert_eq!(
            message(&of(Kind::User, ""), Dimension::Nanos),
            "ExceededBudget: User=t over budget. Spend=2.5, Budget=2.0"
        );
        assert!(message(&member, Dimension::Slots).starts_with("Rate limit exceeded for team_member: t:u."));
        assert!(message(&of(Kind::Organization, ""), Dimension::Tokens).contains("organization: t"));
        assert_eq!(
            blocked(&team, now()).unwrap().message,
            "Authentication Error, Team=t is blocked. Update via `/team/unblock` if you're an admin."
        );
    }
}
