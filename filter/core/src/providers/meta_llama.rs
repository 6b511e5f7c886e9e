//! Meta's Llama API. <https://llama.developer.meta.com/docs/features/compatibility/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "meta_llama",
            name: "Meta_llama",
            docs: "https://llama.developer.meta.com/docs/features/compatibility/",
            base_url: "https://api.llama.com/compat/v1",
            key_env: "LLAMA_API_KEY",
            base_env: "LLAMA_API_BASE",
            completes: true,
            ..Facts::OPENAI
        }
    }

    /// Of the formats for answers only schemas work.
    fn fit(&self, chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        let kind = chat.get("response_format").and_then(|format| format.get("type")?.as_str());
        if kind.is_some_and(|kind| kind != "json_schema") {
            chat.shift_remove("response_format");
        }
        Ok(())
    }

    fn reads(&self, has: &dyn Fn(&str) -> bool) -> bool {
        has("response_format")
    }
}
