//! The `anthropic-beta` features a request makes use of.
//! <https://docs.anthropic.com/en/api/beta-headers>

use super::model::Model;
use crate::wire::Target;
use serde_json::{Map, Value};

/// The features `chat` makes use of, in a fixed order.
pub fn betas(chat: &Map<String, Value>, target: &Target) -> Vec<String> {
    let model = Model::of(target);
    let mut found: Vec<&str> = Vec::new();
    params(chat, model, &mut found);
    for tool in objects(chat.get("tools")) {
        of_tool(tool, &mut found);
    }
    for message in objects(chat.get("messages")) {
        of_message(message, &mut found);
    }
    once(found)
}

/// Each only once.
fn once(found: Vec<&str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::with_capacity(found.len());
    for beta in found {
        if !all.iter().any(|known| known == beta) {
            all.push(beta.to_owned());
        }
    }
    all
}

/// Two lists of features as one.
pub fn join(own: &str, more: &str) -> String {
    once(own.split(',').chain(more.split(',')).map(str::trim).filter(|beta| !beta.is_empty()).collect())
        .join(",")
}

fn objects(list: Option<&Value>) -> impl Iterator<Item = &Map<String, Value>> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

fn params(chat: &Map<String, Value>, model: Model, found: &mut Vec<&str>) {
    let param = |name: &str| chat.get(name).filter(|value| !value.is_null());
    let config = param("output_config");
    // From 4.6 on the effort is part of the stable API.
    if config.is_some_and(|config| config.get("effort").is_some_and(Value::is_string)) && !model.adaptive() {
        found.push("effort-2025-11-24");
    }
    let native = model.has("supports_native_structured_output");
    let schema = param("response_format").is_some_and(|format| {
        let named = format.get("json_schema").and_then(|named| named.get("schema"));
        format.get("response_schema").or(named).is_some_and(Value::is_object)
    });
    let output = config.and_then(|config| config.get("format")).or_else(|| param("output_format"));
    if (native && schema) || output.is_some_and(|format| !format.is_null()) {
        found.push("structured-outputs-2025-11-13");
    }
    let management = param("context_management");
    for edit in objects(management.map(|own| own.get("edits").unwrap_or(own))) {
        match edit.get("type").and_then(Value::as_str) {
            Some("compact_20260112" | "compaction") => found.push("compact-2026-01-12"),
            _ => found.push("context-management-2025-06-27"),
        }
    }
    if param("compaction").is_some() {
        found.push("compact-2026-09-04");
    }
    if param("speed").is_some_and(|speed| speed == "fast") && model.has_speeds() {
        found.push("fast-mode-2026-02-01");
    }
    if param("container").is_some_and(|container| objects(container.get("skills")).next().is_some()) {
        found.push("skills-2025-10-02");
    }
    if param("mcp_servers").is_some_and(|servers| objects(Some(servers)).next().is_some()) {
        found.push("mcp-client-2025-04-04");
    }
    if param("thinking").is_some_and(|thinking| thinking.get("display").is_some_and(|d| d == "updates")) {
        found.push("thinking-display-updates-2026-08-18");
    }
}

fn of_tool(tool: &Map<String, Value>, found: &mut Vec<&str>) {
    let kind = tool.get("type").and_then(Value::as_str).unwrap_or_default();
    match kind {
        "computer_20250124" => found.push("computer-use-2025-01-24"),
        "computer_20251124" => found.push("computer-use-2025-11-24"),
        "code_execution_20250825" => found.push("code-execution-2025-08-25"),
        "mcp" | "url" => found.push("mcp-client-2025-04-04"),
        _ if kind.starts_with("computer_") => found.push("computer-use-2024-10-22"),
        _ if kind.starts_with("web_fetch") => found.push("web-fetch-2025-09-10"),
        _ if kind.starts_with("memory") => found.push("context-management-2025-06-27"),
        _ if kind.starts_with("advisor_") => found.push("advisor-tool-2026-03-01"),
        _ if kind.starts_with("tool_search_tool") => found.push("advanced-tool-use-2025-11-20"),
        _ => {}
    }
    let has = |name: &str, is: &dyn Fn(&Vec<Value>) -> bool| {
        let function = tool.get("function").and_then(|function| function.get(name));
        [tool.get(name), function].into_iter().flatten().filter_map(Value::as_array).any(is)
    };
    if has("allowed_callers", &|callers| callers.iter().any(|caller| caller == "code_execution_20250825"))
        || has("input_examples", &|examples| !examples.is_empty())
    {
        found.push("advanced-tool-use-2025-11-20");
    }
}

fn of_message(message: &Map<String, Value>, found: &mut Vec<&str>) {
    if message.contains_key("output_config") {
        found.push("mid-conversation-output-config-2026-07-01");
    }
    for part in objects(message.get("content")) {
        let file = part.get("file").or_else(|| part.get("source"));
        if file.is_some_and(|file| file.get("file_id").is_some_and(Value::is_string)) {
            found.push("files-api-2025-04-14");
        }
        match part.get("type").and_then(Value::as_str) {
            Some("tool_addition" | "tool_removal") => found.push("mid-conversation-tool-changes-2026-07-01"),
            Some("compaction") if part.contains_key("signature") => found.push("compact-2026-09-04"),
            _ => {}
        }
    }
}
