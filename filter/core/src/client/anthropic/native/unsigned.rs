//! Thinking without a signature. Other providers' reasoning reaches the client as such blocks, and comes back in the
//! next request; Anthropic verifies signatures and would refuse the whole conversation.

use memchr::memmem;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use std::borrow::Cow;

/// The messages without it; `None` where there is none, and the text can stay as it is.
pub(super) fn without(messages: &str) -> Option<Value> {
    if !holds_any(messages) {
        return None;
    }
    let mut messages: Value = serde_json::from_str(messages).ok()?;
    messages.as_array_mut()?.retain_mut(|turn| {
        let Some(Value::Array(content)) = turn.get_mut("content") else { return true };
        let before = content.len();
        content.retain(|block| !is_unsigned(block));
        // Nothing else was said: an empty turn would be refused as well.
        before == 0 || !content.is_empty()
    });
    Some(messages)
}

fn is_unsigned(block: &Value) -> bool {
    block.get("type").is_some_and(|kind| kind == "thinking")
        && block.get("signature").and_then(Value::as_str).is_none_or(str::is_empty)
}

/// The same question, asked without building a tree: conversations are long, and nearly all of them are in order.
fn holds_any(messages: &str) -> bool {
    #[derive(Deserialize)]
    struct Turn<'a> {
        #[serde(borrow)]
        content: Option<&'a RawValue>,
    }
    #[derive(Deserialize)]
    struct Block<'a> {
        #[serde(rename = "type", borrow, default)]
        kind: Cow<'a, str>,
        #[serde(borrow)]
        signature: Option<&'a RawValue>,
    }
    let thinks = |text: &str| memmem::find(text.as_bytes(), b"\"thinking\"").is_some();
    let unsigned = |block: &Block| {
        block.kind == "thinking" && block.signature.is_none_or(|text| matches!(text.get(), "\"\"" | "null"))
    };
    thinks(messages)
        && serde_json::from_str::<Vec<Turn>>(messages).is_ok_and(|turns| {
            let contents = turns.iter().filter_map(|turn| turn.content).map(RawValue::get);
            let mut blocks = contents.filter(|text| thinks(text)).map(serde_json::from_str::<Vec<Block>>);
            blocks.any(|blocks| blocks.is_ok_and(|blocks| blocks.iter().any(unsigned)))
        })
}
