//! The admin REST API: LiteLLM's paths, bodies and answers.
#![expect(clippy::struct_field_names, reason = "the names are LiteLLM's")]

mod audit;
mod body;
mod budgets;
mod customers;
mod health;
mod keys;
mod models;
mod organizations;
mod page;
mod parties;
mod patch;
mod schema;
mod spend;
mod tags;
mod teams;
mod users;
mod wasm;

use crate::{app::App, auth};
use aide::{
    axum::ApiRouter,
    openapi::{Info, OpenApi, SecurityScheme},
    transform::TransformOpenApi,
};
use axum::{
    Json, Router,
    http::{StatusCode, header::HeaderName},
    response::IntoResponse,
};
use serde_json::json;
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// The router of the REST port.
pub fn router(app: Arc<App>) -> Router {
    let (router, document) = documented();
    router
        .merge(page::router(&document))
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .with_state(app)
        .layer(axum::middleware::from_fn(body::whole))
        .layer(axum::middleware::map_response(harden))
}

/// The router, and the `OpenAPI` document inferred from its handlers' types.
fn documented() -> (Router<Arc<App>>, OpenApi) {
    aide::generate::infer_responses(true);
    let mut document = OpenApi {
        info: Info {
            title: "Tianji".into(),
            summary: Some("The admin API of the Tianji LLM gateway.".into()),
            version: env!("CARGO_PKG_VERSION").into(),
            ..Info::default()
        },
        ..OpenApi::default()
    };
    let router = ApiRouter::new()
        .merge(keys::router())
        .merge(users::router())
        .merge(teams::router())
        .merge(organizations::router())
        .merge(budgets::router())
        .merge(customers::router())
        .merge(tags::router())
        .merge(models::router())
        .merge(audit::router())
        .merge(spend::router())
        .merge(health::router())
        .finish_api_with(&mut document, describe)
        .merge(wasm::router());
    (router, document)
}

fn describe(document: TransformOpenApi) -> TransformOpenApi {
    #[expect(clippy::default_trait_access, reason = "the map's crate is aide's business")]
    let bearer = SecurityScheme::Http {
        scheme: "bearer".into(),
        bearer_format: Some("sk-…".into()),
        description: Some("The master key, or a virtual key where the operation says so.".into()),
        extensions: Default::default(),
    };
    document.security_scheme(auth::SCHEME, bearer)
}

async fn not_found() -> impl IntoResponse {
    (StatusCode::NOT_FOUND, Json(json!({ "detail": "Not Found" })))
}

async fn not_allowed() -> impl IntoResponse {
    (StatusCode::METHOD_NOT_ALLOWED, Json(json!({ "detail": "Method Not Allowed" })))
}

/// Answers are data: no browser should take them for anything else, no cache should keep them.
async fn harden(mut response: axum::response::Response) -> axum::response::Response {
    let headers = response.headers_mut();
    let nosniff = HeaderName::from_static("x-content-type-options");
    headers.insert(nosniff, axum::http::HeaderValue::from_static("nosniff"));
    headers.entry("cache-control").or_insert(axum::http::HeaderValue::from_static("no-store"));
    response
}
