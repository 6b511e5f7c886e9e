//! Names of models: `LiteLLM`'s routes and regions in front, inference profiles, ARNs, throughput suffixes.

/// A deployment's model, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'a> {
    route: Option<&'a str>,
    region: Option<&'a str>,
    /// Whose an imported model is, where its ARN cannot tell.
    imported: Option<(&'static str, &'static str)>,
    id: &'a str,
}

/// What may stand in front of a model: how it is asked …
const ROUTES: [&str; 2] = ["converse", "invoke"];
/// … or, for imported models, what they are.
const IMPORTED: [(&str, &str); 7] = [
    ("deepseek_r1", "deepseek.r1-custom"),
    ("llama", "meta.llama-custom"),
    ("nova", "amazon.nova-custom"),
    ("nova-2", "amazon.nova-2-custom"),
    ("openai", "openai.custom"),
    ("qwen2", "qwen.qwen2-custom"),
    ("qwen3", "qwen.qwen3-custom"),
];

/// Geographies of inference profiles.
/// <https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html>
const GEOGRAPHIES: [&str; 9] = ["apac", "au", "ca", "eu", "global", "in", "jp", "us", "us-gov"];

impl<'a> Name<'a> {
    /// Takes `model` apart.
    pub fn of(model: &'a str) -> Self {
        let mut name = Self { route: None, region: None, imported: None, id: model };
        while let Some((first, rest)) = name.id.split_once('/') {
            if ROUTES.contains(&first) {
                name.route = Some(first);
            } else if let Some(spec) = IMPORTED.iter().find(|(spec, _)| *spec == first) {
                name.imported = Some(*spec);
            } else if is_region(first) {
                name.region = Some(first);
            } else {
                break;
            }
            name.id = rest;
        }
        name
    }

    /// `InvokeModel` was asked for by name.
    pub fn is_invoked(&self) -> bool {
        self.route == Some("invoke")
    }

    /// Converse was asked for by name.
    pub fn is_conversed(&self) -> bool {
        self.route == Some("converse")
    }

    /// What kind of imported model it is said to be.
    pub fn imported(&self) -> Option<&'static str> {
        self.imported.map(|(kind, _)| kind)
    }

    /// What AWS knows the model by: an id, a profile or an ARN.
    pub fn id(&self) -> &'a str {
        self.id
    }

    /// The id is an ARN, which says little or nothing of the model behind it.
    pub fn is_arn(&self) -> bool {
        self.id.starts_with("arn:")
    }

    /// An application inference profile: its ARN ends in an opaque id.
    pub fn is_application_profile(&self) -> bool {
        self.is_arn() && self.id.contains(":application-inference-profile/")
    }

    /// Where the model is, if its name or its ARN says so.
    pub fn region(&self) -> Option<&'a str> {
        self.region.or_else(|| self.id.split(':').nth(3).filter(|region| self.is_arn() && !region.is_empty()))
    }

    /// The model's own name, `vendor.model`, without profile, ARN and throughput.
    pub fn family(&self) -> &'a str {
        if let Some((_, family)) = self.imported {
            return family;
        }
        let model = if self.is_arn() { self.id.rsplit('/').next().unwrap_or(self.id) } else { self.id };
        let model = without_throughput(model);
        match model.split_once('.') {
            Some((geography, rest)) if GEOGRAPHIES.contains(&geography) => rest,
            _ => model,
        }
    }
}

/// Two or three words and a number: `eu-west-1`, `us-gov-west-1`.
fn is_region(text: &str) -> bool {
    let mut words = text.split('-').rev();
    let number = words.next().is_some_and(|last| last.len() == 1 && last.bytes().all(|b| b.is_ascii_digit()));
    let names: Vec<&str> = words.collect();
    number
        && (2..=3).contains(&names.len())
        && names.iter().all(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase()))
}

/// `…-v1:0:51k` is `…-v1:0`, `…[1m]` is `…`.
fn without_throughput(model: &str) -> &str {
    let model = match model.rsplit_once('[') {
        Some((model, window)) if window.ends_with(']') => model,
        _ => model,
    };
    match model.rsplit_once(':') {
        Some((rest, size)) if rest.contains(':') && size.ends_with('k') => rest,
        _ => model,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_and_regions_are_no_part_of_the_id() {
        let name = Name::of("converse/eu-west-1/anthropic.claude-v2");
        assert_eq!((name.id(), name.region()), ("anthropic.claude-v2", Some("eu-west-1")));
        assert!(Name::of("invoke/us.anthropic.claude-x").is_invoked());
        assert_eq!(Name::of("us-gov-west-1/openai.gpt-oss-20b-1:0").region(), Some("us-gov-west-1"));
        assert_eq!(Name::of("someone/else").id(), "someone/else");
    }

    #[test]
    fn the_family_is_the_models_own_name() {
        let family = |model| Name::of(model).family();
        assert_eq!(family("us.meta.llama3-2-11b-instruct-v1:0"), "meta.llama3-2-11b-instruct-v1:0");
        assert_eq!(family("us-gov.anthropic.claude-x"), "anthropic.claude-x");
        assert_eq!(
            family("anthropic.claude-3-5-sonnet-20241022-v2:0:51k"),
            "anthropic.claude-3-5-sonnet-20241022-v2:0"
        );
        assert_eq!(family("anthropic.claude-x[1m]"), "anthropic.claude-x");
        assert_eq!(family("nova-2/arn:aws:bedrock:us-east-1:1:custom-model/x"), "amazon.nova-2-custom");
        assert_eq!(
            family("arn:aws:bedrock:us-east-1::foundation-model/us.amazon.nova-pro-v1:0"),
            "amazon.nova-pro-v1:0"
        );
    }

    #[test]
    fn an_arn_says_where_it_is() {
        let name = Name::of("converse/arn:aws:bedrock:eu-west-3:1:application-inference-profile/a");
        assert_eq!((name.region(), name.is_application_profile()), (Some("eu-west-3"), true));
        assert_eq!(Name::of("a:b:c:d").region(), None);
    }
}
