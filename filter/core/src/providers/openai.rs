//! `OpenAI`. <https://platform.openai.com/docs/api-reference>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts::OPENAI
    }
}
