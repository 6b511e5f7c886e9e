//! What whole answers and streamed ones have in common: other servers' spellings of `OpenAI`'s fields.

use crate::wire::Target;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The marks some models put around their reasoning, in front of the text.
pub const THOUGHTS: &[(&str, &str)] =
    &[("<think>", "</think>"), ("<thinking>", "</thinking>"), ("<budget:thinking>", "</budget:thinking>")];

/// A finish reason in `OpenAI`'s words, whoever's it was.
pub fn map_finish_reason(native: &str) -> &'static str {
    match native {
        "length" | "max_tokens" | "MAX_TOKENS" | "compaction" | "model_context_window_exceeded" => "length",
        "tool_calls" | "tool_use" => "tool_calls",
        "function_call" => "function_call",
        "content_filter"
        | "content_filtered"
        | "refusal"
        | "ERROR_TOXIC"
        | "SAFETY"
        | "RECITATION"
        | "LANGUAGE"
        | "OTHER"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "sensitive"
        | "guardrail_intervened" => "content_filter",
        _ => "stop",
    }
}

/// An id for something the upstream gave none. The same for the same call at the same second.
pub fn id(prefix: &str, target: &Target, salt: usize) -> String {
    let mut hash = Sha256::new();
    hash.update(target.now.to_le_bytes());
    hash.update(target.deployment.id.as_bytes());
    hash.update(target.call.body.get(..4096).unwrap_or(&target.call.body));
    hash.update(target.call.body.len().to_le_bytes());
    hash.update(salt.to_le_bytes());
    let mut id = prefix.to_owned();
    for byte in hash.finalize().iter().take(14) {
        id.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        id.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
    }
    id
}

/// `reasoning` (vLLM, `OpenRouter`, Groq) is `reasoning_content` here.
pub fn name_reasoning(message: &mut Map<String, Value>) {
    if let Some(reasoning) = message.shift_remove("reasoning").filter(|text| !text.is_null())
        && message.get("reasoning_content").is_none_or(Value::is_null)
    {
        message.insert("reasoning_content".into(), reasoning);
    }
}

/// Content as a list of parts (Mistral, some servers) becomes text, and the parts that are thoughts reasoning.
pub fn flatten_content(message: &mut Map<String, Value>) {
    let Some(Value::Array(parts)) = message.get("content") else { return };
    let (mut text, mut thoughts) = (String::new(), String::new());
    for part in parts {
        match part.get("type").and_then(Value::as_str) {
            Some("thinking") => gather_text(part.get("thinking"), &mut thoughts),
            Some("reasoning") => gather_text(part.get("summary").or_else(|| part.get("text")), &mut thoughts),
            _ => gather_text(Some(part), &mut text),
        }
    }
    message.insert("content".into(), text.into());
    if !thoughts.is_empty() && message.get("reasoning_content").is_none_or(Value::is_null) {
        message.insert("reasoning_content".into(), thoughts.into());
    }
}

/// The text of a string, of a part, or of a list of parts.
fn gather_text(value: Option<&Value>, out: &mut String) {
    match value {
        Some(Value::String(text)) => out.push_str(text),
        Some(Value::Array(parts)) => parts.iter().for_each(|part| gather_text(Some(part), out)),
        Some(Value::Object(part)) => gather_text(part.get("text"), out),
        _ => {}
    }
}
