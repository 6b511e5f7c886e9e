//! The wire formats upstreams speak. Each translates to and from the internal form: `OpenAI`'s chat format as `LiteLLM`
//! shapes it (`reasoning_content`, `thinking_blocks`, `cache_control`, `provider_specific_fields`).

pub mod anthropic;
pub mod bedrock;
mod cohere;
pub mod completions;
pub mod converse;
pub mod deepgram;
pub mod elevenlabs;
pub mod gemini;
pub mod huggingface;
pub mod images;
mod json;
pub mod oci;
mod ollama;
pub mod openai;
pub mod predict;
mod prompts;
mod python;
mod references;
mod replicate;
pub mod rerank;
pub mod responses;
pub mod sagemaker;
pub mod sap;
pub mod synthesis;
mod texts;
pub mod triton;
mod vectors;
pub mod watsonx;

use crate::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    providers::{Facts, Provider},
    sse,
    translate::Outgoing,
};
use serde_json::{Map, Value};

/// What is being translated, and for whom.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The client's call.
    pub call: &'a Call,
    /// Where it goes.
    pub deployment: &'a Deployment,
    /// Unix seconds, for `created`.
    pub now: u64,
}

impl Target<'_> {
    /// The provider behind the deployment. An unknown one is spoken to as `openai_like`.
    pub fn provider(&self) -> &'static dyn Provider {
        self.deployment.provider()
    }

    /// The name of the wire format that the upstream is asked in.
    pub fn format(&self) -> Format {
        self.provider().format_of(self.deployment, self.call)
    }

    /// The wire format that the upstream is asked in.
    pub fn wire(&self) -> &'static dyn Wire {
        self.format().wire()
    }

    /// Path and query of the request.
    pub fn path(&self) -> String {
        let below = || self.deployment.path(&self.wire().path(self));
        self.provider().whole_path(self).unwrap_or_else(below)
    }
}

/// A wire format by name: what a provider's facts say it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// <https://platform.openai.com/docs/api-reference/chat>
    OpenAi,
    /// <https://platform.openai.com/docs/api-reference/completions>
    Completions,
    /// <https://docs.anthropic.com/en/api/messages>
    Anthropic,
    /// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html>
    Converse,
    /// Anthropic's, in the envelope of Bedrock's `InvokeModel`.
    /// <https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html>
    BedrockAnthropic,
    /// Converse's, in the same envelope.
    BedrockNova,
    /// `OpenAI`'s, in the same envelope.
    BedrockOpenAi,
    /// Prompts, in the same envelope.
    BedrockText,
    /// Texts and images to embed, in the same envelope.
    BedrockEmbeddings,
    /// <https://ai.google.dev/api/generate-content>
    Gemini,
    /// <https://huggingface.co/docs/inference-providers/tasks/feature-extraction>
    HuggingFace,
    /// <https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api>
    Predict,
    /// <https://platform.openai.com/docs/api-reference/responses>
    Responses,
    /// <https://docs.cohere.com/v2/reference/chat>
    Cohere,
    /// <https://docs.oracle.com/en-us/iaas/api/#/en/generative-ai-inference/20231130/datatypes/GenericChatRequest>
    OciGeneric,
    /// <https://docs.oracle.com/en-us/iaas/api/#/en/generative-ai-inference/20231130/datatypes/CohereChatRequest>
    OciCohere,
    /// <https://docs.oracle.com/en-us/iaas/api/#/en/generative-ai-inference/20231130/EmbedTextResult/EmbedText>
    OciEmbeddings,
    /// <https://docs.ollama.com/api/chat>
    OllamaChat,
    /// <https://docs.ollama.com/api/generate>
    OllamaGenerate,
    /// <https://replicate.com/docs/reference/http#predictions.create>
    Replicate,
    /// `OpenAI`'s, in AWS's event stream where it is streamed.
    /// <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointWithResponseStream.html>
    SageMakerChat,
    /// <https://docs.djl.ai/master/docs/serving/serving/docs/lmi/user_guides/lmi_input_output_schema.html>
    SageMakerText,
    /// <https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded>
    Deepgram,
    /// <https://elevenlabs.io/docs/api-reference/text-to-speech/convert>
    ElevenLabs,
    /// <https://cloud.google.com/text-to-speech/docs/reference/rest/v1/text/synthesize>
    Synthesis,
    /// <https://help.sap.com/docs/sap-ai-core/generative-ai/orchestration-workflow-v2>
    Sap,
    /// <https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_generate.html>
    Triton,
    /// Images, as `OpenAI` has them asked for. <https://platform.openai.com/docs/api-reference/images/create>
    OpenAiImages,
    /// Images in the course of a chat. <https://openrouter.ai/docs/features/multimodal/image-generation>
    ChatImages,
    /// Images of Gemini's. <https://ai.google.dev/gemini-api/docs/image-generation>
    GeminiImages,
    /// <https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/imagen-api>
    Imagen,
    /// Images, in the envelope of `InvokeModel`.
    BedrockImages,
    /// Ranking, as Cohere has it asked for. <https://docs.cohere.com/v2/reference/rerank>
    Rerank,
    /// <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_Rerank.html>
    BedrockRerank,
    /// <https://deepinfra.com/docs/inference>
    DeepInfraRerank,
    /// <https://cloud.google.com/generative-ai-app-builder/docs/ranking>
    DiscoveryRerank,
    /// <https://docs.api.nvidia.com/nim/reference/nvidia-llama-3_2-nv-rerankqa-1b-v2-infer>
    NvidiaRerank,
    /// <https://huggingface.github.io/text-embeddings-inference>
    TeiRerank,
    /// <https://cloud.ibm.com/apidocs/watsonx-ai#text-rerank>
    WatsonxRerank,
    /// <https://cloud.ibm.com/apidocs/watsonx-ai#text-embeddings>
    WatsonxEmbeddings,
    /// <https://cloud.ibm.com/apidocs/watsonx-ai#text-generation>
    WatsonxText,
}

impl Format {
    /// The format of an operation that those who speak this one have another request for.
    #[must_use]
    pub fn of(self, operation: Operation) -> Self {
        match (self, operation) {
            (Self::OpenAi, Operation::Images) => Self::OpenAiImages,
            (format, _) => format,
        }
    }

    /// Its translation.
    pub fn wire(self) -> &'static dyn Wire {
        match self {
            Self::OpenAi => &openai::This,
            Self::Completions => &completions::This,
            Self::Anthropic => &anthropic::This,
            Self::Converse => &converse::This,
            Self::BedrockAnthropic => &bedrock::anthropic::This,
            Self::BedrockNova => &bedrock::nova::This,
            Self::BedrockOpenAi => &bedrock::openai::This,
            Self::BedrockText => &bedrock::text::This,
            Self::BedrockEmbeddings => &bedrock::embeddings::This,
            Self::Gemini => &gemini::This,
            Self::HuggingFace => &huggingface::This,
            Self::Predict => &predict::This,
            Self::Responses => &responses::This,
            Self::Cohere => &cohere::This,
            Self::OciGeneric => &oci::generic::This,
            Self::OciCohere => &oci::cohere::This,
            Self::OciEmbeddings => &oci::embeddings::This,
            Self::OllamaChat => &ollama::Chat,
            Self::OllamaGenerate => &ollama::Generate,
            Self::Replicate => &replicate::This,
            Self::SageMakerChat => &sagemaker::chat::This,
            Self::SageMakerText => &sagemaker::text::This,
            Self::Deepgram => &deepgram::This,
            Self::ElevenLabs => &elevenlabs::This,
            Self::Synthesis => &synthesis::This,
            Self::Sap => &sap::This,
            Self::Triton => &triton::This,
            Self::OpenAiImages => &images::openai::This,
            Self::ChatImages => &images::chat::This,
            Self::GeminiImages => &images::gemini::This,
            Self::Imagen => &images::imagen::This,
            Self::BedrockImages => &bedrock::images::This,
            Self::Rerank => &rerank::cohere::This,
            Self::BedrockRerank => &bedrock::rerank::This,
            Self::DeepInfraRerank => &rerank::deepinfra::This,
            Self::DiscoveryRerank => &rerank::discovery::This,
            Self::NvidiaRerank => &rerank::nvidia::This,
            Self::TeiRerank => &rerank::tei::This,
            Self::WatsonxRerank => &watsonx::rerank::This,
            Self::WatsonxEmbeddings => &watsonx::embeddings::This,
            Self::WatsonxText => &watsonx::text::This,
        }
    }
}

/// How a streamed answer's bytes are cut into events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    Sse,
    /// AWS's event stream: binary, with checksums.
    EventStream,
    /// JSON, an event on each line.
    Lines,
    /// Server-sent events, cut anywhere into the frames of AWS's event stream.
    PayloadParts,
}

/// One wire format.
pub trait Wire: Sync {
    /// Path below the base URL.
    fn path(&self, target: &Target) -> String;
    /// Headers the format asks for on every request.
    fn headers(&self, _chat: &Map<String, Value>, _target: &Target) -> Vec<(String, String)> {
        Vec::new()
    }
    /// Puts the client's and the deployment's headers (`extra`) beside the format's: they win.
    fn join(&self, mut own: Vec<(String, String)>, extra: Vec<(String, String)>) -> Vec<(String, String)> {
        own.retain(|(name, _)| !extra.iter().any(|(other, _)| other == name));
        own.extend(extra);
        own
    }
    /// The format has a request for this operation.
    fn supports(&self, operation: Operation) -> bool {
        operation.is_chat()
    }
    /// From a chat request (its `model` already the upstream's) to the upstream's body.
    fn request(&self, chat: Map<String, Value>, target: &Target) -> Result<Value, Error>;
    /// From a whole successful answer to a `chat.completion`.
    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error>;
    /// From an answer with an error status.
    fn error(&self, facts: &Facts, status: u16, body: &[u8]) -> Error {
        Error::upstream(facts, status, body)
    }
    /// How its models speak, where they do.
    fn voice(&self) -> Option<Voice> {
        None
    }
    /// Writes down what is said, where the format has that.
    fn scribe(&self) -> Option<&'static dyn Scribe> {
        None
    }
    /// How its streamed answers are framed.
    fn framing(&self) -> Framing {
        Framing::Sse
    }
    /// The usage at the end of a stream says what it cost.
    fn tells_cost(&self) -> bool {
        true
    }
    /// For a streamed answer.
    fn decoder(&self, target: &Target) -> Box<dyn Decoder>;
}

/// What a format's models speak by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// `Wire::request` takes a request of `OpenAI`'s speech API. The answer is the sound.
    Sound,
    /// As `Sound`, but the answer holds the sound: `Wire::answer` gives a `chat.completion` whose message has `audio`.
    Held,
}

/// A format in which recordings are written down.
pub trait Scribe: Sync {
    /// From the settings of `OpenAI`'s transcription API (its `model` already the upstream's) and a recording.
    fn request(
        &self,
        asked: Map<String, Value>,
        headers: Vec<(String, String)>,
        target: &Target,
    ) -> Result<Outgoing, Error>;
    /// From a whole successful answer in JSON to `OpenAI`'s: `text`, and what more is known.
    fn answer(&self, body: Value, target: &Target) -> Result<Value, Error>;
}

/// A `chat.completion.chunk` of one choice.
fn chunk(id: &str, created: u64, model: &str, delta: Map<String, Value>, finish: Option<&str>) -> Value {
    let mut choice = Map::with_capacity(3);
    choice.insert("index".into(), 0.into());
    choice.insert("delta".into(), Value::Object(delta));
    choice.insert("finish_reason".into(), finish.into());
    let mut chunk = Map::with_capacity(6);
    chunk.insert("id".into(), id.into());
    chunk.insert("object".into(), "chat.completion.chunk".into());
    chunk.insert("created".into(), created.into());
    chunk.insert("model".into(), model.into());
    chunk.insert("choices".into(), Value::Array(vec![Value::Object(choice)]));
    Value::Object(chunk)
}

/// Turns an upstream's events into `chat.completion.chunk` values. Bounded: never keeps the answer.
pub trait Decoder {
    /// One event in, any number of chunks out. An error reported inside the stream is an `Err`; the stream ends there.
    fn push(&mut self, event: &sse::Event, out: &mut Vec<Value>) -> Result<(), Error>;
    /// The upstream has ended. An `Err` when it ended too early (no finish reason seen).
    fn end(&mut self, out: &mut Vec<Value>) -> Result<(), Error>;
}
