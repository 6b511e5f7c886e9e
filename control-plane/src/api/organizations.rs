//! Organizations: groups of teams, with limits over all of them.

mod members;

use super::{
    body::{Body, Params},
    budgets,
    parties::{
        ATTEMPTS, Extras, Paging, Settings, changed, find, missing, new_id, shown, update as updated, write,
    },
    patch::{Limits, Patch, filled, present, printable, set},
    teams::{self, Team},
};
use crate::{
    app::App,
    auth::Admin,
    error::{Error, Result},
    store::{
        parties::{Filter, Kind, Party},
        writes::{By, Write},
    },
};
use aide::axum::{
    ApiRouter,
    routing::{delete_with, get_with, patch_with, post_with},
};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use members::Membership;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Kept and shown, not acted on yet.
const EXTRAS: Extras = &[
    ("model_max_budget", "{}"),
    ("model_rpm_limit", "null"),
    ("model_tpm_limit", "null"),
    ("object_permission", "null"),
    ("tpd_limit", "null"),
];

pub(super) fn router() -> ApiRouter<Arc<App>> {
    ApiRouter::new()
        .api_route(
            "/organization/new",
            post_with(create, |op| {
                op.tag("organizations")
                    .summary("Make an organization, with a budget of its own or one that is there.")
            }),
        )
        .api_route(
            "/organization/info",
            get_with(info, |op| {
                op.tag("organizations").summary("An organization with its teams and members.")
            }),
        )
        .api_route(
            "/organization/update",
            patch_with(update, |op| {
                op.tag("organizations").summary("Change what is given of an organization.")
            }),
        )
        .api_route(
            "/organization/delete",
            delete_with(delete, |op| {
                op.tag("organizations").summary("Delete organizations with their teams and keys.")
            }),
        )
        .api_route(
            "/organization/list",
            get_with(list, |op| op.tag("organizations").summary("The organizations.")),
        )
        .merge(members::router())
}

/// `POST /organization/new`
#[derive(Deserialize, JsonSchema)]
struct New {
    /// A random one if there is none.
    #[schemars(length(max = 256))]
    organization_id: Option<String>,
    #[schemars(length(min = 1, max = 256))]
    organization_alias: String,
    /// A budget that is there; without it, the limits given make one.
    #[schemars(length(max = 256))]
    budget_id: Option<String>,
    #[serde(flatten)]
    settings: Settings,
}

/// `PATCH /organization/update`
#[derive(Deserialize, JsonSchema)]
struct Change {
    #[schemars(length(min = 1, max = 256))]
    organization_id: String,
    #[serde(default)]
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 256))]
    organization_alias: Patch<String>,
    #[schemars(length(max = 256))]
    budget_id: Option<String>,
    #[serde(flatten)]
    settings: Settings,
}

/// An organization as it is shown.
#[derive(Serialize, JsonSchema)]
struct Organization {
    organization_id: String,
    organization_alias: Option<String>,
    budget_id: Option<String>,
    /// Empty for all.
    models: Vec<String>,
    /// US dollars in the current budget period.
    spend: f64,
    metadata: Map<String, Value>,
    litellm_budget_table: Option<budgets::Row>,
    members: Vec<Membership>,
    teams: Vec<Team>,
    created_at: DateTime<Utc>,
    created_by: String,
    updated_at: DateTime<Utc>,
    updated_by: String,
    /// Further fields of LiteLLM's.
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl Organization {
    async fn of(app: &App, row: Party) -> Result<Self> {
        let budget = match &row.budget_id {
            Some(id) => app.store.budget(id).await?,
            None => None,
        };
        let mut teams = Vec::new();
        for team in app.store.teams_of(&row.id).await? {
            teams.push(Team::of(app, team).await?);
        }
        let members = app.store.members(Kind::OrganizationMember, &row.id).await?;
        Ok(Self {
            organization_id: row.id,
            organization_alias: row.alias,
            budget_id: row.budget_id,
            models: row.models.0,
            spend: row.spend,
            metadata: row.metadata.0,
            litellm_budget_table: budget.map(Into::into),
            members: members.into_iter().map(Into::into).collect(),
            teams,
            created_at: row.created_at,
            created_by: row.created_by,
            updated_at: row.updated_at,
            updated_by: row.updated_by,
            extra: shown(EXTRAS, row.extra.0),
        })
    }
}

/// Links a party to the budget that was named, or to a new one with these limits. A party that has a budget of its own
/// has it changed. The writes of budgets, if there are any.
pub(super) async fn link(
    app: &App,
    party: &mut Party,
    budget_id: Option<String>,
    limits: Limits,
    by: &By,
) -> Result<Vec<Write>> {
    if let Some(id) = filled(budget_id) {
        let budget = budgets::find(app, &id).await?;
        party.budget_id = Some(id);
        return if limits.is_empty() {
            Ok(Vec::new())
        } else {
            Ok(vec![budgets::changed(budget, limits, by)?])
        };
    }
    if limits.is_empty() {
        return Ok(Vec::new());
    }
    let linked = match &party.budget_id {
        Some(id) => app.store.budget(id).await?,
        None => None,
    };
    // A budget that others have too is theirs: what is said of this party makes it one of its own.
    if let Some(budget) = linked
        && app.store.users_of_budget(&budget.budget_id).await? <= 1
    {
        return Ok(vec![budgets::changed(budget, limits, by)?]);
    }
    let budget = budgets::budget(None, limits, by)?;
    party.budget_id = Some(budget.budget_id.clone());
    party.budget_reset_at = budget.budget_reset_at;
    Ok(vec![Write::InsertBudget(budget)])
}

async fn create(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(new): Body<New>,
) -> Result<Json<Organization>> {
    let mut settings = new.settings;
    let limits = std::mem::take(&mut settings.limits);
    let blank = Party::new(Kind::Organization, new_id(new.organization_id.clone())?, by.at, &by.who);
    let mut row = changed(&blank, &by, |row, faults| {
        printable("organization_id", new.organization_id.as_deref(), faults);
        printable("organization_alias", Some(&new.organization_alias), faults);
        row.alias = Some(new.organization_alias.clone());
        settings.apply(row, EXTRAS, by.at, faults);
    })?;
    row.updated_at = by.at;
    let mut writes = link(&app, &mut row, new.budget_id, limits.clone(), &by).await?;
    if row.budget_id.is_none() {
        // As with LiteLLM, every organization has a budget.
        let budget = budgets::budget(None, limits, &by)?;
        row.budget_id = Some(budget.budget_id.clone());
        writes.push(Write::InsertBudget(budget));
    }
    writes.push(Write::InsertParty(row.clone()));
    let message = format!("Organization with id {} already exists", row.id);
    write(&app, &writes, &by, || Error::invalid("organization_id", message)).await?;
    Ok(Json(Organization::of(&app, row).await?))
}

#[derive(Deserialize, JsonSchema)]
struct ById {
    #[schemars(length(min = 1, max = 256))]
    organization_id: String,
}

async fn info(
    _: Admin,
    State(app): State<Arc<App>>,
    Params(query): Params<ById>,
) -> Result<Json<Organization>> {
    let row = find(&app, Kind::Organization, &query.organization_id, "organization_id").await?;
    Ok(Json(Organization::of(&app, row).await?))
}

async fn update(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(change): Body<Change>,
) -> Result<Json<Organization>> {
    let mut settings = change.settings;
    let limits = std::mem::take(&mut settings.limits);
    for _ in 0..ATTEMPTS {
        let before = find(&app, Kind::Organization, &change.organization_id, "organization_id").await?;
        let mut after = changed(&before, &by, |row, faults| {
            printable(
                "organization_alias",
                change.organization_alias.as_ref().and_then(Option::as_deref),
                faults,
            );
            set(&mut row.alias, change.organization_alias.clone().map(filled));
            settings.clone().apply(row, EXTRAS, by.at, faults);
        })?;
        let mut writes = link(&app, &mut after, change.budget_id.clone(), limits.clone(), &by).await?;
        writes.push(updated(before, after.clone()));
        match write(&app, &writes, &by, || Error::Conflict).await {
            Err(Error::Conflict) => {}
            other => {
                other?;
                return Ok(Json(Organization::of(&app, after).await?));
            }
        }
    }
    Err(Error::Conflict)
}

/// `DELETE /organization/delete`
#[derive(Deserialize, JsonSchema)]
struct ByIds {
    #[schemars(length(min = 1, max = 1000), inner(length(max = 256)))]
    organization_ids: Vec<String>,
}

async fn delete(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<ByIds>,
) -> Result<Json<Vec<Organization>>> {
    let mut ids = asked.organization_ids;
    ids.sort();
    ids.dedup();
    let (mut writes, mut shown) = (Vec::new(), Vec::new());
    for id in &ids {
        let found = app.store.party(Kind::Organization, id, "").await?;
        let row = found.ok_or_else(|| missing(Kind::Organization, id, "organization_ids"))?;
        shown.push(Organization::of(&app, row.clone()).await?);
        for team in app.store.teams_of(id).await? {
            writes.extend(teams::gone(&app, team).await?);
        }
        // A key can be of a team of this organization and name the organization too: it goes once.
        let gone = |write: &Write, token: &str| matches!(write, Write::DeleteKey(key) if key.token == token);
        for key in app.store.keys_of(None, None, Some(id)).await? {
            if !writes.iter().any(|write| gone(write, &key.token)) {
                writes.push(Write::DeleteKey(key));
            }
        }
        let members = app.store.members(Kind::OrganizationMember, id).await?;
        writes.extend(members.into_iter().map(Write::DeleteParty));
        writes.push(Write::DeleteParty(row));
    }
    write(&app, &writes, &by, || Error::Conflict).await?;
    Ok(Json(shown))
}

/// What to list.
#[derive(Deserialize, JsonSchema)]
struct Query {
    #[schemars(length(max = 256))]
    org_id: Option<String>,
    /// A part of the name.
    #[schemars(length(max = 256))]
    org_alias: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

async fn list(
    _: Admin,
    State(app): State<Arc<App>>,
    Params(query): Params<Query>,
) -> Result<Json<Vec<Organization>>> {
    let page = query.paging.read(&[("organization_id", "id"), ("organization_alias", "alias")])?;
    let filter = Filter { id: query.org_id, alias: query.org_alias, ..Filter::default() };
    let (found, _) = app.store.parties(Kind::Organization, &filter, page).await?;
    let mut rows = Vec::new();
    for row in found {
        rows.push(Organization::of(&app, row).await?);
    }
    Ok(Json(rows))
}
