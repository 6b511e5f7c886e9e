//! What the model said earlier, as a client plays it back: thinking with its signatures, texts, calls of tools.

use super::{
    bad_request,
    content::{cached, text_block},
    messages::{Functions, is},
    names::{self, Names},
};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// Ids of calls the provider answered itself.
const SERVER_CALL: &str = "srvtoolu_";

/// One turn of the model, possibly of several messages.
pub struct Assistant<'a> {
    /// The turn so far.
    pub blocks: Vec<Value>,
    names: &'a Names,
    functions: &'a mut Functions,
}

/// A block of the API's own among the content.
pub fn renders(part: &Value) -> bool {
    let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
    match kind {
        "thinking" => is_signed(part),
        "text" | "redacted_thinking" | "server_tool_use" | "tool_use" | "mcp_tool_use" | "compaction" => true,
        _ => kind.ends_with("_tool_result"),
    }
}

/// The API verifies signatures: thinking without one (another model's) would be refused.
fn is_signed(block: &Value) -> bool {
    !is(block, "thinking")
        || block.get("signature").and_then(Value::as_str).is_some_and(|sign| !sign.is_empty())
}

impl<'a> Assistant<'a> {
    /// An empty turn.
    pub fn new(names: &'a Names, functions: &'a mut Functions) -> Self {
        Self { blocks: Vec::new(), names, functions }
    }

    /// Adds a message.
    pub fn push(&mut self, mut message: Map<String, Value>) -> Result<(), Error> {
        let mut fields = match message.remove("provider_specific_fields") {
            Some(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        if let Some(Value::Array(compactions)) = fields.remove("compaction_blocks") {
            self.blocks.extend(compactions);
        }
        let thinking = match message.remove("thinking_blocks") {
            Some(Value::Array(blocks)) => blocks.into_iter().filter(is_signed).collect(),
            _ => Vec::new(),
        };
        let calls = match message.remove("tool_calls") {
            Some(Value::Array(calls)) => calls,
            _ => Vec::new(),
        };
        let content = Content::of(&mut message)?;
        let server = calls.iter().any(is_server_call);
        let mut calls = self.calls(calls, &fields)?;
        if !content.thinks && server && content.is_text {
            self.interleave(thinking, content.blocks, calls);
        } else {
            if !content.thinks {
                self.blocks.extend(thinking);
            }
            self.blocks.extend(content.blocks);
            self.add_calls(calls.drain(..).flatten());
        }
        if let Some(Value::Object(call)) = message.remove("function_call") {
            let id = self.functions.call();
            let call = self.call(&id, Value::Object(call))?;
            self.blocks.push(call);
        }
        Ok(())
    }

    /// Each call, with the result behind it where the provider answered it itself.
    fn calls(&self, calls: Vec<Value>, fields: &Map<String, Value>) -> Result<Vec<Vec<Value>>, Error> {
        calls
            .into_iter()
            .filter(|call| is(call, "function"))
            .map(|call| self.call_and_result(call, fields))
            .collect()
    }

    fn call_and_result(&self, mut call: Value, fields: &Map<String, Value>) -> Result<Vec<Value>, Error> {
        let Some(id) = call.get("id").and_then(Value::as_str).map(str::to_owned) else {
            return Err(bad_request("messages: a tool call must have an `id`"));
        };
        let cache = call.get("cache_control").filter(|cache| cache.is_object()).cloned();
        let function = call.get_mut("function").map(Value::take).unwrap_or_default();
        let mut own = self.call(&names::call_id(&id), function)?;
        let result = result_of(&id, fields);
        if let Value::Object(own) = &mut own {
            if result.is_some() {
                own.insert("type".into(), "server_tool_use".into());
            } else if let Some(cache) = cache {
                own.insert("cache_control".into(), cache);
            }
        }
        Ok(std::iter::once(own).chain(result).collect())
    }

    fn call(&self, id: &str, mut function: Value) -> Result<Value, Error> {
        self.names.apply(&mut function);
        let Some(name) = function.get("name").and_then(Value::as_str) else {
            return Err(bad_request("messages: a tool call must have a `name`"));
        };
        let input = arguments(name, function.get("arguments"))?;
        Ok(json!({ "type": "tool_use", "id": id, "name": name, "input": input }))
    }

    /// The API refuses an id that comes twice in a turn.
    fn add_calls(&mut self, calls: impl Iterator<Item = Value>) {
        for call in calls {
            let id = call.get("id").filter(|id| id.is_string());
            let known = id.is_some_and(|id| self.blocks.iter().any(|block| block.get("id") == Some(id)));
            if !known {
                self.blocks.push(call);
            }
        }
    }

    /// Thinking and the provider's own calls took turns, and signatures hold at their places only.
    fn interleave(&mut self, thinking: Vec<Value>, content: Vec<Value>, calls: Vec<Vec<Value>>) {
        let (server, client): (Vec<_>, Vec<_>) =
            calls.into_iter().partition(|call| call.first().is_some_and(|call| is(call, "server_tool_use")));
        let mut server = server.into_iter();
        for thought in thinking {
            self.blocks.push(thought);
            self.add_calls(server.next().into_iter().flatten());
        }
        self.add_calls(server.flatten());
        self.blocks.extend(content);
        self.add_calls(client.into_iter().flatten());
    }
}

struct Content {
    blocks: Vec<Value>,
    /// Thinking stands among the content, so that of `thinking_blocks` would come twice.
    thinks: bool,
    is_text: bool,
}

impl Content {
    fn of(message: &mut Map<String, Value>) -> Result<Self, Error> {
        match message.remove("content") {
            Some(Value::String(text)) => {
                let blocks = if text.is_empty() { vec![] } else { vec![cached(text_block(text), message)] };
                Ok(Self { blocks, thinks: false, is_text: true })
            }
            Some(Value::Array(parts)) => {
                let thinks = parts.iter().any(|part| is(part, "thinking") || is(part, "redacted_thinking"));
                let blocks = parts.into_iter().filter(renders).map(own).collect();
                Ok(Self { blocks, thinks, is_text: false })
            }
            None | Some(Value::Null) => Ok(Self { blocks: Vec::new(), thinks: false, is_text: true }),
            Some(_) => Err(bad_request("messages: content must be a string or a list")),
        }
    }
}

/// Texts are reduced to what the API takes back; its other blocks are its own.
fn own(part: Value) -> Value {
    match part {
        Value::Object(mut part) if part.get("type").is_some_and(|kind| kind == "text") => {
            part.retain(|name, value| {
                matches!(name.as_str(), "type" | "text") || (name == "cache_control" && value.is_object())
            });
            Value::Object(part)
        }
        other => other,
    }
}

fn is_server_call(call: &Value) -> bool {
    call.get("id").and_then(Value::as_str).is_some_and(|id| id.starts_with(SERVER_CALL))
}

fn result_of(id: &str, fields: &Map<String, Value>) -> Option<Value> {
    if !id.starts_with(SERVER_CALL) {
        return None;
    }
    let lists =
        ["web_search_results", "tool_results"].into_iter().filter_map(|name| fields.get(name)?.as_array());
    lists.flatten().find(|result| result.get("tool_use_id").is_some_and(|own| own == id)).cloned()
}

/// A call's input: JSON in a string, perhaps cut off by the model, or already an object.
fn arguments(name: &str, given: Option<&Value>) -> Result<Value, Error> {
    let text = match given {
        None | Some(Value::Null) => "",
        Some(Value::String(text)) => text.trim(),
        Some(input) => return Ok(input.clone()),
    };
    if text.is_empty() {
        return Ok(json!({}));
    }
    let parsed = serde_json::from_str::<Value>(text).or_else(|error| repaired(text).ok_or(error));
    match parsed {
        Ok(Value::Null) => Ok(json!({})),
        Ok(input) => Ok(input),
        Err(error) => Err(bad_request(format_args!(
            "Failed to parse tool call arguments for tool '{name}' (Anthropic tool invoke). Error: {error}. \
             Arguments: {text}"
        ))),
    }
}

/// Closes what was left open.
fn repaired(text: &str) -> Option<Value> {
    let mut open = Vec::new();
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' => open.push('}'),
            '[' => open.push(']'),
            '}' | ']' if open.last() == Some(&c) => {
                open.pop();
            }
            _ => {}
        }
    }
    if open.is_empty() {
        return None;
    }
    let closed = text.trim_end_matches(',').chars().chain(open.into_iter().rev()).collect::<String>();
    serde_json::from_str(&closed).ok()
}
