//! `ElevenLabs`. <https://elevenlabs.io/docs/api-reference>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "elevenlabs",
            name: "Elevenlabs",
            docs: "https://elevenlabs.io/docs/api-reference",
            base_url: "https://api.elevenlabs.io",
            key_env: "ELEVENLABS_API_KEY",
            base_env: "ELEVENLABS_API_BASE",
            auth: Auth::Header("xi-api-key"),
            format: Format::ElevenLabs,
            ..Facts::OPENAI
        }
    }
}
