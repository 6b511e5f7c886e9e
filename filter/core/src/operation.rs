//! The client APIs: which path asks for what, and in which dialect it wants its answer.

/// The dialect a client speaks; its answers and its errors have this shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// <https://platform.openai.com/docs/api-reference>
    OpenAi,
    /// <https://docs.anthropic.com/en/api>
    Anthropic,
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
    /// `POST /v1/embeddings`
    Embeddings,
    /// `GET /v1/models`
    Models,
    /// `GET /v1/models/{id}`; the id may contain slashes.
    Model,
}

impl Operation {
    /// The operation behind a path (normalised, without its query); `None` belongs to the control plane.
    /// Every path is also served without `/v1`.
    pub fn of(path: &str) -> Option<Self> {
        let path = path.strip_prefix("/v1").unwrap_or(path);
        match path {
            "/chat/completions" => Some(Self::Chat),
            "/messages" => Some(Self::Messages),
            "/messages/count_tokens" => Some(Self::CountTokens),
            "/embeddings" => Some(Self::Embeddings),
            "/models" => Some(Self::Models),
            _ => path.strip_prefix("/models/").filter(|id| !id.is_empty()).map(|_| Self::Model),
        }
    }

    /// The dialect of this operation's clients.
    pub fn api(self) -> Api {
        match self {
            Self::Messages | Self::CountTokens => Api::Anthropic,
            Self::Chat | Self::Embeddings | Self::Models | Self::Model => Api::OpenAi,
        }
    }

    /// The HTTP method it is asked with.
    pub fn method(self) -> &'static str {
        match self {
            Self::Models | Self::Model => "GET",
            _ => "POST",
        }
    }

    /// Its answer can be streamed.
    pub fn streams(self) -> bool {
        matches!(self, Self::Chat | Self::Messages)
    }

    /// Its name in LiteLLM's error messages.
    pub fn label(self) -> &'static str {
        match self {
            Self::Chat => "/chat/completions",
            Self::Messages => "anthropic_messages",
            Self::CountTokens => "/messages/count_tokens",
            Self::Embeddings => "/embeddings",
            Self::Models | Self::Model => "/models",
        }
    }

    /// Its name in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Messages => "messages",
            Self::CountTokens => "count_tokens",
            Self::Embeddings => "embeddings",
            Self::Models => "models",
            Self::Model => "model",
        }
    }
}
