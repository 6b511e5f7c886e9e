//! What formats that draw images have in common. The internal form is `OpenAI`'s.
//! <https://platform.openai.com/docs/api-reference/images/create>

pub mod chat;
pub mod gemini;
pub mod imagen;
pub mod openai;
mod ratio;

use super::Target;
use crate::{
    error::Error,
    parameters::{strings, unsupported_error},
};
use serde_json::{Map, Value, json};

/// What the API takes beside model and prompt and not every model knows, in the order it is refused in.
pub const PARAMETERS: &[&str] = &["n", "quality", "response_format", "size", "style", "user"];

/// Refuses (or drops, where the deployment says `drop_params`) the parameters of the API that a model does not take.
pub fn admit(
    asked: &mut Map<String, Value>,
    target: &Target,
    takes: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    let deployment = target.deployment;
    let allowed = |name: &str| {
        takes(name) || strings(deployment.params.get("allowed_openai_params")).any(|allowed| allowed == name)
    };
    if asked.get("n").and_then(Value::as_u64) == Some(1) && !allowed("n") {
        asked.shift_remove("n"); // one is what it gives
    }
    for name in PARAMETERS.iter().filter(|name| !allowed(name)) {
        if asked.contains_key(*name) && !deployment.switch("drop_params") {
            let (slug, model) = (deployment.provider().facts().slug, &deployment.model);
            return Err(unsupported_error(format!(
                "Setting `{name}` is not supported by {slug}, {model}. To drop it from the call, set \
                 `litellm.drop_params = True`."
            )));
        }
        asked.shift_remove(*name);
    }
    Ok(())
}

/// Width and height in pixels; `None` where the model is to choose.
pub fn dimensions(size: Option<&Value>) -> Result<Option<(u32, u32)>, Error> {
    let Some(size) = size.and_then(Value::as_str).filter(|size| *size != "auto") else { return Ok(None) };
    pixels(size).map(Some).ok_or_else(|| {
        let message = format!("litellm.BadRequestError: size: must be WIDTHxHEIGHT or auto, not {size}");
        Error { param: Some("size".into()), ..Error::invalid(message) }
    })
}

/// Width and height in a size such as `1024x1024`.
pub fn pixels(size: &str) -> Option<(u32, u32)> {
    let (width, height) = size.split_once(['x', 'X'])?;
    let sides = (width.trim().parse().ok()?, height.trim().parse().ok()?);
    (sides.0 > 0 && sides.1 > 0).then_some(sides)
}

/// The prompt of a request, taken out of it.
fn prompt(asked: &mut Map<String, Value>) -> Value {
    asked.shift_remove("prompt").unwrap_or_default()
}

/// An answer in the internal form, of images in base64.
pub fn drawn<'a>(images: impl Iterator<Item = &'a str>, usage: Option<Value>, target: &Target) -> Value {
    let image = |image: &str| Value::from(Map::from_iter([("b64_json".to_owned(), image.into())]));
    answer(images.map(image).collect(), usage.unwrap_or_else(|| usage_of(0, 0, 0)), target)
}

/// An answer in the internal form.
fn answer(data: Vec<Value>, usage: Value, target: &Target) -> Value {
    let mut answer = Map::new();
    answer.insert("created".into(), target.now.into());
    answer.insert("data".into(), data.into());
    answer.insert("usage".into(), usage);
    answer.into()
}

/// The usage of an answer: tokens of the prompt's text, of images, and all there are.
pub fn usage_of(input: u64, output: u64, total: u64) -> Value {
    json!({
        "input_tokens": input,
        "input_tokens_details": { "image_tokens": 0, "text_tokens": input },
        "output_tokens": output,
        "total_tokens": total,
    })
}

/// What is wrong with an answer that has no images.
pub fn nothing_drawn(body: &Value, target: &Target) -> Error {
    let facts = target.provider().facts();
    match body.get("error") {
        Some(error) if !error.is_null() => Error::inside(facts, body),
        _ => Error::unreadable(facts, body.to_string().as_bytes(), &"no images"),
    }
}
