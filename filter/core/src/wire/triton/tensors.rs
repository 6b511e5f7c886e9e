//! The `infer` endpoint, whose inputs and outputs are tensors.
//! <https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md>

use crate::{
    error::Error,
    wire::{Target, vectors as list},
};
use serde_json::{Map, Value, json};

/// How many tokens may be answered with where nobody says.
const MAX_TOKENS: u64 = 20;

/// A prompt and its parameters, each a tensor with one value.
pub fn ask(prompt: &str, mut parameters: Map<String, Value>, stream: bool) -> Value {
    parameters.entry("max_tokens").or_insert_with(|| MAX_TOKENS.into());
    let mut inputs = vec![tensor("text_input", "BYTES", &[prompt.into()])];
    inputs.extend(parameters.into_iter().map(|(name, value)| {
        let kind = match &value {
            Value::Number(number) if number.is_f64() => "FP32",
            Value::Number(_) => "INT32",
            Value::Bool(_) => "BOOL",
            _ => "BYTES",
        };
        tensor(&name, kind, &[value])
    }));
    let mut body = json!({ "inputs": inputs });
    if let (Value::Object(body), true) = (&mut body, stream) {
        body.insert("stream".into(), true.into());
    }
    body
}

/// Texts to embed.
pub fn embed(asked: &Map<String, Value>) -> Value {
    let texts = match asked.get("input") {
        Some(Value::Array(texts)) => texts.clone(),
        Some(text) => vec![text.clone()],
        None => Vec::new(),
    };
    json!({ "inputs": [tensor("input_text", "BYTES", &texts)] })
}

fn tensor(name: &str, kind: &str, data: &[Value]) -> Value {
    json!({ "name": name, "shape": [data.len()], "datatype": kind, "data": data })
}

/// The text of an answer: the values of its first tensor, put together.
pub fn text(body: &Value) -> Option<String> {
    match body.pointer("/outputs/0/data")? {
        Value::Array(pieces) => pieces.iter().map(Value::as_str).collect(),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// The vectors of an answer: the rows of its tensors.
pub fn vectors(body: &Value, target: &Target) -> Result<Value, Error> {
    let facts = target.provider().facts();
    let unreadable = |why: &str| Error::unreadable(facts, body.to_string().as_bytes(), &why);
    let outputs = body.get("outputs").and_then(Value::as_array).ok_or_else(|| unreadable("no outputs"))?;
    let mut rows = Vec::new();
    for output in outputs {
        let data = output.get("data").and_then(Value::as_array).ok_or_else(|| unreadable("no data"))?;
        let width =
            output.pointer("/shape/1").and_then(Value::as_u64).and_then(|width| usize::try_from(width).ok());
        let width = width.filter(|width| *width > 0).ok_or_else(|| unreadable("no rows"))?;
        rows.extend(data.chunks(width).map(|row| Value::from(row.to_vec())));
    }
    let usage = list::usage(list::guess(target));
    Ok(list::list(rows.into_iter(), &target.deployment.model, &usage))
}
