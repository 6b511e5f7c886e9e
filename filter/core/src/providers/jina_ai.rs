//! Jina AI, for embeddings. <https://api.jina.ai/redoc>
use super::prelude::*;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "jina_ai",
            name: "Jina_ai",
            docs: "https://api.jina.ai/redoc",
            base_url: "https://api.jina.ai/v1",
            key_env: "JINA_AI_API_KEY",
            base_env: "JINA_AI_API_BASE",
            formats: &[(Operation::Rerank, Format::Rerank)],
            embeds: &["dimensions"],
            ..Facts::OPENAI
        }
    }

    /// Images stand among the texts, without what a data URL has in front.
    fn fit_embeddings(&self, asked: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        check_embeddings(asked, deployment, self.facts().embeds)?;
        let inputs = asked.get_mut("input").and_then(Value::as_array_mut);
        for input in inputs.into_iter().flatten() {
            let image = input.as_str().filter(|text| text.starts_with("data:image/"));
            if let Some((_, image)) = image.and_then(|url| url.split_once(";base64,")) {
                *input = json!({ "image": image });
            }
        }
        Ok(())
    }

    fn reads(&self, has: &dyn Fn(&str) -> bool) -> bool {
        has("input")
    }

    fn path(&self, target: &Target) -> Option<String> {
        (target.call.operation == Operation::Rerank).then(|| rerank::path_below(target.deployment, "/v1"))
    }

    fn dress(&self, answer: &mut Map<String, Value>, _target: &Target) {
        rerank::tell(answer, |_| json!({}));
    }
}
