//! Thoughts told as text, between tags: for clients that show nothing else (`merge_reasoning_content_in_choices`, which
//! is about streams, as with `LiteLLM`).

use serde_json::{Map, Value};

/// What has to be remembered of a stream.
#[derive(Default)]
pub struct Merging {
    /// The choices that are thinking, by their index.
    thinking: Vec<Value>,
}

impl Merging {
    /// Moves a chunk's thoughts into its text.
    pub fn merge(&mut self, chunk: &mut Map<String, Value>) {
        let choices = chunk.get_mut("choices").and_then(Value::as_array_mut).into_iter().flatten();
        for choice in choices {
            let index = choice.get("index").cloned().unwrap_or_default();
            let ends = choice.get("finish_reason").is_some_and(|reason| !reason.is_null());
            if let Some(delta) = choice.get_mut("delta").and_then(Value::as_object_mut) {
                self.tell(&index, ends, delta);
            }
        }
    }

    fn tell(&mut self, index: &Value, ends: bool, delta: &mut Map<String, Value>) {
        let thought = delta.shift_remove("reasoning_content");
        let thought = thought.as_ref().and_then(Value::as_str).unwrap_or_default();
        let said = delta.get("content").and_then(Value::as_str).unwrap_or_default();
        let mut text = String::new();
        if !thought.is_empty() {
            if !self.thinking.contains(index) {
                text += "<think>";
                self.thinking.push(index.clone());
            }
            text += thought;
        }
        if (!said.is_empty() || ends) && self.thinking.contains(index) {
            text += "</think>";
            self.thinking.retain(|other| other != index);
        }
        text += said;
        if !text.is_empty() {
            delta.insert("content".into(), text.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn thoughts_stand_between_tags_also_where_nothing_follows() {
        let mut merging = Merging::default();
        let mut told = |index: u64, delta: Value, finish: Option<&str>| {
            let mut chunk =
                json!({ "choices": [{ "index": index, "delta": delta, "finish_reason": finish }] });
            merging.merge(chunk.as_object_mut().unwrap());
            chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default().to_owned()
        };
        assert_eq!(told(0, json!({ "reasoning_content": "Th" }), None), "<think>Th");
        assert_eq!(told(1, json!({ "content": "x" }), None), "x");
        assert_eq!(told(0, json!({ "reasoning_content": "ink" }), None), "ink");
        assert_eq!(told(0, json!({ "content": "42" }), None), "</think>42");
        assert_eq!(told(1, json!({ "reasoning_content": "a", "content": "b" }), None), "<think>a</think>b");
        assert_eq!(told(1, json!({ "reasoning_content": "c" }), None), "<think>c");
        assert_eq!(told(1, json!({}), Some("length")), "</think>");
    }
}
