//! The dialects clients speak. Each translates to and from the internal form (see `wire`).

pub mod anthropic;
pub mod completions;
pub mod gemini;
pub mod openai;
pub mod responses;

use crate::{
    error::Error,
    operation::{Api, Operation},
    wire::Target,
};
use serde_json::{Map, Value};

/// One dialect.
pub trait Dialect: Sync {
    /// From the client's body to a chat request. `model` is set afterwards.
    fn request(&self, target: &Target) -> Result<Map<String, Value>, Error>;
    /// From a `chat.completion` (its `model` already the client's, its `usage` complete) to the client's answer.
    fn answer(&self, chat: Value, target: &Target) -> Result<Value, Error>;
    /// For a streamed answer.
    fn encoder(&self, target: &Target) -> Box<dyn Encoder>;
}

/// Writes `chat.completion.chunk` values as a client's events. Bounded: never keeps the answer.
pub trait Encoder {
    /// One chunk; its `model` is already the client's. The usage chunk (`choices` empty or with an empty delta, and
    /// `usage`) comes last, and comes always: counted or estimated.
    fn push(&mut self, chunk: Value, out: &mut Vec<u8>) -> Result<(), Error>;
    /// The answer is complete: the dialect's last word (`[DONE]`, `message_stop`).
    fn end(&mut self, out: &mut Vec<u8>);
    /// The answer is broken off.
    fn fail(&mut self, error: &Error, api: Api, out: &mut Vec<u8>) {
        out.extend(error.event(api));
    }
}

/// The dialect an operation is asked in.
pub fn of(operation: Operation) -> &'static dyn Dialect {
    match (operation, operation.api()) {
        (Operation::Completions, _) => &completions::This,
        (_, Api::OpenAi) => &openai::This,
        (_, Api::Anthropic) => &anthropic::This,
        (_, Api::Responses) => &responses::This,
        (_, Api::Gemini) => &gemini::This,
    }
}
