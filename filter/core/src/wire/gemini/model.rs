//! What is known of the model a request goes to.

use crate::{deployment::Deployment, wire::Target};

/// A model behind a deployment: its name, its row of the price table and the deployment's switches.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a> {
    deployment: &'a Deployment,
}

impl<'a> Model<'a> {
    /// The model behind `target`.
    pub fn of(target: &Target<'a>) -> Self {
        Self { deployment: target.deployment }
    }

    /// Its name at the provider.
    pub fn name(self) -> &'a str {
        &self.deployment.model
    }

    /// Where it is.
    pub fn deployment(self) -> &'a Deployment {
        self.deployment
    }

    /// A fact known to be true.
    fn has(self, fact: &str) -> bool {
        self.deployment.supports(fact) == Some(true)
    }

    /// Gemini 3 or newer.
    pub fn is_newer(self) -> bool {
        is_newer(self.name())
    }

    /// Gemini 2, whose images have one resolution for the whole request.
    pub fn is_second(self) -> bool {
        self.name().contains("gemini-2")
    }

    /// Can think at all.
    pub fn reasons(self) -> bool {
        self.is_newer() || self.has("supports_reasoning")
    }

    /// Takes a system instruction; models tuned by a client always do.
    pub fn takes_system(self) -> bool {
        self.has("supports_system_messages") || self.name().contains("gemini/")
    }

    /// Takes a schema for its answer in some form.
    pub fn takes_schema(self) -> bool {
        self.has("supports_response_schema")
    }

    /// Takes plain JSON schema (Gemini 2 and later), not only `OpenAPI`'s.
    pub fn takes_json_schema(self) -> bool {
        let name = self.name().to_lowercase();
        name.match_indices("gemini-").any(|(at, prefix)| {
            let rest = name.get(at + prefix.len()..).unwrap_or_default();
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (version, rest) = rest.split_at(digits);
            version.parse::<u32>().is_ok_and(|version| version >= 2) && rest.starts_with(['.', '-'])
        })
    }

    /// Can all but leave out thinking.
    pub fn thinks_minimally(self) -> bool {
        self.is_newer()
            && self.name().to_lowercase().contains("flash")
            && self.deployment.supports("supports_minimal_reasoning_effort") != Some(false)
    }
}

/// Whether a model is Gemini 3 or newer: whatever is not known to be older. Tuned models (numbers) and Gemma are not.
pub fn is_newer(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or(model).to_lowercase();
    let tuned = name.bytes().all(|b| b.is_ascii_digit())
        || (model.starts_with("gemini/") && !name.starts_with("gemini-"));
    !tuned && !name.starts_with("gemma-") && !name.strip_prefix("gemini-").is_some_and(is_older)
}

/// Of a name behind `gemini-`: `1.5-pro`, `2-flash`, `exp-1206`, `pro-vision`, but not `flash-latest`.
fn is_older(rest: &str) -> bool {
    let (family, variant) = rest.split_once('-').unwrap_or((rest, ""));
    match family {
        "exp" => true,
        "pro" | "flash" => !matches!(variant, "latest" | "lite-latest"),
        _ => {
            let (major, minor) = family.split_once('.').unwrap_or((family, "0"));
            matches!(major, "1" | "2") && !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit())
        }
    }
}
