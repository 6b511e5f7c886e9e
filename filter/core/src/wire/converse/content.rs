//! What users and tools say: texts, images, documents, videos, results.

use super::{
    bad_request,
    context::Context,
    media,
    messages::{Role, Turn},
    names,
};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// A user's message as blocks. What has no place in the API (audio, say) is left out, as `LiteLLM` does.
pub fn user(mut message: Map<String, Value>, context: Context) -> Result<Vec<Value>, Error> {
    let mut blocks = Vec::new();
    match message.remove("content") {
        Some(Value::String(text)) if text.is_empty() => {}
        Some(Value::String(text)) => {
            blocks.push(json!({ "text": text }));
            blocks.extend(context.cache_point(&message));
        }
        Some(Value::Array(parts)) => {
            for part in parts {
                match part {
                    Value::Object(part) if is_blank(&part) => {}
                    Value::Object(mut part) => {
                        blocks.extend(user_part(&mut part)?);
                        blocks.extend(context.cache_point(&part));
                    }
                    Value::String(text) => blocks.push(json!({ "text": text })),
                    _ => return Err(bad_request("messages: content must hold objects")),
                }
            }
        }
        None | Some(Value::Null) => {}
        Some(_) => return Err(bad_request("messages: content must be a string or a list")),
    }
    Ok(blocks)
}

fn kind(part: &Map<String, Value>) -> &str {
    part.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// A text part that says nothing: the API refuses those.
fn is_blank(part: &Map<String, Value>) -> bool {
    kind(part) == "text" && part.get("text").and_then(Value::as_str).is_none_or(|text| text.trim().is_empty())
}

fn user_part(part: &mut Map<String, Value>) -> Result<Option<Value>, Error> {
    Ok(Some(match kind(part) {
        // What a guardrail is to ground an answer on is text to the model.
        "text" | "grounding_source" | "query" => json!({ "text": text(part)? }),
        "guarded_text" => json!({ "guardContent": { "text": { "text": text(part)? } } }),
        "image_url" => media::of_url(part.remove("image_url"))?,
        "file" => media::of_file(part.remove("file"))?,
        "document" => media::of_source(part.get("source"))?,
        _ => return Ok(None),
    }))
}

fn text(part: &mut Map<String, Value>) -> Result<Value, Error> {
    let text = part.remove("text").filter(Value::is_string);
    text.ok_or_else(|| bad_request("messages: a text part must have a `text`"))
}

/// The result of a tool, and the cache point behind it.
pub fn tool_result(mut message: Map<String, Value>, context: Context) -> Result<Vec<Value>, Error> {
    let Some(id) = message.get("tool_call_id").and_then(Value::as_str).map(names::call_id) else {
        return Err(bad_request("messages: a tool message must have a `tool_call_id`"));
    };
    let mut point = context.cache_point(&message);
    let found = message.remove("search_results").and_then(search_results);
    let status = match &found {
        Some(_) => Some("success"),
        None => (message.get("is_error") == Some(&Value::Bool(true))).then_some("error"),
    };
    let blocks = match (found, message.remove("content")) {
        (Some(found), _) => found,
        (None, Some(Value::String(text))) => vec![json!({ "text": text })],
        (None, Some(Value::Array(parts))) => {
            let mut blocks = Vec::with_capacity(parts.len());
            for part in parts {
                let Value::Object(mut part) = part else {
                    return Err(bad_request("messages: content must hold objects"));
                };
                point = point.or_else(|| context.cache_point(&part));
                blocks.extend(user_part(&mut part)?);
            }
            blocks
        }
        _ => Vec::new(),
    };
    let mut result = json!({ "toolUseId": id, "content": blocks });
    if let (Some(status), Value::Object(result)) = (status, &mut result) {
        result.insert("status".into(), status.into());
    }
    Ok(std::iter::once(json!({ "toolResult": result })).chain(point).collect())
}

/// The API's own form of a search's results, which `LiteLLM` lets a tool's message carry.
fn search_results(results: Value) -> Option<Vec<Value>> {
    let Value::Array(results) = results else { return None };
    let results = results.into_iter().filter(Value::is_object);
    let blocks: Vec<Value> = results.map(|result| json!({ "searchResult": result })).collect();
    (!blocks.is_empty()).then_some(blocks)
}

/// Marks what the user said last for the guardrail, where the client has not marked anything itself.
pub fn guard(turns: &mut [Turn]) {
    for turn in turns.iter_mut().rev().take_while(|turn| turn.role == Role::User) {
        match turn.message.get_mut("content") {
            Some(Value::Array(parts)) => {
                let marked = |part: &Value| part.get("type").is_some_and(|kind| kind == "guarded_text");
                if !parts.iter().any(marked) {
                    let texts = parts.iter_mut().filter_map(|part| part.get_mut("type"));
                    texts.filter(|kind| *kind == "text").for_each(|kind| *kind = "guarded_text".into());
                }
            }
            Some(Value::String(text)) => {
                let part = json!([{ "type": "guarded_text", "text": std::mem::take(text) }]);
                turn.message.insert("content".into(), part);
            }
            _ => {}
        }
    }
}
