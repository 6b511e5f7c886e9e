//! Cloudflare Workers AI. <https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "cloudflare",
            name: "Cloudflare",
            docs: "https://developers.cloudflare.com/workers-ai/configuration/open-ai-compatibility/",
            base_url: "",
            key_env: "CLOUDFLARE_API_KEY",
            base_env: "CLOUDFLARE_API_BASE",
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }

    /// The addresses of its older API lead to the new one.
    fn whole_path(&self, target: &Target) -> Option<String> {
        let path = target.deployment.path("");
        let account = path.strip_suffix("/ai/run")?;
        Some(format!("{account}/ai/v1{}", target.wire().path(target)))
    }
}
