//! `llamafile`. <https://github.com/Mozilla-Ocho/llamafile/blob/main/llama.cpp/server/README.md>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "llamafile",
            name: "Llamafile",
            docs: "https://github.com/Mozilla-Ocho/llamafile/blob/main/llama.cpp/server/README.md",
            base_url: "http://127.0.0.1:8080/v1",
            key_env: "LLAMAFILE_API_KEY",
            base_env: "LLAMAFILE_API_BASE",
            completes: true,
            ..Facts::OPENAI
        }
    }
}
