//! System messages, and what stands in for messages the API would refuse.

use super::{
    context::Context,
    messages::{Role, Turn},
};
use serde_json::{Map, Value, json};

/// Stands in front of a system message amid the conversation.
const NOTE: &str = "Operator note (not from the user): the following was originally a mid-conversation system-role reminder.";

/// A leading message as blocks of `system`. Only texts have a place there.
pub fn blocks(mut message: Map<String, Value>, context: Context) -> Vec<Value> {
    let mut blocks = Vec::new();
    match message.remove("content") {
        Some(Value::String(text)) if !text.is_empty() => {
            blocks.push(json!({ "text": text }));
            blocks.extend(context.cache_point(&message));
        }
        Some(Value::Array(parts)) => {
            for part in parts.iter().filter_map(text_part) {
                blocks.push(json!({ "text": part.get("text") }));
                blocks.extend(context.cache_point(part));
            }
        }
        _ => {}
    }
    blocks
}

fn text_part(part: &Value) -> Option<&Map<String, Value>> {
    let part = part.as_object().filter(|part| part.get("type").is_some_and(|kind| kind == "text"))?;
    part.get("text")?.as_str().filter(|text| !text.is_empty()).map(|_| part)
}

/// Later system messages become the user's, where they stand: moving one to the top would spoil the cache. Between a
/// call and its results nothing may stand; there they move behind the results.
pub fn placed(turns: Vec<Turn>) -> Vec<Turn> {
    let mut out: Vec<Turn> = Vec::with_capacity(turns.len());
    let mut held = Vec::new();
    let mut turns = turns.into_iter().peekable();
    while let Some(turn) = turns.next() {
        if turn.role != Role::Tool {
            out.append(&mut held);
        }
        if turn.role != Role::System {
            out.push(turn);
            continue;
        }
        let called = out.last().is_some_and(Turn::calls);
        let mut run: Vec<Turn> = as_user(turn).into_iter().collect();
        while let Some(turn) = turns.next_if(|next| next.role == Role::System) {
            run.extend(as_user(turn));
        }
        let results = turns.peek().is_some_and(|next| next.role == Role::Tool);
        if called && results { &mut held } else { &mut out }.append(&mut run);
    }
    out.append(&mut held);
    out
}

fn as_user(mut turn: Turn) -> Option<Turn> {
    let texts: Vec<Value> = match turn.message.remove("content") {
        Some(Value::String(text)) if !text.is_empty() => {
            let mut part = turn.message;
            part.retain(|name, _| name == "cache_control");
            part.insert("type".into(), "text".into());
            part.insert("text".into(), text.into());
            vec![Value::Object(part)]
        }
        Some(Value::Array(parts)) => parts.into_iter().filter(|part| text_part(part).is_some()).collect(),
        _ => Vec::new(),
    };
    if texts.is_empty() {
        return None;
    }
    let mut content = vec![json!({ "type": "text", "text": NOTE })];
    content.extend(texts);
    let mut message = Map::new();
    message.insert("content".into(), content.into());
    Some(Turn { role: Role::User, message })
}

/// Calls and results as texts: the API refuses them in a request that declares no tools.
pub fn neutral(turn: Turn, guarded: bool) -> Turn {
    let text = |field: &str| turn.message.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (role, content) = match turn.role {
        Role::Assistant if turn.calls() => {
            let calls = turn.message.get("tool_calls").and_then(Value::as_array).into_iter().flatten();
            let mut texts = vec![said(&turn.message)];
            texts.extend(calls.map(called));
            texts.retain(|text| !text.is_empty());
            (Role::Assistant, texts.join("\n").into())
        }
        Role::Tool | Role::Function => {
            let whose = text("tool_call_id").or_else(|| text("name")).unwrap_or("unknown");
            let said = said(&turn.message);
            let said = if said.trim().is_empty() { "<non-text tool result omitted>" } else { said.trim() };
            let result = format!("[tool result for {whose}: {said}]");
            // Results come from outside, so they are looked at wherever they stand.
            let guard = json!([{ "type": "guarded_text", "text": result }]);
            (Role::User, if guarded { guard } else { result.into() })
        }
        _ => return turn,
    };
    let mut message = Map::new();
    message.insert("content".into(), content);
    Turn { role, message }
}

/// The text of a message.
fn said(message: &Map<String, Value>) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => String::new(),
    }
}

fn called(call: &Value) -> String {
    let text = |path: &str| call.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty());
    let name = text("/function/name").unwrap_or("unknown_tool");
    let arguments = text("/function/arguments").unwrap_or_default();
    let label = text("/id").map_or("tool call".to_owned(), |id| format!("tool call {id}"));
    format!("[{label}: {name}({arguments})]")
}
