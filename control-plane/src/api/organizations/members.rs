//! Who belongs to an organization, and as what.

use crate::{
    api::{
        body::Body,
        parties::{ATTEMPTS, Bounded, changed, find, update as updated, write},
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
use aide::axum::{
    ApiRouter,
    routing::{delete_with, patch_with, post_with},
};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

pub fn router() -> ApiRouter<Arc<App>> {
    ApiRouter::new()
        .api_route(
            "/organization/member_add",
            post_with(add, |op| op.tag("organizations").summary("Add a member, or several.")),
        )
        .api_route(
            "/organization/member_update",
            patch_with(change, |op| op.tag("organizations").summary("Change a member's role or budget.")),
        )
        .api_route(
            "/organization/member_delete",
            delete_with(remove, |op| op.tag("organizations").summary("Take a member out.")),
        )
}

/// What a member may be.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Role {
    OrgAdmin,
    InternalUser,
    InternalUserViewer,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::OrgAdmin => "org_admin",
            Self::InternalUser => "internal_user",
            Self::InternalUserViewer => "internal_user_viewer",
        }
    }
}

/// Somebody who is to be a member.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
struct Wanted {
    /// Without it, `user_email` says who.
    #[schemars(length(max = 256))]
    user_id: Option<String>,
    #[schemars(length(max = 256))]
    user_email: Option<String>,
    role: Role,
}

/// One, or several.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
enum OneOrMany {
    One(Wanted),
    Many(#[schemars(length(max = 500))] Vec<Wanted>),
}

/// `POST /organization/member_add`
#[derive(Deserialize, JsonSchema)]
struct Addition {
    #[schemars(length(min = 1, max = 256))]
    organization_id: String,
    member: OneOrMany,
    /// US dollars each may spend in the organization.
    max_budget_in_organization: Option<f64>,
}

/// A user in an organization.
#[derive(Serialize, JsonSchema)]
pub struct Membership {
    user_id: String,
    organization_id: String,
    user_role: Option<String>,
    /// US dollars in the current budget period.
    spend: f64,
    budget_id: Option<String>,
    litellm_budget_table: Bounded,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl From<Party> for Membership {
    fn from(member: Party) -> Self {
        Self {
            litellm_budget_table: Bounded::from(&member),
            user_id: member.member,
            organization_id: member.id,
            user_role: member.role,
            spend: member.spend,
            budget_id: member.budget_id,
            created_at: member.created_at,
            updated_at: member.updated_at,
        }
    }
}

/// Who is new.
#[derive(Serialize, JsonSchema)]
struct Added {
    organization_id: String,
    updated_users: Vec<Value>,
    updated_organization_memberships: Vec<Membership>,
}

async fn add(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<Addition>,
) -> Result<Json<Added>> {
    let organization = find(&app, Kind::Organization, &asked.organization_id, "organization_id").await?;
    let wanted = match asked.member {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    };
    let limits = Limits { max_budget: asked.max_budget_in_organization.map(Some), ..Limits::default() };
    let (mut writes, mut users_, mut members) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    for one in &wanted {
        let (user, made) =
            users::resolve(&app, one.user_id.as_deref(), one.user_email.as_deref(), &by).await?;
        if !seen.insert(user.id.clone()) {
            continue;
        }
        let mut blank = Party::new(Kind::OrganizationMember, &organization.id, by.at, &by.who);
        blank.member.clone_from(&user.id);
        let new = changed(&blank, &by, |member, faults| {
            member.role = Some(one.role.name().into());
            limits.clone().apply(&mut member.bounds, &mut member.budget_reset_at, by.at, faults);
        })?;
        writes.extend(made);
        writes.push(Write::InsertParty(new.clone()));
        users_.push(json!({"user_id": user.id, "user_email": user.email, "user_role": user.role}));
        members.push(new.into());
    }
    let message =
        format!("User already in organization: {}", seen.into_iter().collect::<Vec<_>>().join(", "));
    write(&app, &writes, &by, || Error::invalid("user_id", message)).await?;
    let organization_id = organization.id;
    Ok(Json(Added { organization_id, updated_users: users_, updated_organization_memberships: members }))
}

/// `PATCH /organization/member_update`
#[derive(Deserialize, JsonSchema)]
struct Change {
    #[schemars(length(min = 1, max = 256))]
    organization_id: String,
    #[schemars(length(max = 256))]
    user_id: Option<String>,
    #[schemars(length(max = 256))]
    user_email: Option<String>,
    role: Option<Role>,
    #[serde(default)]
    #[serde(deserialize_with = "present")]
    max_budget_in_organization: Patch<f64>,
}

/// The membership a request means.
async fn membership(
    app: &App,
    organization_id: &str,
    (id, email): (Option<&str>, Option<&str>),
    by: &By,
) -> Result<Party> {
    find(app, Kind::Organization, organization_id, "organization_id").await?;
    let (user, _) = users::resolve(app, id, email, by).await?;
    let missing = || {
        let message = format!("Member not found in organization={organization_id} for user_id={}", user.id);
        Error::not_found("user_id", message)
    };
    app.store.party(Kind::OrganizationMember, organization_id, &user.id).await?.ok_or_else(missing)
}

async fn change(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<Change>,
) -> Result<Json<Membership>> {
    let limits = Limits { max_budget: asked.max_budget_in_organization, ..Limits::default() };
    for _ in 0..ATTEMPTS {
        let named = (asked.user_id.as_deref(), asked.user_email.as_deref());
        let before = membership(&app, &asked.organization_id, named, &by).await?;
        let after = changed(&before, &by, |member, faults| {
            limits.clone().apply(&mut member.bounds, &mut member.budget_reset_at, by.at, faults);
            set(&mut member.role, asked.role.map(|role| Some(role.name().into())));
        })?;
        match write(&app, &[updated(before, after.clone())], &by, || Error::Conflict).await {
            Err(Error::Conflict) => {}
            other => return other.map(|()| Json(after.into())),
        }
    }
    Err(Error::Conflict)
}

/// `DELETE /organization/member_delete`
#[derive(Deserialize, JsonSchema)]
struct Removal {
    #[schemars(length(min = 1, max = 256))]
    organization_id: String,
    #[schemars(length(max = 256))]
    user_id: Option<String>,
    #[schemars(length(max = 256))]
    user_email: Option<String>,
}

async fn remove(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<Removal>,
) -> Result<Json<Membership>> {
    let named = (asked.user_id.as_deref(), asked.user_email.as_deref());
    let member = membership(&app, &asked.organization_id, named, &by).await?;
    write(&app, &[Write::DeleteParty(member.clone())], &by, || Error::Conflict).await?;
    Ok(Json(member.into()))
}
