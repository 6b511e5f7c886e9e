//! How the gateway is.

use crate::{app::App, auth::Admin, credentials::Standing, error::Result, xds};
use aide::axum::{ApiRouter, IntoApiResponse, routing::get_with};
use axum::{Json, extract::State, http::StatusCode};
use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use std::{collections::HashMap, sync::Arc, time::Duration};

/// How far back `/health` looks.
const LATELY: TimeDelta = TimeDelta::minutes(5);
/// How long readiness waits for the database: probes are impatient.
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) fn router() -> ApiRouter<Arc<App>> {
    ApiRouter::new()
        .api_route(
            "/health",
            get_with(health, |op| {
                op.tag("health").summary("How every deployment did in the last five minutes, by the ledger.")
            }),
        )
        .api_route(
            "/health/liveliness",
            get_with(liveliness, |op| op.tag("health").summary("The control plane runs. No key is needed.")),
        )
        .api_route(
            "/health/liveness",
            get_with(liveliness, |op| op.tag("health").summary("The same under Kubernetes' name.")),
        )
        .api_route(
            "/health/readiness",
            get_with(readiness, |op| {
                op.tag("health")
                    .summary("Database and Envoys; 503 while the database does not answer. No key is needed.")
                    .response::<200, Json<Readiness>>()
                    .response::<503, Json<Readiness>>()
            }),
        )
}

/// Deployments by how they did.
#[derive(Serialize, JsonSchema)]
struct Health {
    healthy_endpoints: Vec<Endpoint>,
    unhealthy_endpoints: Vec<Endpoint>,
    healthy_count: usize,
    unhealthy_count: usize,
}

/// One deployment. It is unhealthy if it was used and every exchange failed, or if it has no token and needs one.
#[derive(Serialize, JsonSchema)]
struct Endpoint {
    model: String,
    model_name: String,
    model_id: String,
    api_base: String,
    custom_llm_provider: String,
    /// Exchanges in the last five minutes.
    exchanges: i64,
    /// Of them, those the provider failed.
    failed: i64,
    /// Why there is no token for it, in the words of its issuer. While it has none at all it is not served.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip)]
    served: bool,
}

async fn health(_: Admin, State(app): State<Arc<App>>) -> Result<Json<Health>> {
    let lately = app.store.lately(app.clock.now() - LATELY).await?;
    let lately: HashMap<_, _> = lately.into_iter().map(|row| (row.deployment_id.clone(), row)).collect();
    let catalog = app.catalog().borrow().clone();
    let states = app.keeper.standings();
    let endpoints = catalog.models.iter().map(|model| {
        let deployment = &model.deployment;
        let credential = states.iter().find(|state| state.deployments.contains(&deployment.id));
        let (exchanges, failed) = lately.get(&deployment.id).map_or((0, 0), |row| (row.total, row.failed));
        Endpoint {
            model: deployment.model.clone(),
            model_name: model.name.clone(),
            model_id: deployment.id.clone(),
            api_base: deployment.api_base.clone(),
            custom_llm_provider: deployment.provider.clone(),
            exchanges,
            failed,
            error: credential.and_then(|state| state.error.clone()),
            served: credential.is_none_or(|state| state.held),
        }
    });
    let (unhealthy, healthy): (Vec<_>, Vec<_>) =
        endpoints.partition(|e| !e.served || e.exchanges > 0 && e.failed == e.exchanges);
    Ok(Json(Health {
        healthy_count: healthy.len(),
        unhealthy_count: unhealthy.len(),
        healthy_endpoints: healthy,
        unhealthy_endpoints: unhealthy,
    }))
}

async fn liveliness(State(app): State<Arc<App>>) -> impl IntoApiResponse {
    if app.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "shutting_down"})));
    }
    (StatusCode::OK, Json(json!("I'm alive!")))
}

/// What readiness says.
#[derive(Serialize, JsonSchema)]
struct Readiness {
    /// `healthy`, or `unhealthy` while the database does not answer.
    status: &'static str,
    /// `connected` or `disconnected`.
    db: &'static str,
    /// Models that are served.
    models: usize,
    /// The connected Envoys, and what they refused.
    envoys: Vec<xds::Envoy>,
    /// The tokens that deployments need; why there is none says `/health`, to administrators.
    credentials: Vec<Standing>,
}

async fn readiness(State(app): State<Arc<App>>) -> impl IntoApiResponse {
    let connected = matches!(tokio::time::timeout(PATIENCE, app.store.ping()).await, Ok(Ok(())));
    let (code, status, db) = if connected {
        (StatusCode::OK, "healthy", "connected")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "unhealthy", "disconnected")
    };
    let models = app.catalog().borrow().models.len();
    let (envoys, credentials) = (app.envoys.envoys(), app.keeper.standings());
    let credentials = credentials.into_iter().map(|state| Standing { error: None, ..state }).collect();
    (code, Json(Readiness { status, db, models, envoys, credentials }))
}
