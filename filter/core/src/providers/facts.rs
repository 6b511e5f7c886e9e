//! What differs between providers in value.

use crate::{
    deployment::Deployment,
    media::Kind,
    operation::Operation,
    wire::{
        Format, images,
        openai::{Rules, families},
    },
};

/// Names of parameters, in groups: `takes: &[BASIC, TOOLS, &["seed"]]`.
pub type Parameters = &'static [&'static [&'static str]];

/// A provider, as far as values describe it.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// Its name in `model: slug/…`, in prices and in the ledger.
    pub slug: &'static str,
    /// Its name for people, and in `LiteLLM`'s error messages (`OpenAIException`).
    pub name: &'static str,
    /// The vendor's API reference.
    pub docs: &'static str,
    /// Where it is, without a trailing slash; empty when only the deployment's `api_base` can tell.
    pub base_url: &'static str,
    /// The environment variable its key is usually in; empty when it has none of its own.
    pub key_env: &'static str,
    /// The environment variable that moves `base_url`.
    pub base_env: &'static str,
    /// Settings of a deployment that are usually in the environment, and the variables.
    pub variables: &'static [(&'static str, &'static str)],
    /// How it wants the key.
    pub auth: Auth,
    /// Whose tokens it takes in place of a key.
    pub tokens: Tokens,
    /// The wire format it speaks.
    pub format: Format,
    /// The formats of operations that it has another for than follows from that one.
    pub formats: &'static [(Operation, Format)],
    /// It has `OpenAI`'s Responses API, too, below its base URL.
    pub responses: bool,
    /// Headers that go with every request.
    pub headers: &'static [(&'static str, &'static str)],
    /// The parameters of `OpenAI`'s chat API that it takes. Others of that API are refused (or dropped, where the
    /// deployment says so); names that the API does not know pass through.
    pub takes: Parameters,
    /// The ones it takes only with models that have a capability (`supports_…` in the price table).
    pub gated: &'static [(&'static str, &'static [&'static str])],
    /// Its own names for some of them: `OpenAI`'s, and its.
    pub renames: &'static [(&'static str, &'static str)],
    /// The optional parameters of `OpenAI`'s embeddings API that it takes.
    pub embeds: &'static [&'static str],
    /// The parameters of Cohere's rerank API that it takes beside model, query and documents.
    pub reranks: &'static [&'static str],
    /// The optional parameters of `OpenAI`'s image API that it takes.
    pub draws: &'static [&'static str],
    /// The optional parameters of `OpenAI`'s transcription API that it takes.
    pub transcribes: &'static [&'static str],
    /// Has text completions of its own, beside chat.
    pub completes: bool,
    /// Is asked for the usage of a stream whether or not the client asks: it says nothing of itself, and is known to
    /// understand the question. The ledger counts; without an answer it estimates.
    pub asks_usage: bool,
    /// Where what it says beside choices and usage (`system_fingerprint`, `citations`) reaches the client.
    pub extras: Extras,
    /// What it does not understand in messages.
    pub messages: Rules,
}

impl Facts {
    /// What most of the field imitates.
    pub const OPENAI: Self = Self {
        slug: "openai",
        name: "OpenAI",
        docs: "https://platform.openai.com/docs/api-reference",
        base_url: "https://api.openai.com/v1",
        key_env: "OPENAI_API_KEY",
        base_env: "OPENAI_BASE_URL",
        variables: &[],
        auth: Auth::Bearer,
        tokens: Tokens::None,
        format: Format::OpenAi,
        formats: &[],
        responses: false,
        headers: &[],
        takes: &[TEXT, ALL_TOOLS],
        gated: &[],
        renames: &[],
        embeds: EMBEDS,
        reranks: &["return_documents", "top_n"],
        draws: images::PARAMETERS,
        transcribes: TRANSCRIBES,
        completes: false,
        asks_usage: false,
        extras: Extras::Everywhere,
        messages: Rules::PLAIN,
    };

    /// The format of an operation, where it is one of its own.
    pub fn format_of(&self, operation: Operation) -> Option<Format> {
        match operation {
            Operation::Completions if self.completes => Some(Format::Completions),
            Operation::Responses if self.responses => Some(Format::Responses),
            _ => self.formats.iter().find(|(of, _)| *of == operation).map(|(_, format)| *format),
        }
    }

    /// Whether it takes a parameter of `OpenAI`'s chat API.
    pub fn takes(&self, parameter: &str, deployment: &Deployment) -> bool {
        match self.gated.iter().find(|(_, gated)| gated.contains(&parameter)) {
            Some((capability, _)) => deployment.supports(capability) == Some(true),
            // Whoever passes a model of OpenAI's on passes this on, too.
            None if parameter == "user" && families::is_openais(&deployment.model) => true,
            None => self.takes.iter().any(|group| group.contains(&parameter)),
        }
    }
}

/// Where a provider's fields beside `OpenAI`'s reach the client: as with `LiteLLM`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extras {
    /// In answers and in chunks.
    Everywhere,
    /// In whole answers only.
    InAnswers,
    /// Neither.
    Nowhere,
}

/// The header a key goes into. The filter never holds the key; the control plane gives Envoy this shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// `authorization: Bearer <key>`
    Bearer,
    /// `<name>: <key>`
    Header(&'static str),
    /// `authorization: <scheme> <key>`; the scheme with its space.
    Scheme(&'static str),
    /// AWS Signature Version 4 over the finished request, for the service named; where the deployment has an API key
    /// instead, `authorization: Bearer <key>`. The region is the one in the deployment's address.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>
    Aws(&'static str),
    /// A signature of the finished request by the deployment's private key, which the control plane makes: RSA over the
    /// date, the head and the body's hash. <https://datatracker.ietf.org/doc/html/draft-cavage-http-signatures-08>
    HttpSignature,
}

/// What an upstream fetches of what a request names by its address.
#[derive(Debug, Clone, Copy)]
pub enum Fetches {
    /// All of it, or the address means nothing to it.
    Everything,
    /// Images, but no documents: `OpenAI`'s chat API knows those by their content, or by the id of an upload.
    Images,
    /// Some addresses.
    Only(fn(&str) -> bool),
    /// None of it.
    Nothing,
}

impl Fetches {
    /// What stands in any body that names something else; `None` where there is nothing else.
    pub fn all_but(self) -> Option<&'static [u8]> {
        match self {
            Self::Everything => None,
            Self::Images => Some(b"\"file\""),
            Self::Only(_) | Self::Nothing => Some(b"\"http"),
        }
    }

    /// Whether it fetches this.
    pub fn from(self, url: &str, kind: Kind) -> bool {
        match self {
            Self::Everything => true,
            Self::Images => kind == Kind::Image,
            Self::Only(some) => some(url),
            Self::Nothing => false,
        }
    }
}

/// Who issues the short-lived tokens a provider takes, always as `authorization: Bearer <token>`. The control plane has
/// them issued and gives them to Envoy; the filter never sees one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tokens {
    /// Nobody: it has keys only.
    None,
    /// A Databricks workspace, to service principals.
    Databricks,
    /// Microsoft Entra, to applications.
    Entra,
    /// `GitHub`, for Copilot, to whoever has logged in.
    GitHubCopilot,
    /// Google, to service accounts, users and machines.
    Google,
    /// IBM Cloud's IAM, for an API key.
    Ibm,
    /// SAP's authorization service, for a service key.
    Sap,
    /// Whoever has the private key of a Snowflake user.
    Snowflake,
}

/// What the embeddings API takes beside `model` and `input`.
pub const EMBEDS: &[&str] = &["dimensions", "encoding_format", "user"];

/// What the transcription API takes beside `model` and `file`.
pub const TRANSCRIBES: &[&str] =
    &["language", "prompt", "response_format", "temperature", "timestamp_granularities"];

/// What nearly every model takes.
pub const BASIC: &[&str] = &["max_completion_tokens", "max_tokens", "stream", "temperature", "top_p"];
/// Penalties for repetition.
pub const PENALTIES: &[&str] = &["frequency_penalty", "presence_penalty"];
/// Tools.
pub const TOOLS: &[&str] = &["tools", "tool_choice"];
/// Tools, in every way `OpenAI` has ever had them.
pub const ALL_TOOLS: &[&str] = &["function_call", "functions", "parallel_tool_calls", "tool_choice", "tools"];
/// How much a model thinks: `OpenAI`'s way and Anthropic's.
pub const REASONING: &[&str] = &["reasoning_effort", "thinking"];
/// Probabilities of tokens.
pub const PROBABILITIES: &[&str] = &["logit_bias", "logprobs", "top_logprobs"];

/// Everything but tools.
pub const TEXT: &[&str] = &[
    "audio",
    "frequency_penalty",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "modalities",
    "n",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_retention",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "top_logprobs",
    "top_p",
    "web_search_options",
];
