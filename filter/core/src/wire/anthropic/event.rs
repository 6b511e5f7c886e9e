//! Stream events, read without building trees: the common ones borrow their text from the event.
//! <https://docs.anthropic.com/en/docs/build-with-claude/streaming>

use serde::{Deserialize, Deserializer, de::Visitor};
use serde_json::{Value, value::RawValue};
use std::{borrow::Cow, fmt};

/// Any event; which members it has depends on its type.
#[derive(Debug, Deserialize)]
pub struct Frame<'a> {
    /// `content_block_delta` and the like.
    #[serde(rename = "type", borrow, default, deserialize_with = "text")]
    pub kind: Cow<'a, str>,
    /// Of `content_block_delta` and `message_delta`.
    #[serde(borrow, default)]
    pub delta: Option<Delta<'a>>,
    /// Of `content_block_start`.
    #[serde(borrow, default)]
    pub content_block: Option<&'a RawValue>,
    /// Of `message_start`.
    #[serde(borrow, default)]
    pub message: Option<&'a RawValue>,
    /// Of `message_delta`.
    #[serde(borrow, default)]
    pub usage: Option<&'a RawValue>,
    /// Of `error`.
    #[serde(borrow, default)]
    pub error: Option<&'a RawValue>,
}

/// What an event adds to a block, or to the message.
#[derive(Debug, Deserialize)]
pub struct Delta<'a> {
    /// `text_delta` and the like; empty in a `message_delta`.
    #[serde(rename = "type", borrow, default, deserialize_with = "text")]
    pub kind: Cow<'a, str>,
    /// Of `text_delta`.
    #[serde(borrow, default, deserialize_with = "text")]
    pub text: Cow<'a, str>,
    /// Of `input_json_delta`.
    #[serde(borrow, default, deserialize_with = "text")]
    pub partial_json: Cow<'a, str>,
    /// Of `thinking_delta`.
    #[serde(borrow, default, deserialize_with = "text")]
    pub thinking: Cow<'a, str>,
    /// Of `signature_delta`.
    #[serde(borrow, default, deserialize_with = "text")]
    pub signature: Cow<'a, str>,
    /// Of `citations_delta`.
    #[serde(borrow, default)]
    pub citation: Option<&'a RawValue>,
    /// Of `compaction_delta`.
    #[serde(borrow, default)]
    pub content: Option<&'a RawValue>,
    /// Of `message_delta`.
    #[serde(borrow, default, deserialize_with = "text")]
    pub stop_reason: Cow<'a, str>,
    /// Of `message_delta`: the code execution container.
    #[serde(borrow, default)]
    pub container: Option<&'a RawValue>,
}

/// A string, borrowed where it holds no escapes; null is empty.
fn text<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'a, str>, D::Error> {
    struct Text;
    impl<'de> Visitor<'de> for Text {
        type Value = Cow<'de, str>;
        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("a string")
        }
        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(text))
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Cow::Owned(text.to_owned()))
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(""))
        }
    }
    deserializer.deserialize_any(Text)
}

impl<'a> Frame<'a> {
    /// Reads an event. `None` is one of a type this format does not know yet.
    pub fn read(data: &'a str) -> serde_json::Result<Option<Self>> {
        serde_json::from_str::<Self>(data).map(Some).or_else(|error| {
            let event: Value = serde_json::from_str(data)?;
            let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
            let known = kind == "error" || kind.starts_with("message_") || kind.starts_with("content_block_");
            if known { Err(error) } else { Ok(None) }
        })
    }
}

/// A member of an event as a tree; of a member that is not there, null.
pub fn tree(raw: Option<&RawValue>) -> Value {
    // It was part of a whole event that has been read.
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
}

/// `OpenAI`'s finish reason for the API's stop reason.
/// <https://docs.anthropic.com/en/api/handling-stop-reasons>
pub fn finish_reason(stop_reason: &str) -> &'static str {
    match stop_reason {
        "max_tokens" | "model_context_window_exceeded" | "compaction" => "length",
        "tool_use" => "tool_calls",
        "refusal" | "content_filtered" | "guardrail_intervened" => "content_filter",
        _ => "stop",
    }
}
