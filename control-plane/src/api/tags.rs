//! Tags: names that requests are counted and limited under.

use super::{
    body::{Body, Params},
    budgets,
    organizations::link,
    parties::{ATTEMPTS, Extras, Paging, Settings, changed, find, missing, shown, update as updated, write},
    patch::printable,
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
    routing::{get_with, post_with},
};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::Arc};

/// Kept and shown, not acted on yet.
const EXTRAS: Extras = &[("model_info", "null"), ("model_max_budget", "null")];

pub(super) fn router() -> ApiRouter<Arc<App>> {
    ApiRouter::new()
        .api_route("/tag/new", post_with(create, |op| op.tag("tags").summary("Make a tag.")))
        .api_route(
            "/tag/update",
            post_with(update, |op| op.tag("tags").summary("Change what is given of a tag.")),
        )
        .api_route("/tag/info", post_with(info, |op| op.tag("tags").summary("Tags, by their names.")))
        .api_route("/tag/list", get_with(list, |op| op.tag("tags").summary("The tags.")))
        .api_route("/tag/delete", post_with(delete, |op| op.tag("tags").summary("Delete a tag.")))
}

/// `POST /tag/new`, `POST /tag/update`
#[derive(Deserialize, JsonSchema)]
struct Given {
    #[schemars(length(min = 1, max = 256))]
    name: String,
    #[schemars(length(max = 1024))]
    description: Option<String>,
    /// A budget that is there, instead of limits.
    #[schemars(length(max = 256))]
    budget_id: Option<String>,
    #[serde(flatten)]
    settings: Settings,
}

/// A tag as it is shown.
#[derive(Serialize, JsonSchema)]
struct Tag {
    name: String,
    description: Option<String>,
    /// Empty for all.
    models: Vec<String>,
    /// US dollars in the current budget period.
    spend: f64,
    budget_id: Option<String>,
    litellm_budget_table: Option<budgets::Row>,
    created_at: DateTime<Utc>,
    created_by: String,
    updated_at: DateTime<Utc>,
    /// Further fields of LiteLLM's.
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl Tag {
    async fn of(app: &App, row: Party) -> Result<Self> {
        let budget = match &row.budget_id {
            Some(id) => app.store.budget(id).await?,
            None => None,
        };
        Ok(Self {
            name: row.id,
            description: row.alias,
            models: row.models.0,
            spend: row.spend,
            budget_id: row.budget_id,
            litellm_budget_table: budget.map(Into::into),
            created_at: row.created_at,
            created_by: row.created_by,
            updated_at: row.updated_at,
            extra: shown(EXTRAS, row.extra.0),
        })
    }
}

/// A tag that was made or changed.
#[derive(Serialize, JsonSchema)]
struct Written {
    message: String,
    tag: Tag,
}

async fn applied(app: &App, before: &Party, given: &Given, by: &By) -> Result<(Party, Vec<Write>)> {
    let mut settings = given.settings.clone();
    let limits = std::mem::take(&mut settings.limits);
    let mut after = changed(before, by, |row, faults| {
        printable("name", Some(&given.name), faults);
        if given.description.is_some() {
            row.alias.clone_from(&given.description);
        }
        settings.apply(row, EXTRAS, by.at, faults);
    })?;
    let writes = link(app, &mut after, given.budget_id.clone(), limits, by).await?;
    Ok((after, writes))
}

async fn create(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(new): Body<Given>,
) -> Result<Json<Written>> {
    let blank = Party::new(Kind::Tag, &new.name, by.at, &by.who);
    let (row, mut writes) = applied(&app, &blank, &new, &by).await?;
    writes.push(Write::InsertParty(row.clone()));
    let message = format!("Tag {} already exists", row.id);
    write(&app, &writes, &by, || Error::invalid("name", message)).await?;
    Ok(Json(Written {
        message: format!("Tag {} created successfully", row.id),
        tag: Tag::of(&app, row).await?,
    }))
}

async fn update(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(change): Body<Given>,
) -> Result<Json<Written>> {
    for _ in 0..ATTEMPTS {
        let before = find(&app, Kind::Tag, &change.name, "name").await?;
        let (after, mut writes) = applied(&app, &before, &change, &by).await?;
        writes.push(updated(before, after.clone()));
        match write(&app, &writes, &by, || Error::Conflict).await {
            Err(Error::Conflict) => {}
            other => {
                other?;
                let message = format!("Tag {} updated successfully", after.id);
                return Ok(Json(Written { message, tag: Tag::of(&app, after).await? }));
            }
        }
    }
    Err(Error::Conflict)
}

/// `POST /tag/info`
#[derive(Deserialize, JsonSchema)]
struct ByNames {
    #[schemars(length(max = 1000), inner(length(max = 256)))]
    names: Vec<String>,
}

async fn info(
    _: Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<ByNames>,
) -> Result<Json<BTreeMap<String, Tag>>> {
    let (mut tags, mut unknown) = (BTreeMap::new(), Vec::new());
    for name in asked.names {
        match app.store.party(Kind::Tag, &name, "").await? {
            Some(row) => {
                tags.insert(name, Tag::of(&app, row).await?);
            }
            None => unknown.push(name),
        }
    }
    if !unknown.is_empty() {
        return Err(Error::not_found("names", format!("Tags not found: {}", unknown.join(", "))));
    }
    Ok(Json(tags))
}

async fn list(
    _: Admin,
    State(app): State<Arc<App>>,
    Params(paging): Params<Paging>,
) -> Result<Json<Vec<Tag>>> {
    let page = paging.read(&[("name", "id")])?;
    let (found, _) = app.store.parties(Kind::Tag, &Filter::default(), page).await?;
    let mut rows = Vec::new();
    for row in found {
        rows.push(Tag::of(&app, row).await?);
    }
    Ok(Json(rows))
}

/// `POST /tag/delete`
#[derive(Deserialize, JsonSchema)]
struct ByName {
    #[schemars(length(min = 1, max = 256))]
    name: String,
}

#[derive(Serialize, JsonSchema)]
struct Message {
    message: String,
}

async fn delete(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<ByName>,
) -> Result<Json<Message>> {
    let row = app.store.party(Kind::Tag, &asked.name, "").await?;
    let row = row.ok_or_else(|| missing(Kind::Tag, &asked.name, "name"))?;
    write(&app, &[Write::DeleteParty(row)], &by, || Error::Conflict).await?;
    Ok(Json(Message { message: format!("Tag {} deleted successfully", asked.name) }))
}
