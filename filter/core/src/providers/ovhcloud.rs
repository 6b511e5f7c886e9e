//! `OVHcloud`. <https://endpoints.ai.cloud.ovh.net/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "ovhcloud",
            name: "Ovhcloud",
            docs: "https://endpoints.ai.cloud.ovh.net/",
            base_url: "https://oai.endpoints.kepler.ai.cloud.ovh.net/v1",
            key_env: "OVHCLOUD_API_KEY",
            base_env: "OVHCLOUD_API_BASE",
            extras: Extras::InAnswers,
            ..Facts::OPENAI
        }
    }
}
