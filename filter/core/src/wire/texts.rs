//! What formats of models that merely go on with a text have in common: one prompt in, one text out.

use super::{Decoder, Target, openai};
use crate::{error::Error, providers::Facts, sse};
use serde_json::{Map, Value, json};

/// What an answer says, or a piece of one.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The text, or what it goes on with.
    pub text: Option<String>,
    /// Why it ends, in `OpenAI`'s words; absent while it goes on.
    pub finish: Option<&'static str>,
    /// Tokens of the prompt and of the answer so far.
    pub usage: Option<(u64, u64)>,
}

/// How a format's answers and their pieces are read.
pub type Read = fn(&Value) -> Said;

/// The messages of a chat request, and its settings under the model's own names. What only steers the gateway or the
/// transport is in neither.
pub fn split(
    mut chat: Map<String, Value>,
    target: &Target,
) -> Result<(Vec<Value>, Map<String, Value>), Error> {
    openai::fit(&mut chat, target)?;
    let Some(Value::Array(messages)) = chat.shift_remove("messages") else {
        return Err(Error::invalid("litellm.BadRequestError: messages: must be a list"));
    };
    chat.retain(|name, _| !["model", "stream"].contains(&name.as_str()));
    Ok((messages, chat))
}

/// A whole answer as a `chat.completion`. `said` is what was read from `body`.
pub fn completion(body: &Value, said: Said, target: &Target) -> Result<Value, Error> {
    let facts = target.provider().facts();
    let Some(text) = said.text else {
        return Err(match body.get("error") {
            Some(error) if !error.is_null() => Error::inside(facts, body),
            _ => Error::unreadable(facts, body.to_string().as_bytes(), &"no text"),
        });
    };
    let mut completion = json!({
        "id": openai::id("chatcmpl-", target, 0),
        "object": "chat.completion",
        "created": target.now,
        "model": target.deployment.model,
        "choices": [{
            "index": 0,
            "message": { "role": "assistant", "content": text },
            "finish_reason": said.finish.unwrap_or("stop"),
        }],
    });
    if let (Some(usage), Value::Object(completion)) = (said.usage, &mut completion) {
        completion.insert("usage".into(), counts(usage));
    }
    Ok(completion)
}

fn counts((prompt, completion): (u64, u64)) -> Value {
    json!({
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt.saturating_add(completion),
    })
}

/// A streamed answer as `chat.completion.chunk`s.
pub struct Pieces {
    facts: &'static Facts,
    read: Read,
    id: String,
    model: String,
    created: u64,
    speaking: bool,
    finish: Option<&'static str>,
    usage: Option<(u64, u64)>,
}

impl Pieces {
    /// For the answer of `target`, nothing read yet.
    pub fn new(target: &Target, read: Read) -> Self {
        Self {
            facts: target.provider().facts(),
            read,
            id: openai::id("chatcmpl-", target, 0),
            model: target.deployment.model.clone(),
            created: target.now,
            speaking: false,
            finish: None,
            usage: None,
        }
    }

    fn chunk(&self, delta: &Value, finish: Option<&str>) -> Value {
        json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
        })
    }
}

impl Decoder for Pieces {
    fn push(&mut self, event: &sse::Event, out: &mut Vec<Value>) -> Result<(), Error> {
        if event.failed {
            return Err(Error::upstream(self.facts, 500, event.data.as_bytes()));
        }
        // One malformed event does not end a stream.
        let Ok(body) = serde_json::from_str::<Value>(&event.data) else { return Ok(()) };
        if ["error", "errors"].iter().any(|name| body.get(name).is_some_and(|error| !error.is_null())) {
            return Err(Error::inside(self.facts, &body));
        }
        let said = (self.read)(&body);
        self.usage = said.usage.or(self.usage);
        self.finish = said.finish.or(self.finish);
        let Some(text) = said.text.filter(|text| !text.is_empty()) else { return Ok(()) };
        let delta = if std::mem::replace(&mut self.speaking, true) {
            json!({ "content": text })
        } else {
            json!({ "role": "assistant", "content": text })
        };
        out.push(self.chunk(&delta, None));
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Value>) -> Result<(), Error> {
        let Some(finish) = self.finish else { return Err(Error::truncated(self.facts)) };
        out.push(self.chunk(&json!({}), Some(finish)));
        if let Some(usage) = self.usage {
            let mut chunk = self.chunk(&json!({}), None);
            if let Value::Object(chunk) = &mut chunk {
                chunk.insert("choices".into(), json!([]));
                chunk.insert("usage".into(), counts(usage));
            }
            out.push(chunk);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{call::Call, deployment::Deployment, operation::Operation};

    fn read(body: &Value) -> Said {
        Said {
            text: body.get("text").and_then(Value::as_str).map(str::to_owned),
            finish: body.get("end").map(|_| "stop"),
            usage: body.get("tokens").and_then(Value::as_u64).map(|tokens| (1, tokens)),
        }
    }

    fn decode(events: &[Value]) -> Result<Vec<Value>, Error> {
        let call = Call::parse(Operation::Chat, br#"{"model":"m","messages":[]}"#.to_vec()).unwrap();
        let deployment = Deployment { provider: "triton".into(), ..Deployment::default() };
        let mut pieces = Pieces::new(&Target { call: &call, deployment: &deployment, now: 1 }, read);
        let mut out = Vec::new();
        for event in events {
            pieces.push(&sse::Event { data: event.to_string(), ..sse::Event::default() }, &mut out)?;
        }
        pieces.end(&mut out).map(|()| out)
    }

    #[test]
    fn a_stream_has_its_role_once_and_ends_with_what_was_used() {
        let said = [json!({"text": "a"}), json!({"text": ""}), json!({"text": "b", "end": 1, "tokens": 2})];
        let chunks = decode(&said).unwrap();
        let deltas: Vec<&Value> =
            chunks.iter().filter_map(|chunk| chunk.pointer("/choices/0/delta")).collect();
        let spoken = json!({ "role": "assistant", "content": "a" });
        assert_eq!(deltas, [&spoken, &json!({ "content": "b" }), &json!({})]);
        assert_eq!(chunks[2]["choices"][0]["finish_reason"], "stop");
        assert_eq!(chunks[3]["usage"]["total_tokens"], 3);
    }

    #[test]
    fn an_end_that_does_not_come_and_an_error_that_does_are_errors() {
        assert_eq!(decode(&[json!({"text": "a"})]).unwrap_err().status, 502);
        let error = decode(&[json!({"error": "out of memory", "end": 1})]).unwrap_err();
        assert!(error.message.contains("out of memory"), "{error}");
        assert!(decode(&[json!({"errors": [{"message": "x"}]})]).is_err());
    }
}
