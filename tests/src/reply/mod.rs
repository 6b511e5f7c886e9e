//! The provider's answers: what the model's script makes of a request.

mod anthropic;
mod converse;
mod google;
mod openai;

use crate::{
    asked::{Asked, Dialect},
    behaviour::Fault,
};
use bytes::Bytes;
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};

/// What the provider offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Endpoint {
    /// `/chat/completions`
    Chat,
    /// `/embeddings`
    Embeddings,
    /// `/messages`
    Messages,
    /// `/messages/count_tokens`
    CountTokens,
    /// `/models/{model}:generateContent` and `:streamGenerateContent`
    Generate,
    /// `/model/{model}/converse` and `/converse-stream`
    Converse,
}

impl Endpoint {
    /// The endpoint behind a path, below whatever base URL.
    pub fn of(path: &str) -> Option<Self> {
        const ENDPOINTS: [(&str, Endpoint); 8] = [
            ("/chat/completions", Endpoint::Chat),
            ("/embeddings", Endpoint::Embeddings),
            ("/messages", Endpoint::Messages),
            ("/messages/count_tokens", Endpoint::CountTokens),
            (":generateContent", Endpoint::Generate),
            (":streamGenerateContent", Endpoint::Generate),
            ("/converse", Endpoint::Converse),
            ("/converse-stream", Endpoint::Converse),
        ];
        ENDPOINTS.iter().find(|(end, _)| path.ends_with(end)).map(|(_, endpoint)| *endpoint)
    }

    /// The dialect it is spoken to in.
    pub fn dialect(self) -> Dialect {
        match self {
            Self::Chat | Self::Embeddings => Dialect::OpenAi,
            Self::Messages | Self::CountTokens => Dialect::Anthropic,
            Self::Generate => Dialect::Google,
            Self::Converse => Dialect::Converse,
        }
    }
}

/// Answers made once: to measure a gateway, the provider must cost little. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Replies(Rc<RefCell<BTreeMap<Same, Reply>>>);

/// What decides an answer that repeats nothing of the request: endpoint, model, `stream`, `include_usage`.
type Same = (Endpoint, String, bool, bool);

impl Replies {
    /// The answer to a request.
    pub fn to(&self, endpoint: Endpoint, asked: &Asked) -> Reply {
        let script = &asked.behaviour;
        let unique = script.echoes || asked.answered || !asked.calls.is_empty() || script.first.is_some();
        if unique || endpoint == Endpoint::Embeddings {
            return Reply::to(endpoint, asked);
        }
        let same = (endpoint, asked.model.clone(), asked.stream, asked.include_usage);
        self.0.borrow_mut().entry(same).or_insert_with(|| Reply::to(endpoint, asked)).clone()
    }
}

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As it should.
    Whole,
    /// In a TCP reset.
    Cut,
    /// Never.
    Stall,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// MIME type.
    pub content_type: &'static str,
    /// `retry-after`, in seconds.
    pub retry_after: Option<&'static str>,
    /// The body; each chunk leaves in a write of its own.
    pub chunks: VecDeque<Bytes>,
    /// How it ends.
    pub end: End,
    /// The whole length where the body is announced but may be cut.
    pub length: Option<usize>,
}

impl Reply {
    /// The answer to a request, after any delay and unless its script is a reset.
    pub fn to(endpoint: Endpoint, asked: &Asked) -> Self {
        let streams = asked.stream && !matches!(endpoint, Endpoint::Embeddings | Endpoint::CountTokens);
        let script = &asked.behaviour;
        let status = script.status.unwrap_or(200);
        match script.fault {
            Some(Fault::Status) => Self::error(endpoint.dialect(), status, "The script says so."),
            Some(Fault::Html) => {
                Self::new(status, "text/html", "<html><body><h1>Bad gateway</h1></body></html>".into())
            }
            Some(Fault::Empty) if streams => Self::stream(endpoint.dialect(), Vec::new(), End::Whole),
            Some(Fault::Empty) => Self::new(status, "application/json", Bytes::new()),
            Some(Fault::BadJson) => {
                Self::new(status, "application/json", r#"{"id": "broken", "choices": [{"#.into())
            }
            Some(Fault::ErrorInside) if !streams => {
                Self::json(200, &error(endpoint.dialect(), 500, "Overloaded"))
            }
            _ if streams => Self::streamed(endpoint.dialect(), asked),
            _ => Self::whole(endpoint, asked),
        }
    }

    /// An error in the provider's own shape.
    pub fn error(dialect: Dialect, status: u16, message: &str) -> Self {
        let retry_after = matches!(status, 429 | 503 | 529).then_some("7");
        Self { retry_after, ..Self::json(status, &error(dialect, status, message)) }
    }

    /// A JSON answer.
    pub fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json", value.to_string().into())
    }

    fn new(status: u16, content_type: &'static str, body: Bytes) -> Self {
        let length = Some(body.len());
        let chunks = [body].into_iter().filter(|chunk| !chunk.is_empty()).collect();
        Self { status, content_type, retry_after: None, chunks, end: End::Whole, length }
    }

    fn stream(dialect: Dialect, chunks: Vec<Bytes>, end: End) -> Self {
        let content_type = match dialect {
            Dialect::Converse => "application/vnd.amazon.eventstream",
            _ => "text/event-stream; charset=utf-8",
        };
        Self { status: 200, content_type, retry_after: None, chunks: chunks.into(), end, length: None }
    }

    fn whole(endpoint: Endpoint, asked: &Asked) -> Self {
        let value = match endpoint {
            Endpoint::Chat => openai::completion(asked),
            Endpoint::Embeddings => openai::embeddings(asked),
            Endpoint::Messages => anthropic::message(asked),
            Endpoint::CountTokens => json!({ "input_tokens": Tokens::of(asked, 0).prompt }),
            Endpoint::Generate => google::content(asked),
            Endpoint::Converse => converse::message(asked),
        };
        let mut reply = Self::json(200, &value);
        if asked.behaviour.fault == Some(Fault::Cut) {
            reply.end = End::Cut;
            for chunk in &mut reply.chunks {
                chunk.truncate(chunk.len() / 2);
            }
        }
        reply
    }

    fn streamed(dialect: Dialect, asked: &Asked) -> Self {
        let bytes = |events: Vec<String>| events.into_iter().map(Bytes::from).collect::<Vec<_>>();
        let (mut events, alarm) = match dialect {
            Dialect::OpenAi => (bytes(openai::events(asked)), openai::error_event().into()),
            Dialect::Anthropic => (bytes(anthropic::events(asked)), anthropic::error_event().into()),
            Dialect::Google => (bytes(google::events(asked)), google::error_event().into()),
            Dialect::Converse => (converse::events(asked), converse::error_event()),
        };
        let half = events.len() / 2;
        match asked.behaviour.fault {
            Some(Fault::Cut | Fault::Stall | Fault::Eof) => events.truncate(half),
            Some(Fault::BadEvent) => events.insert(half, "data: {\"id\": \"broken\n\n".into()),
            Some(Fault::ErrorInside) => {
                events.truncate(half);
                events.push(alarm);
            }
            _ => {}
        }
        let end = match asked.behaviour.fault {
            Some(Fault::Cut) => End::Cut,
            Some(Fault::Stall) => End::Stall,
            _ => End::Whole,
        };
        Self::stream(dialect, framed(events, asked), end)
    }
}

/// The bytes of a stream, cut as the script wants them.
fn framed(events: Vec<Bytes>, asked: &Asked) -> Vec<Bytes> {
    let ends = |event: Bytes| match std::str::from_utf8(&event) {
        Ok(text) if asked.behaviour.crlf => text.replace('\n', "\r\n").into(),
        _ => event,
    };
    let events = events.into_iter().map(ends);
    match asked.behaviour.split {
        None => events.collect(),
        Some(size) => {
            let all: Vec<u8> = events.flatten().collect();
            all.chunks(size).map(Bytes::copy_from_slice).collect()
        }
    }
}

fn error(dialect: Dialect, status: u16, message: &str) -> Value {
    match dialect {
        Dialect::OpenAi => openai::error(status, message),
        Dialect::Anthropic => anthropic::error(status, message),
        Dialect::Google => google::error(status, message),
        Dialect::Converse => converse::error(message),
    }
}

/// Tokens an answer reports.
struct Tokens {
    prompt: u64,
    completion: u64,
    cached: u64,
}

impl Tokens {
    /// As the script says; else 96 in, and out what is given.
    fn of(asked: &Asked, completion: u64) -> Self {
        let script = &asked.behaviour;
        Self {
            prompt: script.prompt.unwrap_or(96),
            completion: script.completion.unwrap_or(completion),
            cached: script.cached,
        }
    }
}

/// The answer's text.
fn text(asked: &Asked) -> String {
    let fox =
        "The quick brown fox jumps over the lazy dog while the gateway forwards this fixed completion. ";
    match asked.behaviour.big {
        Some(bytes) => "x".repeat(bytes),
        None if asked.answered => format!("The tool said: {}", asked.said),
        None if asked.behaviour.echoes => asked.said.clone(),
        None => fox.repeat(6).trim_end().to_owned(),
    }
}

/// The answer's text in the number of pieces that a stream of `events` events has room for beside `others`.
fn pieces(asked: &Asked, others: usize) -> Vec<String> {
    let count = asked.behaviour.events.unwrap_or(34).saturating_sub(others).max(1);
    if asked.behaviour.big.is_some() {
        return vec![text(asked)];
    }
    if asked.answered || asked.behaviour.echoes {
        let letters: Vec<char> = text(asked).chars().collect();
        let size = letters.len().div_ceil(count).max(1);
        return letters.chunks(size).map(|piece| piece.iter().collect()).collect();
    }
    (0..count).map(|i| format!(" token{i:02} of")).collect()
}

#[cfg(test)]
mod tests;
