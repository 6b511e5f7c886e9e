//! Tools the provider ran itself, told in the chat form's `provider_specific_fields`.

use serde_json::{Map, Value, json};

/// A search, its query from the call's input and its sources from the result.
pub fn web_search_call(id: &str, input: Option<&Value>, result: Option<&Value>) -> Value {
    let query = input.and_then(|input| input.get("query")?.as_str()).unwrap_or_default();
    let content = result.and_then(|result| result.get("content"));
    let found = content.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let sources: Vec<Value> = found
        .iter()
        .filter(|item| item.get("type").is_some_and(|kind| kind == "web_search_result"))
        .filter_map(|item| item.get("url").filter(|url| url.is_string()))
        .map(|url| json!({ "type": "url", "url": url }))
        .collect();
    let failed = content
        .is_some_and(|content| content.get("type").is_some_and(|k| k == "web_search_tool_result_error"));
    let status = match (result, failed) {
        (None, _) => "in_progress",
        (Some(_), true) => "failed",
        (Some(_), false) => "completed",
    };
    let queries: &[&str] = if query.is_empty() { &[] } else { &[query] };
    json!({
        "id": format!("ws_{id}"),
        "type": "web_search_call",
        "status": status,
        "action": { "type": "search", "query": query, "queries": queries, "sources": sources },
    })
}

/// A run of code: what was run, and what it printed. `None` for the results of other tools.
pub fn code_run(result: &Value, input: Option<&Value>, container: Option<&Value>) -> Option<Value> {
    if result.get("type")? != "bash_code_execution_tool_result" {
        return None;
    }
    let printed = |name: &str| {
        let text = result.get("content").and_then(|content| content.get(name)?.as_str());
        text.filter(|text| !text.is_empty())
    };
    let mut logs = printed("stdout").unwrap_or_default().to_owned();
    if let Some(errors) = printed("stderr") {
        logs.push_str("STDERR: ");
        logs.push_str(errors);
    }
    let mut run = Map::new();
    run.insert("type".into(), "code_interpreter_call".into());
    run.insert("id".into(), result.get("tool_use_id").cloned().unwrap_or_default());
    run.insert(
        "code".into(),
        input.and_then(|input| input.get("command")?.as_str()).unwrap_or_default().into(),
    );
    run.insert("status".into(), "completed".into());
    if let Some(id) = container.and_then(|container| container.get("id")) {
        run.insert("container_id".into(), id.clone());
    }
    if !logs.is_empty() {
        run.insert("outputs".into(), json!([{ "type": "logs", "logs": logs }]));
    }
    Some(Value::Object(run))
}
