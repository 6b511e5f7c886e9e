//! A client's request body, read just far enough to decide: the rest stays as it came.

use crate::{
    error::Error,
    fields::Fields,
    operation::{Api, Operation},
    usage,
};
use serde::Deserialize;
use std::ops::Range;

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
    /// What was fetched of what it names by its address: address and `data:` URL.
    pub media: Vec<(String, String)>,
    /// The body as it came.
    pub body: Vec<u8>,
    /// Where in it the value of each field stands.
    fields: Vec<(String, Range<usize>)>,
}

/// What a call is expected to use at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Input tokens, from the body's size.
    pub prompt: u64,
    /// `max_tokens` or its like; 0 where the client set none.
    pub completion: u64,
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
        let fields: Fields = serde_json::from_str(text).map_err(|e| unreadable(&e))?;
        // Two readers could disagree on which of two fields counts.
        if let Some(name) = doubled(&fields) {
            return Err(unreadable(&format_args!("duplicate field `{name}`")));
        }
        let field = |name: &str| fields.get(name).filter(|text| *text != "null");
        let model = match field("model") {
            None => return Err(missing("model")),
            Some(text) => serde_json::from_str::<String>(text).map_err(|_| Error {
                param: Some("model".into()),
                ..Error::invalid("model: must be a string")
            })?,
        };
        match operation {
            Operation::Embeddings if field("input").is_none() => return Err(missing("input")),
            Operation::Chat | Operation::Messages | Operation::CountTokens => match field("messages") {
                None => return Err(missing("messages")),
                Some(text) if !text.starts_with('[') => {
                    return Err(Error {
                        param: Some("messages".into()),
                        ..Error::invalid("messages: must be a list")
                    });
                }
                Some(_) => {}
            },
            _ => {}
        }
        let number = |name: &str| field(name).and_then(|text| text.parse::<u64>().ok());
        let estimate = Estimate {
            prompt: usage::estimate(body.len()),
            completion: number("max_completion_tokens").or(number("max_tokens")).unwrap_or(0),
        };
        let include_usage = field("stream_options")
            .and_then(|text| serde_json::from_str::<StreamOptions>(text).ok())
            .is_some_and(|options| options.include_usage);
        let user = field("user").and_then(|text| serde_json::from_str(text).ok());
        let named = || serde_json::from_str::<Metadata>(field("metadata")?).ok();
        let end_user = user.or_else(|| named().map(|metadata| metadata.user_id)).unwrap_or_default();
        let stream = field("stream").map(serde_json::from_str).transpose().map_err(|e| unreadable(&e))?;
        let place = |value: &str| {
            let start = (value.as_ptr() as usize).saturating_sub(body.as_ptr() as usize);
            start..start + value.len()
        };
        let fields = fields.iter().map(|(name, value)| (name.to_owned(), place(value))).collect();
        let (betas, media, stream) = (String::new(), Vec::new(), stream.unwrap_or(false));
        Ok(Self { operation, model, stream, include_usage, end_user, betas, estimate, media, body, fields })
    }

    /// The body's fields, as text.
    pub fn fields(&self) -> Fields<'_> {
        let text = std::str::from_utf8(&self.body).unwrap_or_default();
        let value = |place: &Range<usize>| text.get(place.clone()).unwrap_or_default();
        self.fields.iter().map(|(name, place)| (name.as_str(), value(place))).collect()
    }

    /// One of them.
    pub fn field(&self, name: &str) -> Option<&str> {
        let (_, place) = self.fields.iter().find(|(field, _)| field == name)?;
        std::str::from_utf8(self.body.get(place.clone())?).ok()
    }

    /// The dialect of this call's client.
    pub fn api(&self) -> Api {
        self.operation.api()
    }
}

fn unreadable(why: &dyn std::fmt::Display) -> Error {
    Error::invalid(format!("Invalid JSON payload: {why}"))
}

/// A field that is there twice.
fn doubled<'a>(fields: &'a Fields) -> Option<&'a str> {
    let mut names: Vec<&str> = fields.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.windows(2).find(|pair| pair.first() == pair.last()).and_then(|pair| pair.first().copied())
}

fn missing(field: &str) -> Error {
    Error { param: Some(field.into()), ..Error::invalid(format!("{field}: field required")) }
}
