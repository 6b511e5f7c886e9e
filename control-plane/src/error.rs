//! The one error every handler returns, and the one place it becomes HTTP: with LiteLLM's bodies.

use crate::{fault, fault::Fault};
use aide::{
    OperationOutput,
    generate::GenContext,
    openapi::{Operation, Response as ApiResponse},
};
use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// What can go wrong with a call of the admin API.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No credential was sent.
    #[error("Authentication Error, No api key passed in.")]
    NoKey,
    /// The credential is neither the master key nor shaped like a virtual one.
    #[error(
        "Authentication Error, LiteLLM Virtual Key expected. Received={0}, expected to start with 'sk-'."
    )]
    NoVirtualKey(String),
    /// Nobody has this key.
    #[error(
        "Authentication Error, Invalid proxy server token passed. Received API Key = {name}, Key Hash (Token) ={hash}. Unable to find token in cache or `LiteLLM_VerificationTokenTable`"
    )]
    UnknownKey {
        /// `sk-...abcd`
        name: String,
        /// Hexadecimal SHA-256.
        hash: String,
    },
    /// It was blocked.
    #[error("Authentication Error, Key is blocked. Update via `/key/unblock` if you're an admin.")]
    BlockedKey,
    /// Its time is over.
    #[error("Authentication Error - Expired Key. Key Expiry time {0}")]
    ExpiredKey(String),
    /// A virtual key asks for what only the master key may.
    #[error(
        "Authentication Error, Only proxy admin can be used to generate, delete, update info for new keys/users/teams. Route={0}. Your role=unknown. Your user_id=unknown"
    )]
    NotAdmin(String),
    /// A virtual key asks for another one's row.
    #[error("You are not allowed to access this key's info. Your role=internal_user")]
    NotYours,
    /// There is no such thing.
    #[error("{message}")]
    NotFound {
        /// For people.
        message: String,
        /// The parameter that named it.
        param: &'static str,
    },
    /// The request makes sense as JSON and in no other way; all that is wrong with it.
    #[error("{}", fault::listed(.0))]
    Invalid(Vec<Fault>),
    /// The request is not what the operation takes: `FastAPI`'s list of all that is wrong.
    #[error("the request is malformed")]
    Malformed(Vec<Malformed>),
    /// Somebody else changed it at the same time, again and again.
    #[error("it is being changed by someone else; try again")]
    Conflict,
    /// The body is larger than it may be.
    #[error("Request body is larger than {0} bytes")]
    TooLarge(usize),
    /// The database does not answer.
    #[error("the database does not answer")]
    Database(#[source] sqlx::Error),
    /// A bug or a broken machine; only the log says which.
    #[error("Internal Server Error.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What handlers give.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One fault of a malformed request, as `FastAPI` writes it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Malformed {
    /// `missing`, `string_type`, …
    pub r#type: String,
    /// `["body", "keys", 0]`
    pub loc: Vec<Value>,
    /// For people.
    pub msg: String,
    /// What was there.
    pub input: Value,
}

/// The body of an answer to a malformed request.
#[derive(Serialize, JsonSchema)]
struct MalformedBody {
    detail: Vec<Malformed>,
}

/// The body of an error.
#[derive(Serialize, JsonSchema)]
pub struct ErrorBody {
    error: Detail,
}

#[derive(Serialize, JsonSchema)]
struct Detail {
    /// For people.
    message: String,
    /// For programs: `auth_error`, `bad_request_error`, `not_found_error`, …
    r#type: &'static str,
    /// The parameter at fault; `None`, as a text, where there is none.
    param: String,
    /// The HTTP status, as a text.
    code: String,
}

impl Error {
    /// There is no such thing.
    pub fn not_found(param: &'static str, message: impl Into<String>) -> Self {
        Self::NotFound { message: message.into(), param }
    }

    /// One fault in what was asked.
    pub fn invalid(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Fault::new(param, message)])
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NoKey
            | Self::NoVirtualKey(_)
            | Self::UnknownKey { .. }
            | Self::BlockedKey
            | Self::ExpiredKey(_)
            | Self::NotAdmin(_) => StatusCode::UNAUTHORIZED,
            Self::NotYours => StatusCode::FORBIDDEN,
            Self::NotFound { .. } => StatusCode::NOT_FOUND,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Malformed(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Database(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::NoKey | Self::NoVirtualKey(_) | Self::BlockedKey | Self::NotAdmin(_) => "auth_error",
            Self::UnknownKey { .. } => "token_not_found_in_db",
            Self::ExpiredKey(_) => "expired_key",
            Self::NotFound { .. } => "not_found_error",
            Self::Invalid(_) | Self::Conflict | Self::TooLarge(_) => "bad_request_error",
            Self::Database(_) => "no_db_connection",
            Self::NotYours | Self::Malformed(_) | Self::Internal(_) => "internal_server_error",
        }
    }

    fn param(&self) -> &str {
        match self {
            Self::UnknownKey { .. } => "key",
            Self::NotFound { param, .. } => param,
            Self::Invalid(faults) => faults.first().map_or("None", |fault| &fault.path),
            _ => "None",
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Tls(_) => Self::Database(error),
            other => Self::Internal(other.into()),
        }
    }
}

impl From<getrandom::Error> for Error {
    fn from(error: getrandom::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<crate::vault::Error> for Error {
    fn from(error: crate::vault::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::Internal(source) = &self {
            tracing::error!(error = %source, "a request of the admin API failed");
        } else if let Self::Database(source) = &self {
            tracing::warn!(error = %source, "the database does not answer");
        }
        let status = self.status();
        if let Self::Malformed(faults) = self {
            return (status, Json(MalformedBody { detail: faults })).into_response();
        }
        let detail = Detail {
            message: self.to_string(),
            r#type: self.kind(),
            param: self.param().into(),
            code: status.as_u16().to_string(),
        };
        (status, Json(ErrorBody { error: detail })).into_response()
    }
}

impl OperationOutput for Error {
    type Inner = ErrorBody;

    fn operation_response(ctx: &mut GenContext, operation: &mut Operation) -> Option<ApiResponse> {
        Json::<ErrorBody>::operation_response(ctx, operation)
    }

    fn inferred_responses(
        ctx: &mut GenContext,
        operation: &mut Operation,
    ) -> Vec<(Option<u16>, ApiResponse)> {
        let malformed =
            Json::<MalformedBody>::operation_response(ctx, operation).map(|response| (Some(422), response));
        let other = Self::operation_response(ctx, operation).map(|response| (None, response));
        malformed.into_iter().chain(other).collect()
    }
}
