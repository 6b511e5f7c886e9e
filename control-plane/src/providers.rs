//! Who can be upstream, as far as the control plane needs to know.

/// What the control plane needs of a provider's facts.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// Its name in `model: slug/…`.
    pub slug: &'static str,
    /// Where it is; empty when only the deployment can tell.
    pub base_url: &'static str,
    /// The variable its key is usually in.
    pub key_env: &'static str,
    /// The variable that moves `base_url`.
    pub base_env: &'static str,
}

const ALL: [Facts; 4] = [
    Facts {
        slug: "anthropic",
        base_url: "https://api.anthropic.com",
        key_env: "ANTHROPIC_API_KEY",
        base_env: "ANTHROPIC_BASE_URL",
    },
    Facts {
        slug: "hosted_vllm",
        base_url: "",
        key_env: "HOSTED_VLLM_API_KEY",
        base_env: "HOSTED_VLLM_API_BASE",
    },
    Facts {
        slug: "openai",
        base_url: "https://api.openai.com/v1",
        key_env: "OPENAI_API_KEY",
        base_env: "OPENAI_BASE_URL",
    },
    Facts {
        slug: "openai_like",
        base_url: "",
        key_env: "OPENAI_LIKE_API_KEY",
        base_env: "OPENAI_LIKE_API_BASE",
    },
];

/// The provider with this slug.
pub fn find(slug: &str) -> Option<&'static Facts> {
    ALL.iter().find(|facts| facts.slug == slug)
}
