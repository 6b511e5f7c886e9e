//! A client's request body, read just far enough to decide: the rest stays as it came.

use crate::{
    error::Error,
    fields::Fields,
    form::{Form, Part},
    io::RequestHead,
    operation::{Api, Operation},
    path,
    sound::{self, Duration},
    usage::{self, Usage},
};
use serde::Deserialize;
use serde_json::Value;
use std::ops::Range;

/// One parsed call. `body` is the client's own JSON, known to be an object, or its form.
#[derive(Debug, Clone)]
pub struct Call {
    /// What is asked for.
    pub operation: Operation,
    /// The name the client asked for; a model group.
    pub model: String,
    /// An answer as server-sent events is wanted.
    pub stream: bool,
    /// Gemini's way to stream without `alt=sse`: the events as the items of one JSON array.
    pub as_array: bool,
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
    /// Its parts, where it is a form and not JSON.
    pub form: Option<Form>,
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
    /// Reads a request. Errors as of `parse`.
    pub fn asked(operation: Operation, head: &RequestHead, body: Vec<u8>) -> Result<Self, Error> {
        match operation {
            Operation::Transcription => Self::read(operation, head.content_type(), body),
            _ => Self::at(operation, head.address(), body),
        }
    }

    /// Reads a body of a content type: a form where the operation takes one, or JSON. Errors as of `parse`.
    pub fn read(operation: Operation, content_type: &str, body: Vec<u8>) -> Result<Self, Error> {
        if operation != Operation::Transcription {
            return Self::parse(operation, body);
        }
        let form = Form::read(content_type, &body)
            .map_err(|malformed| Error::invalid(format!("Invalid form: {malformed}")))?;
        if form.file("file").is_none() {
            return Err(missing(operation, "file"));
        }
        let settings = form.settings(&body);
        let text = |name: &str| settings.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        Ok(Self {
            operation,
            model: text("model").ok_or_else(|| missing(operation, "model"))?.to_owned(),
            stream: text("stream") == Some("true"),
            include_usage: false,
            end_user: text("user").unwrap_or_default().to_owned(),
            betas: String::new(),
            estimate: Estimate::default(),
            body,
            as_array: false,
            media: Vec::new(),
            form: Some(form),
            fields: Vec::new(),
        })
    }

    /// Reads a body of JSON. The errors are the client's: 400, naming the field.
    pub fn parse(operation: Operation, body: Vec<u8>) -> Result<Self, Error> {
        Self::at(operation, "", body)
    }

    /// Reads a body that was sent to `path` (with its query): some APIs name the model there.
    pub fn at(operation: Operation, path: &str, body: Vec<u8>) -> Result<Self, Error> {
        let text = std::str::from_utf8(&body)
            .map_err(|e| Error::invalid(format!("Request body is not UTF-8: {e}")))?;
        let blank = text.trim_ascii().is_empty();
        let fields: Fields =
            serde_json::from_str(if blank { "{}" } else { text }).map_err(|e| unreadable(&e))?;
        // Two readers could disagree on which of two fields counts.
        if let Some(name) = doubled(&fields) {
            return Err(unreadable(&format_args!("duplicate field `{name}`")));
        }
        let field = |name: &str| fields.get(name).filter(|text| *text != "null");
        check(operation, field)?;
        let model = match operation.api() {
            Api::Gemini => path::model(path).ok_or_else(|| missing(operation, "model"))?,
            // <https://platform.openai.com/docs/api-reference/moderations/create#moderations_create-model>
            _ if operation == Operation::Moderations && field("model").is_none() => {
                "omni-moderation-latest".to_owned()
            }
            _ => named(operation, field("model"))?,
        };
        let estimate = Estimate { prompt: usage::estimate(body.len()), completion: cap(field) };
        // A Responses stream always ends with its usage.
        let include_usage =
            operation == Operation::Responses || field("stream_options").is_some_and(asks_usage);
        let user = field("user").and_then(|text| serde_json::from_str(text).ok());
        let meta = || serde_json::from_str::<Metadata>(field("metadata")?).ok();
        let end_user = user.or_else(|| meta().map(|metadata| metadata.user_id)).unwrap_or_default();
        let asked = match operation.api() {
            Api::Gemini => Some(operation == Operation::StreamGenerate),
            _ => field("stream").map(serde_json::from_str).transpose().map_err(|e| unreadable(&e))?,
        };
        let stream = asked.unwrap_or(false);
        let as_array = stream && operation.api() == Api::Gemini && path::query(path, "alt") != Some("sse");
        let place = |value: &str| {
            let start = (value.as_ptr() as usize).saturating_sub(body.as_ptr() as usize);
            start..start + value.len()
        };
        let fields = fields.iter().map(|(name, value)| (name.to_owned(), place(value))).collect();
        let betas = String::new();
        Ok(Self {
            operation,
            model,
            stream,
            as_array,
            include_usage,
            end_user,
            betas,
            estimate,
            media: Vec::new(),
            body,
            form: None,
            fields,
        })
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

    /// The recording that a form brings.
    pub fn recording(&self) -> Option<(&Part, &[u8])> {
        let part = self.form.as_ref()?.file("file")?;
        Some((part, self.body.get(part.content.clone())?))
    }

    /// What it will use, as far as the request itself tells.
    pub fn expected(&self) -> Usage {
        let tokens = Usage {
            prompt: self.estimate.prompt,
            completion: self.estimate.completion,
            estimated: true,
            ..Usage::default()
        };
        match self.operation {
            Operation::Speech => {
                let input = self.field("input").and_then(|text| serde_json::from_str::<String>(text).ok());
                let input = input.unwrap_or_default();
                let (prompt, characters) = (usage::estimate(input.len()), input.chars().count() as u64);
                Usage { prompt, characters, ..tokens }
            }
            Operation::Transcription => match self.recording().map(|(_, file)| sound::duration(file)) {
                Some(Duration::Told(audio_ms)) => Usage { audio_ms, ..Usage::default() },
                Some(Duration::Guessed(audio_ms)) => Usage { audio_ms, ..tokens },
                None => tokens,
            },
            _ => tokens,
        }
    }

    /// The dialect of this call's client.
    pub fn api(&self) -> Api {
        self.operation.api()
    }
}

/// The model a body names.
fn named(operation: Operation, model: Option<&str>) -> Result<String, Error> {
    let model = model.ok_or_else(|| missing(operation, "model"))?;
    serde_json::from_str(model)
        .map_err(|_| Error { param: Some("model".into()), ..Error::invalid("model: must be a string") })
}

fn asks_usage(options: &str) -> bool {
    serde_json::from_str::<StreamOptions>(options).is_ok_and(|options| options.include_usage)
}

/// What an operation cannot do without.
fn check<'a>(operation: Operation, field: impl Fn(&str) -> Option<&'a str>) -> Result<(), Error> {
    let list = |name: &str| match field(name) {
        None => Err(missing(operation, name)),
        Some(text) if !text.starts_with('[') => {
            Err(Error { param: Some(name.into()), ..Error::invalid(format!("{name}: must be a list")) })
        }
        Some(_) => Ok(()),
    };
    match operation {
        Operation::Embeddings | Operation::Moderations | Operation::Speech => {
            required(operation, &field, &["input"])
        }
        Operation::Completions | Operation::Images => required(operation, &field, &["prompt"]),
        Operation::Rerank => required(operation, &field, &["query", "documents"]),
        // What was said may be kept where it goes on.
        Operation::Responses
            if ["input", "prompt", "conversation", "previous_response_id"]
                .iter()
                .all(|name| field(name).is_none()) =>
        {
            Err(missing(operation, "input"))
        }
        Operation::Chat | Operation::Messages | Operation::CountTokens => list("messages"),
        Operation::Generate | Operation::StreamGenerate => list("contents"),
        _ => Ok(()),
    }
}

/// The most tokens the client wants for an answer, in whatever dialect; 0 where it sets no limit.
fn cap<'a>(field: impl Fn(&str) -> Option<&'a str>) -> u64 {
    #[derive(Deserialize)]
    struct Config {
        #[serde(rename = "maxOutputTokens", alias = "max_output_tokens")]
        most: u64,
    }
    let number = |name: &str| field(name).and_then(|text| text.parse::<u64>().ok());
    let config = || {
        let text = field("generationConfig").or_else(|| field("generation_config"))?;
        serde_json::from_str::<Config>(text).ok()
    };
    let names = ["max_completion_tokens", "max_tokens", "max_output_tokens"];
    names.iter().find_map(|name| number(name)).or_else(|| config().map(|config| config.most)).unwrap_or(0)
}

fn unreadable(why: &dyn std::fmt::Display) -> Error {
    let message = format!("Invalid JSON payload: {why}");
    Error { param: Some("request_body".into()), ..Error::invalid(message) }
}

/// A field that is there twice.
fn doubled<'a>(fields: &'a Fields) -> Option<&'a str> {
    let mut names: Vec<&str> = fields.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.windows(2).find(|pair| pair.first() == pair.last()).and_then(|pair| pair.first().copied())
}

fn required<'a>(
    operation: Operation,
    field: &impl Fn(&str) -> Option<&'a str>,
    names: &[&str],
) -> Result<(), Error> {
    names.iter().find(|name| field(name).is_none()).map_or(Ok(()), |name| Err(missing(operation, name)))
}

fn missing(operation: Operation, field: &str) -> Error {
    let message = format!("{}: Missing required parameter: '{field}'.", operation.label());
    Error { param: Some(field.into()), ..Error::invalid(message) }
}
