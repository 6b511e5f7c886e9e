//! A client's request body, read just far enough to decide: the rest stays as it came.

use crate::{
    error::Error,
    operation::{Api, Operation},
    usage,
};
use serde::Deserialize;
use serde_json::value::RawValue;

/// One parsed call. `body` is the client's own JSON, known to be an object.
#[derive(Debug, Clone)]
pub struct Call {
    /// What is asked for.
    pub operation: Operation,
    /// The name the client asked for; a model group.
    pub model: String,
    /// An answer as server-sent events is wanted.
    pub stream: bool,
    /// OpenAI's `stream_options.include_usage`.
    pub include_usage: bool,
    /// The end user, where the request names one.
    pub end_user: String,
    /// The client's `anthropic-beta` header; empty for none.
    pub betas: String,
    /// Tokens this call may turn out to use: the prompt's size and, where given, the answer's cap.
    pub estimate: Estimate,
    /// The body as it came.
    pub body: Vec<u8>,
}

/// What a call is expected to use at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Input tokens, from the body's size.
    pub prompt: u64,
    /// `max_tokens` or its like; 0 where the client set none.
    pub completion: u64,
}

/// The fields every dialect shares. A field given twice is refused: two readers could disagree on which one counts.
#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    model: Option<&'a RawValue>,
    #[serde(borrow)]
    messages: Option<&'a RawValue>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    stream: Option<bool>,
    #[serde(borrow)]
    stream_options: Option<&'a RawValue>,
    #[serde(borrow)]
    max_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    max_completion_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    user: Option<&'a RawValue>,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
}

/// Anthropic's place for the end user.
#[derive(Deserialize)]
struct Metadata {
    user_id: String,
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

impl Call {
    /// Reads a body. The errors are the client's: 400, naming the field.
    pub fn parse(operation: Operation, body: Vec<u8>) -> Result<Self, Error> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(Error::invalid("Request body is empty"));
        }
        let text = std::str::from_utf8(&body)
            .map_err(|e| Error::invalid(format!("Request body is not UTF-8: {e}")))?;
        let fields: Fields =
            serde_json::from_str(text).map_err(|e| Error::invalid(format!("Invalid JSON payload: {e}")))?;
        let model = match fields.model {
            None => return Err(missing("model")),
            Some(raw) => serde_json::from_str::<String>(raw.get()).map_err(|_| Error {
                param: Some("model".into()),
                ..Error::invalid("model: must be a string")
            })?,
        };
        match operation {
            Operation::Embeddings if fields.input.is_none() => return Err(missing("input")),
            Operation::Chat | Operation::Messages | Operation::CountTokens => match fields.messages {
                None => return Err(missing("messages")),
                Some(raw) if !raw.get().starts_with('[') => {
                    return Err(Error {
                        param: Some("messages".into()),
                        ..Error::invalid("messages: must be a list")
                    });
                }
                Some(_) => {}
            },
            _ => {}
        }
        let number = |raw: Option<&RawValue>| raw.and_then(|r| r.get().parse::<u64>().ok());
        let estimate = Estimate {
            prompt: usage::estimate(body.len()),
            completion: number(fields.max_completion_tokens).or(number(fields.max_tokens)).unwrap_or(0),
        };
        let include_usage = fields
            .stream_options
            .and_then(|raw| serde_json::from_str::<StreamOptions>(raw.get()).ok())
            .is_some_and(|options| options.include_usage);
        let user = fields.user.and_then(|raw| serde_json::from_str(raw.get()).ok());
        let named = || serde_json::from_str::<Metadata>(fields.metadata?.get()).ok();
        let end_user = user.or_else(|| named().map(|metadata| metadata.user_id)).unwrap_or_default();
        let stream = fields.stream.unwrap_or(false);
        Ok(Self { operation, model, stream, include_usage, end_user, betas: String::new(), estimate, body })
    }

    /// The dialect of this call's client.
    pub fn api(&self) -> Api {
        self.operation.api()
    }
}

fn missing(field: &str) -> Error {
    Error { param: Some(field.into()), ..Error::invalid(format!("{field}: field required")) }
}
