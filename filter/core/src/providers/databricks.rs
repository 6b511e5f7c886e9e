//! Databricks model serving. <https://docs.databricks.com/en/machine-learning/foundation-model-apis/api-reference.html>
use super::{json_tool, prelude::*};

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "databricks",
            name: "Databricks",
            docs: "https://docs.databricks.com/en/machine-learning/foundation-model-apis/api-reference.html",
            base_url: "",
            key_env: "DATABRICKS_API_KEY",
            base_env: "DATABRICKS_API_BASE",
            tokens: Tokens::Databricks,
            takes: &[BASIC, TOOLS, REASONING, &["n", "response_format", "stop"]],
            renames: &[("max_completion_tokens", "max_tokens")],
            messages: Rules {
                cache_control: true,
                named: &["user"],
                unknown: &["reasoning_content", "thinking_blocks"],
                ..Rules::PLAIN
            },
            embeds: &[],
            extras: Extras::Nowhere,
            ..Facts::OPENAI
        }
    }

    fn fit(&self, chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        let claude = deployment.model.contains("claude");
        if claude {
            think(chat);
            bare_tools(chat);
            // A model that thinks cannot be made to call a tool.
            if chat.contains_key("thinking") {
                json_tool::offer(chat);
            } else {
                json_tool::require(chat);
            }
        }
        leave_room(chat);
        if let Some(messages) = chat.get_mut("messages").and_then(Value::as_array_mut) {
            messages.iter_mut().for_each(drop_empty);
            messages.retain(|message| !is_empty_turn(message));
            if !claude {
                join_system(messages);
                *messages = pair_results(std::mem::take(messages));
            }
        }
        Ok(())
    }

    fn reads(&self, _has: &dyn Fn(&str) -> bool) -> bool {
        true
    }

    fn finish(&self) -> Option<Finish> {
        Some(Finish::JsonTool)
    }
}

/// Tokens left for the answer beside the thoughts.
const ROOM: u64 = 4096;

/// An effort is a budget of thoughts, in tokens; by `LiteLLM`'s table.
fn think(chat: &mut Map<String, Value>) {
    let Some(effort) = chat.shift_remove("reasoning_effort") else { return };
    let budget = match effort.get("effort").unwrap_or(&effort).as_str() {
        Some("minimal" | "low") => 1024,
        Some("medium") => 2048,
        Some("high" | "xhigh" | "max") => 4096,
        _ => return,
    };
    chat.entry("thinking").or_insert_with(|| json!({ "type": "enabled", "budget_tokens": budget }));
}

/// A tool is its name, its description and its parameters, whichever kind of tool it is.
fn bare_tools(chat: &mut Map<String, Value>) {
    let tools = chat.get_mut("tools").and_then(Value::as_array_mut);
    for tool in tools.into_iter().flatten() {
        let function = tool.get("function").unwrap_or(tool);
        let mut bare = Map::new();
        for name in ["name", "description"] {
            bare.extend(function.get(name).map(|value| (name.to_owned(), value.clone())));
        }
        let none = if tool.get("function").is_some() {
            json!({ "type": "object", "properties": {} })
        } else {
            json!({})
        };
        let schema = function.get("parameters").or_else(|| function.get("input_schema"));
        let mut schema = schema.cloned().unwrap_or(none);
        schema.as_object_mut().map(|schema| schema.shift_remove("$schema"));
        bare.insert("parameters".into(), schema);
        *tool = json!({ "type": "function", "function": bare });
    }
}

/// The limit counts thoughts and answer together.
fn leave_room(chat: &mut Map<String, Value>) {
    let budget = chat.get("thinking").and_then(|thinking| thinking.get("budget_tokens")?.as_u64());
    let limited = chat.contains_key("max_tokens") || chat.contains_key("max_completion_tokens");
    if let Some(budget) = budget.filter(|_| !limited) {
        chat.insert("max_tokens".into(), budget.saturating_add(ROOM).into());
    }
}

/// Texts that are empty are refused.
fn drop_empty(message: &mut Value) {
    let Some(message) = message.as_object_mut() else { return };
    let empty = |text: Option<&str>| text.is_some_and(|text| text.trim().is_empty());
    let nothing = match message.get_mut("content") {
        Some(Value::Array(parts)) => {
            parts.retain(|part| !empty(part.get("text").and_then(Value::as_str)));
            parts.is_empty()
        }
        content => empty(content.and_then(|content| content.as_str())),
    };
    if nothing {
        message.shift_remove("content");
    }
}

/// The model has said nothing and called nothing.
fn is_empty_turn(message: &Value) -> bool {
    let nothing = |name| message.get(name).is_none_or(Value::is_null);
    role(message) == Some("assistant")
        && nothing("content")
        && nothing("tool_calls")
        && nothing("function_call")
}

fn role(message: &Value) -> Option<&str> {
    message.get("role")?.as_str()
}

/// There is one system message, at most: texts that follow each other are joined.
fn join_system(messages: &mut Vec<Value>) {
    let leading = messages.iter().take_while(|message| role(message) == Some("system"));
    let texts: Option<Vec<&str>> = leading.map(|message| message.get("content")?.as_str()).collect();
    let Some(texts) = texts.filter(|texts| texts.len() > 1) else { return };
    let (count, joined) = (texts.len(), texts.join("\n\n"));
    messages.splice(..count, [json!({ "role": "system", "content": joined })]);
}

/// A result has to follow the very call it answers: a turn of several calls becomes several turns.
fn pair_results(messages: Vec<Value>) -> Vec<Value> {
    let mut out = Vec::with_capacity(messages.len());
    let mut rest = messages.into_iter().peekable();
    while let Some(message) = rest.next() {
        let calls = message.get("tool_calls").and_then(Value::as_array).cloned().unwrap_or_default();
        if calls.len() < 2 {
            out.push(message);
            continue;
        }
        let mut results = Vec::new();
        while let Some(result) = rest.next_if(|message| role(message) == Some("tool")) {
            results.push(result);
        }
        let call =
            |result: &Value| calls.iter().find(|call| call.get("id") == result.get("tool_call_id")).cloned();
        let paired: Option<Vec<Value>> = results.iter().map(call).collect();
        let Some(paired) = paired.filter(|paired| paired.len() == calls.len()) else {
            out.push(message);
            out.append(&mut results);
            continue;
        };
        for (at, (call, result)) in paired.into_iter().zip(results).enumerate() {
            let mut turn = if at == 0 { message.clone() } else { json!({ "role": "assistant" }) };
            if let Some(turn) = turn.as_object_mut() {
                turn.insert("tool_calls".into(), json!([call]));
            }
            out.extend([turn, result]);
        }
    }
    out
}
