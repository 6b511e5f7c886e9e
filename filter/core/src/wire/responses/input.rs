//! Chat messages as items.

use super::{Style, content, list, object, reasoning, text};
use serde_json::{Map, Value};

/// Puts `messages` into `out`: as `input`, and the system's first words as `instructions`.
pub fn put(messages: Option<Value>, style: Style, out: &mut Map<String, Value>) {
    let messages = match messages {
        Some(Value::Array(messages)) => messages,
        _ => Vec::new(),
    };
    let leading = messages.iter().take_while(|message| is_instruction(message)).count();
    let others = messages.iter().any(|message| !is_instruction(message));
    let mut instructions = Vec::new();
    let mut items = Vec::with_capacity(messages.len());
    for (at, message) in messages.into_iter().enumerate() {
        match message.get("content") {
            // Instructions alone would leave no input, which is refused.
            Some(Value::String(said)) if at < leading && others => instructions.push(said.clone()),
            _ => item(message, style, &mut items),
        }
    }
    let instructions: Vec<String> = instructions.into_iter().filter(|said| !said.is_empty()).collect();
    if !instructions.is_empty() {
        out.insert("instructions".into(), instructions.join(" ").into());
    }
    out.insert("input".into(), items.into());
}

fn is_instruction(message: &Value) -> bool {
    matches!(text(message, "role"), "system" | "developer")
}

fn item(mut message: Value, style: Style, out: &mut Vec<Value>) {
    let role = text(&message, "role").to_owned();
    let content = message.get_mut("content").map(Value::take);
    match role.as_str() {
        "tool" => out.push(result(text(&message, "tool_call_id"), content, style)),
        // The older way to call: there is one call at a time, and its name is its id.
        "function" => out.push(result(text(&message, "name"), content, style)),
        "assistant" => assistant(&mut message, content, style, out),
        _ => out.push(spoken(&role, content, style)),
    }
}

fn spoken(role: &str, content: Option<Value>, style: Style) -> Value {
    object([
        ("type", "message".into()),
        ("role", role.into()),
        ("content", content::parts(content.unwrap_or_default(), role, style).into()),
    ])
}

fn result(call: &str, output: Option<Value>, style: Style) -> Value {
    let output = match output {
        Some(text @ Value::String(_)) if !style.chat => text,
        None | Some(Value::Null) => Value::Array(Vec::new()),
        Some(output) => content::parts(output, "user", style).into(),
    };
    object([("type", "function_call_output".into()), ("call_id", call.into()), ("output", output)])
}

/// First what was thought, then what was said, then what was called.
fn assistant(message: &mut Value, content: Option<Value>, style: Style, out: &mut Vec<Value>) {
    let before = out.len();
    out.extend(reasoning::items(message));
    let mut calls: Vec<Value> = list(message.get("tool_calls")).iter().filter_map(call).collect();
    calls.extend(message.get("function_call").filter(|call| call.is_object()).map(|function| {
        call_item("function_call", text(function, "name"), text(function, "name"), function, "arguments")
    }));
    let silent = content.as_ref().is_none_or(|said| {
        said.is_null() || said.as_str() == Some("") || said.as_array().is_some_and(Vec::is_empty)
    });
    if !(silent && (out.len() > before || !calls.is_empty())) {
        out.push(spoken("assistant", content, style));
    }
    out.extend(calls);
}

fn call(call: &Value) -> Option<Value> {
    let id = text(call, "id");
    if let Some(function) = call.get("function") {
        return Some(call_item("function_call", id, text(function, "name"), function, "arguments"));
    }
    let custom = call.get("custom")?;
    Some(call_item("custom_tool_call", id, text(custom, "name"), custom, "input"))
}

fn call_item(kind: &str, id: &str, name: &str, of: &Value, given: &str) -> Value {
    let value = match of.get(given) {
        Some(Value::String(text)) => text.as_str().into(),
        None | Some(Value::Null) => "".into(),
        Some(other) => other.to_string().into(),
    };
    object([("type", kind.into()), ("call_id", id.into()), ("name", name.into()), (given, value)])
}
