//! The format for models of Cohere's: version 1 of its own, in Oracle's spelling.
//! <https://docs.oracle.com/en-us/iaas/api/#/en/generative-ai-inference/20231130/datatypes/CohereChatRequest>

use super::{
    messages,
    parameters::{self, Known},
    tools,
};
use crate::{
    error::Error,
    providers::Facts,
    sse::Event,
    wire::{
        Decoder, Target, Wire,
        openai::{self, Chunks},
    },
};
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

const KNOWN: Known = Known {
    renamed: &[("stop", "stopSequences"), ("top_k", "topK")],
    own: &[
        "citationQuality",
        "documents",
        "isEcho",
        "isForceSingleStep",
        "isRawPrompting",
        "isSearchQueriesOnly",
        "maxInputTokens",
        "promptTruncation",
        "safetyMode",
    ],
};

impl Wire for This {
    fn path(&self, _target: &Target) -> String {
        super::path("chat")
    }

    fn request(&self, mut chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let messages = super::conversation(&mut chat)?;
        let tools = chat.get("tools").cloned();
        parameters::fit(&mut chat, target)?;
        let conversation = messages::cohere(&messages)?;
        let mut body = Map::new();
        body.insert("message".into(), conversation.message.into());
        body.insert("chatHistory".into(), conversation.history.into());
        if !conversation.preamble.is_empty() {
            body.insert("preambleOverride".into(), conversation.preamble.into());
        }
        if let Some(Value::Array(list)) = tools.filter(|_| chat.contains_key("tools")) {
            let list = list.iter().map(tools::cohere).collect::<Result<Vec<Value>, Error>>()?;
            body.insert("tools".into(), list.into());
        }
        if target.call.stream {
            body.insert("isStream".into(), true.into());
        }
        let mut parameters = parameters::named(chat, &KNOWN);
        if let Some(format) = parameters.get_mut("responseFormat") {
            *format = response_format(format);
        }
        body.extend(parameters);
        super::chat("COHERE", body, target)
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let facts = target.provider().facts();
        let response = super::response(body, facts)?;
        let Some(text) = response.get("text").and_then(Value::as_str) else {
            return Err(super::unanswered(facts, &response));
        };
        let calls = calls(&response, |at| openai::id("call_", target, at));
        let silent = text.is_empty() && !calls.is_empty();
        let mut message = json!({ "role": "assistant", "content": (!silent).then_some(text) });
        if let Some(message) = message.as_object_mut().filter(|_| !calls.is_empty()) {
            message.insert("tool_calls".into(), calls.into());
        }
        let reason = response.get("finishReason").and_then(Value::as_str).unwrap_or_default();
        let reason = super::finish_reason(reason, facts)?;
        let choice = json!({ "index": 0, "message": message, "finish_reason": reason });
        let answer = json!({ "model": target.deployment.model, "choices": [choice], "usage": super::usage(&response) });
        openai::This.answer(answer, target)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(Stream {
            facts: target.provider().facts(),
            chunks: Chunks::new(target),
            id: openai::id("call_", target, 0),
            spoken: false,
            called: false,
        })
    }
}

/// A schema stands beside the one type that there is.
fn response_format(given: &Value) -> Value {
    if given.get("type").is_some_and(|kind| kind == "text") {
        return json!({ "type": "TEXT" });
    }
    match given.pointer("/json_schema/schema").filter(|schema| !schema.is_null()) {
        Some(schema) => json!({ "type": "JSON_OBJECT", "schema": schema }),
        None => json!({ "type": "JSON_OBJECT" }),
    }
}

fn calls(native: &Value, id: impl Fn(usize) -> String) -> Vec<Value> {
    let calls = native.get("toolCalls").and_then(Value::as_array).into_iter().flatten();
    calls.enumerate().map(|(at, call)| tools::call(call, || id(at))).collect()
}

/// Reads pieces of the answer. Its last piece says all of it again, and so does the one that calls tools.
struct Stream {
    facts: &'static Facts,
    chunks: Chunks,
    /// What ids of calls begin with.
    id: String,
    spoken: bool,
    called: bool,
}

impl Decoder for Stream {
    fn push(&mut self, event: &Event, out: &mut Vec<Value>) -> Result<(), Error> {
        // One malformed event does not end a stream; without an end it is an error all the same.
        let Ok(native) = serde_json::from_str::<Value>(&event.data) else { return Ok(()) };
        if ["error", "message"].iter().any(|name| native.get(name).is_some_and(|said| !said.is_null())) {
            return Err(Error::inside(self.facts, &native));
        }
        let has = |name: &str| native.get(name).is_some_and(|value| !value.is_null());
        let mut delta = Map::new();
        let again = self.spoken && (has("chatHistory") || has("toolCalls"));
        if let Some(text) =
            native.get("text").and_then(Value::as_str).filter(|text| !text.is_empty() && !again)
        {
            delta.insert("content".into(), text.into());
            self.spoken = true;
        }
        let again = self.called && has("chatHistory");
        let calls = if again { Vec::new() } else { calls(&native, |at| format!("{}{at}", self.id)) };
        if !calls.is_empty() {
            delta.insert("tool_calls".into(), calls.into());
            self.called = true;
        }
        let reason = native.get("finishReason").and_then(Value::as_str);
        let reason = reason.map(|reason| super::finish_reason(reason, self.facts)).transpose()?;
        self.chunks.say(delta, reason, super::usage(&native), out);
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Value>) -> Result<(), Error> {
        self.chunks.end(out)
    }
}
