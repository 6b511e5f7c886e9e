//! What the model said earlier, as a client plays it back: reasoning with its signatures, texts, calls of tools.

use super::{bad_request, context::Context, media, names};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// A message of the model.
pub struct Assistant<'a> {
    blocks: Vec<Value>,
    context: Context<'a>,
}

impl<'a> Assistant<'a> {
    /// Its blocks, in the order they were said.
    pub fn blocks(mut message: Map<String, Value>, context: Context<'a>) -> Result<Vec<Value>, Error> {
        let mut own = Self { blocks: Vec::new(), context };
        if let Some(Value::Array(thoughts)) = message.remove("thinking_blocks") {
            own.think(&thoughts);
        }
        match message.remove("content") {
            Some(Value::String(text)) => {
                own.say(&text);
                own.blocks.extend(context.cache_point(&message));
            }
            Some(Value::Array(parts)) => {
                for part in parts {
                    own.part(part)?;
                }
            }
            _ => {}
        }
        if let Some(Value::Array(calls)) = message.remove("tool_calls") {
            for call in calls {
                own.call(&call)?;
            }
        }
        Ok(own.blocks)
    }

    /// The API refuses texts that say nothing.
    fn say(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.blocks.push(json!({ "text": text }));
        }
    }

    /// Signed thinking goes back as it was. Without a signature (another model's) it would be refused: there it is
    /// text. What was redacted is for models that think.
    fn think(&mut self, thoughts: &[Value]) {
        for thought in thoughts {
            let text = |name: &str| thought.get(name).and_then(Value::as_str).unwrap_or_default();
            match (text("type"), text("signature")) {
                ("redacted_thinking", _) if self.context.model.takes_thinking() => {
                    let content = json!({ "redactedContent": text("data") });
                    self.blocks.push(json!({ "reasoningContent": content }));
                }
                ("redacted_thinking", _) => {}
                (_, "") => self.say(text("thinking")),
                (_, signature) => {
                    let said = json!({ "text": text("thinking"), "signature": signature });
                    self.blocks.push(json!({ "reasoningContent": { "reasoningText": said } }));
                }
            }
        }
    }

    fn part(&mut self, part: Value) -> Result<(), Error> {
        let mut part = match part {
            Value::Object(part) => part,
            Value::String(text) => {
                self.say(&text);
                return Ok(());
            }
            _ => return Err(bad_request("messages: content must hold objects")),
        };
        let kind = part.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        match kind.as_str() {
            "thinking" | "redacted_thinking" => self.think(&[Value::Object(part.clone())]),
            "text" => match part.remove("text") {
                Some(Value::String(text)) if text.trim().is_empty() => return Ok(()),
                Some(Value::String(text)) => self.say(&text),
                _ => return Err(bad_request("messages: a text part must have a `text`")),
            },
            "image_url" => self.blocks.push(media::of_url(part.remove("image_url"))?),
            _ => {}
        }
        self.blocks.extend(self.context.cache_point(&part));
        Ok(())
    }

    fn call(&mut self, call: &Value) -> Result<(), Error> {
        let Some(function) = call.get("function") else { return Ok(()) };
        let (Some(id), Some(name)) =
            (call.get("id").and_then(Value::as_str), function.get("name").and_then(Value::as_str))
        else {
            return Err(bad_request("messages: a tool call must have an `id` and a `name`"));
        };
        let name = self.context.names.upstream(name).unwrap_or(name);
        for (n, input) in inputs(function.get("arguments")).into_iter().enumerate() {
            let id = if n == 0 { names::call_id(id) } else { names::call_id(&format!("{id}_{n}")) };
            self.blocks.push(json!({ "toolUse": { "toolUseId": id, "name": name, "input": input } }));
        }
        if let Value::Object(call) = call {
            self.blocks.extend(self.context.cache_point(call));
        }
        Ok(())
    }
}

/// A call's input, which has to be an object. Some models put several into one text: those are several calls.
fn inputs(arguments: Option<&Value>) -> Vec<Value> {
    let objects: Vec<Value> = match arguments {
        Some(input @ Value::Object(_)) => vec![input.clone()],
        Some(Value::String(text)) => {
            let values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
            values.map_while(Result::ok).filter(Value::is_object).collect()
        }
        _ => Vec::new(),
    };
    if objects.is_empty() { vec![json!({})] } else { objects }
}
