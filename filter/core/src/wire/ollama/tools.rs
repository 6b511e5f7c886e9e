//! Tools for a model that only goes on with a text: it is told of them in its prompt, and calls one by answering with
//! JSON.

use crate::wire::{Target, python};
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

/// How tools are explained, word for word as `LiteLLM` does.
const INTRODUCTION: &str = "To call a function, reply with JSON ONLY in this format {\"name\": \"function_name\", \
     \"arguments\":{\"argument_name\": \"argument_value\"}}. Once a function result answers the request, reply to the \
     user in plain text instead of calling a function again. The following functions are available to you:";

/// What some models put around JSON.
const FENCE: &str = "```";

/// Adds the explanation to what the system says.
pub fn explain(tools: &[Value], turns: &mut Vec<Value>) {
    let mut text = INTRODUCTION.to_owned();
    for tool in tools {
        text.extend(["\n", &python::printed(tool), "\n"]);
    }
    let mut told = false;
    for turn in turns.iter_mut().filter(|turn| super::messages::role(turn) == "system") {
        let said = super::messages::texts(turn).concat();
        if let Some(turn) = turn.as_object_mut() {
            turn.insert("content".into(), format!("{said} {text}").into());
            told = true;
        }
    }
    if !told {
        turns.push(json!({ "role": "system", "content": text }));
    }
}

/// Whether the model was told of tools: then its answer may be a call.
pub fn are_prompted(target: &Target) -> bool {
    let some = |text: &str| serde_json::from_str::<Vec<IgnoredAny>>(text).is_ok_and(|list| !list.is_empty());
    ["tools", "functions"].into_iter().filter_map(|name| target.call.field(name)).any(some)
}

/// The call that an answer is, with its arguments as text.
pub fn call(answer: &str) -> Option<Map<String, Value>> {
    let answer = answer.trim();
    let inside = answer.strip_prefix(FENCE).map(|rest| rest.strip_prefix("json").unwrap_or(rest));
    let json = inside.map_or(answer, |rest| rest.trim_end_matches('`')).trim();
    let Ok(Value::Object(call)) = serde_json::from_str(json) else { return None };
    let (name, arguments) = (call.get("name")?.as_str()?, call.get("arguments")?);
    let mut function = Map::new();
    function.insert("name".into(), name.into());
    function.insert("arguments".into(), arguments.to_string().into());
    Some(function)
}

/// Whether a text may become such an answer, as far as it goes.
pub fn may_be_call(start: &str) -> bool {
    let start = start.trim_start();
    let Some(fenced) = start.strip_prefix(FENCE) else {
        return start.starts_with('{') || FENCE.starts_with(start);
    };
    let inside = fenced.strip_prefix("json").unwrap_or(fenced).trim_start();
    inside.starts_with('{') || "json".starts_with(inside)
}
