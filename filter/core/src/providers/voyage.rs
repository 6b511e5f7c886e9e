//! Voyage AI, for embeddings. <https://docs.voyageai.com/reference/embeddings-api>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "voyage",
            name: "Voyage",
            docs: "https://docs.voyageai.com/reference/embeddings-api",
            base_url: "https://api.voyageai.com/v1",
            key_env: "VOYAGE_API_KEY",
            base_env: "VOYAGE_API_BASE",
            formats: &[(Operation::Rerank, Format::Rerank)],
            embeds: &["dimensions", "encoding_format"],
            ..Facts::OPENAI
        }
    }

    fn path(&self, target: &Target) -> Option<String> {
        if target.call.operation == Operation::Rerank {
            return Some(rerank::path_below(target.deployment, "/v1"));
        }
        is_contextual(target.deployment).then(|| "/contextualizedembeddings".into())
    }

    fn fit_embeddings(&self, asked: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        check_embeddings(asked, deployment, self.facts().embeds)?;
        if let Some(length) = asked.shift_remove("dimensions") {
            asked.insert("output_dimension".into(), length);
        }
        if is_contextual(deployment) {
            ask_in_context(asked);
        }
        Ok(())
    }

    fn reads(&self, _has: &dyn Fn(&str) -> bool) -> bool {
        true
    }

    fn fit_rerank(&self, asked: &mut Map<String, Value>, _target: &Target) -> Result<(), Error> {
        rerank::keep(asked, self.facts().reranks);
        if let Some(count) = asked.shift_remove("top_n") {
            asked.insert("top_k".into(), count);
        }
        Ok(())
    }
}

/// <https://docs.voyageai.com/reference/contextualized-embeddings-api>
fn is_contextual(deployment: &Deployment) -> bool {
    deployment.model.contains("context")
}

/// Texts are documents, which it cuts into pieces itself; tokens are cut already.
fn ask_in_context(asked: &mut Map<String, Value>) {
    let Some(input) = asked.shift_remove("input") else { return };
    let inputs = if input.is_string() { json!([input]) } else { input };
    let texts = inputs.as_array().is_some_and(|inputs| inputs.iter().all(Value::is_string));
    asked.insert("inputs".into(), inputs);
    if texts {
        for (name, default) in [
            ("enable_auto_chunking", json!(true)),
            ("chunk_size", json!(32_000)),
            ("input_type", json!("document")),
        ] {
            asked.entry(name).or_insert(default);
        }
    }
}
