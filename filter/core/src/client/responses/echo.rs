//! What a response repeats of its request.

use crate::call::Call;
use serde_json::{Map, Value, json};

/// The fields that are repeated as they were sent.
const REPEATED: &[&str] = &[
    "instructions",
    "max_output_tokens",
    "previous_response_id",
    "reasoning",
    "store",
    "temperature",
    "top_p",
    "truncation",
    "user",
];

/// A response's own fields around `output`, `status` and `usage`. Before there is an answer, what the client has left
/// open is told with its default.
pub fn response(call: &Call, id: &str, created: &Value, begun: bool) -> Map<String, Value> {
    let sent = |name: &str| {
        let value = call.field(name).and_then(|text| serde_json::from_str::<Value>(text).ok());
        value.filter(|value| !value.is_null())
    };
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| drop(out.insert(name.to_owned(), value));
    put("id", id.into());
    put("object", "response".into());
    put("created_at", created.clone());
    put("model", call.model.as_str().into());
    for name in ["error", "incomplete_details"] {
        put(name, Value::Null);
    }
    for name in REPEATED {
        let default = match *name {
            "top_p" if begun => json!(1.0),
            "store" if begun => true.into(),
            "reasoning" if begun => json!({}),
            _ => Value::Null,
        };
        put(name, sent(name).unwrap_or(default));
    }
    put("parallel_tool_calls", sent("parallel_tool_calls").unwrap_or(begun.into()));
    put("tool_choice", sent("tool_choice").unwrap_or_else(|| "auto".into()));
    put("tools", sent("tools").unwrap_or_else(|| json!([])));
    if !begun {
        put("metadata", sent("metadata").unwrap_or_else(|| json!({})));
        put("text", sent("text").unwrap_or_else(|| json!({})));
    }
    out
}
