//! Azure's model catalog (Foundry). <https://learn.microsoft.com/en-us/rest/api/aifoundry/modelinference/>
use super::{azure, prelude::*};
use crate::wire::openai;

pub struct This;

impl Provider for This {
    fn facts(&self) -> &'static Facts {
        &Facts {
            slug: "azure_ai",
            name: "Azure_ai",
            docs: "https://learn.microsoft.com/en-us/rest/api/aifoundry/modelinference/",
            base_url: "",
            key_env: "AZURE_AI_API_KEY",
            base_env: "AZURE_AI_API_BASE",
            formats: &[(Operation::Rerank, Format::Rerank)],
            reranks: &["max_chunks_per_doc", "rank_fields", "return_documents", "top_n"],
            tokens: Tokens::Entra,
            auth: Auth::Header("api-key"),
            gated: &[("supports_tool_choice", &["tool_choice"])],
            messages: Rules {
                content: Content::TextIfPlain,
                unknown: &["reasoning_content", "thinking_blocks"],
                ..Rules::PLAIN
            },
            ..Facts::OPENAI
        }
    }

    fn auth(&self, deployment: &Deployment) -> Auth {
        match host(deployment) {
            _ if is_claude(deployment) => Auth::Header("x-api-key"),
            Host::Serverless => Auth::Bearer,
            Host::Foundry | Host::OpenAi => self.facts().auth,
        }
    }

    fn format(&self, deployment: &Deployment) -> Format {
        if is_claude(deployment) { Format::Anthropic } else { Format::OpenAi }
    }

    fn whole_path(&self, target: &Target) -> Option<String> {
        let deployment = target.deployment;
        match target.call.operation {
            Operation::Images => return Some(azure::path(target)),
            Operation::Rerank => return Some(deployment.path(&rerank::path_below(deployment, "/v1"))),
            _ if host(deployment) == Host::OpenAi => return Some(azure::path(target)),
            _ => {}
        }
        let path = deployment.path(&path(target));
        let version = deployment.params.get("api_version").and_then(Value::as_str);
        Some(version.map_or(path.clone(), |version| format!("{path}?api-version={version}")))
    }

    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        match parameter {
            name if host(deployment) == Host::OpenAi => azure::This.takes(name, deployment),
            "stop" => !deployment.model.contains("grok"),
            name => self.facts().takes(name, deployment),
        }
    }

    fn reads(&self, has: &dyn Fn(&str) -> bool) -> bool {
        has("input")
    }

    /// Images are embedded apart from texts.
    fn fit_embeddings(&self, asked: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        check_embeddings(asked, deployment, self.facts().embeds)?;
        let inputs = match asked.get_mut("input") {
            Some(Value::Array(inputs)) => inputs.as_mut_slice(),
            Some(input) => std::slice::from_mut(input),
            None => return Ok(()),
        };
        let images = inputs.iter().filter(|input| is_image(&input.to_string())).count();
        if images == 0 || host(deployment) == Host::OpenAi {
            return Ok(());
        }
        if images < inputs.len() {
            return Err(Error::invalid("litellm.BadRequestError: input: must be texts or images, not both"));
        }
        let images: Value = inputs.iter_mut().map(|image| json!({ "image": image.take() })).collect();
        asked.insert("input".into(), images);
        asked.shift_remove("model");
        Ok(())
    }

    fn rules(&self, deployment: &Deployment) -> Rules {
        let content = if host(deployment) == Host::OpenAi { Content::Parts } else { Content::TextIfPlain };
        Rules { content, ..self.facts().messages }
    }

    /// Models that draw are deployed as those of `OpenAI` are.
    fn draws(&self, parameter: &str, deployment: &Deployment) -> bool {
        azure::This.draws(parameter, deployment)
    }

    fn fit_images(&self, asked: &mut Map<String, Value>, target: &Target) -> Result<(), Error> {
        azure::This.fit_images(asked, target)
    }

    fn dress(&self, answer: &mut Map<String, Value>, target: &Target) {
        azure::This.dress(answer, target);
    }
}

/// Three generations of addresses.
#[derive(PartialEq, Eq)]
enum Host {
    /// `https://….services.ai.azure.com`
    Foundry,
    /// `https://….openai.azure.com`
    OpenAi,
    /// `https://….models.ai.azure.com`, or anything else.
    Serverless,
}

fn host(deployment: &Deployment) -> Host {
    let base = deployment.base_url();
    match &*base {
        base if base.contains(".services.ai.azure.com") => Host::Foundry,
        base if base.contains(".openai.azure.com") => Host::OpenAi,
        _ => Host::Serverless,
    }
}

fn path(target: &Target) -> String {
    let base = target.deployment.base_url();
    if is_claude(target.deployment) {
        return if base.ends_with("/anthropic") { "/v1/messages" } else { "/anthropic/v1/messages" }.into();
    }
    let below = match target.call.operation {
        Operation::Embeddings if target.call.field("input").is_some_and(is_image) => "/images/embeddings",
        operation => openai::path(operation),
    };
    let models = host(target.deployment) == Host::Foundry && !base.ends_with("/models");
    if models { format!("/models{below}") } else { below.into() }
}

/// Whether an input to embed, as JSON, begins with an image: those have an address of their own.
/// <https://learn.microsoft.com/en-us/rest/api/aifoundry/model-inference/get-image-embeddings>
fn is_image(input: &str) -> bool {
    input.trim_start_matches(['[', ' ', '\n', '\r', '\t']).starts_with("\"data:image/")
}

/// Spoken to in Anthropic's own format.
fn is_claude(deployment: &Deployment) -> bool {
    deployment.model.to_lowercase().contains("claude")
}
