//! The configuration file: LiteLLM's YAML. Read whole, and everything wrong with it said at once.

mod defaults;
mod section;

use crate::{
    catalog::{Catalog, Entry, entry::take_secrets},
    environment::Environment,
    fault::Fault,
    secret::Secret,
};
pub use defaults::{demo, from_environment};
use section::Section;
use serde_json::{Map, Value};
use std::{io::Read, path::Path};
use tianji_core::config::Settings;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 16 << 20;
/// The most deployments one file can list.
const MOST_MODELS: usize = 10_000;

/// What a configuration says.
#[derive(Clone, Default)]
pub struct Config {
    /// `model_list`.
    pub models: Vec<Entry>,
    /// What the filter is told beside the models.
    pub settings: Settings,
    /// `general_settings.master_key`.
    pub master_key: Option<Secret>,
    /// `general_settings.database_url`.
    pub database_url: Option<Secret>,
    /// The process's environment and `environment_variables`.
    pub env: Environment,
}

/// What reading a configuration came to.
pub struct Reading {
    /// As far as it could be read.
    pub config: Config,
    /// With any of these it must not be used.
    pub faults: Vec<Fault>,
    /// These are only to be told.
    pub warnings: Vec<Fault>,
}

/// Reads and checks a file. The error is a sentence: there is nothing to check.
pub fn read(path: &Path, env: Environment) -> Result<Reading, String> {
    let failed = |e: std::io::Error| format!("cannot read {}: {e}", path.display());
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut text = String::new();
    file.take(LARGEST + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > LARGEST {
        return Err(format!("{} is larger than {} MiB", path.display(), LARGEST >> 20));
    }
    parse(&text, env).map_err(|e| format!("{} is no YAML that can be read: {e}", path.display()))
}

/// Reads and checks a text.
pub fn parse(text: &str, mut env: Environment) -> Result<Reading, String> {
    // By way of YAML's own values: they refuse a field that is there twice, and know `<<`.
    let mut yaml: serde_yaml_ng::Value = serde_yaml_ng::from_str(text).map_err(|e| e.to_string())?;
    yaml.apply_merge().map_err(|e| e.to_string())?;
    let mut value = match serde_json::to_value(yaml).map_err(|e| e.to_string())? {
        Value::Null => Value::Object(Map::new()),
        value => value,
    };
    let mut faults = Vec::new();
    for (name, value) in value.get("environment_variables").and_then(Value::as_object).into_iter().flatten() {
        match value {
            Value::String(text) => env.set(name, text.clone()),
            other => env.set(name, other.to_string()),
        }
    }
    env.resolve(&mut value, "", &mut |path, name| {
        faults.push(Fault::new(path, format!("the environment variable {name} is not set")));
    });
    let mut reading = Reading { config: Config { env, ..Config::default() }, faults, warnings: Vec::new() };
    reading.take(value);
    let (_, found) = Catalog::build(&reading.config.models, Settings::default(), &reading.config.env);
    // A reference that is unset was named above; what follows from it would only repeat it.
    let known: Vec<_> = reading.faults.iter().map(|fault| fault.path.clone()).collect();
    reading.faults.extend(found.into_iter().filter(|fault| !known.contains(&fault.path)));
    Ok(reading)
}

impl Reading {
    fn take(&mut self, value: Value) {
        let mut top = Section::new(value, "", self);
        top.field::<Value>("environment_variables");
        let models = top.field::<Vec<Value>>("model_list").unwrap_or_default();
        let sections =
            ["litellm_settings", "router_settings", "general_settings"].map(|name| top.section(name));
        top.finish();
        let [litellm, router, general] = sections;
        self.litellm_settings(litellm);
        self.router_settings(router);
        self.general_settings(general);
        if models.len() > MOST_MODELS {
            self.faults.push(Fault::new("model_list", format!("has more than {MOST_MODELS} entries")));
        }
        for (i, model) in models.into_iter().take(MOST_MODELS).enumerate() {
            self.model(model, format!("model_list[{i}]"));
        }
    }

    fn model(&mut self, value: Value, path: String) {
        if !value.is_object() {
            return self.faults.push(Fault::new(path, "must be a mapping"));
        }
        let mut section = Section::new(value, &path, self);
        let name = section.required::<String>("model_name");
        let params = section.required::<Map<String, Value>>("litellm_params");
        let info = section.field::<Map<String, Value>>("model_info").unwrap_or_default();
        section.finish();
        if let (Some(name), Some(mut params)) = (name, params) {
            let secrets = take_secrets(&mut params);
            self.config.models.push(Entry { name, params, secrets, info, db: false, path });
        }
    }

    fn litellm_settings(&mut self, value: Value) {
        let mut section = Section::new(value, "litellm_settings", self);
        let drop_params = section.field("drop_params");
        let timeout = section.positive("request_timeout");
        let retries = section.field::<usize>("num_retries");
        section.finish();
        let settings = &mut self.config.settings;
        settings.drop_params = drop_params.unwrap_or(settings.drop_params);
        settings.request_timeout = timeout.unwrap_or(settings.request_timeout);
        settings.max_attempts = retries.map_or(settings.max_attempts, |n| n.saturating_add(1));
    }

    fn router_settings(&mut self, value: Value) {
        let mut section = Section::new(value, "router_settings", self);
        let timeout = section.positive("timeout");
        let retries = section.field::<usize>("num_retries");
        if let Some(strategy) = section.field::<String>("routing_strategy").filter(|s| s != "simple-shuffle")
        {
            section.warn("routing_strategy", format!("'{strategy}' is not known; simple-shuffle is used"));
        }
        section.finish();
        let settings = &mut self.config.settings;
        settings.request_timeout = timeout.unwrap_or(settings.request_timeout);
        settings.max_attempts = retries.map_or(settings.max_attempts, |n| n.saturating_add(1));
    }

    fn general_settings(&mut self, value: Value) {
        let mut section = Section::new(value, "general_settings", self);
        let master_key = section.field::<String>("master_key");
        let database_url = section.field::<String>("database_url");
        section.finish();
        self.config.master_key = master_key.filter(|key| !key.is_empty()).map(Secret::new);
        self.config.database_url = database_url.filter(|url| !url.is_empty()).map(Secret::new);
    }
}

#[cfg(test)]
mod tests;
