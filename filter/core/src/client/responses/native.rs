//! A client and an upstream that both have the Responses API: what one says reaches the other as it was said.

use super::{reasoning, relay::Relay};
use crate::{
    error::Error,
    fields::{Fields, quote, quoted},
    parameters,
    translate::{Answer, Flow, Outgoing, Pairing},
    usage::Usage,
    wire::{Target, responses},
};
use serde_json::{Map, Value};

/// The pair.
pub struct Native;

/// What a deployment may set for clients that do not. Sorted.
const DEFAULTS: &[&str] = &[
    "include",
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "parallel_tool_calls",
    "prompt_cache_key",
    "reasoning",
    "safety_identifier",
    "service_tier",
    "store",
    "temperature",
    "text",
    "tool_choice",
    "tools",
    "top_p",
    "truncation",
    "user",
];

/// Fields that may be long, and are passed on unread.
const LONG: &[&str] = &["input", "instructions"];

/// Stands for such a field. Never their value.
const UNREAD: Value = Value::Bool(true);

impl Pairing for Native {
    fn request(&self, target: &Target) -> Result<Outgoing, Error> {
        let fields = target.call.fields();
        let params = &target.deployment.params;
        let nested =
            parameters::strings(params.get("additional_drop_params")).any(|path| path.contains(['.', '[']));
        let mut body = Map::new();
        for (name, text) in fields.iter().filter(|(_, text)| *text != "null") {
            let long = !nested && LONG.contains(&name);
            body.insert(name.to_owned(), if long { UNREAD } else { parse(text)? });
        }
        if let Some(input) = fields.get("input").and_then(without_others) {
            body.insert("input".into(), input);
        }
        // Chat's `metadata` is the gateway's; a response's is the client's own.
        let metadata = body.shift_remove("metadata");
        let extra = parameters::apply(&mut body, target.deployment);
        let own = |name: &str| DEFAULTS.binary_search(&name).is_ok() || fields.get(name).is_some();
        if let Some(most) = params.get("max_tokens").filter(|_| fields.get("max_tokens").is_none()) {
            body.entry("max_output_tokens").or_insert_with(|| most.clone());
        }
        body.retain(|name, _| !params.contains_key(name) || own(name));
        body.extend(metadata.map(|metadata| ("metadata".to_owned(), metadata)));
        body.insert("model".into(), responses::name(&target.deployment.model).into());
        responses::fit(&mut body);
        target.provider().fit_responses(&mut body, target.deployment)?;
        let wire = target.wire();
        let mut headers = wire.join(wire.headers(&body, target), extra);
        if target.provider().amends(target.deployment) {
            target.provider().amend(&mut body, &mut headers, target)?;
        }
        Ok(Outgoing::json(target.path(), headers, write(&body, &fields, target)))
    }

    fn answer(&self, body: &[u8], target: &Target) -> Result<Answer, Error> {
        let facts = target.provider().facts();
        let fields = Fields::of(body).map_err(|e| Error::unreadable(facts, body, &e))?;
        let part = |name: &str| fields.get(name).and_then(|text| serde_json::from_str::<Value>(text).ok());
        let told: Map<String, Value> =
            ["error", "status"].iter().filter_map(|name| Some(((*name).to_owned(), part(name)?))).collect();
        if let Some(error) = responses::failure(&told.into(), facts) {
            return Err(error);
        }
        let Some(output) = fields.get("output") else {
            return Err(Error::unreadable(facts, body, &"no output"));
        };
        let usage = part("usage").as_ref().and_then(responses::usage);
        let usage = usage.unwrap_or_else(|| Usage::guess(target, output.len()));
        let mut out = Vec::with_capacity(body.len().saturating_add(64));
        fields.write(&[("model", &quoted(&target.call.model))], &mut out);
        Ok(Answer::json(out, usage))
    }

    fn flow(&self, target: &Target) -> Box<dyn Flow> {
        Relay::flow(target)
    }
}

fn parse(text: &str) -> Result<Value, Error> {
    serde_json::from_str(text).map_err(|e| Error::invalid(format!("Invalid JSON payload: {e}")))
}

/// Writes the body; a long field from its text.
fn write(body: &Map<String, Value>, fields: &Fields, target: &Target) -> Vec<u8> {
    let mut out = Vec::with_capacity(target.call.body.len().saturating_add(64));
    for (name, value) in body {
        out.push(if out.is_empty() { b'{' } else { b',' });
        quote(name, &mut out);
        out.push(b':');
        match fields.get(name).filter(|_| *value == UNREAD && LONG.contains(&name.as_str())) {
            Some(text) => out.extend_from_slice(text.as_bytes()),
            None => out.extend_from_slice(value.to_string().as_bytes()),
        }
    }
    out.push(b'}');
    out
}

/// The items without what another vendor's model thought, which nobody else can verify: only its summary is left. `None`
/// where there is no such thing, and the text can stay as it is.
fn without_others(input: &str) -> Option<Value> {
    memchr::memmem::find(input.as_bytes(), b"encrypted_content")?;
    let mut items: Value = serde_json::from_str(input).ok()?;
    let mut found = false;
    for item in items.as_array_mut()?.iter_mut().filter_map(Value::as_object_mut) {
        let encrypted = item.get("encrypted_content").and_then(Value::as_str);
        if encrypted.and_then(reasoning::opened).is_some() {
            found = true;
            for name in ["encrypted_content", "id", "status"] {
                item.shift_remove(name);
            }
        }
    }
    found.then_some(items)
}
