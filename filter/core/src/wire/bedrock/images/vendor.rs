//! What each vendor's models want.

use crate::{error::Error, wire::images::dimensions};
use serde_json::{Map, Value, json};

/// The vendors, as far as they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vendor {
    /// <https://docs.aws.amazon.com/nova/latest/userguide/image-gen-req-resp-structure.html>
    Canvas,
    /// <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-image.html>
    Titan,
    /// Stable Diffusion 3 and what came after it.
    /// <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-3-text-image.html>
    Stability,
    /// <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-diffusion-1-0-text-image.html>
    Sdxl,
}

impl Vendor {
    /// The vendor of a model, by its name without a region.
    pub fn of(family: &str) -> Option<Self> {
        let has = |name: &str| family.contains(name);
        match () {
            () if has("amazon.titan") => Some(Self::Titan),
            () if has("amazon.nova-canvas") => Some(Self::Canvas),
            () if has("sd3") || has("stable-image") => Some(Self::Stability),
            () if has("stability.") => Some(Self::Sdxl),
            () => None,
        }
    }

    /// The parameters of `OpenAI`'s API that it takes.
    pub fn takes(self) -> &'static [&'static str] {
        match self {
            Self::Canvas | Self::Titan => &["n", "quality", "size"],
            Self::Stability => &[],
            Self::Sdxl => &["size"],
        }
    }

    /// The body of a request.
    pub fn body(self, mut asked: Map<String, Value>) -> Result<Value, Error> {
        let prompt = asked.shift_remove("prompt").unwrap_or_default();
        let mut config = config(&mut asked)?;
        match self {
            Self::Canvas => Ok(canvas(prompt, config, asked)),
            Self::Titan => {
                let mut text = Map::new();
                text.insert("text".into(), prompt);
                text.extend(asked.shift_remove_entry("negativeText"));
                config.extend(fields(asked.shift_remove("imageGenerationConfig")));
                let task = asked.shift_remove("taskType").unwrap_or_else(|| "TEXT_IMAGE".into());
                Ok(json!({ "taskType": task, "textToImageParams": text, "imageGenerationConfig": config }))
            }
            Self::Stability => {
                asked.insert("prompt".into(), prompt);
                Ok(asked.into())
            }
            Self::Sdxl => {
                asked.extend(config);
                asked.insert("text_prompts".into(), json!([{ "text": prompt, "weight": 1 }]));
                Ok(asked.into())
            }
        }
    }
}

/// `OpenAI`'s parameters in Amazon's words.
fn config(asked: &mut Map<String, Value>) -> Result<Map<String, Value>, Error> {
    let mut config = Map::new();
    if let Some((width, height)) = dimensions(asked.shift_remove("size").as_ref())? {
        config.insert("width".into(), width.into());
        config.insert("height".into(), height.into());
    }
    config.extend(asked.shift_remove("n").map(|count| ("numberOfImages".to_owned(), count)));
    let quality = asked.shift_remove("quality");
    let quality = quality.as_ref().and_then(Value::as_str).and_then(|quality| match quality {
        "hd" | "high" | "premium" => Some("premium"),
        "low" | "medium" | "standard" => Some("standard"),
        _ => None,
    });
    config.extend(quality.map(|quality| ("quality".to_owned(), quality.into())));
    Ok(config)
}

/// Whatever else was asked for is about the image. The prompt belongs to what is to be done.
fn canvas(prompt: Value, mut config: Map<String, Value>, mut asked: Map<String, Value>) -> Value {
    let task = asked.shift_remove("taskType").unwrap_or_else(|| "TEXT_IMAGE".into());
    let place = match task.as_str() {
        Some("COLOR_GUIDED_GENERATION") => "colorGuidedGenerationParams",
        Some("INPAINTING") => "inPaintingParams",
        _ => "textToImageParams",
    };
    let mut what = Map::new();
    what.insert("text".into(), prompt);
    what.extend(fields(asked.shift_remove(place)));
    config.extend(fields(asked.shift_remove("imageGenerationConfig")));
    config.extend(asked);
    let mut body = Map::new();
    body.insert("taskType".into(), task);
    body.insert(place.into(), what.into());
    body.insert("imageGenerationConfig".into(), config.into());
    body.into()
}

fn fields(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}
