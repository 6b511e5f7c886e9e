//! What a model thought. Its item's encrypted content lets it go on from there in the next request, and travels with
//! clients of other APIs as the signature of a thinking block.

use super::{list, object, text};
use serde_json::{Map, Value, json};

/// In front of an encrypted content that is the signature of a thinking block; `LiteLLM`'s, so that conversations may
/// move between the two.
const SEALED: &str = "litellm_encrypted_reasoning:";

/// Whether a signature is an encrypted content from here: its own vendor's, and nobody else can verify it.
pub fn is_sealed(signature: &str) -> bool {
    signature.starts_with(SEALED)
}

/// The items of what an assistant's message says was thought: the items themselves, where the client has kept them, or
/// those that its thinking blocks came from. Blocks of another vendor are told as a summary.
pub fn items(message: &Value) -> Vec<Value> {
    let kept: Vec<Value> = list(message.get("reasoning_items")).iter().map(kept).collect();
    if !kept.is_empty() {
        return kept;
    }
    let mut items = Vec::new();
    let mut told: Vec<Value> = Vec::new();
    for block in list(message.get("thinking_blocks")) {
        let seal = [text(block, "signature"), text(block, "data")];
        let said = summary(text(block, "thinking"));
        match seal.iter().find_map(|seal| seal.strip_prefix(SEALED)) {
            Some(encrypted) => {
                flush(&mut told, &mut items);
                items.push(object([
                    ("type", "reasoning".into()),
                    ("summary", said.into_iter().collect()),
                    ("encrypted_content", encrypted.into()),
                ]));
            }
            None => told.extend(said),
        }
    }
    flush(&mut told, &mut items);
    items
}

fn flush(told: &mut Vec<Value>, items: &mut Vec<Value>) {
    if !told.is_empty() {
        let summary = std::mem::take(told).into();
        items.push(object([("type", "reasoning".into()), ("summary", summary)]));
    }
}

fn summary(said: &str) -> Option<Value> {
    (!said.is_empty()).then(|| json!({ "type": "summary_text", "text": said }))
}

fn kept(item: &Value) -> Value {
    let mut out = Map::from_iter([("type".to_owned(), Value::from("reasoning"))]);
    out.insert(
        "summary".into(),
        item.get("summary").filter(|list| list.is_array()).cloned().unwrap_or(json!([])),
    );
    for name in ["id", "encrypted_content"] {
        if let Some(value) =
            item.get(name).filter(|value| value.as_str().is_some_and(|text| !text.is_empty()))
        {
            out.insert(name.into(), value.clone());
        }
    }
    out.into()
}

/// What an item says was thought: its summary, or all of it where the model is open.
pub fn said(item: &Value) -> String {
    let texts = |name| -> Vec<&str> {
        list(item.get(name)).iter().map(|part| text(part, "text")).filter(|text| !text.is_empty()).collect()
    };
    let summary = texts("summary");
    if summary.is_empty() { texts("content").join("\n\n") } else { summary.join("\n\n") }
}

/// An item as clients of chat keep it.
pub fn keepsake(item: &Value) -> Value {
    let mut out = Map::new();
    for name in ["type", "id", "summary", "encrypted_content"] {
        if let Some(value) = item.get(name).filter(|value| !value.is_null()) {
            out.insert(name.into(), value.clone());
        }
    }
    out.into()
}

/// An item as the thinking block that stands for it; `said` is what of it was not told yet. `None` where there is nothing
/// to go on from.
pub fn sealed(item: &Value, said: &str) -> Option<Value> {
    let encrypted = item.get("encrypted_content").and_then(Value::as_str).filter(|text| !text.is_empty())?;
    Some(object([
        ("type", "thinking".into()),
        ("thinking", said.into()),
        ("signature", format!("{SEALED}{encrypted}").into()),
    ]))
}
