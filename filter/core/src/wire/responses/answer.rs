//! A whole response as a chat answer.

use super::{list, object, reasoning, text, usage};
use crate::{
    error::Error,
    operation::Api,
    providers::Facts,
    wire::{Target, openai},
};
use serde_json::{Map, Value, json};

/// A `chat.completion` from a response that came with a success status. An error inside it is an `Err`.
pub fn completion(body: &Value, target: &Target) -> Result<Value, Error> {
    let facts = target.provider().facts();
    if let Some(error) = failure(body, facts) {
        return Err(error);
    }
    let Some(items) = body.get("output").and_then(Value::as_array) else {
        return Err(Error::unreadable(facts, body.to_string().as_bytes(), &"no output"));
    };
    let mut message = Message::default();
    for item in items {
        message.take(item, target.call.api());
    }
    let called = !message.calls.is_empty();
    let id = match text(body, "id") {
        "" => openai::id("chatcmpl-", target, items.len()),
        id => id.to_owned(),
    };
    let mut out = object([
        ("id", id.into()),
        ("object", "chat.completion".into()),
        ("created", body.get("created_at").filter(|at| at.is_number()).cloned().unwrap_or(target.now.into())),
        ("model", body.get("model").cloned().unwrap_or_default()),
        (
            "choices",
            json!([{ "index": 0, "message": message.into_chat(), "finish_reason": finish(body, called) }]),
        ),
    ]);
    if let Some(out) = out.as_object_mut() {
        out.extend(usage::chat(body.get("usage")).map(|usage| ("usage".to_owned(), usage)));
        let tier = body.get("service_tier").filter(|tier| tier.is_string()).cloned();
        out.extend(tier.map(|tier| ("service_tier".to_owned(), tier)));
    }
    Ok(out)
}

/// What went wrong, where a response says so itself.
pub fn failure(response: &Value, facts: &Facts) -> Option<Error> {
    let error = response.get("error").filter(|error| !error.is_null());
    if error.is_none() && !matches!(text(response, "status"), "failed" | "cancelled") {
        return None;
    }
    let said = error.cloned().unwrap_or_else(|| json!({ "message": "the response failed" }));
    Some(Error::inside(facts, &json!({ "error": cause(said) })))
}

/// An error of this API, with the status its code stands for: the codes are words here.
/// <https://platform.openai.com/docs/api-reference/responses/object#responses/object-error>
pub fn cause(mut error: Value) -> Value {
    let status = match text(&error, "code") {
        "rate_limit_exceeded" | "insufficient_quota" => Some(429),
        "invalid_prompt" | "invalid_image" | "image_parse_error" | "context_length_exceeded" => Some(400),
        _ => None,
    };
    if let (Some(error), Some(status)) = (error.as_object_mut(), status) {
        error.insert("code".into(), status.into());
    }
    error
}

/// Why a response ended, in chat's words.
pub fn finish(response: &Value, called: bool) -> &'static str {
    match response.pointer("/incomplete_details/reason").and_then(Value::as_str) {
        Some("content_filter") => "content_filter",
        Some(_) => "length",
        None if text(response, "status") == "incomplete" => "length",
        None if called => "tool_calls",
        None => "stop",
    }
}

/// The message that the items of an output make up.
#[derive(Default)]
struct Message {
    content: Option<String>,
    refusal: String,
    thought: Vec<String>,
    kept: Vec<Value>,
    sealed: Vec<Value>,
    annotations: Vec<Value>,
    images: Vec<Value>,
    calls: Vec<Value>,
}

impl Message {
    fn take(&mut self, item: &Value, api: Api) {
        match text(item, "type") {
            "message" => list(item.get("content")).iter().for_each(|part| self.hear(part)),
            "reasoning" => {
                let said = reasoning::said(item);
                self.sealed.extend(reasoning::sealed(item, &said));
                self.kept.push(reasoning::keepsake(item));
                self.thought.extend((!said.is_empty()).then_some(said));
            }
            "function_call" | "custom_tool_call" => {
                let index = self.calls.len();
                self.calls.push(call(item, index, api));
            }
            "image_generation_call" => self.images.extend(image(item, self.images.len())),
            _ => {}
        }
    }

    fn hear(&mut self, part: &Value) {
        if text(part, "type") == "refusal" {
            return self.refusal.push_str(text(part, "refusal"));
        }
        let content = self.content.get_or_insert_default();
        let before = content.chars().count();
        content.push_str(text(part, "text"));
        self.annotations.extend(list(part.get("annotations")).iter().map(|note| annotation(note, before)));
    }

    fn into_chat(self) -> Value {
        let mut message = Map::new();
        message.insert("role".into(), "assistant".into());
        message.insert("content".into(), self.content.into());
        let mut put = |name: &str, list: Vec<Value>| {
            if !list.is_empty() {
                message.insert(name.into(), list.into());
            }
        };
        put("tool_calls", self.calls);
        put("reasoning_items", self.kept);
        put("thinking_blocks", self.sealed);
        put("annotations", self.annotations);
        put("images", self.images);
        for (name, said) in [("reasoning_content", self.thought.join("\n\n")), ("refusal", self.refusal)] {
            if !said.is_empty() {
                message.insert(name.into(), said.into());
            }
        }
        message.into()
    }
}

/// A call of a tool in chat's shape. What a tool of free form is given is no JSON, but it is what it is called with.
pub fn call(item: &Value, index: usize, api: Api) -> Value {
    let given = ["arguments", "input"].iter().find_map(|name| item.get(*name)?.as_str()).unwrap_or_default();
    json!({
        "index": index,
        "id": id(item, api),
        "type": "function",
        "function": { "name": text(item, "name"), "arguments": given },
    })
}

/// A call's own id. Some servers count calls afresh in every answer (`call_0`): clients of chat, who may send several
/// answers back, get the item's id instead, as with `LiteLLM`.
fn id(item: &Value, api: Api) -> &str {
    let (call, item) = (text(item, "call_id"), text(item, "id"));
    let counted = call.strip_prefix("call_").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    if call.is_empty() || (counted && api == Api::OpenAi && !item.is_empty()) { item } else { call }
}

/// A note on a text, of which `before` characters came before this part. Chat has what is cited one level deeper.
pub fn annotation(note: &Value, before: usize) -> Value {
    let mut note = note.clone();
    let Some(fields) = note.as_object_mut() else { return note };
    for name in ["start_index", "end_index"] {
        if let Some(at) = fields.get(name).and_then(Value::as_u64) {
            fields.insert(name.into(), at.saturating_add(before as u64).into());
        }
    }
    if fields.get("type").is_some_and(|kind| kind == "url_citation") && !fields.contains_key("url_citation") {
        let kind = fields.shift_remove("type").unwrap_or_default();
        let citation = std::mem::take(fields);
        return object([("type", kind), ("url_citation", citation.into())]);
    }
    note
}

/// An image that was made, as clients of chat know it.
pub fn image(item: &Value, index: usize) -> Option<Value> {
    let data = item.get("result").and_then(Value::as_str)?;
    let kind = match text(item, "output_format") {
        "" => "png",
        kind => kind,
    };
    let url = format!("data:image/{kind};base64,{data}");
    Some(json!({ "type": "image_url", "index": index, "image_url": { "url": url } }))
}
