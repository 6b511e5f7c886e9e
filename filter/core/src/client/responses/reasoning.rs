//! What a model thought. Signed thoughts travel as an item's `encrypted_content`: the blocks themselves, as JSON, in
//! `LiteLLM`'s way, so that conversations may move between the two.

use serde_json::{Value, json};

/// What an item says was thought: all of it, or its summary.
pub fn said(item: &Value) -> String {
    let texts = |name: &str| -> Vec<&str> {
        let parts = item.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        parts.iter().filter_map(|part| part.get("text")?.as_str()).filter(|text| !text.is_empty()).collect()
    };
    let whole = texts("content");
    if whole.is_empty() { texts("summary").join("\n\n") } else { whole.join("\n\n") }
}

/// The signed blocks in an item's encrypted content; none where it is another's.
pub fn blocks(item: &Value) -> Vec<Value> {
    item.get("encrypted_content").and_then(Value::as_str).and_then(opened).unwrap_or_default()
}

/// The blocks in an encrypted content from here.
pub fn opened(encrypted: &str) -> Option<Vec<Value>> {
    let blocks = encrypted.starts_with('[').then(|| serde_json::from_str::<Vec<Value>>(encrypted).ok())??;
    let blocks: Vec<Value> = blocks.into_iter().filter(is_signed).collect();
    (!blocks.is_empty()).then_some(blocks)
}

/// The encrypted content for some blocks; `None` where none of them is signed.
pub fn sealed(blocks: &[Value]) -> Option<String> {
    let signed: Vec<&Value> = blocks.iter().filter(|block| is_signed(block)).collect();
    (!signed.is_empty()).then(|| json!(signed).to_string())
}

fn is_signed(block: &Value) -> bool {
    ["signature", "data"]
        .iter()
        .any(|name| block.get(*name).and_then(Value::as_str).is_some_and(|text| !text.is_empty()))
}
