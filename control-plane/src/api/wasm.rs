//! The filter's module, for Envoy to fetch by its hash.

use crate::{app::App, error::Error};
use axum::{
    Router,
    extract::{Path, State},
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use std::sync::Arc;

pub(super) fn router() -> Router<Arc<App>> {
    Router::new().route("/wasm/{file}", get(module))
}

async fn module(State(app): State<Arc<App>>, Path(file): Path<String>) -> Response {
    match &app.wasm {
        Some(wasm) if file.strip_suffix(".wasm") == Some(&wasm.sha256) => {
            let headers =
                [(CONTENT_TYPE, "application/wasm"), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
            (headers, wasm.code.clone()).into_response()
        }
        _ => Error::NotFound { message: "there is no module of that hash".into(), param: "file" }
            .into_response(),
    }
}
