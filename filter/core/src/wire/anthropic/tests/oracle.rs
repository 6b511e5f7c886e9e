//! `LiteLLM`'s recorded behaviour, reduced to `fixtures/oracle/anthropic`; all of it where `TIANJI_ORACLE` says it is.

use crate::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    sse,
    wire::{Target, Wire, anthropic::Messages},
};
use serde_json::{Map, Value, json};
use std::fs;

/// What is right where `LiteLLM` is not.
const QUIRKS: [(&str, &str); 0] = [];

fn read(path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"))).unwrap()
}

fn deployment(case: &Value, facts: &Value) -> Deployment {
    let given = case["deployment"].as_object().unwrap();
    let model = given["model"].as_str().unwrap().strip_prefix("anthropic/").unwrap();
    let mut params = given.clone();
    for name in ["model", "api_key", "api_base"] {
        params.remove(name);
    }
    Deployment {
        provider: "anthropic".into(),
        model: model.into(),
        params,
        facts: facts.get(model).and_then(Value::as_object).cloned().unwrap_or_default(),
        ..Deployment::default()
    }
}

/// Null is absent, and so are a few empty things; a call's arguments are compared as JSON.
fn normal(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, value)| {
                let empty = value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty);
                let optional = ["provider_specific_fields", "images", "thinking_blocks", "annotations"];
                !(value.is_null() || empty && optional.contains(&name.as_str()))
            });
            let own = |(name, value): (&String, &Value)| {
                let parsed = value.as_str().filter(|_| name == "arguments").and_then(|a| serde_json::from_str(a).ok());
                (name.clone(), parsed.unwrap_or_else(|| normal(value)))
            };
            Value::Object(kept.map(own).collect())
        }
        Value::Array(items) => items.iter().map(normal).collect(),
        other => other.clone(),
    }
}

fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (_, Value::String(any)) if any == "<any>" => true,
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => ours == theirs,
    }
}

fn compare(what: &str, ours: &Value, theirs: &Value) -> Result<(), String> {
    let (ours, theirs) = (normal(ours), normal(theirs));
    if same(&ours, &theirs) { Ok(()) } else { Err(format!("{what}\n  ours   {ours}\n  theirs {theirs}")) }
}

fn failed(ours: &Error, theirs: &Value) -> Result<(), String> {
    let said = theirs["message"].as_str().unwrap_or_default();
    // Their message ends in Python's own words.
    let theirs_begin = said.split(" Error: ").next().unwrap_or(said).split("\nReceived Messages").next().unwrap_or(said);
    if theirs["status_code"] != ours.status || !ours.message.starts_with(theirs_begin) {
        return Err(format!("error\n  ours   {} {}\n  theirs {theirs}", ours.status, ours.message));
    }
    Ok(())
}

fn request(case: &Value, target: &Target) -> Result<(), String> {
    let chat = case["input"].as_object().unwrap();
    let betas = |headers: &[(String, String)]| {
        headers.iter().find(|(name, _)| name == "anthropic-beta").map(|(_, betas)| betas.clone())
    };
    let headers = Messages.headers(chat, target);
    match Messages.request(chat.clone(), target) {
        Err(error) if case.get("upstream_request").is_none() => failed(&error, &case["error"]),
        Err(error) => Err(format!("error {}", error.message)),
        Ok(ours) => {
            let theirs = case.get("upstream_request").ok_or(format!("no error; {}", case["error"]))?;
            compare("request", &ours, &theirs["body"])?;
            compare("betas", &json!(betas(&headers)), theirs["headers"].get("anthropic-beta").unwrap_or(&Value::Null))
        }
    }
}

fn events(stream: &Value) -> Vec<sse::Event> {
    let text: String = stream.as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
    let event = |event: &str| {
        let field = |name| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
        sse::Event { name: field("event:"), data: field("data:") }
    };
    text.split("\n\n").filter(|event| !event.is_empty()).map(event).collect()
}

fn answer(case: &Value, target: &Target) -> Result<(), String> {
    let upstream = &case["upstream_response"];
    if upstream["status"] != 200 {
        return Ok(());
    }
    if let Some(stream) = upstream.get("stream") {
        let (mut out, mut decoder) = (Vec::new(), Messages.decoder(target));
        let mut result = Ok(());
        for event in events(stream) {
            result = decoder.push(&event, &mut out);
            if result.is_err() {
                break;
            }
        }
        let result = result.and_then(|()| decoder.end(&mut out));
        if !target.call.include_usage {
            out.retain(|chunk| chunk.get("usage").is_none());
        }
        compare("chunks", &json!(out), &case["output"])?;
        return match (result, case.get("error")) {
            (Ok(()), None) => Ok(()),
            (Err(ours), Some(theirs)) if theirs["status_code"] == ours.status => Ok(()),
            (ours, theirs) => Err(format!("error {ours:?} {theirs:?}")),
        };
    }
    let Some(body) = upstream.get("body") else { return Ok(()) };
    match Messages.answer(body.clone(), target) {
        Ok(ours) => compare("answer", &ours, &case["output"]),
        Err(error) => Err(format!("error {}", error.message)),
    }
}

fn check(case: &Value, facts: &Value) -> Result<(), String> {
    let deployment = deployment(case, facts);
    let call = Call::parse(Operation::Chat, case["input"].to_string().into_bytes()).map_err(|e| e.message)?;
    let target = Target { call: &call, deployment: &deployment, now: 1_700_000_000 };
    request(case, &target)?;
    if case.get("upstream_response").is_some() { answer(case, &target) } else { Ok(()) }
}

#[test]
fn all_recorded_cases_hold() {
    let Ok(root) = std::env::var("TIANJI_ORACLE") else { return };
    let facts = read(&format!("{root}/../data/model_prices.json"));
    let mut failures = 0;
    let mut all = 0;
    for name in ["chat_completions", "chat_litellm_params"] {
        for case in read(&format!("{root}/given/anthropic/{name}.json")).as_array().unwrap() {
            all += 1;
            if let Err(why) = check(case, &facts) {
                failures += 1;
                let quirk = case.get("quirk").map(|quirk| format!("QUIRK {quirk} ")).unwrap_or_default();
                println!("{} {quirk}{why}", case["id"]);
            }
        }
    }
    println!("{failures} of {all} fail");
    assert_eq!(failures, QUIRKS.len());
}
