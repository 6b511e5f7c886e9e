//! A whole answer as a `chat.completion`, and what any piece of an answer says.

use crate::{
    error::Error,
    providers::Facts,
    wire::{Target, Wire, openai},
};
use serde_json::{Map, Value, json};

/// From an answer of the chat API: its parts under `OpenAI`'s names.
pub fn completion(mut body: Value, target: &Target) -> Result<Value, Error> {
    let facts = target.provider().facts();
    let Some(Value::Object(message)) = body.get_mut("message").map(Value::take) else {
        return Err(Error::unreadable(facts, body.to_string().as_bytes(), &"no message"));
    };
    let reason = finish_reason(body.get("finish_reason").unwrap_or(&Value::Null), facts)?;
    let choice = json!({ "index": 0, "message": said(message), "finish_reason": reason });
    let answer = json!({
        "id": body.get("id"),
        "model": target.deployment.model,
        "choices": [choice],
        "usage": body.get("usage").and_then(usage),
    });
    openai::This.answer(answer, target)
}

/// What a message says. Its plan for the tools it calls is reasoning; so is what it thinks.
fn said(mut message: Map<String, Value>) -> Map<String, Value> {
    let (mut text, mut thoughts) = (String::new(), String::new());
    thoughts.push_str(message.get("tool_plan").and_then(Value::as_str).unwrap_or_default());
    match message.get("content") {
        Some(Value::Array(parts)) => {
            for part in parts {
                let member = |name: &str| part.get(name).and_then(Value::as_str).unwrap_or_default();
                text.push_str(member("text"));
                thoughts.push_str(member("thinking"));
            }
        }
        Some(Value::String(content)) => text.push_str(content),
        _ => {}
    }
    let calls = message.remove("tool_calls").filter(|calls| calls.as_array().is_some_and(|c| !c.is_empty()));
    let silent = text.is_empty() && calls.is_some();
    let mut said = Map::new();
    said.insert("role".into(), "assistant".into());
    said.insert("content".into(), if silent { Value::Null } else { text.into() });
    if !thoughts.is_empty() {
        said.insert("reasoning_content".into(), thoughts.into());
    }
    said.extend(calls.map(|calls| ("tool_calls".to_owned(), calls)));
    let citations = message.get("citations").and_then(Value::as_array).into_iter().flatten();
    let annotations: Vec<Value> = citations.flat_map(annotations).collect();
    if !annotations.is_empty() {
        said.insert("annotations".into(), annotations.into());
    }
    said
}

/// A citation in `OpenAI`'s form: one annotation for each document it rests on.
/// <https://docs.cohere.com/docs/rag-citations>
pub fn annotations(citation: &Value) -> Vec<Value> {
    let sources = citation.get("sources").and_then(Value::as_array).into_iter().flatten();
    let documents = sources.filter(|source| source.get("type").is_some_and(|kind| kind == "document"));
    let annotate = |source: &Value| {
        let id = source.get("id").and_then(Value::as_str).unwrap_or("unknown");
        let url = source.get("url").and_then(Value::as_str).map(str::to_owned);
        let title = source.pointer("/document/title").and_then(Value::as_str).unwrap_or_default();
        json!({ "type": "url_citation", "url_citation": {
            "start_index": citation.get("start").and_then(Value::as_u64).unwrap_or(0),
            "end_index": citation.get("end").and_then(Value::as_u64).unwrap_or(0),
            "title": title,
            "url": url.unwrap_or_else(|| format!("source:{id}")),
        }})
    };
    documents.map(annotate).collect()
}

/// Why an answer ended, in `OpenAI`'s words. One that ended in a fault of the vendor's is none.
pub fn finish_reason(native: &Value, facts: &'static Facts) -> Result<&'static str, Error> {
    let fault = |status: u16, what: &str| {
        Err(Error::upstream(facts, status, json!({ "message": what }).to_string().as_bytes()))
    };
    match native.as_str().unwrap_or("COMPLETE") {
        "ERROR" => fault(500, "the generation failed (finish_reason ERROR)"),
        "TIMEOUT" => fault(504, "the generation took too long (finish_reason TIMEOUT)"),
        "MAX_TOKENS" | "ERROR_LIMIT" => Ok("length"),
        "TOOL_CALL" => Ok("tool_calls"),
        "ERROR_TOXIC" => Ok("content_filter"),
        _ => Ok("stop"),
    }
}

/// Tokens that were read and written; what is billed for, where that is all it says.
pub fn usage(usage: &Value) -> Option<Value> {
    let counts = |name: &str| {
        let counts = usage.get(name)?;
        let count = |name: &str| counts.get(name).and_then(Value::as_f64);
        Some((count("input_tokens")?, count("output_tokens").unwrap_or(0.0)))
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts of tokens, saturating"
    )]
    let (prompt, completion) =
        counts("tokens").or_else(|| counts("billed_units")).map(|(i, o)| (i as u64, o as u64))?;
    Some(json!({
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt.saturating_add(completion),
    }))
}
