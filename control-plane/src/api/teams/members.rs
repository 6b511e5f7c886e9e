//! Who is in a team, as what, and what each member may spend there.

use super::{
    fields::{Role, Wanted},
    view::{Membership, Team},
};
use crate::{
    api::{
        body::Body,
        parties::{ATTEMPTS, changed, find, update as updated, write},
        patch::{Limits, Patch, present, set},
        users,
    },
    app::App,
    auth::Admin,
    error::{Error, Result},
    store::{
        parties::{Kind, Party},
        writes::{By, Write},
    },
};
use aide::axum::{ApiRouter, routing::post_with};
use axum::{Json, extract::State};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeSet, sync::Arc};

/// The note in a team's metadata of the budget its members have: LiteLLM's name for it.
pub const DEFAULT_BUDGET: &str = "team_member_budget_id";
/// Members added at once.
const MOST: usize = 500;

pub fn router() -> ApiRouter<Arc<App>> {
    ApiRouter::new()
        .api_route(
            "/team/member_add",
            post_with(add, |op| op.tag("teams").summary("Add a member, or several.")),
        )
        .api_route(
            "/team/bulk_member_add",
            post_with(add_many, |op| {
                op.tag("teams").summary("Add up to 500 members; each is told for itself.")
            }),
        )
        .api_route(
            "/team/member_update",
            post_with(change, |op| op.tag("teams").summary("Change a member's role or limits in the team.")),
        )
        .api_route(
            "/team/member_delete",
            post_with(remove, |op| {
                op.tag("teams").summary("Take a member out, and delete its keys of the team.")
            }),
        )
}

/// The id of the budget that members have where they are given nothing of their own.
pub fn default_budget_id(team: &Party) -> Option<&str> {
    team.metadata.get(DEFAULT_BUDGET).and_then(Value::as_str)
}

/// A new member.
pub fn member(team: &Party, user_id: &str, role: &str, max_budget: Option<f64>, by: &By) -> Party {
    let mut member = Party::new(Kind::TeamMember, &team.id, by.at, &by.who);
    member.member = user_id.into();
    member.role = Some(role.into());
    member.budget_id = default_budget_id(team).map(str::to_owned);
    member.bounds.max_budget = max_budget;
    member
}

/// One, or several.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
enum OneOrMany {
    One(Wanted),
    Many(#[schemars(length(max = 500))] Vec<Wanted>),
}

/// `POST /team/member_add`
#[derive(Deserialize, JsonSchema)]
struct Addition {
    #[schemars(length(min = 1, max = 256))]
    team_id: String,
    member: OneOrMany,
    /// US dollars each may spend in the team.
    max_budget_in_team: Option<f64>,
    /// When that starts anew.
    #[schemars(length(max = 32))]
    budget_duration: Option<String>,
    /// Models each may use in the team; empty for all of the team's.
    #[schemars(length(max = 1000), inner(length(max = 256)))]
    allowed_models: Option<Vec<String>>,
}

/// The team, and who is new in it.
#[derive(Serialize, JsonSchema)]
struct Added {
    #[serde(flatten)]
    team: Team,
    updated_users: Vec<Value>,
    updated_team_memberships: Vec<Membership>,
}

async fn add(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<Addition>,
) -> Result<Json<Added>> {
    let team = find(&app, Kind::Team, &asked.team_id, "team_id").await?;
    let wanted = match asked.member {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    };
    if wanted.is_empty() {
        return Err(Error::invalid("member", "No member/members passed in"));
    }
    let limits = Limits {
        max_budget: asked.max_budget_in_team.map(Some),
        budget_duration: asked.budget_duration.map(Some),
        ..Limits::default()
    };
    let (mut writes, mut users_, mut members) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for one in &wanted {
        let (user, made) =
            users::resolve(&app, one.user_id.as_deref(), one.user_email.as_deref(), &by).await?;
        if !seen.insert(user.id.clone()) {
            continue;
        }
        let blank = member(&team, &user.id, one.role(), None, &by);
        let new = changed(&blank, &by, |member, faults| {
            limits.clone().apply(&mut member.bounds, &mut member.budget_reset_at, by.at, faults);
            set(&mut member.models.0, asked.allowed_models.clone());
        })?;
        writes.extend(made);
        writes.push(Write::InsertParty(new.clone()));
        users_.push(serde_json::json!({
            "user_id": user.id, "user_email": user.email, "user_role": user.role, "user_alias": user.alias,
        }));
        members.push(new);
    }
    let message =
        format!("User already in team. Member: {}", seen.into_iter().collect::<Vec<_>>().join(", "));
    write(&app, &writes, &by, || Error::invalid("user_id", message)).await?;
    Ok(Json(Added {
        team: Team::of(&app, team).await?,
        updated_users: users_,
        updated_team_memberships: members.into_iter().map(Into::into).collect(),
    }))
}

/// `POST /team/bulk_member_add`
#[derive(Deserialize, JsonSchema)]
struct Additions {
    #[schemars(length(min = 1, max = 256))]
    team_id: String,
    #[schemars(length(max = 500))]
    members: Vec<Wanted>,
    /// US dollars each may spend in the team.
    max_budget_in_team: Option<f64>,
}

/// How it went.
#[derive(Serialize, JsonSchema)]
struct Outcomes {
    team_id: String,
    results: Vec<Outcome>,
    total_requested: usize,
    successful_additions: usize,
    failed_additions: usize,
}

/// How it went with one.
#[derive(Serialize, JsonSchema)]
struct Outcome {
    user_id: Option<String>,
    user_email: Option<String>,
    success: bool,
    error: Option<String>,
}

async fn add_many(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<Additions>,
) -> Result<Json<Outcomes>> {
    find(&app, Kind::Team, &asked.team_id, "team_id").await?;
    if asked.members.is_empty() || asked.members.len() > MOST {
        return Err(Error::invalid("members", format!("Between 1 and {MOST} members can be added at once")));
    }
    let mut results = Vec::new();
    for one in &asked.members {
        let addition = Addition {
            team_id: asked.team_id.clone(),
            member: OneOrMany::One(one.clone()),
            max_budget_in_team: asked.max_budget_in_team,
            budget_duration: None,
            allowed_models: None,
        };
        let error =
            add(Admin(by.clone()), State(app.clone()), Body(addition)).await.err().map(|e| e.to_string());
        let (user_id, user_email) = (one.user_id.clone(), one.user_email.clone());
        results.push(Outcome { user_id, user_email, success: error.is_none(), error });
    }
    let successful_additions = results.iter().filter(|result| result.success).count();
    Ok(Json(Outcomes {
        team_id: asked.team_id,
        total_requested: results.len(),
        failed_additions: results.len() - successful_additions,
        successful_additions,
        results,
    }))
}

/// `POST /team/member_update`
#[derive(Deserialize, JsonSchema)]
struct Change {
    #[schemars(length(min = 1, max = 256))]
    team_id: String,
    #[schemars(length(max = 256))]
    user_id: Option<String>,
    #[schemars(length(max = 256))]
    user_email: Option<String>,
    role: Option<Role>,
    #[serde(default)]
    #[serde(deserialize_with = "present")]
    max_budget_in_team: Patch<f64>,
    /// When that starts anew.
    #[serde(default)]
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 32))]
    budget_duration: Patch<String>,
    /// Requests per minute.
    #[serde(default)]
    #[serde(deserialize_with = "present")]
    #[schemars(range(min = 0))]
    rpm_limit: Patch<i64>,
    /// Tokens per minute.
    #[serde(default)]
    #[serde(deserialize_with = "present")]
    #[schemars(range(min = 0))]
    tpm_limit: Patch<i64>,
    #[serde(default)]
    #[schemars(length(max = 1000), inner(length(max = 256)))]
    allowed_models: Option<Vec<String>>,
}

/// A changed member.
#[derive(Serialize, JsonSchema)]
struct Changed {
    team_id: String,
    user_id: String,
    user_email: Option<String>,
    max_budget_in_team: Option<f64>,
    rpm_limit: Option<i64>,
    tpm_limit: Option<i64>,
    budget_duration: Option<String>,
    allowed_models: Vec<String>,
}

/// The user that a request means, who has to be there.
async fn named(app: &App, id: Option<&str>, email: Option<&str>, by: &By) -> Result<Party> {
    match users::resolve(app, id, email, by).await? {
        (user, None) => Ok(user),
        (user, Some(_)) => {
            Err(Error::not_found("user_id", format!("User {} not found", id.or(email).unwrap_or(&user.id))))
        }
    }
}

async fn membership(app: &App, team_id: &str, user_id: &str) -> Result<Party> {
    find(app, Kind::Team, team_id, "team_id").await?;
    let missing = || Error::not_found("user_id", format!("User {user_id} is not a member of team {team_id}"));
    app.store.party(Kind::TeamMember, team_id, user_id).await?.ok_or_else(missing)
}

async fn change(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<Change>,
) -> Result<Json<Changed>> {
    let user = named(&app, asked.user_id.as_deref(), asked.user_email.as_deref(), &by).await?;
    let limits = Limits {
        max_budget: asked.max_budget_in_team,
        budget_duration: asked.budget_duration,
        rpm_limit: asked.rpm_limit,
        tpm_limit: asked.tpm_limit,
        ..Limits::default()
    };
    for _ in 0..ATTEMPTS {
        let before = membership(&app, &asked.team_id, &user.id).await?;
        let after = changed(&before, &by, |member, faults| {
            limits.clone().apply(&mut member.bounds, &mut member.budget_reset_at, by.at, faults);
            set(&mut member.role, asked.role.map(|role| Some(role.name().into())));
            set(&mut member.models.0, asked.allowed_models.clone());
        })?;
        match write(&app, &[updated(before, after.clone())], &by, || Error::Conflict).await {
            Err(Error::Conflict) => {}
            other => {
                other?;
                return Ok(Json(Changed {
                    team_id: after.id,
                    user_id: after.member,
                    user_email: user.email,
                    max_budget_in_team: after.bounds.max_budget,
                    rpm_limit: after.bounds.rpm_limit,
                    tpm_limit: after.bounds.tpm_limit,
                    budget_duration: after.bounds.budget_duration,
                    allowed_models: after.models.0,
                }));
            }
        }
    }
    Err(Error::Conflict)
}

/// `POST /team/member_delete`
#[derive(Deserialize, JsonSchema)]
struct Removal {
    #[schemars(length(min = 1, max = 256))]
    team_id: String,
    #[schemars(length(max = 256))]
    user_id: Option<String>,
    #[schemars(length(max = 256))]
    user_email: Option<String>,
}

async fn remove(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<Removal>,
) -> Result<Json<Team>> {
    let user = named(&app, asked.user_id.as_deref(), asked.user_email.as_deref(), &by).await?;
    let member = membership(&app, &asked.team_id, &user.id).await?;
    let keys = app.store.keys_of(Some(&user.id), None, None).await?;
    let keys = keys.into_iter().filter(|key| key.team_id.as_deref() == Some(&*asked.team_id));
    let mut writes: Vec<_> = keys.map(Write::DeleteKey).collect();
    writes.push(Write::DeleteParty(member));
    write(&app, &writes, &by, || Error::Conflict).await?;
    let team = find(&app, Kind::Team, &asked.team_id, "team_id").await?;
    Ok(Json(Team::of(&app, team).await?))
}
