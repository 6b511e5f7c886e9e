use super::*;
use crate::{clock::Clock, config::Config, environment::Environment, secret::Secret, store::testing};
use aide::openapi::ReferenceOr;
use axum::{
    body::{Body, to_bytes},
    http::Request,
};
use chrono::DateTime;
use serde_json::Value;
use tokio_stream::StreamExt;
use tower::ServiceExt;

mod keys;
mod management;
mod models;
mod spend;

const MASTER: &str = "sk-master";

/// The API over an empty database, its clock standing still.
struct Api {
    app: Arc<App>,
    router: Router,
}

impl Api {
    async fn new() -> Self {
        Self::with(Config::default()).await
    }

    async fn with(config: Config) -> Self {
        let clock = Clock::fixed(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let app = Arc::new(App::new(testing::sqlite().await, clock, &Secret::new(MASTER), config));
        app.reload().await.unwrap();
        Self { router: router(app.clone()), app }
    }

    async fn send(&self, request: Request<Body>) -> (u16, Value) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), 1 << 24).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn get_as(&self, key: &str, path: &str) -> (u16, Value) {
        self.send(
            Request::get(path).header("authorization", format!("Bearer {key}")).body(Body::empty()).unwrap(),
        )
        .await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.get_as(MASTER, path).await
    }

    async fn post_as(&self, key: &str, path: &str, body: Value) -> (u16, Value) {
        let request = Request::post(path).header("authorization", format!("Bearer {key}"));
        self.send(request.body(body.to_string().into()).unwrap()).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.post_as(MASTER, path, body).await
    }

    async fn with_body(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let request =
            Request::builder().method(method).uri(path).header("authorization", format!("Bearer {MASTER}"));
        self.send(request.body(body.to_string().into()).unwrap()).await
    }

    /// What the operation answers, which has to be a success.
    async fn done(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.post(path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// A new key with these settings.
    async fn key(&self, settings: Value) -> String {
        let (status, body) = self.post("/key/generate", settings).await;
        assert_eq!(status, 200, "{body}");
        body["key"].as_str().unwrap().to_owned()
    }
}

#[test]
fn the_document_is_as_it_was() {
    let (_, document) = documented();
    insta::assert_json_snapshot!(document);
}

#[test]
fn these_operations_need_no_key() {
    let (_, document) = documented();
    let paths = document.paths.unwrap().paths;
    let mut public = Vec::new();
    for (path, item) in &paths {
        let ReferenceOr::Item(item) = item else { panic!("{path} is a reference") };
        public.extend(
            item.iter()
                .filter(|(_, op)| op.security.is_empty())
                .map(|(method, _)| format!("{method} {path}")),
        );
    }
    assert_eq!(public, ["get /health/liveliness", "get /health/liveness", "get /health/readiness"]);
}

#[tokio::test]
async fn every_other_operation_refuses_callers_without_a_key() {
    let api = Api::new().await;
    let (_, document) = documented();
    for (path, item) in &document.paths.unwrap().paths {
        let ReferenceOr::Item(item) = item else { panic!("{path} is a reference") };
        for (method, operation) in item.iter() {
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(path);
            let (status, body) = api.send(request.body("{}".into()).unwrap()).await;
            assert_eq!(status == 401, !operation.security.is_empty(), "{method} {path}: {status} {body}");
        }
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_told_as_fastapi_tells_them() {
    let api = Api::new().await;
    assert_eq!(api.get("/nothing/here").await, (404, json!({"detail": "Not Found"})));
    assert_eq!(api.get("/key/generate").await, (405, json!({"detail": "Method Not Allowed"})));
}

#[tokio::test]
async fn health_says_what_it_knows() {
    let mut config = Config { env: Environment::default(), ..Config::default() };
    config.models = crate::config::demo("http://127.0.0.1:1");
    let api = Api::with(config).await;
    let anonymous = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    assert_eq!(api.send(anonymous("/health/liveliness")).await, (200, json!("I'm alive!")));
    let ready = json!({"status": "healthy", "db": "connected", "models": 2, "envoys": [], "credentials": []});
    assert_eq!(api.send(anonymous("/health/readiness")).await, (200, ready));

    let (_, body) = api.get("/health").await;
    assert_eq!((&body["healthy_count"], &body["unhealthy_count"]), (&json!(2), &json!(0)));

    api.app.stop();
    let (status, body) = api.send(anonymous("/health/liveness")).await;
    assert_eq!((status, body), (503, json!({"status": "shutting_down"})));

    api.app.store.close().await;
    let (status, body) = api.send(anonymous("/health/readiness")).await;
    assert_eq!((status, &body["db"]), (503, &json!("disconnected")));
    let (status, body) = api.get("/key/list").await;
    assert_eq!((status, &body["error"]["type"]), (503, &json!("no_db_connection")));
}

#[tokio::test]
async fn the_page_asks_nobody_else() {
    let api = Api::new().await;
    let response =
        api.router.clone().oneshot(Request::get("/docs").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("http"), "{policy}");
    assert_eq!(api.get("/openapi.json").await.0, 200);
}

#[tokio::test]
async fn the_module_is_served_by_its_hash_and_by_no_other_name() {
    let config = Config::default();
    let mut app = App::new(testing::sqlite().await, Clock::system(), &Secret::new(MASTER), config);
    app.wasm = Some(crate::app::Wasm { sha256: "5ea1".into(), code: "module".into() });
    let router = router(Arc::new(app));
    for (path, status) in
        [("/wasm/5ea1.wasm", 200), ("/wasm/5ea2.wasm", 404), ("/wasm/5ea1", 404), ("/wasm/..%2f", 404)]
    {
        let response = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn a_body_is_bounded_in_size_and_depth() {
    let api = Api::new().await;
    let large = json!({"metadata": {"a": "x".repeat(body::LARGEST)}});
    assert_eq!(api.post("/key/generate", large).await.0, 413);
    let mut deep = json!({});
    for _ in 0..40 {
        deep = json!({ "a": deep });
    }
    let (status, body) = api.post("/key/generate", json!({ "metadata": deep })).await;
    assert_eq!((status, &body["detail"][0]["type"]), (422, &json!("recursion_limit")));
    let deepest = format!("{{\"metadata\":{}{}}}", "{\"a\":".repeat(5000), "}".repeat(5000));
    let request = Request::post("/key/generate").header("authorization", format!("Bearer {MASTER}"));
    assert_eq!(api.send(request.body(deepest.into()).unwrap()).await.0, 422);
}

#[tokio::test]
async fn a_refused_request_is_read_to_its_end_and_a_large_one_is_refused() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let api = Api::new().await;
    let read = Arc::new(AtomicUsize::new(0));
    let counter = read.clone();
    let chunks = tokio_stream::iter(0..3).map(move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
        Ok::<_, std::io::Error>("{}")
    });
    let request = Request::post("/key/generate").body(Body::from_stream(chunks)).unwrap();
    assert_eq!(api.send(request).await.0, 401);
    assert_eq!(read.load(Ordering::Relaxed), 3);
    let large = Request::post("/key/generate").body(vec![b' '; body::LARGEST + 1].into()).unwrap();
    assert_eq!(api.send(large).await.0, 413);
}
