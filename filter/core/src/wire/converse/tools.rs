//! `tools`, `tool_choice` and `parallel_tool_calls`.
//! <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html>

use super::{bad_request, context::cache_point, model::Model};
use crate::{
    error::Error,
    parameters::unsupported_error,
    wire::{anthropic::names::Names, references},
};
use serde_json::{Map, Value, json};

/// Types of Anthropic's own tools that act on a computer. They go to the model in its vendor's form.
const COMPUTER: [&str; 4] = ["computer_use_preview", "computer_", "bash_", "text_editor_"];

/// The types a schema may have at its root.
const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// What a request says of tools.
#[derive(Debug, Default)]
pub struct Tools {
    declared: Vec<Value>,
    /// Built-in tools, which come last.
    system: Vec<Value>,
    computer: Vec<Value>,
    choice: Option<Value>,
    parallel: Option<bool>,
    /// Input is to be streamed as it comes, unchecked.
    eager: bool,
}

impl Tools {
    /// Takes what `chat` says of tools.
    pub fn of(chat: &mut Map<String, Value>, model: Model) -> Result<Self, Error> {
        let mut own = Self::default();
        match chat.remove("tools") {
            Some(Value::Array(tools)) => {
                for (at, tool) in tools.into_iter().enumerate() {
                    own.add(at, tool, model)?;
                }
            }
            Some(_) => return Err(bad_request("tools: must be a list")),
            None => {}
        }
        if chat.remove("web_search_options").is_some_and(|options| options.is_object()) {
            own.system.push(json!({ "systemTool": { "name": "nova_grounding" } }));
        }
        own.parallel = chat.remove("parallel_tool_calls").and_then(|parallel| parallel.as_bool());
        if let Some(choice) = chat.remove("tool_choice") {
            own.choice = tool_choice(&choice, model)?;
        }
        Ok(own)
    }

    fn add(&mut self, at: usize, tool: Value, model: Model) -> Result<(), Error> {
        let Value::Object(mut tool) = tool else { return Err(bad_request("tools: must hold objects")) };
        let kind = tool.get("type").and_then(Value::as_str).unwrap_or_default();
        if ["systemTool", "toolSpec", "cachePoint"].iter().any(|own| tool.contains_key(*own)) {
            self.declared.push(Value::Object(tool));
        } else if model.is_claude() && COMPUTER.iter().any(|prefix| kind.starts_with(prefix)) {
            self.computer.push(computer(tool));
        } else if let Some(spec) = spec(at, &mut tool, model) {
            self.eager |= tool.get("eager_input_streaming") == Some(&Value::Bool(true));
            self.declared.push(spec);
            if let Some(control) = tool.get("cache_control").filter(|control| !control.is_null()) {
                self.declared.extend(cache_point(control, model));
            }
        }
        Ok(())
    }

    /// Puts the tool that carries a JSON answer before all others, and forces it if nothing else is chosen.
    pub fn answer_with(
        &mut self,
        name: &str,
        schema: &Value,
        description: Option<&Value>,
        force: bool,
        model: Model,
    ) {
        let function = json!({ "name": name, "description": description, "parameters": schema });
        let mut tool = Map::new();
        tool.insert("function".into(), function);
        if let Some(spec) = spec(0, &mut tool, model) {
            self.declared.insert(0, spec);
        }
        if force && self.choice.is_none() {
            self.choice = Some(json!({ "tool": { "name": name } }));
        }
    }

    /// A tool is declared.
    pub fn any(&self) -> bool {
        !self.declared.is_empty() || !self.system.is_empty() || !self.computer.is_empty()
    }

    /// The names the client gave.
    pub fn names(&self) -> Vec<&str> {
        self.declared.iter().filter_map(|tool| tool.get("toolSpec")?.get("name")?.as_str()).collect()
    }

    /// Settles the choice, which depends on the rest of the request.
    pub fn settle(&mut self, extra: &mut Map<String, Value>, model: Model) {
        let reasons = extra.get("thinking").is_some_and(crate::wire::anthropic::thinking::is_on)
            || extra.contains_key("reasoning_effort");
        let forces = self.choice.as_ref().is_some_and(|choice| choice.get("auto").is_none());
        if reasons && forces {
            // A model that reasons refuses to be forced.
            self.choice = Some(json!({ "auto": {} }));
        }
        if let Some(parallel) = self.parallel.filter(|_| model.has("supports_parallel_tool_use_config")) {
            let mut choice = json!({ "disable_parallel_tool_use": !parallel });
            // Where the API's own field says what to choose, this one must not.
            if let (None, Value::Object(choice)) = (&self.choice, &mut choice) {
                choice.insert("type".into(), "auto".into());
            }
            extra.insert("tool_choice".into(), choice);
        }
    }

    /// Asks Anthropic's models for the features, `betas` and others, that the request makes use of.
    pub fn ask(&mut self, extra: &mut Map<String, Value>, mut betas: Vec<String>, model: Model) {
        if !model.is_claude() {
            return;
        }
        let mut want = |beta: &str| {
            if !betas.iter().any(|known| known == beta) {
                betas.push(beta.into());
            }
        };
        if self.eager {
            want("fine-grained-tool-streaming-2025-05-14");
        }
        if !self.computer.is_empty() {
            want(computer_beta(model.name()));
            extra.insert("tools".into(), std::mem::take(&mut self.computer).into());
        }
        let effort = extra.get("output_config").and_then(|config| config.get("effort"));
        if effort.is_some() && !model.has("supports_adaptive_thinking") {
            want("effort-2025-11-24");
        }
        if extra.contains_key("context_management") {
            want("compact-2026-01-12");
        }
        if !betas.is_empty() {
            extra.insert("anthropic_beta".into(), betas.into());
        }
    }

    /// `toolConfig`, with the names the API takes; none without tools.
    pub fn config(mut self, names: &Names) -> Option<Value> {
        self.declared.append(&mut self.system);
        if self.declared.is_empty() {
            return None;
        }
        for spec in self.declared.iter_mut().filter_map(|tool| tool.get_mut("toolSpec")) {
            names.apply(spec);
        }
        if let Some(tool) = self.choice.as_mut().and_then(|choice| choice.get_mut("tool")) {
            names.apply(tool);
        }
        let mut config = json!({ "tools": self.declared });
        if let (Some(choice), Value::Object(config)) = (self.choice, &mut config) {
            config.insert("toolChoice".into(), choice);
        }
        Some(config)
    }
}

/// A function, in `OpenAI`'s form or Anthropic's. Other vendors' built-in tools have no place here.
fn spec(at: usize, tool: &mut Map<String, Value>, model: Model) -> Option<Value> {
    let (mut function, parameters) = match tool.remove("function") {
        Some(Value::Object(function)) => (function, "parameters"),
        _ if tool.contains_key("input_schema") => (tool.clone(), "input_schema"),
        _ => return None,
    };
    let text = |name: &str| {
        function.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty()).map(str::to_owned)
    };
    let name = text("name").unwrap_or_else(|| format!("litellm_unnamed_tool_{at}"));
    let description = text("description").unwrap_or_else(|| name.clone());
    let strict = model.is_strict() && function.get("strict") == Some(&Value::Bool(true));
    let schema = input_schema(function.remove(parameters), model);
    let mut spec = json!({ "name": name, "description": description, "inputSchema": { "json": schema } });
    if let (true, Value::Object(spec)) = (strict, &mut spec) {
        spec.insert("strict".into(), true.into());
    }
    Some(json!({ "toolSpec": spec }))
}

/// The schema of a tool's input, its definitions copied in place; of its root only what the API takes.
fn input_schema(parameters: Option<Value>, model: Model) -> Value {
    let mut schema = match parameters {
        Some(Value::Object(schema)) => schema,
        _ => Map::new(),
    };
    let definitions = match schema.remove("$defs") {
        Some(Value::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    let mut schema = Value::Object(schema);
    if !definitions.is_empty() {
        references::inline(&mut schema, &definitions);
    }
    standard(&mut schema);
    if model.deployment().supports("supports_regex_lookaround") == Some(false) {
        without_lookaround(&mut schema);
    }
    let mut take = |name: &str| schema.as_object_mut().and_then(|schema| schema.remove(name));
    let kind = take("type").filter(|kind| kind.as_str().is_some_and(|kind| TYPES.contains(&kind)));
    let mut own = Map::new();
    own.insert("type".into(), kind.unwrap_or_else(|| "object".into()));
    own.insert("properties".into(), take("properties").unwrap_or_else(|| json!({})));
    own.insert("required".into(), take("required").unwrap_or_else(|| json!([])));
    let closed = take("additionalProperties").filter(|closed| model.is_strict() && !closed.is_null());
    own.extend(closed.map(|closed| ("additionalProperties".to_owned(), closed)));
    Value::Object(own)
}

/// `custom`, a type of Anthropic's, is an object to everybody else.
fn standard(schema: &mut Value) {
    match schema {
        Value::Object(schema) => {
            if let Some(kind) = schema.get_mut("type").filter(|kind| *kind == "custom") {
                *kind = "object".into();
            }
            schema.values_mut().for_each(standard);
        }
        Value::Array(items) => items.iter_mut().for_each(standard),
        _ => {}
    }
}

/// Some models refuse a tool over a pattern that looks ahead or behind, which is but a hint.
fn without_lookaround(schema: &mut Value) {
    let looks = |pattern: &str| ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|opener| pattern.contains(opener));
    match schema {
        Value::Object(node) => {
            if node.get("pattern").and_then(Value::as_str).is_some_and(looks) {
                node.remove("pattern");
            }
            if let Some(Value::Object(patterns)) = node.get_mut("patternProperties") {
                patterns.retain(|pattern, _| !looks(pattern));
            }
            // What is data is no schema.
            let below =
                node.iter_mut().filter(|(name, _)| !matches!(name.as_str(), "const" | "default" | "enum"));
            below.for_each(|(_, below)| without_lookaround(below));
        }
        Value::Array(items) => items.iter_mut().for_each(without_lookaround),
        _ => {}
    }
}

/// From `OpenAI`'s choice to the API's.
fn tool_choice(choice: &Value, model: Model) -> Result<Option<Value>, Error> {
    let forced = |own: Value| {
        let downgraded = model.deployment().supports("supports_forced_tool_use") == Some(false);
        match (downgraded, model.drops()) {
            (false, _) => Ok(Some(own)),
            (true, true) => Ok(Some(json!({ "auto": {} }))),
            (true, false) => Err(unsupported_error(format_args!(
                "{} does not support forced tool use (tool_choice='required' or a named tool). Use tool_choice='auto' \
                 and tell the model in the prompt when to call the tool, or set `litellm.drop_params = True` to \
                 downgrade to 'auto' automatically.",
                model.name()
            ))),
        }
    };
    let kind = choice.as_str().or_else(|| choice.get("type")?.as_str()).unwrap_or_default();
    match (kind, choice.pointer("/function/name").or_else(|| choice.get("name"))) {
        (_, Some(name)) => forced(json!({ "tool": { "name": name } })),
        ("auto", _) => Ok(Some(json!({ "auto": {} }))),
        ("required" | "any", _) => forced(json!({ "any": {} })),
        ("none", _) if model.drops() => Ok(None),
        ("none", _) => Err(unsupported_error(
            "Bedrock doesn't support tool_choice=none. To drop it from the call, set `litellm.drop_params = True.",
        )),
        _ => Err(unsupported_error(format_args!(
            "Bedrock doesn't support tool_choice={kind}. Supported tool_choice values=['auto', 'required', json \
             object]. To drop it from the call, set `litellm.drop_params = True."
        ))),
    }
}

/// Anthropic's tool: named by its type, its parameters beside the name.
fn computer(mut tool: Map<String, Value>) -> Value {
    let kind = tool.get("type").cloned().unwrap_or_default();
    if let Some(Value::Object(mut function)) = tool.remove("function") {
        let name = function.remove("name").unwrap_or_else(|| "computer".into());
        let mut own = match function.remove("parameters") {
            Some(Value::Object(parameters)) => parameters,
            _ => Map::new(),
        };
        own.insert("type".into(), kind);
        own.insert("name".into(), name);
        return Value::Object(own);
    }
    let usual = match kind.as_str().unwrap_or_default() {
        kind if kind.starts_with("bash_") => Some("bash"),
        kind if kind.starts_with("text_editor_") => Some("str_replace_editor"),
        _ => None,
    };
    if let Some(usual) = usual {
        tool.entry("name").or_insert_with(|| usual.into());
    }
    Value::Object(tool)
}

/// Which of the feature's versions a model has.
/// <https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/computer-use-tool>
fn computer_beta(model: &str) -> &'static str {
    const LATEST: [&str; 4] = ["opus-4-5", "opus-4-6", "opus-4-7", "sonnet-4-6"];
    const LATER: [&str; 4] = ["haiku-4-5", "opus-4", "sonnet-3-7", "sonnet-4"];
    let name = model.to_lowercase().replace(['.', '_'], "-").replace("3-7-sonnet", "sonnet-3-7");
    let is = |models: &[&str]| models.iter().any(|model| name.contains(model));
    match () {
        () if is(&LATEST) => "computer-use-2025-11-24",
        () if is(&LATER) => "computer-use-2025-01-24",
        () => "computer-use-2024-10-22",
    }
}
