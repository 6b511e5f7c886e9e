//! Models: those of the config file are shown, those of the database can be added, changed and deleted.

use super::body::{Body, Params};
use crate::{
    app::App,
    auth::Admin,
    catalog::{Catalog, Model, entry::take_secrets},
    error::{Error, Result},
    keys,
    secret::Secret,
    store::{models::Model as Row, writes::Write},
};
use aide::axum::{
    ApiRouter,
    routing::{get_with, post_with},
};
use axum::{Json, extract::State};
use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::types::Json as Column;
use std::{collections::BTreeMap, sync::Arc};
use tianji_core::config::Settings;

pub(super) fn router() -> ApiRouter<Arc<App>> {
    let info = || get_with(info, |op| op.tag("models").summary("All models, or one by its id."));
    ApiRouter::new()
        .api_route(
            "/model/new",
            post_with(create, |op| op.tag("models").summary("Add a model; it is live at once.")),
        )
        .api_route("/model/info", info())
        .api_route("/v1/model/info", info())
        .api_route(
            "/model/update",
            post_with(update, |op| {
                op.tag("models").summary("Change what is given of a model that was added.")
            }),
        )
        .api_route(
            "/model/delete",
            post_with(delete, |op| op.tag("models").summary("Delete a model that was added.")),
        )
}

/// `POST /model/new`
#[derive(Deserialize, JsonSchema)]
struct NewModel {
    /// The name clients ask for.
    #[schemars(length(min = 1, max = 256))]
    model_name: String,
    /// Where it is: `model`, `api_base`, `api_key`, `rpm`, …
    litellm_params: Map<String, Value>,
    /// What it is: `id`, `base_model`, prices, and whatever should be shown.
    #[serde(default)]
    model_info: Option<Map<String, Value>>,
}

/// A model as it is stored.
#[derive(Serialize, JsonSchema)]
struct Stored {
    model_id: String,
    model_name: String,
    /// Credentials are masked.
    litellm_params: Map<String, Value>,
    model_info: Map<String, Value>,
    created_at: DateTime<Utc>,
    created_by: String,
    updated_at: DateTime<Utc>,
}

async fn create(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(new): Body<NewModel>,
) -> Result<Json<Stored>> {
    let mut info = new.model_info.unwrap_or_default();
    let id = match info.remove("id") {
        None | Some(Value::Null) => keys::id()?,
        Some(Value::String(id)) => id,
        Some(_) => return Err(Error::invalid("model_info.id", "must be a text")),
    };
    let now = by.at;
    let blank = Row {
        id,
        model_name: new.model_name,
        params: Column(Map::new()),
        credential: None,
        info: Column(info),
        created_at: now,
        created_by: by.who.clone(),
        updated_at: now,
    };
    let row = with_params(&app, blank, new.litellm_params)?;
    let stored = checked(&app, &row)?;
    let taken =
        || Error::invalid("model_info.id", format!("a model with the id '{}' exists already", row.id));
    if app.catalog().borrow().model(&row.id).is_some() {
        return Err(taken());
    }
    match app.write(&[Write::InsertModel(row.clone())], &by).await {
        Err(sqlx::Error::Database(e)) if e.is_unique_violation() => return Err(taken()),
        other => other?,
    };
    app.reload().await?;
    Ok(Json(stored))
}

/// Puts parameters into a row: credentials sealed, `null` left out.
fn with_params(app: &App, mut row: Row, mut params: Map<String, Value>) -> Result<Row> {
    let secrets = take_secrets(&mut params);
    params.retain(|_, value| !value.is_null());
    let exposed: BTreeMap<_, _> = secrets.iter().map(|(name, secret)| (name, secret.expose())).collect();
    row.credential = match serde_json::to_string(&exposed) {
        Ok(text) if !secrets.is_empty() => Some(app.vault.seal(&row.id, &text)?),
        _ => None,
    };
    row.params = Column(params);
    Ok(row)
}

/// The row as it is shown, if it can be served; else all that is wrong with it.
fn checked(app: &App, row: &Row) -> Result<Stored> {
    let mut entry = app.entry(row).map_err(|fault| Error::Invalid(vec![fault]))?;
    entry.path.clear();
    let shown = entry.shown_params();
    let (_, faults) = Catalog::build(&[entry], Settings::default(), &app.env);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let mut info = row.info.0.clone();
    info.insert("id".into(), row.id.clone().into());
    info.insert("db_model".into(), true.into());
    Ok(Stored {
        model_id: row.id.clone(),
        model_name: row.model_name.clone(),
        litellm_params: shown,
        model_info: info,
        created_at: row.created_at,
        created_by: row.created_by.clone(),
        updated_at: row.updated_at,
    })
}

#[derive(Deserialize, JsonSchema)]
struct ById {
    /// `model_info.id`; all models without it.
    #[schemars(length(max = 256))]
    litellm_model_id: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Models {
    data: Vec<Shown>,
}

#[derive(Serialize, JsonSchema)]
struct Shown {
    model_name: String,
    /// As given; credentials are masked.
    litellm_params: Map<String, Value>,
    /// As given, with `id`, `db_model`, and what the price table knows.
    model_info: Map<String, Value>,
}

impl From<&Model> for Shown {
    fn from(model: &Model) -> Self {
        let mut info = model.deployment.facts.clone();
        info.extend(model.info.clone());
        info.insert("db_model".into(), model.db.into());
        Self { model_name: model.name.clone(), litellm_params: model.params.clone(), model_info: info }
    }
}

async fn info(_: Admin, State(app): State<Arc<App>>, Params(query): Params<ById>) -> Result<Json<Models>> {
    let catalog = app.catalog().borrow().clone();
    let data = match query.litellm_model_id {
        None => catalog.models.iter().map(Shown::from).collect(),
        Some(id) => {
            let message = || format!("Model id = {id} not found on litellm proxy");
            let model = catalog.model(&id).ok_or_else(|| Error::invalid("litellm_model_id", message()))?;
            vec![model.into()]
        }
    };
    Ok(Json(Models { data }))
}

/// `POST /model/update`
#[derive(Deserialize, JsonSchema)]
struct ChangedModel {
    /// A new name.
    #[schemars(length(min = 1, max = 256))]
    model_name: Option<String>,
    /// What is given replaces what was; `null` and what is absent stays.
    #[serde(default)]
    litellm_params: Option<Map<String, Value>>,
    /// `id` says which model; the rest is put into its info.
    model_info: Map<String, Value>,
}

async fn update(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(mut change): Body<ChangedModel>,
) -> Result<Json<Stored>> {
    let Some(Value::String(id)) = change.model_info.remove("id") else {
        return Err(Error::invalid("model_info.id", "model_info.id not provided"));
    };
    let before = app.store.model(&id).await?.ok_or_else(|| {
        let in_file = app.catalog().borrow().model(&id).is_some();
        let message = if in_file {
            "Can't edit model. Model in config. Store model in db via `/model/new`. to edit."
        } else {
            "model not found"
        };
        Error::invalid("model_info.id", message)
    })?;
    let mut after = before.clone();
    after.updated_at = by.at.max(before.updated_at + TimeDelta::microseconds(1));
    if let Some(name) = change.model_name {
        after.model_name = name;
    }
    after.info.0.extend(change.model_info);
    if let Some(given) = change.litellm_params {
        let mut params = before.params.0.clone();
        for (name, secret) in opened(&app, &before)? {
            params.insert(name, secret.expose().into());
        }
        params.extend(given.into_iter().filter(|(_, value)| !value.is_null()));
        after = with_params(&app, after, params)?;
    }
    let stored = checked(&app, &after)?;
    if !app.write(&[Write::UpdateModel(Box::new((before, after)))], &by).await? {
        return Err(Error::Conflict);
    }
    app.reload().await?;
    Ok(Json(stored))
}

/// The credentials of a row as they were given.
fn opened(app: &App, row: &Row) -> Result<BTreeMap<String, Secret>> {
    app.credentials(row).map_err(|e| Error::Internal(e.into()))
}

/// `POST /model/delete`
#[derive(Deserialize, JsonSchema)]
struct DeletedModel {
    /// `model_info.id`.
    #[schemars(length(max = 256))]
    id: String,
}

#[derive(Serialize, JsonSchema)]
struct Message {
    message: String,
}

async fn delete(
    Admin(by): Admin,
    State(app): State<Arc<App>>,
    Body(asked): Body<DeletedModel>,
) -> Result<Json<Message>> {
    let gone = || Error::invalid("id", format!("Model with id={} not found in db", asked.id));
    let row = app.store.model(&asked.id).await?.ok_or_else(gone)?;
    if !app.write(&[Write::DeleteModel(row)], &by).await? {
        return Err(gone());
    }
    app.reload().await?;
    Ok(Json(Message { message: format!("Model: {} deleted successfully", asked.id) }))
}
