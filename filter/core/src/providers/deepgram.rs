//! Deepgram. <https://developers.deepgram.com/reference>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "deepgram",
            name: "Deepgram",
            docs: "https://developers.deepgram.com/reference",
            base_url: "https://api.deepgram.com/v1",
            key_env: "DEEPGRAM_API_KEY",
            base_env: "DEEPGRAM_API_BASE",
            auth: Auth::Scheme("Token "),
            format: Format::Deepgram,
            transcribes: &["language"],
            ..Facts::OPENAI
        }
    }
}
