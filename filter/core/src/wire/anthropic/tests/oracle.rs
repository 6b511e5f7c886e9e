//! `LiteLLM`'s recorded behaviour: a reduced set of cases always, all of them where `TIANJI_ORACLE` says they are.

use crate::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    sse, translate,
    wire::{Target, Wire, anthropic::This},
};
use serde_json::{Map, Value, json};
use std::fs;

/// A case, what is right, and how its record has to be put right.
type Quirk = (&'static str, &'static str, fn(&mut Value));

/// What is right where `LiteLLM` is not.
const QUIRKS: [Quirk; 5] = [
    (
        "req/tool_google_search",
        "A tool without a type is the client's mistake, so it is a 400 that says so.",
        |case| {
            case["error"] = json!({ "status_code": 400, "message": "litellm.BadRequestError: AnthropicException - tools: " });
        },
    ),
    (
        "resp/context_window",
        "An answer cut off by the context window is cut off: `length`, not `stop`.",
        |case| {
            case["output"]["choices"][0]["finish_reason"] = "length".into();
        },
    ),
    ("resp/text_and_tool", "The index of a tool call counts tool calls, not blocks.", count_calls),
    ("resp/thinking_tool", "The index of a tool call counts tool calls, not blocks.", count_calls),
    (
        "stream/truncated",
        "A stream that ends before its message is complete is an error after what came.",
        |case| {
            case["output"].as_array_mut().unwrap().truncate(1);
            case["error"] = json!({ "status_code": 502, "message": "" });
        },
    ),
];

/// Where the gateway does something else on purpose, or somewhere else.
const DEVIATIONS: [(&str, &str); 3] = [
    ("req/extra_body", "`extra_body` is unfolded for every provider; as it stands the API would refuse it."),
    (
        "params-sonnet/merge_reasoning_stream",
        "Merging reasoning into the content is no business of a wire format.",
    ),
    (
        "params-sonnet/oauth_token",
        "The filter never sees a key, so whoever holds it has to ask for the OAuth beta.",
    ),
];

fn count_calls(case: &mut Value) {
    case["output"]["choices"][0]["message"]["tool_calls"][0]["index"] = 0.into();
}

fn deployment(case: &Value, facts: &Value) -> Deployment {
    let given = case["deployment"].as_object().unwrap();
    let model = given["model"].as_str().unwrap().strip_prefix("anthropic/").unwrap();
    let mut params = given.clone();
    params.retain(|name, _| !["model", "api_key", "api_base"].contains(&name.as_str()));
    Deployment {
        provider: "anthropic".into(),
        model: model.into(),
        api_base: given.get("api_base").and_then(Value::as_str).unwrap_or_default().into(),
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
                let empty = value.as_object().is_some_and(Map::is_empty)
                    || value.as_array().is_some_and(Vec::is_empty);
                let optional = ["provider_specific_fields", "images", "thinking_blocks", "annotations"];
                !(value.is_null() || empty && optional.contains(&name.as_str()))
            });
            let own = |(name, value): (&String, &Value)| {
                let parsed =
                    value.as_str().filter(|_| name == "arguments").and_then(|a| serde_json::from_str(a).ok());
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
    let theirs_begin =
        said.split(" Error: ").next().unwrap_or(said).split("\nReceived Messages").next().unwrap_or(said);
    if theirs["status_code"] != ours.status || !ours.message.starts_with(theirs_begin) {
        return Err(format!("error\n  ours   {} {}\n  theirs {theirs}", ours.status, ours.message));
    }
    Ok(())
}

fn request(case: &Value, target: &Target) -> Result<(), String> {
    let ours = match translate::request(target.call, target.deployment) {
        Ok(ours) => ours,
        Err(error) if case.get("upstream_request").is_none() => return failed(&error, &case["error"]),
        Err(error) => return Err(format!("error {}", error.message)),
    };
    let theirs = case.get("upstream_request").ok_or(format!("no error; {}", case["error"]))?;
    assert_eq!(ours.path, "/v1/messages");
    assert_eq!(ours.headers[0], ("anthropic-version".to_owned(), "2023-06-01".to_owned()));
    let betas = ours.headers.iter().find(|(name, _)| name == "anthropic-beta").map(|(_, betas)| betas);
    compare("request", &serde_json::from_slice(&ours.body).unwrap(), &theirs["body"])?;
    compare("betas", &json!(betas), theirs["headers"].get("anthropic-beta").unwrap_or(&Value::Null))
}

fn events(stream: &Value) -> Vec<sse::Event> {
    let text: String = stream.as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
    let event = |event: &str| {
        let field = |name| {
            event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned()
        };
        sse::Event { name: field("event:"), data: field("data:"), failed: false }
    };
    text.split("\n\n").filter(|event| !event.is_empty()).map(event).collect()
}

fn answer(case: &Value, target: &Target) -> Result<(), String> {
    let upstream = &case["upstream_response"];
    if upstream["status"] != 200 {
        return refused(upstream, &case["error"], target);
    }
    if let Some(text) = upstream.get("body_text").and_then(Value::as_str) {
        let error = translate::answer(target.call, target.deployment, 200, text.as_bytes(), 0).unwrap_err();
        return if case["error"]["status_code"] == error.status { Ok(()) } else { Err(error.message) };
    }
    if let Some(stream) = upstream.get("stream") {
        let (mut out, mut decoder) = (Vec::new(), This.decoder(target));
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
    match This.answer(body.clone(), target) {
        Ok(ours) => compare("answer", &ours, &case["output"]),
        Err(error) => Err(format!("error {}", error.message)),
    }
}

/// The status, `LiteLLM`'s class and the provider's words.
fn refused(upstream: &Value, theirs: &Value, target: &Target) -> Result<(), String> {
    let status = upstream["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap();
    let ours = This.error(target.provider().facts(), status, upstream["body"].to_string().as_bytes());
    let class = format!("litellm.{}: ", theirs["class"].as_str().unwrap());
    let said = upstream["body"]["error"]["message"].as_str().unwrap();
    let same = theirs["status_code"] == ours.status
        && ours.message.starts_with(&class)
        && ours.message.contains(said);
    if same { Ok(()) } else { Err(format!("{} {}; {theirs}", ours.status, ours.message)) }
}

fn check(case: &Value, facts: &Value) -> Result<(), String> {
    let deployment = deployment(case, facts);
    let call = Call::parse(Operation::Chat, case["input"].to_string().into_bytes()).map_err(|e| e.message)?;
    let target = Target { call: &call, deployment: &deployment, now: 1_700_000_000 };
    request(case, &target)?;
    let response = case.get("upstream_response");
    if response.is_some_and(|response| response.get("transport_error").is_none()) {
        answer(case, &target)
    } else {
        Ok(())
    }
}

fn known<'a>(list: impl Iterator<Item = &'a str>, id: &str) -> Option<usize> {
    list.enumerate().find(|(_, known)| id.ends_with(known)).map(|(at, _)| at)
}

/// Checks every case and gives the number of those that hold.
fn hold(cases: &[Value], facts: &Value) -> usize {
    let (mut held, mut failures) = (0, Vec::new());
    for case in cases {
        let id = case["id"].as_str().unwrap();
        if known(DEVIATIONS.iter().map(|(id, _)| *id), id).is_some() {
            continue;
        }
        let quirk = known(QUIRKS.iter().map(|(id, ..)| *id), id);
        assert_eq!(quirk.is_some(), case.get("quirk").is_some(), "{id}: say what is right");
        let mut case = case.clone();
        if let Some(quirk) = quirk {
            QUIRKS[quirk].2(&mut case);
        }
        match check(&case, facts) {
            Ok(()) => held += 1,
            Err(why) => failures.push(format!("{id} {why}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    held
}

#[test]
fn the_recorded_cases_hold() {
    let fixture = include_str!("../../../../../../fixtures/anthropic/chat.json");
    let fixture: Value = serde_json::from_str(fixture).unwrap();
    assert!(hold(fixture["cases"].as_array().unwrap(), &fixture["facts"]) > 250);
}

#[test]
fn all_recorded_cases_hold_where_they_are_at_hand() {
    let Ok(root) = std::env::var("TIANJI_ORACLE") else { return };
    let read = |path: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(format!("{root}/{path}")).unwrap()).unwrap()
    };
    let facts = read("../data/model_prices.json");
    for name in ["chat_completions", "chat_litellm_params"] {
        let cases = read(&format!("given/anthropic/{name}.json"));
        let cases = cases.as_array().unwrap();
        println!("{name}: {} of {}", hold(cases, &facts), cases.len());
    }
}
