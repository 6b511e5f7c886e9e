//! The API's description: `/openapi.json`, and `/docs` to read it. Everything comes from this binary.

use crate::app::App;
use aide::{openapi::OpenApi, redoc::Redoc};
use axum::{
    Router,
    body::Bytes,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    routing::get,
};
use std::sync::Arc;

/// The page has its script in itself and may ask nobody but us. Its script compiles schemas, hence `unsafe-eval`; it
/// takes nothing from outside but our own document.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; worker-src blob:; frame-ancestors 'none'";

pub(super) fn router(document: &OpenApi) -> Router<Arc<App>> {
    let document = Bytes::from(serde_json::to_vec(document).unwrap_or_default());
    let page = Bytes::from(Redoc::new("/openapi.json").with_title("Tianji").html());
    let json = move || {
        let document = document.clone();
        async move { ([(CONTENT_TYPE, "application/json")], document) }
    };
    let html = move || {
        let page = page.clone();
        let headers = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CONTENT_SECURITY_POLICY, POLICY),
            (CACHE_CONTROL, "public, max-age=3600"),
        ];
        async move { (headers, page) }
    };
    Router::new().route("/openapi.json", get(json)).route("/docs", get(html))
}
