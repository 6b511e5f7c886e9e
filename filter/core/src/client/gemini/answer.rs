//! A whole chat answer, turned into a response with candidates.

use super::{object, text, thoughts, usage};
use serde_json::{Map, Value, json};

/// A `chat.completion` as a `GenerateContentResponse`.
pub fn response(mut chat: Value) -> Value {
    let usage = usage::from_chat(chat.get("usage"));
    let choices = match chat.get_mut("choices").map(Value::take) {
        Some(Value::Array(choices)) => choices,
        _ => Vec::new(),
    };
    let candidates: Vec<Value> = choices.into_iter().map(candidate).collect();
    object([
        ("candidates", candidates.into()),
        ("usageMetadata", usage),
        ("modelVersion", text(&chat, "model").into()),
        ("responseId", text(&chat, "id").into()),
    ])
}

fn candidate(mut choice: Value) -> Value {
    let index = choice.get("index").cloned().unwrap_or(0.into());
    let finish = finish_reason(choice.get("finish_reason").and_then(Value::as_str));
    let message = match choice.get_mut("message").map(Value::take) {
        Some(Value::Object(message)) => message,
        _ => Map::new(),
    };
    let mut parts = said(&message);
    parts.extend(list(&message, "tool_calls").iter().map(|call| {
        let arguments = call.pointer("/function/arguments");
        let arguments = arguments.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned));
        let name = call.pointer("/function/name").and_then(Value::as_str).unwrap_or_default();
        function_call(text(call, "id"), name, &arguments.unwrap_or_default())
    }));
    let mut out = object([("content", content(parts)), ("finishReason", finish.into()), ("index", index)]);
    let cited = citations(list(&message, "annotations"));
    if let (Some(cited), Some(out)) = (cited, out.as_object_mut()) {
        out.insert("citationMetadata".into(), cited);
    }
    out
}

fn list<'a>(of: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    of.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// What a candidate says. Some clients look at the first part without asking whether there is one.
pub fn content(mut parts: Vec<Value>) -> Value {
    if parts.is_empty() {
        parts.push(object([("text", "".into())]));
    }
    object([("parts", parts.into()), ("role", "model".into())])
}

/// The parts of a message, or of a delta, but for its calls of tools.
pub fn said(message: &Map<String, Value>) -> Vec<Value> {
    let said = |field: &str| message.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let mut parts = Vec::new();
    let blocks = list(message, "thinking_blocks");
    for block in blocks {
        parts.push(thoughts::part(text(block, "thinking"), thoughts::signature(block)));
    }
    if let Some(thought) =
        said("reasoning_content").or_else(|| said("reasoning")).filter(|_| blocks.is_empty())
    {
        parts.push(thoughts::part(thought, None));
    }
    let plain = |said: &str| object([("text", said.into())]);
    match message.get("content") {
        Some(Value::String(said)) if !said.is_empty() => parts.push(plain(said)),
        Some(Value::Array(pieces)) => {
            parts.extend(
                pieces.iter().map(|piece| text(piece, "text")).filter(|it| !it.is_empty()).map(plain),
            );
        }
        _ => {}
    }
    let parked = || message.get("provider_specific_fields")?.get("refusal")?.as_str();
    parts.extend(said("refusal").or_else(parked).filter(|refusal| !refusal.is_empty()).map(plain));
    parts.extend(list(message, "images").iter().filter_map(image));
    parts
}

fn image(image: &Value) -> Option<Value> {
    let url = image.pointer("/image_url/url")?.as_str()?.strip_prefix("data:")?;
    let (kind, data) = url.split_once(";base64,")?;
    Some(json!({ "inlineData": { "mimeType": kind, "data": data } }))
}

/// A call of a tool. Arguments that are no object are kept under `arguments`: nothing a model said is lost.
pub fn function_call(id: &str, name: &str, arguments: &str) -> Value {
    let args = match serde_json::from_str(arguments) {
        Ok(args @ Value::Object(_)) => args,
        Ok(Value::Null) => json!({}),
        Ok(other) => json!({ "arguments": other }),
        Err(_) if arguments.trim().is_empty() => json!({}),
        Err(_) => json!({ "arguments": arguments }),
    };
    let mut call = object([("name", name.into()), ("args", args)]);
    if let (Some(call), false) = (call.as_object_mut(), id.is_empty()) {
        call.insert("id".into(), id.into());
    }
    object([("functionCall", call)])
}

/// Chat's finish reason. A call of a tool is as good an end as any.
pub fn finish_reason(finish: Option<&str>) -> &'static str {
    match finish {
        Some("length") => "MAX_TOKENS",
        Some("content_filter" | "refusal") => "SAFETY",
        _ => "STOP",
    }
}

/// What is cited.
pub fn citations(notes: &[Value]) -> Option<Value> {
    let source = |note: &Value| {
        let cited = note.get("url_citation").unwrap_or(note);
        let names =
            [("url", "uri"), ("title", "title"), ("start_index", "startIndex"), ("end_index", "endIndex")];
        let fields =
            names.iter().filter_map(|(own, name)| Some(((*name).to_owned(), cited.get(*own)?.clone())));
        Value::Object(fields.collect())
    };
    let sources: Vec<Value> = notes.iter().map(source).collect();
    (!sources.is_empty()).then(|| object([("citationSources", sources.into())]))
}
