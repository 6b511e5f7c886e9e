//! `OpenAI`'s format. <https://platform.openai.com/docs/api-reference/images/create>

use super::nothing_drawn;
use crate::{
    error::Error,
    operation::Operation,
    wire::{Decoder, Target, Wire, openai, vectors},
};
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

/// What an answer says beside images and usage.
const SAID: [&str; 5] = ["background", "created", "output_format", "quality", "size"];

impl Wire for This {
    fn path(&self, _target: &Target) -> String {
        "/images/generations".into()
    }

    fn headers(&self, asked: &Map<String, Value>, target: &Target) -> Vec<(String, String)> {
        openai::This.headers(asked, target)
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Images
    }

    /// Images are not given piece by piece.
    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        for streams in ["stream", "partial_images"] {
            asked.shift_remove(streams);
        }
        target.provider().fit_images(&mut asked, target)?;
        Ok(asked.into())
    }

    fn answer(&self, mut body: Value, target: &Target) -> Result<Value, Error> {
        let Some(data) = body.get_mut("data").filter(|data| data.is_array()).map(Value::take) else {
            return Err(nothing_drawn(&body, target));
        };
        let mut out = Map::new();
        for name in SAID {
            let value = body.get_mut(name).map(Value::take).filter(|value| !value.is_null());
            out.extend(value.map(|value| (name.to_owned(), value)));
        }
        out.entry("created").or_insert_with(|| target.now.into());
        out.insert("data".into(), data);
        out.insert("usage".into(), usage(body.get_mut("usage").map(Value::take)));
        Ok(out.into())
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

/// The usage, with every count that clients expect. Models that are paid for by the image report none.
fn usage(given: Option<Value>) -> Value {
    let mut usage = match given {
        Some(Value::Object(usage)) => usage,
        _ => Map::new(),
    };
    usage.retain(|_, value| !value.is_null());
    let count = |usage: &Map<String, Value>, name: &str| usage.get(name).and_then(Value::as_u64).unwrap_or(0);
    let total = count(&usage, "input_tokens").saturating_add(count(&usage, "output_tokens"));
    for (name, value) in [
        ("input_tokens", json!(0)),
        ("input_tokens_details", json!({ "image_tokens": 0, "text_tokens": 0 })),
        ("output_tokens", json!(0)),
        ("total_tokens", json!(total)),
    ] {
        usage.entry(name).or_insert(value);
    }
    usage.into()
}
