//! Vercel's AI gateway. <https://vercel.com/docs/ai-gateway/openai-compat>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "vercel_ai_gateway",
            name: "Vercel_ai_gateway",
            docs: "https://vercel.com/docs/ai-gateway/openai-compat",
            base_url: "https://ai-gateway.vercel.sh/v1",
            key_env: "VERCEL_AI_GATEWAY_API_KEY",
            base_env: "VERCEL_AI_GATEWAY_API_BASE",
            ..Facts::OPENAI
        }
    }
}
