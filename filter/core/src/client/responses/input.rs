//! The items of a conversation, turned into chat messages.

use super::{content, custom, object, reasoning, refused, text};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// The instructions and the items as one list of chat messages.
pub fn messages(instructions: Option<Value>, input: Option<Value>) -> Result<Value, Error> {
    let mut out = Messages::default();
    match instructions {
        None => {}
        Some(Value::String(said)) if said.is_empty() => {}
        Some(Value::String(said)) => out.say("system", said.into()),
        Some(_) => return Err(refused("instructions", "must be a string")),
    }
    match input {
        None => {}
        Some(text @ Value::String(_)) => out.say("user", text),
        Some(Value::Array(items)) => {
            for (at, item) in items.into_iter().enumerate() {
                out.item(item, &format!("input[{at}]"))?;
            }
        }
        Some(_) => return Err(refused("input", "must be a string or a list of items")),
    }
    out.flush();
    Ok(out.done.into())
}

/// Messages so far, and the assistant's turn under way: its items follow each other, and are one message in chat.
#[derive(Default)]
struct Messages {
    done: Vec<Value>,
    turn: Turn,
}

#[derive(Default)]
struct Turn {
    thought: Vec<String>,
    blocks: Vec<Value>,
    said: Option<Value>,
    calls: Vec<Value>,
}

impl Messages {
    fn say(&mut self, role: &str, content: Value) {
        self.flush();
        self.done.push(object([("role", role.into()), ("content", content)]));
    }

    fn item(&mut self, mut item: Value, at: &str) -> Result<(), Error> {
        if !item.is_object() {
            return Err(refused(at, "must be an object"));
        }
        let kind = match item.get("type").and_then(Value::as_str) {
            None if item.get("role").is_some() => "message",
            None => return Err(refused(format!("{at}.type"), "field required")),
            Some(kind) => kind,
        };
        match kind {
            "message" => return self.message(&mut item, at),
            "function_call" => self.call(&item, text(&item, "arguments")),
            "custom_tool_call" => self.call(&item, &custom::arguments(text(&item, "input"))),
            "function_call_output" | "custom_tool_call_output" => {
                let output = item.get_mut("output").map(Value::take).unwrap_or_default();
                let output = content::result(output, &format!("{at}.output"))?;
                self.flush();
                self.done.push(object([
                    ("role", "tool".into()),
                    ("tool_call_id", text(&item, "call_id").into()),
                    ("content", output),
                ]));
            }
            "reasoning" => {
                if self.turn.said.is_some() || !self.turn.calls.is_empty() {
                    self.flush();
                }
                let said = reasoning::said(&item);
                self.turn.thought.extend((!said.is_empty()).then_some(said));
                self.turn.blocks.extend(reasoning::blocks(&item));
            }
            "item_reference" => {
                return Err(refused(at, "only who keeps responses can be referred to an item of one"));
            }
            // What `OpenAI`'s own servers did (searches, code runs): nothing another upstream could take up.
            _ => {}
        }
        Ok(())
    }

    fn message(&mut self, item: &mut Value, at: &str) -> Result<(), Error> {
        let content = item.get_mut("content").map(Value::take).unwrap_or_default();
        let at = format!("{at}.content");
        match text(item, "role") {
            "assistant" => {
                if self.turn.said.is_some() || !self.turn.calls.is_empty() {
                    self.flush();
                }
                self.turn.said = Some(content::spoken(content, &at)?);
            }
            role @ ("user" | "system" | "developer") => {
                let content = content::heard(content, &at)?;
                self.say(role, content);
            }
            _ => return Err(refused(at, "must be said by 'user', 'assistant', 'system' or 'developer'")),
        }
        Ok(())
    }

    fn call(&mut self, item: &Value, arguments: &str) {
        let id = if text(item, "call_id").is_empty() { text(item, "id") } else { text(item, "call_id") };
        let function = json!({ "name": text(item, "name"), "arguments": arguments });
        self.turn.calls.push(json!({ "id": id, "type": "function", "function": function }));
    }

    /// The assistant's turn is over.
    fn flush(&mut self) {
        let Turn { thought, blocks, said, calls } = std::mem::take(&mut self.turn);
        let mut message = Map::new();
        message.insert("role".into(), "assistant".into());
        message.extend(said.map(|said| ("content".to_owned(), said)));
        if !thought.is_empty() {
            message.insert("reasoning_content".into(), thought.join("\n").into());
        }
        for (name, list) in [("thinking_blocks", blocks), ("tool_calls", calls)] {
            if !list.is_empty() {
                message.insert(name.into(), list.into());
            }
        }
        if message.len() > 1 {
            self.done.push(message.into());
        }
    }
}
