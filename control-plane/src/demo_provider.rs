//! A model that needs no key: it speaks OpenAI's and Anthropic's format and answers with what it was told.

mod answer;
mod anthropic;
mod openai;

use crate::{serve, shutdown::Shutdown};
use axum::{
    Json, Router,
    extract::DefaultBodyLimit,
    response::sse::{Event, Sse},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use std::{convert::Infallible, io, time::Duration};
use tokio::net::TcpListener;
use tokio_stream::StreamExt;

/// Between the events of a stream, so that it can be seen to be one.
const PACE: Duration = Duration::from_millis(15);
/// The largest body, in bytes.
const LARGEST: usize = 64 << 20;

/// Serves it until the end.
pub async fn serve(listener: TcpListener, end: Shutdown) -> io::Result<()> {
    serve::http(listener, router(), end).await
}

fn router() -> Router {
    Router::new()
        .route("/v1/chat/completions", post(openai::chat))
        .route("/v1/embeddings", post(openai::embeddings))
        .route("/v1/models", get(openai::models))
        .route("/v1/messages", post(anthropic::messages))
        .route("/v1/messages/count_tokens", post(anthropic::count_tokens))
        .layer(DefaultBodyLimit::max(LARGEST))
}

/// Events, one by one: the name of each, if the format has names, and its data.
fn streamed(events: Vec<(Option<&'static str>, String)>) -> Response {
    let events = events.into_iter().map(|(name, data)| match name {
        Some(name) => Event::default().event(name).data(data),
        None => Event::default().data(data),
    });
    let paced = tokio_stream::iter(events).then(|event| async {
        tokio::time::sleep(PACE).await;
        Ok::<_, Infallible>(event)
    });
    Sse::new(paced).into_response()
}

/// A new identifier.
fn id(prefix: &str) -> String {
    format!("{prefix}{}", crate::keys::id().unwrap_or_default())
}

/// Text of a message's content, whether it is a text or a list of parts.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| match part.get("content") {
                Some(nested) => Some(text(nested)),
                None => part.get("text").and_then(Value::as_str).map(Into::into),
            });
            texts.collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

/// A number of tokens for a JSON value: a quarter of its characters.
fn tokens(value: &Value) -> usize {
    value.to_string().len().div_ceil(4)
}

/// The list of models.
fn models() -> Json<Value> {
    let model = |name: &str| json!({"id": name, "object": "model", "created": 0, "owned_by": "tianji"});
    Json(json!({"object": "list", "data": [model("demo"), model("demo-claude")]}))
}

#[cfg(test)]
mod tests;
