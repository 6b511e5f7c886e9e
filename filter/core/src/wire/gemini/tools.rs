//! `tools` and `tool_choice`: functions of the client, and the vendor's own tools.
//! <https://ai.google.dev/api/caching#Tool>

use super::{list, schema, text};
use crate::{error::Error, parameters::unsupported_error};
use serde_json::{Map, Value, json};

/// The vendor's own tools: how clients write them, and how the API does; in the order they are sent.
const SERVED: [(&str, &str); 7] = [
    ("googleSearch", "googleSearch"),
    ("googleSearchRetrieval", "googleSearchRetrieval"),
    ("enterpriseWebSearch", "enterpriseWebSearch"),
    ("codeExecution", "code_execution"),
    ("urlContext", "url_context"),
    ("googleMaps", "googleMaps"),
    ("computerUse", "computerUse"),
];

/// Those of them that search. The API refuses them beside functions.
const SEARCHES: [&str; 4] = ["googleSearch", "googleSearchRetrieval", "enterpriseWebSearch", "url_context"];

/// The tools of a request, and what is said about them all.
#[derive(Debug, Default)]
pub struct Tools {
    /// `tools`; empty when there are none.
    pub list: Vec<Value>,
    /// `toolConfig`; empty when nothing is said.
    pub config: Map<String, Value>,
}

/// The tools of a chat request, taken out of it.
pub fn take(chat: &mut Map<String, Value>) -> Result<Tools, Error> {
    let mut own = Tools::default();
    let (mut functions, mut served) = (Vec::new(), Map::new());
    let tools = [chat.shift_remove("functions"), chat.shift_remove("tools")];
    for tool in tools.iter().flat_map(|tools| list(tools.as_ref())) {
        match of_vendor(tool) {
            Some((name, settings)) => {
                served.insert(name.into(), settings);
            }
            None => functions.extend(function(tool)),
        }
    }
    if chat.shift_remove("web_search_options").is_some_and(|options| options.is_object()) {
        served.entry("googleSearch").or_insert_with(|| json!({}));
    }
    // The parameter has one spelling here, the field another.
    let mixed = ["include_server_side_tool_invocations", "includeServerSideToolInvocations"];
    let mixed = mixed.iter().filter_map(|name| chat.shift_remove(*name)).any(|on| on == true);
    if !functions.is_empty() {
        if !mixed {
            served.retain(|name, _| !SEARCHES.contains(&name.as_str()));
        }
        own.list.push(json!({ "function_declarations": functions }));
    }
    if let Some(maps) = served.get_mut("googleMaps").and_then(Value::as_object_mut) {
        own.config.extend(whereabouts(maps).map(|place| ("retrievalConfig".to_owned(), place)));
    }
    for (_, name) in SERVED {
        own.list.extend(served.shift_remove(name).map(|settings| json!({ name: settings })));
    }
    if let Some(choice) = chat.shift_remove("tool_choice") {
        own.config.insert("functionCallingConfig".into(), calling(&choice)?);
    }
    if mixed {
        own.config.insert("includeServerSideToolInvocations".into(), true.into());
    }
    Ok(own)
}

/// One of the vendor's own tools, by the API's name, and its settings.
fn of_vendor(tool: &Value) -> Option<(&'static str, Value)> {
    match text(tool, "type") {
        "web_search" | "web_search_preview" => return Some(("googleSearch", json!({}))),
        "computer_use" => {
            let settings = tool.as_object()?.iter().filter(|(name, _)| *name != "type");
            return Some((
                "computerUse",
                computer(settings.map(|(name, value)| (name.clone(), value.clone())).collect()),
            ));
        }
        _ => {}
    }
    let mut named = tool.as_object()?.iter().filter(|(name, _)| *name != "type");
    let (Some((name, settings)), None) = (named.next(), named.next()) else { return None };
    let (_, own) =
        SERVED.iter().find(|(client, own)| name == client || name == own || *name == snake(client))?;
    match (*own, settings) {
        ("computerUse", Value::Object(settings)) => Some((own, computer(settings.clone()))),
        (_, settings) => (!settings.is_null()).then(|| (*own, settings.clone())),
    }
}

fn snake(camel: &str) -> String {
    let mut out = String::with_capacity(camel.len() + 4);
    for c in camel.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn computer(mut settings: Map<String, Value>) -> Value {
    let mut own = Map::new();
    let environment = match settings.get("environment").and_then(Value::as_str) {
        Some("browser" | "ENVIRONMENT_BROWSER") => Some("ENVIRONMENT_BROWSER"),
        Some("unspecified" | "ENVIRONMENT_UNSPECIFIED") => Some("ENVIRONMENT_UNSPECIFIED"),
        _ => None,
    };
    own.extend(environment.map(|name| ("environment".to_owned(), name.into())));
    let excluded = ["excluded_predefined_functions", "excludedPredefinedFunctions"];
    let excluded = excluded.iter().find_map(|name| settings.shift_remove(*name));
    own.extend(excluded.map(|names| ("excludedPredefinedFunctions".to_owned(), names)));
    own.into()
}

/// The place a map is looked at from is said beside the tools, not in one.
fn whereabouts(maps: &mut Map<String, Value>) -> Option<Value> {
    let [latitude, longitude, language] = ["latitude", "longitude", "languageCode"]
        .map(|name| maps.shift_remove(name).filter(|value| !value.is_null()));
    let mut place = Map::new();
    place.insert("latLng".into(), json!({ "latitude": latitude?, "longitude": longitude? }));
    place.extend(language.map(|language| ("languageCode".to_owned(), language)));
    Some(place.into())
}

/// A function of the client's. What is neither that nor known is left out.
fn function(tool: &Value) -> Option<Value> {
    let function = tool.get("function").unwrap_or(tool);
    let mut own = Map::new();
    own.insert("name".into(), function.get("name")?.clone());
    if let Some(description) = function.get("description").filter(|said| !said.is_null()) {
        own.insert("description".into(), description.clone());
    }
    let parameters = match function.get("parameters") {
        Some(schema @ Value::Object(_)) => Some(schema::open_api(schema.clone())),
        Some(Value::String(nothing)) if nothing.is_empty() => Some(json!({ "type": "object" })),
        _ => None,
    };
    own.extend(parameters.map(|schema| ("parameters".to_owned(), schema)));
    Some(own.into())
}

/// `functionCallingConfig`.
fn calling(choice: &Value) -> Result<Value, Error> {
    let mode = choice.as_str().or_else(|| choice.get("type")?.as_str().filter(|kind| *kind != "function"));
    if let Some(name) = choice.pointer("/function/name") {
        return Ok(json!({ "mode": "ANY", "allowed_function_names": [name] }));
    }
    let mode = match mode {
        Some("none") => "NONE",
        Some("auto") => "AUTO",
        Some("required" | "any") => "ANY",
        _ => {
            return Err(unsupported_error(format_args!(
                "VertexAI doesn't support tool_choice={choice}. Supported tool_choice values=['auto', 'required', json \
                 object]. To drop it from the call, set `litellm.drop_params = True."
            )));
        }
    };
    Ok(json!({ "mode": mode }))
}
