//! The client APIs: which path asks for what, and in which dialect it wants its answer.

/// The dialect a client speaks; its answers and its errors have this shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// <https://platform.openai.com/docs/api-reference>
    OpenAi,
    /// <https://docs.anthropic.com/en/api>
    Anthropic,
    /// <https://platform.openai.com/docs/api-reference/responses>
    Responses,
    /// <https://ai.google.dev/api>
    Gemini,
}

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `POST /v1/chat/completions`
    Chat,
    /// `POST /v1/messages`
    Messages,
    /// `POST /v1/messages/count_tokens`
    CountTokens,
    /// `POST /v1/responses`
    Responses,
    /// `POST /v1/completions`
    Completions,
    /// `POST /v1/embeddings`
    Embeddings,
    /// `POST /v1/rerank`, also `/v2/rerank`
    Rerank,
    /// `POST /v1/moderations`
    Moderations,
    /// `POST /v1/images/generations`
    Images,
    /// `POST /v1/audio/transcriptions`
    Transcription,
    /// `POST /v1/audio/speech`
    Speech,
    /// `POST /v1beta/models/{model}:generateContent`
    Generate,
    /// `POST /v1beta/models/{model}:streamGenerateContent`
    StreamGenerate,
    /// `POST /v1beta/models/{model}:countTokens`
    CountContent,
    /// `GET /v1/models`
    Models,
    /// `GET /v1/models/{id}`; the id may contain slashes.
    Model,
}

impl Operation {
    /// Where each is served, below the version: with `/v1` in front and without. `Model` is below the path of `Models`.
    pub const PATHS: [(&str, Self); 13] = [
        ("/audio/speech", Self::Speech),
        ("/audio/transcriptions", Self::Transcription),
        ("/chat/completions", Self::Chat),
        ("/completions", Self::Completions),
        ("/embeddings", Self::Embeddings),
        ("/images/generations", Self::Images),
        ("/messages", Self::Messages),
        ("/messages/count_tokens", Self::CountTokens),
        ("/models", Self::Models),
        ("/moderations", Self::Moderations),
        ("/rerank", Self::Rerank),
        ("/responses", Self::Responses),
        ("/v2/rerank", Self::Rerank),
    ];

    /// The methods of a model, behind its name and a colon: Gemini's API. Its own version is `/v1beta`; it is served
    /// wherever models are.
    pub const METHODS: [(&str, Self); 3] = [
        ("countTokens", Self::CountContent),
        ("generateContent", Self::Generate),
        ("streamGenerateContent", Self::StreamGenerate),
    ];

    /// The operation behind a path (normalised, without its query); `None` belongs to the control plane.
    pub fn of(path: &str) -> Option<Self> {
        let beta = path.strip_prefix("/v1beta");
        let path = beta.or_else(|| path.strip_prefix("/v1")).unwrap_or(path);
        if let Some((_, method)) = path.strip_prefix("/models/").and_then(|below| below.rsplit_once(':'))
            && let Some((_, operation)) = Self::METHODS.iter().find(|(known, _)| *known == method)
        {
            return Some(*operation);
        }
        if beta.is_some() {
            return None;
        }
        let known = Self::PATHS.iter().find(|(known, _)| *known == path).map(|(_, operation)| *operation);
        let model = || path.strip_prefix("/models/").filter(|id| !id.is_empty()).map(|_| Self::Model);
        known.or_else(model)
    }

    /// The dialect of this operation's clients.
    pub fn api(self) -> Api {
        match self {
            Self::Messages | Self::CountTokens => Api::Anthropic,
            Self::Responses => Api::Responses,
            Self::Generate | Self::StreamGenerate | Self::CountContent => Api::Gemini,
            _ => Api::OpenAi,
        }
    }

    /// The HTTP method it is asked with.
    pub fn method(self) -> &'static str {
        match self {
            Self::Models | Self::Model => "GET",
            _ => "POST",
        }
    }

    /// A turn of a conversation, in whatever dialect.
    pub fn is_chat(self) -> bool {
        use Operation::{Chat, Completions, Generate, Messages, Responses, StreamGenerate};
        matches!(self, Chat | Messages | Responses | Completions | Generate | StreamGenerate)
    }

    /// Its answer can be streamed.
    pub fn streams(self) -> bool {
        self.is_chat()
    }

    /// Its answers say which model they are from.
    pub fn names_model(self) -> bool {
        !matches!(self, Self::Images | Self::Rerank)
    }

    /// Its name in LiteLLM's error messages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Chat => "/chat/completions",
            Self::Messages => "anthropic_messages",
            Self::CountTokens => "/messages/count_tokens",
            Self::Responses => "/responses",
            Self::Completions => "/completions",
            Self::Embeddings => "/embeddings",
            Self::Rerank => "/rerank",
            Self::Moderations => "/moderations",
            Self::Images => "/image/generations",
            Self::Transcription => "/audio/transcriptions",
            Self::Speech => "/audio/speech",
            Self::Generate => "generateContent",
            Self::StreamGenerate => "streamGenerateContent",
            Self::CountContent => "countTokens",
            Self::Models | Self::Model => "/models",
        }
    }

    /// Its name in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Messages => "messages",
            Self::CountTokens => "count_tokens",
            Self::Responses => "responses",
            Self::Completions => "completions",
            Self::Embeddings => "embeddings",
            Self::Rerank => "rerank",
            Self::Moderations => "moderations",
            Self::Images => "images",
            Self::Transcription => "transcription",
            Self::Speech => "speech",
            Self::Generate => "generate_content",
            Self::StreamGenerate => "stream_generate_content",
            Self::CountContent => "count_content",
            Self::Models => "models",
            Self::Model => "model",
        }
    }
}
