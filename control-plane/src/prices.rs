//! What models cost and can do: LiteLLM's price table (MIT, see `prices/LICENSE`), carried in the binary.

mod update;

use flate2::read::GzDecoder;
use serde_json::{Map, Value, value::RawValue};
use std::{collections::HashMap, fs, io, io::Read, path::Path, sync::OnceLock};
use tianji_core::providers;
pub use update::update;

/// `model_prices_and_context_window_backup.json` of LiteLLM 1.106.2 without its prose.
const TABLE: &[u8] = include_bytes!("../prices/model_prices.json.gz");

/// The table. Rows are parsed when they are asked for: there are thousands, and a configuration names a few.
pub struct Prices(HashMap<String, Box<RawValue>>);

static PRICES: OnceLock<Prices> = OnceLock::new();

impl Prices {
    /// The table of this process: what `load` found, or the one in the binary, unpacked on first use (some ten
    /// milliseconds).
    pub fn table() -> &'static Self {
        PRICES.get_or_init(|| {
            Self::read(TABLE).unwrap_or_else(|error| {
                // Cannot happen with the file the tests have read; without prices everything else still works.
                tracing::error!(%error, "the price table in this binary is damaged");
                Self(HashMap::new())
            })
        })
    }

    /// Takes the table that `tianji prices update` has put into the data folder, if there is one. To be called before
    /// anything is priced.
    pub fn load(data: &Path) {
        let path = data.join(update::FILE);
        match fs::read(&path).and_then(|packed| Self::read(&packed)) {
            Ok(table) => {
                tracing::info!(path = %path.display(), models = table.0.len(), "prices are those of the data folder");
                // Only the first one counts.
                let _ = PRICES.set(table);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                tracing::error!(%error, path = %path.display(), "prices are those of this release: the file is damaged");
            }
        }
    }

    /// A table as it is kept.
    fn read(packed: &[u8]) -> io::Result<Self> {
        let mut text = String::new();
        GzDecoder::new(packed).read_to_string(&mut text)?;
        Ok(Self(serde_json::from_str(&text)?))
    }

    /// The row of a model: by its full name at a provider, or by its bare name if that row is the provider's own, or
    /// that of one of its kinds of models (`vertex_ai-language-models`).
    pub fn row(&self, provider: &str, model: &str) -> Option<Map<String, Value>> {
        let own = |row: &Map<String, Value>| {
            let owner = row.get("litellm_provider").and_then(Value::as_str).unwrap_or_default();
            providers::owns(provider, owner)
        };
        let names = providers::find(provider).unwrap_or_else(providers::fallback).price_names(model);
        let row = |name: &String| {
            self.named(&format!("{provider}/{name}")).or_else(|| self.named(name).filter(own))
        };
        names.iter().find_map(row)
    }

    /// What a model's images cost by what they are, `<quality>/<width>x<height>` or `<width>x<height>`, where the table
    /// has rows of them: `hd/1024-x-1792/dall-e-3`.
    pub fn images(&self, provider: &str, model: &str) -> Map<String, Value> {
        let end = format!("/{model}");
        let named = self.0.keys().filter_map(|name| Some((name, kind(provider, name.strip_suffix(&end)?)?)));
        let priced = named.filter_map(|(name, kind)| {
            let mut row = self.named(name)?;
            let owner = row.get("litellm_provider").and_then(Value::as_str).unwrap_or_default();
            let own = providers::owns(provider, owner);
            row.retain(|field, _| is_price(field));
            own.then(|| (kind, row.into()))
        });
        priced.collect()
    }

    /// The row with exactly this name.
    pub fn named(&self, name: &str) -> Option<Map<String, Value>> {
        self.0.get(name).and_then(|row| serde_json::from_str(row.get()).ok())
    }

    /// The provider of a model known by its bare name.
    pub fn provider(&self, model: &str) -> Option<String> {
        self.named(model)?.get("litellm_provider")?.as_str().map(Into::into)
    }
}

/// `hd/1024x1792` of what stands before a model's name; `None` where that is no kind of image. Images that are drawn in
/// more steps than usual are left out: nobody says how many it were.
fn kind(provider: &str, prefix: &str) -> Option<String> {
    let bare = prefix.strip_prefix(provider).and_then(|rest| rest.strip_prefix('/')).unwrap_or(prefix);
    let bare = bare.strip_suffix("/50-steps").unwrap_or(bare);
    let (quality, size) = bare.rsplit_once('/').map_or((None, bare), |(quality, size)| (Some(quality), size));
    let (width, height) = size.split_once("-x-")?;
    let (width, height) = (width.parse::<u32>().ok()?, height.parse::<u32>().ok()?);
    match quality {
        Some(quality) if quality.contains('/') => None,
        Some(quality) => Some(format!("{quality}/{width}x{height}")),
        None => Some(format!("{width}x{height}")),
    }
}

/// Whether a field of a row is one the gateway acts on: costs, limits and abilities.
pub fn is_fact(field: &str) -> bool {
    const NAMED: [&str; 13] = [
        "default_reasoning_effort",
        "image_prices",
        "litellm_provider",
        "max_input_tokens",
        "max_output_tokens",
        "max_tokens",
        "mode",
        "output_vector_size",
        "prompt_cache_min_tokens",
        "reasoning_effort_levels",
        "thinking_always_on",
        "tiered_pricing",
        "web_search_billing_unit",
    ];
    is_price(field)
        || ["bedrock_", "supports_"].iter().any(|prefix| field.starts_with(prefix))
        || NAMED.contains(&field)
}

/// Whether a field is a price: those a deployment may set for itself.
pub fn is_price(field: &str) -> bool {
    field.contains("cost_per") || field.contains("_cost") || field.ends_with("_uplift_multiplier")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_models_people_ask_for() {
        let prices = Prices::table();
        assert!(prices.0.len() > 4000);
        assert_eq!(prices.row("openai", "gpt-4o-mini").unwrap()["input_cost_per_token"], 1.5e-7);
        assert_eq!(prices.row("anthropic", "claude-sonnet-4-5").unwrap()["max_output_tokens"], 64000);
        assert_eq!(prices.provider("claude-sonnet-4-5").unwrap(), "anthropic");
        assert!(prices.named("sample_spec").is_none());
        for row in prices.0.values() {
            serde_json::from_str::<Map<String, Value>>(row.get()).unwrap();
        }
    }

    #[test]
    fn a_row_belongs_to_its_provider() {
        let prices = Prices::table();
        assert!(prices.row("openai", "claude-sonnet-4-5").is_none());
        assert!(prices.row("groq", "openai/gpt-oss-120b").is_some(), "named groq/… in the table");
        assert!(prices.row("vertex_ai", "gemini-2.5-pro").is_some(), "filed under vertex_ai-language-models");
    }

    #[test]
    fn images_have_prices_by_size_and_quality() {
        let prices = Prices::table();
        let of = |provider: &str, model: &str, kind: &str| prices.images(provider, model).get(kind).cloned();
        let gpt = of("openai", "gpt-image-1", "high/1024x1536").unwrap();
        assert!(gpt["input_cost_per_image"].as_f64().or(gpt["output_cost_per_image"].as_f64()).is_some());
        assert!(of("azure", "dall-e-3", "hd/1024x1792").is_some());
        assert!(of("openai", "dall-e-3", "hd/1024x1792").is_none(), "those are Azure's");
        assert!(of("bedrock", "stability.stable-diffusion-xl-v1", "1024x1024").is_some());
        assert!(prices.images("openai", "gpt-4o").is_empty());
    }

    #[test]
    fn facts_are_what_the_gateway_acts_on() {
        for fact in [
            "input_cost_per_token_above_200k_tokens",
            "cache_read_input_token_cost",
            "supports_vision",
            "mode",
        ] {
            assert!(is_fact(fact), "{fact}");
        }
        for prose in ["source", "deprecation_date", "supported_endpoints", "rpm"] {
            assert!(!is_fact(prose), "{prose}");
        }
    }
}
