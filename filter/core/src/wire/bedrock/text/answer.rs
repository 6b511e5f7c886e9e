//! A whole answer as a `chat.completion`, and what any piece of an answer says.

use super::vendor::Vendor;
use crate::{
    error::Error,
    wire::{Target, bedrock::answer_id},
};
use serde_json::{Map, Value, json};

/// Where vendors put the text.
const TEXT: [&str; 7] = [
    "/completions/0/data/text",
    "/generation",
    "/generations/0/text",
    "/outputText",
    "/outputs/0/text",
    "/results/0/outputText",
    "/text",
];
/// Where they say why it ends.
const REASON: [&str; 7] = [
    "/completionReason",
    "/completions/0/finishReason/reason",
    "/finish_reason",
    "/generations/0/finish_reason",
    "/outputs/0/stop_reason",
    "/results/0/completionReason",
    "/stop_reason",
];
/// Where they count the prompt's tokens; Bedrock's own count of a stream comes first.
const PROMPT: [&str; 4] = [
    "/amazon-bedrock-invocationMetrics/inputTokenCount",
    "/inputTextTokenCount",
    "/prompt_token_count",
    "/usage/prompt_tokens",
];
/// Where they count the answer's.
const COMPLETION: [&str; 5] = [
    "/amazon-bedrock-invocationMetrics/outputTokenCount",
    "/generation_token_count",
    "/results/0/tokenCount",
    "/totalOutputTextTokenCount",
    "/usage/completion_tokens",
];

/// Tokens of the prompt and of the answer, as far as they are told.
pub type Counts = (Option<u64>, Option<u64>);

/// The text of an answer or a piece of one.
pub fn text(body: &Value) -> Option<&str> {
    TEXT.iter().find_map(|path| body.pointer(path)?.as_str())
}

/// Why it ends, in `OpenAI`'s words.
pub fn finish_reason(body: &Value) -> Option<&'static str> {
    let reason = REASON.iter().find_map(|path| body.pointer(path)?.as_str())?.to_lowercase();
    Some(match reason.as_str() {
        "length" | "max_tokens" => "length",
        "content_filtered" | "error_toxic" => "content_filter",
        _ => "stop",
    })
}

/// What it says of tokens.
pub fn counts(body: &Value) -> Counts {
    let count = |paths: &[&str]| paths.iter().find_map(|path| body.pointer(path)?.as_u64());
    (count(&PROMPT), count(&COMPLETION))
}

/// Both counts as `usage`.
pub fn usage((prompt, completion): Counts) -> Option<Value> {
    let (prompt, completion) = (prompt?, completion?);
    Some(json!({
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt.saturating_add(completion),
    }))
}

/// Translates an answer.
pub fn completion(body: &Value, target: &Target) -> Result<Value, Error> {
    let Some(text) = text(body) else {
        let facts = target.provider().facts();
        return Err(Error::unreadable(facts, body.to_string().as_bytes(), &"no text"));
    };
    let thought = text.split_once("</think>").filter(|_| Vendor::of(target).reasons);
    let mut message = Map::new();
    message.insert("role".into(), "assistant".into());
    message.insert("content".into(), thought.map_or(text, |(_, rest)| rest).into());
    message.extend(thought.map(|(thought, _)| ("reasoning_content".to_owned(), thought.into())));
    let mut completion = json!({
        "id": answer_id(target),
        "object": "chat.completion",
        "created": target.now,
        "model": target.deployment.model,
        "choices": [{
            "index": 0,
            "message": message,
            "finish_reason": finish_reason(body).unwrap_or("stop"),
        }],
    });
    if let (Some(usage), Value::Object(completion)) = (usage(counts(body)), &mut completion) {
        completion.insert("usage".into(), usage);
    }
    Ok(completion)
}
