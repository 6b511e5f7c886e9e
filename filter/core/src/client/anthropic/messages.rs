//! The turns of a conversation, turned into chat messages.

use super::{content, names, object, refused};
use crate::error::Error;
use serde_json::{Map, Value};

/// The system prompt and the turns as one list of chat messages.
pub(super) fn chat(system: Option<Value>, turns: Option<Value>) -> Result<Value, Error> {
    let mut out = Vec::new();
    if let Some(system) = system {
        system_message(system, "system", &mut out)?;
    }
    let Some(Value::Array(turns)) = turns else { return Err(refused("messages", "must be a list")) };
    for (index, turn) in turns.into_iter().enumerate() {
        let Value::Object(mut turn) = turn else {
            return Err(refused(format!("messages.{index}"), "must be an object"));
        };
        let content = turn.shift_remove("content").unwrap_or_default();
        let at = format!("messages.{index}.content");
        match turn.get("role").and_then(Value::as_str) {
            Some("user") => user(content, &at, &mut out)?,
            Some("assistant") => assistant(content, &at, &mut out)?,
            Some("system") => system_message(content, &at, &mut out)?,
            _ => return Err(refused(format!("messages.{index}.role"), "must be 'user' or 'assistant'")),
        }
    }
    Ok(Value::Array(out))
}

fn system_message(content: Value, at: &str, out: &mut Vec<Value>) -> Result<(), Error> {
    let content = match content {
        Value::String(text) if text.is_empty() => return Ok(()),
        Value::String(text) => Value::String(text),
        Value::Array(blocks) => {
            let mut parts = Vec::with_capacity(blocks.len());
            for (index, block) in blocks.into_iter().enumerate() {
                content::parts(block, &format!("{at}.{index}"), &mut parts)?;
            }
            if parts.is_empty() {
                return Ok(());
            }
            Value::Array(parts)
        }
        _ => return Err(refused(at, "must be a string or a list of blocks")),
    };
    out.push(object([("role", "system".into()), ("content", content)]));
    Ok(())
}

/// One user turn: the tool results first, each a message of its own, then what the user says.
fn user(content: Value, at: &str, out: &mut Vec<Value>) -> Result<(), Error> {
    let blocks = match content {
        Value::String(text) => {
            out.push(object([("role", "user".into()), ("content", text.into())]));
            return Ok(());
        }
        Value::Array(blocks) => blocks,
        _ => return Err(refused(at, "must be a string or a list of blocks")),
    };
    let mut parts = Vec::with_capacity(blocks.len());
    for (index, block) in blocks.into_iter().enumerate() {
        let at = format!("{at}.{index}");
        match block {
            Value::Object(block) if block.get("type").is_some_and(|kind| kind == "tool_result") => {
                out.push(tool_message(block, &at)?);
            }
            block => content::parts(block, &at, &mut parts)?,
        }
    }
    if !parts.is_empty() {
        out.push(object([("role", "user".into()), ("content", parts.into())]));
    }
    Ok(())
}

/// `is_error` has no place in a chat message; what went wrong is in the text.
fn tool_message(mut block: Map<String, Value>, at: &str) -> Result<Value, Error> {
    let id = content::string(&mut block, "tool_use_id", at)?;
    let content = match block.shift_remove("content") {
        None | Some(Value::Null) => Value::String(String::new()),
        Some(Value::String(text)) => Value::String(text),
        Some(Value::Array(blocks)) => {
            let mut parts = Vec::with_capacity(blocks.len());
            for (index, block) in blocks.into_iter().enumerate() {
                content::parts(block, &format!("{at}.content.{index}"), &mut parts)?;
            }
            content::flattened(parts)
        }
        Some(_) => return Err(refused(format!("{at}.content"), "must be a string or a list of blocks")),
    };
    let mut message = object([("role", "tool".into()), ("tool_call_id", id.into()), ("content", content)]);
    content::keep_cache_control(&mut block, &mut message);
    Ok(message)
}

fn assistant(content: Value, at: &str, out: &mut Vec<Value>) -> Result<(), Error> {
    let blocks = match content {
        Value::String(text) => {
            out.push(object([("role", "assistant".into()), ("content", text.into())]));
            return Ok(());
        }
        Value::Array(blocks) => blocks,
        _ => return Err(refused(at, "must be a string or a list of blocks")),
    };
    let mut turn = Turn::default();
    for (index, block) in blocks.into_iter().enumerate() {
        turn.block(block, &format!("{at}.{index}"))?;
    }
    out.extend(turn.message());
    Ok(())
}

/// An assistant turn being put together.
#[derive(Default)]
struct Turn {
    texts: Vec<Value>,
    thinking: Vec<Value>,
    calls: Vec<Value>,
}

impl Turn {
    fn block(&mut self, block: Value, at: &str) -> Result<(), Error> {
        let Value::Object(mut block) = block else { return content::parts(block, at, &mut self.texts) };
        match block.get("type").and_then(Value::as_str).unwrap_or_default() {
            "text" => content::parts(Value::Object(block), at, &mut self.texts)?,
            "thinking" => self.thinking.push(object([
                ("type", "thinking".into()),
                ("thinking", content::text(&mut block, "thinking").into()),
                ("signature", content::text(&mut block, "signature").into()),
            ])),
            "redacted_thinking" => self.thinking.push(object([
                ("type", "redacted_thinking".into()),
                ("data", content::text(&mut block, "data").into()),
            ])),
            "tool_use" => self.calls.push(call(block, at)?),
            // What Anthropic's own servers did (searches, code runs): nothing another upstream could take up.
            _ => {}
        }
        Ok(())
    }

    fn message(self) -> Option<Value> {
        let Self { texts, thinking, calls } = self;
        let mut message = Map::new();
        message.insert("role".into(), "assistant".into());
        if !texts.is_empty() {
            let content = if texts.iter().any(|part| part.get("cache_control").is_some()) {
                Value::Array(texts)
            } else {
                texts.iter().filter_map(|part| part.get("text")?.as_str()).collect::<String>().into()
            };
            message.insert("content".into(), content);
        }
        if !thinking.is_empty() {
            let said: Vec<&str> = thinking
                .iter()
                .filter_map(|block| block.get("thinking")?.as_str())
                .filter(|said| !said.is_empty())
                .collect();
            if !said.is_empty() {
                message.insert("reasoning_content".into(), said.join("\n").into());
            }
            message.insert("thinking_blocks".into(), thinking.into());
        }
        if !calls.is_empty() {
            message.insert("tool_calls".into(), calls.into());
        }
        (message.len() > 1).then_some(Value::Object(message))
    }
}

fn call(mut block: Map<String, Value>, at: &str) -> Result<Value, Error> {
    let id = content::string(&mut block, "id", at)?;
    let name = names::short(content::string(&mut block, "name", at)?);
    let arguments = match block.shift_remove("input") {
        None | Some(Value::Null) => "{}".into(),
        Some(input) => input.to_string(),
    };
    let function = object([("name", name.into()), ("arguments", arguments.into())]);
    let mut call = object([("id", id.into()), ("type", "function".into()), ("function", function)]);
    content::keep_cache_control(&mut block, &mut call);
    Ok(call)
}
