//! Clients of `OpenAI`'s text completions: to a chat model, a prompt is what the user says.
//! <https://platform.openai.com/docs/api-reference/completions>

use super::{
    Dialect, Encoder,
    openai::{DONE, write_chunk},
};
use crate::{error::Error, wire::Target};
use serde_json::{Map, Value, json};

/// The dialect.
pub struct This;

impl Dialect for This {
    fn request(&self, target: &Target) -> Result<Map<String, Value>, Error> {
        let mut asked = super::openai::This.request(target)?;
        let messages = messages(asked.shift_remove("prompt"))?;
        asked.insert("messages".into(), messages.into());
        Ok(asked)
    }

    fn answer(&self, chat: Value, _target: &Target) -> Result<Value, Error> {
        Ok(text_completion(chat))
    }

    fn encoder(&self, target: &Target) -> Box<dyn Encoder> {
        Box::new(Events { usage: target.call.include_usage })
    }
}

/// Each text is a message. Tokens are another model's words.
fn messages(prompt: Option<Value>) -> Result<Vec<Value>, Error> {
    let prompts = match prompt {
        Some(Value::Array(prompts)) if !prompts.is_empty() => prompts,
        Some(prompt) => vec![prompt],
        None => Vec::new(),
    };
    if !prompts.iter().all(Value::is_string) {
        return Err(Error {
            param: Some("prompt".into()),
            ..Error::invalid("litellm.BadRequestError: prompt: must be a text or a list of texts")
        });
    }
    Ok(prompts.into_iter().map(|prompt| json!({ "role": "user", "content": prompt })).collect())
}

/// A `chat.completion`, or a chunk of one, as a `text_completion`. What is no text has no place in one.
pub fn text_completion(mut chat: Value) -> Value {
    let mut field = |name: &str| chat.get_mut(name).map(Value::take).unwrap_or_default();
    let (id, created, model, usage) = (field("id"), field("created"), field("model"), field("usage"));
    let choices = match field("choices") {
        Value::Array(choices) => choices,
        _ => Vec::new(),
    };
    let mut text = Map::with_capacity(6);
    text.insert("id".into(), id);
    text.insert("object".into(), "text_completion".into());
    text.insert("created".into(), created);
    text.insert("model".into(), model);
    text.insert("choices".into(), choices.into_iter().map(choice).collect());
    if !usage.is_null() {
        text.insert("usage".into(), usage);
    }
    text.into()
}

/// A choice of an answer or of a chunk. Thoughts stay apart from the text.
fn choice(mut chat: Value) -> Value {
    let name = if chat.get("message").is_some() { "message" } else { "delta" };
    let mut said = chat.get_mut(name).map(Value::take).unwrap_or_default();
    let mut take = |name: &str| said.get_mut(name).map(Value::take).filter(|said| !said.is_null());
    let (content, thought) = (take("content"), take("reasoning_content"));
    let mut field = |name: &str| chat.get_mut(name).map(Value::take).unwrap_or_default();
    let mut text = Map::with_capacity(5);
    text.insert("text".into(), content.unwrap_or_else(|| "".into()));
    for name in ["index", "logprobs", "finish_reason"] {
        text.insert(name.into(), field(name));
    }
    text.extend(thought.map(|thought| ("reasoning_content".to_owned(), thought)));
    text.into()
}

struct Events {
    /// The client asked for the usage chunk.
    usage: bool,
}

impl Encoder for Events {
    fn push(&mut self, chunk: Value, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.usage || chunk.get("usage").is_none() {
            write_chunk(&text_completion(chunk), out);
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(DONE);
    }
}
