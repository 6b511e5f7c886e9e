//! Models of IBM watsonx.ai that go on with a text. <https://cloud.ibm.com/apidocs/watsonx-ai#text-generation>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "watsonx_text",
            name: "Watsonx_text",
            docs: "https://cloud.ibm.com/apidocs/watsonx-ai#text-generation",
            base_url: "",
            key_env: "WATSONX_API_KEY",
            base_env: "WATSONX_API_BASE",
            tokens: Tokens::Ibm,
            format: Format::WatsonxText,
            takes: &[&["frequency_penalty", "max_tokens", "seed", "stop", "stream", "temperature", "top_p"]],
            renames: &[
                ("frequency_penalty", "repetition_penalty"),
                ("max_tokens", "max_new_tokens"),
                ("min_tokens", "min_new_tokens"),
                ("seed", "random_seed"),
                ("stop", "stop_sequences"),
            ],
            embeds: &[],
            ..Facts::OPENAI
        }
    }

    /// Where it ends is a list, always.
    fn fit(&self, chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        if let Some(stop) = chat.get_mut("stop").filter(|stop| stop.is_string()) {
            *stop = json!([stop.take()]);
        }
        Ok(())
    }
}
