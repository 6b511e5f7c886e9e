//! `GET /v1/models` and `/v1/models/{id}`: what this caller may use.

use crate::{
    access::{Caller, may_use},
    config::Config,
    deployment::Deployment,
    io::Reply,
    local::json_reply,
};
use serde_json::{Value, json};
use std::rc::Rc;

/// LiteLLM's constant.
const CREATED: u64 = 1_677_610_602;

/// The list.
pub fn list(config: &Config, caller: &Caller) -> Reply {
    let visible = config.models.iter().filter(|(name, _)| may_use(&caller.grant, name));
    let data: Vec<Value> = visible.map(|(name, deployments)| entry(name, deployments)).collect();
    json_reply(200, &json!({ "data": data, "object": "list" }))
}

/// One model, by the id in `path`.
pub fn one(config: &Config, caller: &Caller, path: &str) -> Reply {
    let id = path.split_once("/models/").map_or("", |(_, id)| id);
    let Some(deployments) = config.models.get(id).filter(|_| may_use(&caller.grant, id)) else {
        let detail = format!("The model `{id}` does not exist or is not accessible");
        return json_reply(404, &json!({ "detail": detail }));
    };
    json_reply(200, &entry(id, deployments))
}

fn entry(name: &str, deployments: &[Rc<Deployment>]) -> Value {
    let mut entry = json!({ "id": name, "object": "model", "created": CREATED, "owned_by": "openai" });
    if let (Some(deployment), Some(fields)) = (deployments.first(), entry.as_object_mut()) {
        for fact in ["mode", "max_input_tokens", "max_output_tokens"] {
            if let Some(value) = deployment.facts.get(fact).filter(|value| !value.is_null()) {
                fields.insert(fact.into(), value.clone());
            }
        }
    }
    entry
}
