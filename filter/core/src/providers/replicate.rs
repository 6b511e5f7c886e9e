//! Replicate. <https://replicate.com/docs/reference/http>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    /// Not every model has the same name for the most it says.
    fn fit(&self, chat: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        let of = |words: &[&str]| words.iter().any(|word| deployment.model.contains(word));
        let name = match () {
            () if of(&["vicuna", "flan"]) => "max_length",
            () if of(&["meta/codellama-13b"]) => "max_tokens",
            () => "max_new_tokens",
        };
        if let Some(most) = chat.shift_remove("max_tokens") {
            chat.insert(name.into(), most);
        }
        Ok(())
    }

    /// A fault of its own is one that passes.
    fn error(&self, status: u16, body: &[u8]) -> Option<Error> {
        (status == 500).then(|| Error::upstream(&FACTS, 503, body))
    }
}

const FACTS: Facts = Facts {
    slug: "replicate",
    name: "Replicate",
    docs: "https://replicate.com/docs/reference/http",
    base_url: "https://api.replicate.com/v1",
    key_env: "REPLICATE_API_KEY",
    base_env: "REPLICATE_API_BASE",
    auth: Auth::Scheme("Token "),
    format: Format::Replicate,
    // A prediction goes on by itself. It is waited for as long as the vendor lets one wait, in seconds, and not longer.
    headers: &[("prefer", "wait=60"), ("cancel-after", "65s")],
    takes: &[
        &["function_call", "functions", "max_tokens", "seed", "stop", "stream", "temperature"],
        &["tool_choice", "tools", "top_p"],
    ],
    renames: &[("stop", "stop_sequences")],
    ..Facts::OPENAI
};
