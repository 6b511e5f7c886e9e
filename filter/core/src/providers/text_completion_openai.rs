//! `OpenAI`'s models that go on with texts. <https://platform.openai.com/docs/api-reference/completions>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "text-completion-openai",
            docs: "https://platform.openai.com/docs/api-reference/completions",
            format: Format::Completions,
            asks_usage: true,
            ..Facts::OPENAI
        }
    }
}
