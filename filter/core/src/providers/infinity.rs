//! Infinity, for embeddings. <https://michaelfeil.eu/infinity/>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "infinity",
            name: "Infinity",
            docs: "https://michaelfeil.eu/infinity/",
            base_url: "",
            key_env: "INFINITY_API_KEY",
            base_env: "INFINITY_API_BASE",
            formats: &[(Operation::Rerank, Format::Rerank)],
            reranks: &["max_chunks_per_doc", "rank_fields", "return_documents", "top_n"],
            embeds: &["dimensions", "encoding_format"],
            ..Facts::OPENAI
        }
    }
}
