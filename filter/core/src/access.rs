//! Who is calling, and may this request go ahead? From the VM's book where it can, from the control plane where it must.

use crate::{
    error::Error,
    exchange::Exchange,
    gateway::Gateway,
    grants::{Admission, Demand, KeyHash, Known, refusal},
    io::{Io, Question},
};
use sha2::{Digest, Sha256};
use std::rc::Rc;
use tianji_proto::{Amount, Grant, authorize_response::Outcome};

/// A known caller.
pub struct Caller {
    /// SHA-256 of its credential.
    pub hash: KeyHash,
    /// What it may do.
    pub grant: Rc<Grant>,
}

/// Finds out who is calling at `now` (Unix milliseconds). A caller nobody knows is refused, also when the control plane cannot be asked.
pub async fn authenticate(
    io: &Io,
    gateway: &Gateway,
    now: i64,
    credential: Option<&str>,
) -> Result<Caller, Error> {
    let key = credential.map(bearer).filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| Error::unauthenticated("Authentication Error, No api key passed in."))?;
    let hash = KeyHash::from(Sha256::digest(key.as_bytes()));
    let known = gateway.book.borrow().caller(&hash, now);
    let grant = match known {
        Known::Granted(grant) => grant,
        Known::Refused(denial) => return Err(refusal(&denial)),
        Known::Stale(grant) if !gateway.is_linked() => grant,
        Known::Stale(grant) => match ask(io, gateway, &hash, Amount::default(), true).await {
            Err(error) if error.status == UNREACHABLE => grant,
            other => other?,
        },
        Known::No => ask(io, gateway, &hash, Amount::default(), false).await?,
    };
    Ok(Caller { hash, grant })
}

/// Takes the request's share of the caller's limits; the exchange holds it from the moment it is reserved.
pub async fn admit(
    io: &Io,
    gateway: &Gateway,
    exchange: &Exchange,
    caller: &Caller,
    demand: Demand,
) -> Result<(), Error> {
    loop {
        let admission = gateway.book.borrow_mut().admit(&caller.hash, demand, gateway.now());
        let need = match admission {
            Admission::Admitted(ticket) => {
                exchange.hold(ticket);
                return Ok(());
            }
            Admission::Refused(denial) => return Err(refusal(&denial)),
            Admission::Short(need, ticket) => {
                exchange.hold(ticket);
                need
            }
            Admission::Unknown => Amount::default(),
        };
        let answer = ask(io, gateway, &caller.hash, need, true).await;
        if let Some(mut ticket) = exchange.give_up() {
            let mut book = gateway.book.borrow_mut();
            if book.confirm(&mut ticket, answer.is_ok()) {
                exchange.hold(ticket);
                return Ok(());
            }
            book.refund(ticket, gateway.now());
        }
        // The key was changed while it was asked about: once more, under the new grant.
        answer?;
    }
}

/// Whether the grant covers a model: the key's list, and that of everybody it belongs to.
pub fn may_use(grant: &Grant, model: &str) -> bool {
    covers(&grant.models, model) && grant.access.iter().all(|access| covers(&access.models, model))
}

/// Whether a list covers a model; an empty one covers all. An entry may end in `*`.
fn covers(models: &[String], model: &str) -> bool {
    models.is_empty()
        || models.iter().any(|allowed| match allowed.as_str() {
            "*" | "all-proxy-models" | "all-team-models" => true,
            allowed => {
                allowed == model || allowed.strip_suffix('*').is_some_and(|start| model.starts_with(start))
            }
        })
}

/// The refusal of a model the grant does not cover; it names whose list that is.
pub fn denied_model(grant: &Grant, model: &str) -> Error {
    let others = || grant.access.iter().find(|access| !covers(&access.models, model));
    let (of, models) = match others() {
        Some(access) if covers(&grant.models, model) => (access.of.as_str(), &access.models),
        _ => ("key", &grant.models),
    };
    let models = models.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let message = format!(
        "{of} not allowed to access model. This {of} can only access models=[{models}]. Tried to access {model}"
    );
    Error { param: Some("model".into()), ..Error::new(403, &format!("{of}_model_access_denied"), message) }
}

const UNREACHABLE: u16 = 503;

async fn ask(
    io: &Io,
    gateway: &Gateway,
    hash: &KeyHash,
    need: Amount,
    patient: bool,
) -> Result<Rc<Grant>, Error> {
    loop {
        let answer = io.authorize(Question { key_hash: hash.to_vec(), need, patient }).await;
        let mut book = gateway.book.borrow_mut();
        match answer.and_then(|answer| answer.outcome).ok_or_else(unreachable)? {
            Outcome::Denial(denial) => {
                book.denied(*hash, &denial);
                return Err(refusal(&denial));
            }
            Outcome::Grant(grant) => {
                // One that was revoked while it was on its way: the next answer knows of the change.
                if let Some(grant) = book.granted(*hash, grant, gateway.now()) {
                    return Ok(grant);
                }
            }
        }
    }
}

fn unreachable() -> Error {
    let error = Error::new(
        UNREACHABLE,
        "service_unavailable",
        "The control plane cannot be reached; try again shortly.",
    );
    Error { retry_after: Some("1".into()), ..error }
}

/// The key in a credential, with or without its scheme.
fn bearer(credential: &str) -> &str {
    match credential.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
        _ => credential.trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tianji_proto::Access;

    fn grant(models: &[&str]) -> Grant {
        Grant { models: models.iter().map(ToString::to_string).collect(), ..Grant::default() }
    }

    #[test]
    fn a_key_without_a_list_may_use_every_model_and_a_star_matches_by_prefix() {
        assert!(may_use(&grant(&[]), "gpt-4o"));
        assert!(may_use(&grant(&["gpt-4o"]), "gpt-4o"));
        assert!(may_use(&grant(&["openai/*"]), "openai/gpt-4o"));
        assert!(!may_use(&grant(&["gpt-4o"]), "gpt-4o-mini"));
        assert!(may_use(&grant(&["all-proxy-models"]), "gpt-4o-mini"));
    }

    #[test]
    fn everybody_a_key_belongs_to_has_a_say_and_the_refusal_names_who_said_no() {
        let access = |of: &str, model: &str| Access { of: of.into(), models: vec![model.into()] };
        let grant = Grant { access: vec![access("team", "gpt-*"), access("org", "gpt-4o")], ..grant(&[]) };
        assert!(may_use(&grant, "gpt-4o"));
        assert!(!may_use(&grant, "gpt-5") && !may_use(&grant, "claude"));
        assert_eq!(denied_model(&grant, "gpt-5").kind, "org_model_access_denied");
        assert!(denied_model(&grant, "claude").message.starts_with("team not allowed to access model."));
        let own = Grant { models: vec!["claude".into()], ..grant };
        assert_eq!(denied_model(&own, "gpt-5").kind, "key_model_access_denied");
    }

    #[test]
    fn the_scheme_of_a_credential_is_optional_and_its_case_does_not_matter() {
        for credential in ["Bearer sk-1", "bearer  sk-1 ", "sk-1"] {
            assert_eq!(bearer(credential), "sk-1");
        }
    }
}
