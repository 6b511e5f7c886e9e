//! A conversation as one prompt, on its way to `/api/generate`.

use super::{
    list,
    messages::{arguments, images, role, texts},
    options, tools,
};
use crate::{
    error::Error,
    operation::Operation,
    wire::{Target, json::spaced, openai},
};
use serde_json::{Map, Value, json};

/// From a chat request.
pub fn body(mut chat: Map<String, Value>, target: &Target) -> Result<Value, Error> {
    openai::fit(&mut chat, target)?;
    let mut turns = match chat.shift_remove("messages") {
        Some(Value::Array(turns)) => turns,
        _ => Vec::new(),
    };
    let functions = chat.shift_remove("functions");
    let tools = chat.shift_remove("tools").or(functions);
    let mut body = options::body(chat, target);
    if !list(tools.as_ref()).is_empty() {
        tools::explain(list(tools.as_ref()), &mut turns);
        body.entry("format").or_insert_with(|| "json".into());
    }
    // A text is gone on with as it is.
    let prompt = match target.call.operation {
        Operation::Completions => turns.iter().map(|turn| texts(turn).concat()).collect(),
        _ => prompt(&turns)?,
    };
    body.insert("prompt".into(), prompt.into());
    let images: Vec<Value> = turns.iter().flat_map(images).collect();
    if !images.is_empty() {
        body.insert("images".into(), images.into());
    }
    Ok(body.into())
}

/// What each of them said, under a heading; who goes on speaking has one heading.
fn prompt(turns: &[Value]) -> Result<String, Error> {
    let mut prompt = String::new();
    for run in turns.chunk_by(|a, b| heading(a) == heading(b)) {
        let Some(heading) = run.first().map(heading) else { continue };
        let said = match heading {
            "User" => {
                let said = run.iter().map(|turn| texts(turn).join("\n")).filter(|said| !said.is_empty());
                said.collect::<Vec<_>>().join("\n")
            }
            "Assistant" => assistant(run)?,
            _ => run.iter().map(|turn| texts(turn).concat()).collect(),
        };
        if !said.is_empty() {
            prompt.extend(["### ", heading, ":\n", &said, "\n\n"]);
        }
    }
    Ok(prompt)
}

/// What tools give is said by the user.
fn heading(turn: &Value) -> &'static str {
    match role(turn) {
        "system" => "System",
        "assistant" => "Assistant",
        _ => "User",
    }
}

/// What was said, and each call on a line of its own.
fn assistant(run: &[Value]) -> Result<String, Error> {
    let mut said = String::new();
    for turn in run {
        said.push_str(&texts(turn).concat());
        let mut lines = Vec::new();
        for call in list(turn.get("tool_calls")) {
            let function = call.get("function").unwrap_or(&Value::Null);
            let (name, arguments) = (function.get("name"), arguments(function)?);
            lines.push(spaced(&json!({ "name": name, "arguments": arguments })));
        }
        if !said.is_empty() && !lines.is_empty() {
            said.push('\n');
        }
        said.push_str(&lines.join("\n"));
    }
    Ok(said)
}
