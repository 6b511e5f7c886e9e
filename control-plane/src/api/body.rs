//! The bodies and queries the API takes: bounded, and refused with everything that is wrong with them.

use super::schema;
use crate::{
    app::App,
    error::{Error, Malformed, Result},
};
use aide::{OperationInput, generate::GenContext, openapi::Operation};
use axum::{
    Json,
    body::to_bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};

/// The largest body, in bytes.
pub const LARGEST: usize = 1 << 20;
/// The most parameters a query can have.
const MOST_PARAMETERS: usize = 64;

/// How long a body may take.
const SLOWEST: Duration = Duration::from_mins(1);

/// Takes the body in before anything is answered. A connection that is answered in the middle of a body has to be
/// closed, and its client may have sent the next request by then.
pub async fn whole(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match tokio::time::timeout(SLOWEST, to_bytes(body, LARGEST)).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(parts, bytes.into())).await,
        Ok(Err(_)) => Error::TooLarge(LARGEST).into_response(),
        Err(_) => {
            let body = json!({ "detail": "The request's body took too long." });
            (StatusCode::REQUEST_TIMEOUT, Json(body)).into_response()
        }
    }
}

/// A JSON body.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + JsonSchema> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &Arc<App>) -> Result<Self> {
        let bytes = to_bytes(request.into_body(), LARGEST).await.map_err(|_| Error::TooLarge(LARGEST))?;
        if bytes.is_empty() {
            return Err(malformed("missing", "body", "Field required"));
        }
        let value = serde_json::from_slice(&bytes)
            .map_err(|e| malformed("json_invalid", "body", &format!("JSON decode error: {e}")))?;
        checked(value, "body").map(Self)
    }
}

impl<T: JsonSchema> OperationInput for Body<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Json::<T>::operation_input(ctx, operation);
    }
}

/// The parameters of a query.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + JsonSchema> FromRequestParts<Arc<App>> for Params<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self> {
        let schema = schema::of::<T>();
        let mut fields = Map::new();
        let query = parts.uri.query().unwrap_or_default();
        for (name, text) in url::form_urlencoded::parse(query.as_bytes()).take(MOST_PARAMETERS) {
            let property = schema.get("properties").and_then(|properties| properties.get(name.as_ref()));
            // As with FastAPI, what is not asked for is ignored, and the last one of several counts.
            if let Some(property) = property {
                fields.insert(name.into_owned(), typed(property, &text));
            }
        }
        checked(Value::Object(fields), "query").map(Self)
    }
}

impl<T: JsonSchema> OperationInput for Params<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Query::<T>::operation_input(ctx, operation);
    }
}

/// A parameter's text as the type it should have; left a text where that cannot be, for the check to complain of.
fn typed(property: &Value, text: &str) -> Value {
    let named = property.get("type").map(ToString::to_string).unwrap_or_default();
    let parsed = if named.contains("integer") {
        text.parse::<i64>().ok().map(Value::from)
    } else if named.contains("boolean") {
        match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true.into()),
            "false" | "0" | "no" | "off" => Some(false.into()),
            _ => None,
        }
    } else {
        None
    };
    parsed.unwrap_or_else(|| text.into())
}

fn checked<T: DeserializeOwned + JsonSchema>(value: Value, place: &str) -> Result<T> {
    let faults = schema::faults(&schema::of::<T>(), &value, place);
    if !faults.is_empty() {
        return Err(Error::Malformed(faults));
    }
    // What the schema cannot say (a date that is none); the first fault only.
    serde_json::from_value(value).map_err(|e| malformed("value_error", place, &e.to_string()))
}

fn malformed(kind: &str, place: &str, msg: &str) -> Error {
    Error::Malformed(vec![Malformed {
        r#type: kind.into(),
        loc: vec![place.into()],
        msg: msg.into(),
        input: json!({}),
    }])
}
