//! One tool: a function, one of the API's own, or an MCP server.

use super::{bad_request, schema};
use crate::error::Error;
use serde_json::{Map, Value, json};

/// Tools the provider runs, or whose schema it knows: passed on as they are.
const HOSTED: [&str; 7] =
    ["web_search", "bash", "text_editor", "code_execution", "web_fetch", "memory", "tool_search_tool"];

/// Where a tool's translation belongs.
#[derive(Debug)]
pub enum Translated {
    /// In `tools`.
    Tool(Value),
    /// In `mcp_servers`.
    Server(Value),
}

/// From the chat form to the API's.
pub fn translate(tool: Value) -> Result<Translated, Error> {
    let Value::Object(mut tool) = tool else { return Err(bad_request("tools: must hold objects")) };
    if tool.contains_key("input_schema") {
        return Ok(Translated::Tool(Value::Object(tool)));
    }
    let Some(kind) = tool.get("type").and_then(Value::as_str).map(str::to_owned) else {
        return Err(bad_request("tools: a tool must have a `type`, for instance `function`"));
    };
    let mut function = match tool.remove("function") {
        Some(Value::Object(function)) => function,
        _ => Map::new(),
    };
    let extras = Extras::take(&tool, &function)?;
    let mut own = match kind.as_str() {
        "function" | "custom" => custom(&mut function)?,
        "url" => return Ok(Translated::Server(Value::Object(tool))),
        "mcp" => return Ok(Translated::Server(mcp_server(&tool)?)),
        _ if kind.starts_with("computer_") => computer(&kind, &function)?,
        _ if kind.starts_with("advisor_") => advisor(tool)?,
        _ if HOSTED.iter().any(|hosted| kind.starts_with(hosted)) => hosted(tool, &function)?,
        _ => return Err(bad_request(format_args!("Unsupported tool type: {kind}"))),
    };
    extras.apply(&kind, &mut own);
    Ok(Translated::Tool(Value::Object(own)))
}

fn custom(function: &mut Map<String, Value>) -> Result<Map<String, Value>, Error> {
    let name = function.remove("name").filter(Value::is_string);
    let Some(name) = name else { return Err(bad_request("tools: a function must have a `name`")) };
    let mut own = Map::new();
    own.insert("name".into(), name);
    own.insert("input_schema".into(), schema::input(function.remove("parameters"))?);
    own.insert("type".into(), "custom".into());
    if let Some(description) = function.remove("description").filter(|text| !text.is_null()) {
        own.insert("description".into(), description);
    }
    Ok(own)
}

fn computer(kind: &str, function: &Map<String, Value>) -> Result<Map<String, Value>, Error> {
    let parameters = function.get("parameters").and_then(Value::as_object);
    let Some(parameters) = parameters else {
        return Err(bad_request("Missing required parameter: parameters"));
    };
    let mut own = Map::new();
    own.insert("type".into(), kind.into());
    own.insert("name".into(), function.get("name").cloned().unwrap_or_else(|| "computer".into()));
    for name in ["display_width_px", "display_height_px", "display_number"] {
        match parameters.get(name).filter(|value| !value.is_null()) {
            Some(value) => {
                own.insert(name.into(), value.clone());
            }
            None if name == "display_number" => {}
            None => {
                return Err(bad_request("Missing required parameter: display_width_px or display_height_px"));
            }
        }
    }
    Ok(own)
}

fn hosted(mut tool: Map<String, Value>, function: &Map<String, Value>) -> Result<Map<String, Value>, Error> {
    if !tool.get("name").is_some_and(Value::is_string) {
        let name = function.get("name").filter(|name| name.is_string());
        let Some(name) = name else { return Err(bad_request("Missing required parameter: name")) };
        tool.insert("name".into(), name.clone());
    }
    Ok(tool)
}

fn advisor(mut tool: Map<String, Value>) -> Result<Map<String, Value>, Error> {
    if !tool.get("model").is_some_and(Value::is_string) {
        return Err(bad_request("Advisor tool must have a valid model"));
    }
    tool.insert("name".into(), "advisor".into());
    Ok(tool)
}

/// `OpenAI`'s MCP tool as the API's MCP server.
fn mcp_server(tool: &Map<String, Value>) -> Result<Value, Error> {
    let (Some(url), Some(name)) = (tool.get("server_url"), tool.get("server_label")) else {
        return Err(bad_request("tools: an MCP tool must have `server_url` and `server_label`"));
    };
    let mut server = json!({ "type": "url", "url": url, "name": name });
    if let (Some(allowed), Value::Object(server)) = (tool.get("allowed_tools"), &mut server) {
        server.insert("tool_configuration".into(), json!({ "allowed_tools": allowed }));
    }
    let token = tool.get("headers").and_then(|headers| headers.get("Authorization")?.as_str());
    if let (Some(token), Value::Object(server)) = (token, &mut server) {
        server.insert("authorization_token".into(), token.replace("Bearer ", "").into());
    }
    Ok(server)
}

/// What may be written on the tool or on its function.
struct Extras {
    found: Vec<(&'static str, Value)>,
}

impl Extras {
    fn take(tool: &Map<String, Value>, function: &Map<String, Value>) -> Result<Self, Error> {
        type Check = (&'static str, fn(&Value) -> bool, &'static str);
        const CHECKED: [Check; 5] = [
            ("cache_control", Value::is_object, "an object"),
            ("defer_loading", Value::is_boolean, "a boolean"),
            ("allowed_callers", is_names, "a list of strings"),
            ("input_examples", Value::is_array, "a list"),
            ("eager_input_streaming", Value::is_boolean, "a boolean"),
        ];
        let mut found = Vec::new();
        for (name, is_right, what) in CHECKED {
            let value =
                [tool, function].into_iter().find_map(|at| at.get(name).filter(|value| !value.is_null()));
            match value {
                Some(value) if is_right(value) => found.push((name, value.clone())),
                Some(_) => return Err(bad_request(format_args!("{name} must be {what}"))),
                None => {}
            }
        }
        Ok(Self { found })
    }

    /// Each only where the API takes it.
    fn apply(self, kind: &str, own: &mut Map<String, Value>) {
        let search = kind.starts_with("tool_search_tool");
        let custom = kind == "function" || kind == "custom";
        for (name, value) in self.found {
            let taken = match name {
                "cache_control" => !search,
                "defer_loading" | "allowed_callers" => !search && !kind.starts_with("computer_"),
                _ => custom,
            };
            if taken {
                own.insert(name.into(), value);
            } else {
                own.remove(name);
            }
        }
    }
}

fn is_names(value: &Value) -> bool {
    value.as_array().is_some_and(|names| names.iter().all(Value::is_string))
}

/// `web_search_options` as the API's search tool.
/// <https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/web-search-tool>
pub fn web_search(options: &Value) -> Value {
    let mut tool = Map::new();
    tool.insert("type".into(), "web_search_20250305".into());
    tool.insert("name".into(), "web_search".into());
    if let Some(place) = options.get("user_location").and_then(|place| place.get("approximate")?.as_object())
    {
        let mut own: Map<String, Value> = place
            .iter()
            .filter(|(name, _)| ["city", "region", "country", "timezone"].contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        own.insert("type".into(), "approximate".into());
        tool.insert("user_location".into(), Value::Object(own));
    }
    let uses = match options.get("search_context_size").and_then(Value::as_str) {
        Some("low") => Some(1),
        Some("medium") => Some(5),
        Some("high") => Some(10),
        _ => None,
    };
    if let Some(uses) = uses {
        tool.insert("max_uses".into(), uses.into());
    }
    Value::Object(tool)
}

/// The API insists on tools where the conversation holds tool calls.
pub fn dummy() -> Value {
    json!({
        "name": "dummy_tool",
        "description": "This is a dummy tool call",
        "type": "custom",
        "input_schema": { "type": "object", "properties": {} },
    })
}
