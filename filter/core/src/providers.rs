//! Who can be upstream: one file each, with facts and what differs from the wire format.

mod aws;
mod bridge;
mod facts;
pub mod json_tool;

use crate::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    parameters,
    wire::{Format, Target, images, openai::Rules, rerank},
};
pub use facts::{Auth, EMBEDS, Extras, Facts, Fetches, TRANSCRIBES, Tokens};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// One upstream: its facts, and only the steps in which it differs from its wire format.
pub trait Provider: Sync {
    /// What it is.
    fn facts(&self) -> &'static Facts;

    /// Where it is, as far as a deployment's model and `litellm_params` say. Without a trailing slash.
    fn base_url(&self, _model: &str, _params: &Map<String, Value>) -> Cow<'static, str> {
        self.facts().base_url.into()
    }

    /// The wire format a deployment's model is spoken to in.
    fn format(&self, _deployment: &Deployment) -> Format {
        self.facts().format
    }

    /// The wire format of one operation: another where the provider has a path of its own for it, or one that is nearer
    /// to the client's. A format that does not support the operation refuses it.
    fn format_for(&self, deployment: &Deployment, operation: Operation) -> Format {
        self.usual_format(deployment, operation)
    }

    /// The same as its facts have it: for those that differ in some operations only.
    fn usual_format(&self, deployment: &Deployment, operation: Operation) -> Format {
        self.facts().format_of(operation).unwrap_or_else(|| self.format(deployment).of(operation))
    }

    /// The wire format of one call: another where what is asked for needs it.
    fn format_of(&self, deployment: &Deployment, call: &Call) -> Format {
        self.format_for(deployment, call.operation)
    }

    /// The names under which the price table may know a model, best first.
    fn price_names(&self, model: &str) -> Vec<String> {
        vec![model.to_owned()]
    }

    /// How a deployment wants its key.
    fn auth(&self, _deployment: &Deployment) -> Auth {
        self.facts().auth
    }

    /// The region a signature is made for, where requests are signed.
    fn region(&self, _model: &str, _params: &Map<String, Value>) -> Option<String> {
        None
    }

    /// Path below the base URL, where it is not the format's own.
    fn path(&self, _target: &Target) -> Option<String> {
        None
    }

    /// The whole path and query, where they are not merely put behind the base URL.
    fn whole_path(&self, _target: &Target) -> Option<String> {
        None
    }

    /// Whether a model takes a parameter of `OpenAI`'s chat API.
    fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        self.facts().takes(parameter, deployment)
    }

    /// Its name where a chat request's parameters are refused.
    fn refuses_as(&self) -> &'static str {
        self.facts().slug
    }

    /// Makes what is left of a chat request's parameters fit, under `OpenAI`'s names. Messages and tools may be
    /// stand-ins, unless it `reads` them.
    fn fit(&self, _chat: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        Ok(())
    }

    /// Makes a request to the Responses API fit, as it goes up: the client's own, or one that was made of a chat.
    fn fit_responses(&self, _asked: &mut Map<String, Value>, _deployment: &Deployment) -> Result<(), Error> {
        Ok(())
    }

    /// Whether `fit` looks into messages or tools of a request that has certain parameters.
    fn reads(&self, _has: &dyn Fn(&str) -> bool) -> bool {
        false
    }

    /// The last touch to an answer, where there is one.
    fn finish(&self) -> Option<Finish> {
        None
    }

    /// Refuses what a model that embeds does not take, or drops it where the deployment says so.
    fn fit_embeddings(&self, asked: &mut Map<String, Value>, deployment: &Deployment) -> Result<(), Error> {
        parameters::check_embeddings(asked, deployment, self.facts().embeds)
    }

    /// Leaves out of a request for a ranking what a model does not take, or refuses it where the order would be another.
    fn fit_rerank(&self, asked: &mut Map<String, Value>, _target: &Target) -> Result<(), Error> {
        rerank::keep(asked, self.facts().reranks);
        Ok(())
    }

    /// Whether a model that draws takes an optional parameter of `OpenAI`'s image API.
    fn draws(&self, parameter: &str, _deployment: &Deployment) -> bool {
        self.facts().draws.contains(&parameter)
    }

    /// Refuses what a model that draws does not take, or drops it where the deployment says so.
    fn fit_images(&self, asked: &mut Map<String, Value>, target: &Target) -> Result<(), Error> {
        images::admit(asked, target, |name| self.draws(name, target.deployment))
    }

    /// The last touch to a ranking or to images, when what they cost is known: as `LiteLLM`'s clients know them.
    fn dress(&self, _answer: &mut Map<String, Value>, _target: &Target) {}

    /// Makes the settings of a transcription fit.
    fn fit_transcription(
        &self,
        asked: &mut Map<String, Value>,
        deployment: &Deployment,
    ) -> Result<(), Error> {
        parameters::check_transcription(asked, deployment, self.facts().transcribes)
    }

    /// An error answer, where it is not told as those of the format.
    fn error(&self, _status: u16, _body: &[u8]) -> Option<Error> {
        None
    }

    /// Tokens asked for by default, where that is not what the model can answer with.
    fn max_tokens(&self, _deployment: &Deployment) -> Option<u64> {
        None
    }

    /// What it fetches of what a request to a model names by its address. The rest is fetched for it; see `media`.
    fn fetches(&self, deployment: &Deployment) -> Fetches {
        match self.format(deployment) {
            Format::OpenAi | Format::SageMakerChat => Fetches::Images,
            _ => Fetches::Everything,
        }
    }

    /// The usage at the end of a stream says what it cost.
    fn tells_cost(&self, deployment: &Deployment) -> bool {
        self.format(deployment).wire().tells_cost()
    }

    /// `amend` or `hides` does something: what could pass as it is has to be looked at.
    fn amends(&self, _deployment: &Deployment) -> bool {
        false
    }

    /// The last changes to a body in its format, and to the headers beside it.
    fn amend(
        &self,
        _body: &mut Map<String, Value>,
        _headers: &mut Vec<(String, String)>,
        _target: &Target,
    ) -> Result<(), Error> {
        Ok(())
    }

    /// A field of answers, whole or streamed, that clients do not see.
    fn hides(&self, _deployment: &Deployment, _streamed: bool) -> Option<&'static str> {
        None
    }

    /// What the model does not understand in messages.
    fn rules(&self, _deployment: &Deployment) -> Rules {
        self.facts().messages
    }
}

/// The last touch to an answer.
#[derive(Debug, Clone, Copy)]
pub enum Finish {
    /// This step, to every whole answer.
    Always(fn(&mut Map<String, Value>)),
    /// A call of the tool that takes an answer in JSON becomes the answer, whole or streamed.
    JsonTool,
}

/// The provider with this slug.
pub fn find(slug: &str) -> Option<&'static dyn Provider> {
    let at = ALL.binary_search_by(|provider| provider.facts().slug.cmp(slug)).ok()?;
    ALL.get(at).copied()
}

/// Whether a row of the price table with this `litellm_provider` is a provider's: `bedrock_converse` is `bedrock`'s,
/// `cohere_chat` is `cohere`'s, `vertex_ai-language-models` is `vertex_ai`'s, `text-completion-openai` is `openai`'s too.
pub fn owns(slug: &str, owner: &str) -> bool {
    let rest =
        owner.strip_prefix("text-completion-").filter(|_| owner != slug).unwrap_or(owner).strip_prefix(slug);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-') || matches!(rest, "_chat" | "_converse"))
}

/// Whoever is not in the list speaks the language most of them speak.
pub fn fallback() -> &'static dyn Provider {
    &openai_like::This
}

macro_rules! providers {
    ($($name:ident),+ $(,)?) => {
        $(mod $name;)+
        /// Every provider, sorted by slug.
        pub static ALL: &[&dyn Provider] = &[$(&$name::This),+];
    };
}

providers! {
    ai21,
    ai21_chat,
    aiml,
    amazon_nova,
    anthropic,
    azure,
    azure_ai,
    azure_text,
    baseten,
    bedrock,
    cerebras,
    cloudflare,
    codestral,
    cohere,
    cohere_chat,
    cometapi,
    compactifai,
    dashscope,
    databricks,
    datarobot,
    deepgram,
    deepinfra,
    deepseek,
    docker_model_runner,
    elevenlabs,
    empower,
    featherless_ai,
    fireworks_ai,
    friendliai,
    galadriel,
    gemini,
    github,
    github_copilot,
    gradient_ai,
    groq,
    heroku,
    hosted_vllm,
    huggingface,
    hyperbolic,
    inception,
    infinity,
    jina_ai,
    lambda_ai,
    lemonade,
    litellm_proxy,
    llamafile,
    lm_studio,
    maritalk,
    meta_llama,
    minimax,
    mistral,
    modelscope,
    moonshot,
    morph,
    nano_gpt,
    nebius,
    novita,
    nscale,
    nvidia_nim,
    oci,
    ollama,
    ollama_chat,
    oobabooga,
    openai,
    openai_like,
    openrouter,
    ovhcloud,
    perplexity,
    poe,
    publicai,
    recraft,
    replicate,
    sagemaker,
    sagemaker_chat,
    sambanova,
    sap,
    scaleway,
    snowflake,
    synthetic,
    tencent,
    text_completion_codestral,
    text_completion_openai,
    together_ai,
    triton,
    v0,
    veniceai,
    vercel_ai_gateway,
    vertex_ai,
    volcengine,
    voyage,
    wandb,
    watsonx,
    watsonx_text,
    xai,
    xiaomi_mimo,
    xinference,
    zai,
}

mod prelude {
    pub(super) use super::{Facts, Finish, Provider, facts::*};
    pub(super) use crate::{
        call::Call,
        deployment::Deployment,
        error::Error,
        operation::Operation,
        parameters::{check_embeddings, check_transcription, refuse_embeddings, unsupported_error},
        wire::{
            Format, Target, images,
            openai::{Content, Rules},
            rerank,
        },
    };
    pub(super) use serde_json::{Map, Value, json};
    pub(super) use std::borrow::Cow;
}

#[cfg(test)]
mod tests;
