//! What the parts of a conversation are translated with, and Anthropic's management of long ones.

use super::model::Model;
use crate::wire::anthropic::names::Names;
use serde_json::{Map, Value, json};

/// What the translation of a message has to know of the request.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The model behind the deployment.
    pub model: Model<'a>,
    /// Tools that go by another name.
    pub names: &'a Names,
    /// The request declares tools.
    pub tools: bool,
    /// A guardrail looks at the user's words.
    pub guarded: bool,
}

impl Context<'_> {
    /// The cache point that `marked` (a message, a part, a call) asks for behind it.
    pub fn cache_point(&self, marked: &Map<String, Value>) -> Option<Value> {
        let control = marked.get("cache_control").filter(|control| !control.is_null())?;
        cache_point(control, self.model)
    }
}

/// A cache point, if the model takes one.
pub fn cache_point(control: &Value, model: Model) -> Option<Value> {
    if !model.caches() {
        return None;
    }
    let ttl = control.get("ttl").and_then(Value::as_str);
    let ttl = ttl.filter(|ttl| matches!(*ttl, "5m" | "1h") && model.caches_for_long());
    Some(match ttl {
        Some(ttl) => json!({ "cachePoint": { "type": "default", "ttl": ttl } }),
        None => json!({ "cachePoint": { "type": "default" } }),
    })
}

/// The one edit that Bedrock knows.
const COMPACT: &str = "compact_20260112";

/// `context_management`: `OpenAI`'s list of `compaction`s or Anthropic's own `edits`; on Bedrock, compaction only.
pub fn manage(chat: &mut Map<String, Value>, extra: &mut Map<String, Value>, model: Model) {
    let given = chat.remove("context_management").and_then(crate::wire::anthropic::context_management);
    let Some(Value::Object(mut management)) = given.filter(|_| model.is_claude()) else { return };
    if let Some(Value::Array(edits)) = management.get_mut("edits") {
        edits.retain(|edit| edit.get("type").is_some_and(|kind| kind == COMPACT));
        if !edits.is_empty() {
            extra.insert("context_management".into(), Value::Object(management));
        }
    }
}
