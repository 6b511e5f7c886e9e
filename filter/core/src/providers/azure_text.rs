//! `OpenAI`'s models that go on with texts, at Azure.
//! <https://learn.microsoft.com/en-us/azure/ai-foundry/openai/reference#completions>
use super::{azure, prelude::*};

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "azure_text",
            name: "Azure",
            docs: "https://learn.microsoft.com/en-us/azure/ai-foundry/openai/reference#completions",
            base_url: "",
            key_env: "AZURE_API_KEY",
            base_env: "AZURE_API_BASE",
            auth: Auth::Header("api-key"),
            format: Format::Completions,
            asks_usage: true,
            ..Facts::OPENAI
        }
    }

    fn auth(&self, deployment: &Deployment) -> Auth {
        azure::This.auth(deployment)
    }

    fn price_names(&self, model: &str) -> Vec<String> {
        vec![format!("azure/{model}"), model.to_owned()]
    }

    fn whole_path(&self, target: &Target) -> Option<String> {
        Some(azure::path(target))
    }
}
