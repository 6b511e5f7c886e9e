//! Models that draw in the course of a chat. <https://openrouter.ai/docs/features/multimodal/image-generation>

use super::{answer, nothing_drawn, prompt, usage_of};
use crate::{
    error::Error,
    operation::Operation,
    wire::{Decoder, Target, Wire, vectors},
};
use serde_json::{Map, Value, json};

/// The format.
#[derive(Debug, Clone, Copy)]
pub struct This;

impl Wire for This {
    fn path(&self, _target: &Target) -> String {
        "/chat/completions".into()
    }

    fn supports(&self, operation: Operation) -> bool {
        operation == Operation::Images
    }

    fn request(&self, mut asked: Map<String, Value>, target: &Target) -> Result<Value, Error> {
        let prompt = prompt(&mut asked);
        target.provider().fit_images(&mut asked, target)?;
        let mut config = Map::new();
        if let Some(size) = asked.shift_remove("size") {
            config.insert("aspect_ratio".into(), ratio(size.as_str().unwrap_or_default()).into());
        }
        let quality = asked.shift_remove("quality").and_then(|quality| resolution(quality.as_str()?));
        config.extend(quality.map(|resolution| ("image_size".to_owned(), resolution.into())));
        if !config.is_empty() {
            asked.entry("image_config").or_insert_with(|| config.into());
        }
        for own in ["messages", "modalities", "stream"] {
            asked.shift_remove(own);
        }
        asked.insert("messages".into(), json!([{ "role": "user", "content": prompt }]));
        Ok(asked.into())
    }

    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error> {
        let Some(choices) = body.get("choices").and_then(Value::as_array) else {
            return Err(nothing_drawn(&body, target));
        };
        let images =
            choices.iter().filter_map(|choice| choice.pointer("/message/images")?.as_array()).flatten();
        let data: Vec<Value> =
            images.filter_map(|one| one.pointer("/image_url/url")?.as_str()).map(image).collect();
        let count = |path: &str| body.pointer(path).and_then(Value::as_u64).unwrap_or(0);
        let drawn = count("/usage/completion_tokens_details/image_tokens");
        let usage = usage_of(count("/usage/prompt_tokens"), drawn, count("/usage/total_tokens"));
        Ok(answer(data, usage, target))
    }

    fn decoder(&self, target: &Target) -> Box<dyn Decoder> {
        Box::new(vectors::Nothing(target.provider().facts()))
    }
}

/// An image by its address, which may hold it.
fn image(url: &str) -> Value {
    match url.strip_prefix("data:").and_then(|url| url.split_once(";base64,")) {
        Some((_, data)) => json!({ "b64_json": data }),
        None => json!({ "url": url }),
    }
}

/// The proportion of one of `OpenAI`'s sizes.
fn ratio(size: &str) -> &'static str {
    match size {
        "1536x1024" => "3:2",
        "1792x1024" => "16:9",
        "1024x1536" => "2:3",
        "1024x1792" => "9:16",
        _ => "1:1",
    }
}

/// A quality as a resolution.
fn resolution(quality: &str) -> Option<&'static str> {
    match quality {
        "auto" | "low" | "standard" => Some("1K"),
        "medium" => Some("2K"),
        "hd" | "high" => Some("4K"),
        _ => None,
    }
}
