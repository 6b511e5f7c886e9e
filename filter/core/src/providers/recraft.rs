//! Recraft, for images. <https://www.recraft.ai/docs/api-reference/endpoints>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "recraft",
            name: "Recraft",
            docs: "https://www.recraft.ai/docs/api-reference/endpoints",
            base_url: "https://external.api.recraft.ai/v1",
            key_env: "RECRAFT_API_KEY",
            base_env: "RECRAFT_API_BASE",
            draws: &["n", "response_format", "size", "style"],
            ..Facts::OPENAI
        }
    }

    /// Images are all that its documents promise; they are paid for one by one.
    fn dress(&self, answer: &mut Map<String, Value>, _target: &Target) {
        for image in answer.get_mut("data").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Value::Object(image) = image {
                image.retain(|name, _| matches!(name.as_str(), "b64_json" | "url"));
            }
        }
        answer.insert("usage".into(), images::usage_of(0, 0, 0));
    }
}
