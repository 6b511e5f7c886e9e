//! What a model thought, and the signature that lets it go on from there. To clients that is a part with a
//! `thoughtSignature`, whose bytes are base64: another vendor's signature travels in them as JSON.
//! <https://ai.google.dev/gemini-api/docs/thought-signatures>

use super::{object, text};
use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use serde_json::{Map, Value, json};

/// Google's own clients write base64 in the alphabet for URLs, whatever they have read.
const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A part of a thought.
pub fn part(thought: &str, signature: Option<String>) -> Value {
    let mut part = object([("text", thought.into()), ("thought", true.into())]);
    if let (Some(signature), Some(part)) = (signature, part.as_object_mut()) {
        part.insert("thoughtSignature".into(), signature.into());
    }
    part
}

/// The signature of a thinking block; `None` where it has none.
pub fn signature(block: &Value) -> Option<String> {
    let seal: Map<String, Value> = ["signature", "data"]
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), block.get(*name)?.clone())))
        .filter(|(_, value)| value.as_str().is_some_and(|text| !text.is_empty()))
        .collect();
    (!seal.is_empty()).then(|| STANDARD.encode(json!(seal).to_string()))
}

/// The thinking block that a part stands for; `None` where nobody has signed it but Google.
pub fn block(thought: &str, signature: &str) -> Option<Value> {
    let plain: String = signature
        .chars()
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            c => c,
        })
        .collect();
    let seal: Value = serde_json::from_slice(&TOLERANT.decode(plain).ok()?).ok()?;
    match (text(&seal, "signature"), text(&seal, "data")) {
        ("", "") => None,
        ("", data) => Some(object([("type", "redacted_thinking".into()), ("data", data.into())])),
        (signature, _) => Some(object([
            ("type", "thinking".into()),
            ("thinking", thought.into()),
            ("signature", signature.into()),
        ])),
    }
}
