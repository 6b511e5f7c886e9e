//! Oobabooga's text generation web UI. <https://github.com/oobabooga/text-generation-webui/wiki/12-%E2%80%90-OpenAI-API>
use super::prelude::*;
use crate::wire::openai;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "oobabooga",
            name: "Oobabooga",
            docs: "https://github.com/oobabooga/text-generation-webui/wiki/12-%E2%80%90-OpenAI-API",
            base_url: "",
            key_env: "OOBABOOGA_API_KEY",
            base_env: "OOBABOOGA_API_BASE",
            extras: Extras::Nowhere,
            ..Facts::OPENAI
        }
    }

    fn path(&self, target: &Target) -> Option<String> {
        Some(format!("/v1{}", openai::path(target.call.operation)))
    }

    fn fit_embeddings(&self, asked: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        refuse_embeddings(asked, deployment, &[], |list| {
            format!(
                "Setting {list} is not supported by oobabooga. To drop it from the call, set `litellm.drop_params = True`."
            )
        })
    }
}
