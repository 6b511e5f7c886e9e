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
            ..Facts::OPENAI
        }
    }
}
