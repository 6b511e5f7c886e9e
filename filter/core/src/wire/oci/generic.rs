//! The format for models of all vendors but Cohere.
//! <https://docs.oracle.com/en-us/iaas/api/#/en/generative-ai-inference/20231130/datatypes/GenericChatRequest>

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
        openai::{self, Chunks, hoist_images},
    },
};
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

const KNOWN: Known = Known {
    renamed: &[
        ("logit_bias", "logitBias"),
        ("logprobs", "logProbs"),
        ("n", "numGenerations"),
        ("reasoning_effort", "reasoningEffort"),
        ("stop", "stop"),
        ("tool_choice", "toolChoice"),
    ],
    own: &["isEcho", "metadata", "topK"],
};

impl Wire for This {
    fn path(&self, _target: &Target) -> String {
        super::path("chat")
    }

    fn request(&self, mut chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let messages = super::conversation(&mut chat)?;
        let tools = chat.get("tools").cloned();
        parameters::fit(&mut chat, target)?;
        let mut body = Map::new();
        body.insert("messages".into(), messages::generic(&hoist_images(messages))?.into());
        if let Some(Value::Array(list)) = tools.filter(|_| chat.contains_key("tools")) {
            let list = list.iter().map(tools::generic).collect::<Result<Vec<Value>, Error>>()?;
            body.insert("tools".into(), list.into());
        }
        body.insert("isStream".into(), target.call.stream.into());
        let mut parameters = parameters::named(chat, &KNOWN);
        shape(&mut parameters)?;
        if parameters::counts_thoughts(target.deployment)
            && let Some(most) = parameters.shift_remove("maxTokens")
        {
            parameters.insert("maxCompletionTokens".into(), most);
        }
        body.extend(parameters);
        super::chat("GENERIC", body, target)
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let facts = target.provider().facts();
        let response = super::response(body, facts)?;
        let choices = response.get("choices").and_then(Value::as_array).filter(|choices| !choices.is_empty());
        let Some(choices) = choices else { return Err(super::unanswered(facts, &response)) };
        let choices = choices.iter().map(|choice| self::choice(choice, target));
        let choices = choices.collect::<Result<Vec<Value>, Error>>()?;
        let answer =
            json!({ "model": target.deployment.model, "choices": choices, "usage": super::usage(&response) });
        openai::This.answer(answer, target)
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(Stream { facts: target.provider().facts(), chunks: Chunks::new(target), calls: Vec::new() })
    }
}

/// Values that differ, and not only in name.
fn shape(parameters: &mut Map<String, Value>) -> Result<(), Error> {
    if let Some(choice) = parameters.get_mut("toolChoice") {
        *choice = parameters::tool_choice(choice)?;
    }
    if let Some(format) = parameters.get_mut("responseFormat") {
        *format = parameters::response_format(format)?;
    }
    if let Some(effort) = parameters.get_mut("reasoningEffort") {
        *effort = parameters::effort(effort).into();
    }
    if let Some(wanted) = parameters.get("logProbs").and_then(Value::as_bool) {
        parameters.insert("logProbs".into(), u8::from(wanted).into());
    }
    Ok(())
}

fn choice(native: &Value, target: &Target) -> Result<Value, Error> {
    let message = native.get("message").unwrap_or(&Value::Null);
    let mut said = said(message);
    let text = said.shift_remove("content");
    said.insert("role".into(), "assistant".into());
    said.insert("content".into(), text.into());
    let id = |at: usize| openai::id("call_", target, at);
    let calls = message.get("toolCalls").and_then(Value::as_array).into_iter().flatten();
    let calls: Vec<Value> = calls.enumerate().map(|(at, call)| tools::call(call, || id(at))).collect();
    if !calls.is_empty() {
        said.insert("tool_calls".into(), calls.into());
    }
    let reason = native.get("finishReason").and_then(Value::as_str).unwrap_or_default();
    let reason = super::finish_reason(reason, target.provider().facts())?;
    Ok(
        json!({ "index": native.get("index").and_then(Value::as_u64).unwrap_or(0), "message": said, "finish_reason": reason }),
    )
}

/// Text, thoughts and refusal of a message, or of a piece of one.
fn said(message: &Value) -> Map<String, Value> {
    let mut said = Map::new();
    let parts = message.get("content").and_then(Value::as_array).into_iter().flatten();
    let texts: Vec<&str> = parts.filter_map(|part| part.get("text")?.as_str()).collect();
    if !texts.is_empty() {
        said.insert("content".into(), texts.concat().into());
    }
    for (native, name) in [("reasoningContent", "reasoning_content"), ("refusal", "refusal")] {
        if let Some(text) = message.get(native).filter(|text| text.as_str().is_some_and(|t| !t.is_empty())) {
            said.insert(name.into(), text.clone());
        }
    }
    said
}

/// Reads pieces of messages.
struct Stream {
    facts: &'static Facts,
    chunks: Chunks,
    /// The calls under way, one for each choice: how many there were, and the id of the last. Bounded by `n`.
    calls: Vec<(u64, u64, String)>,
}

/// More choices than anyone asks for; calls of further ones are counted as of the first.
const MOST_CHOICES: usize = 128;

impl Stream {
    /// The calls in a piece. A call's first piece has its id; what has none belongs to the call before.
    fn calls(&mut self, index: u64, native: &[Value]) -> Vec<Value> {
        let known = self.calls.iter().position(|(choice, ..)| *choice == index);
        if known.is_none() && self.calls.len() < MOST_CHOICES {
            self.calls.push((index, 0, String::new()));
        }
        let at = known.unwrap_or(self.calls.len().saturating_sub(1));
        let Some((_, count, last)) = self.calls.get_mut(at) else { return Vec::new() };
        let piece = |native: &Value| {
            let text = |name: &str| native.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
            let id = text("id");
            if *count == 0 || id.is_some_and(|id| id != last) {
                *count += 1;
                id.unwrap_or_default().clone_into(last);
            }
            let mut function = Map::new();
            function.extend(text("name").map(|name| ("name".to_owned(), name.into())));
            let arguments = native.get("arguments").and_then(Value::as_str).unwrap_or_default();
            function.insert("arguments".into(), arguments.into());
            json!({ "index": count.saturating_sub(1), "id": id, "function": function })
        };
        native.iter().map(piece).collect()
    }
}

impl Decoder for Stream {
    fn push(&mut self, event: &Event, out: &mut Vec<Value>) -> Result<(), Error> {
        // One malformed event does not end a stream; without an end it is an error all the same.
        let Ok(Value::Object(native)) = serde_json::from_str(&event.data) else { return Ok(()) };
        if native.get("message").is_some_and(Value::is_string) || native.contains_key("error") {
            return Err(Error::inside(self.facts, &native.into()));
        }
        let index = native.get("index").and_then(Value::as_u64).unwrap_or(0);
        let message = native.get("message").unwrap_or(&Value::Null);
        let mut delta = said(message);
        let calls = message.get("toolCalls").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if !calls.is_empty() {
            delta.insert("tool_calls".into(), self.calls(index, calls).into());
        }
        let reason = native.get("finishReason").and_then(Value::as_str);
        let reason = reason.map(|reason| super::finish_reason(reason, self.facts)).transpose()?;
        let choice = json!({ "index": index, "delta": delta, "finish_reason": reason });
        let mut chunk = Map::from_iter([("choices".to_owned(), json!([choice]))]);
        chunk.extend(super::usage(&native.into()).map(|usage| ("usage".to_owned(), usage)));
        self.chunks.chunk(chunk, out);
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Value>) -> Result<(), Error> {
        self.chunks.end(out)
    }
}
