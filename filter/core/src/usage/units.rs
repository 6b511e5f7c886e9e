//! What is not paid for by the token, or not only: rankings by the search, images by the image.

use super::Usage;
use crate::{call::Call, operation::Operation, wire::Target, wire::images::pixels};
use serde_json::Value;

/// How large an image is and how good, as prices are listed: what `OpenAI` draws where nothing is said is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Picture {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// How good.
    pub quality: Quality,
}

impl Default for Picture {
    fn default() -> Self {
        Self { width: 1024, height: 1024, quality: Quality::Standard }
    }
}

impl Picture {
    /// From the fields of a request or of an answer; what is not told stays as it is.
    fn told(self, size: Option<&str>, quality: Option<&str>) -> Self {
        let (width, height) = size.and_then(pixels).unwrap_or((self.width, self.height));
        Self { width, height, quality: quality.and_then(Quality::named).unwrap_or(self.quality) }
    }
}

/// The qualities that have prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quality {
    /// Of the first models.
    Standard,
    /// The better one of theirs.
    Hd,
    /// Of `gpt-image-1` and later.
    Low,
    /// Of the same.
    Medium,
    /// Of the same.
    High,
}

impl Quality {
    /// All of them.
    const ALL: [Self; 5] = [Self::Standard, Self::Hd, Self::Low, Self::Medium, Self::High];

    /// Its name in requests and in the price table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Hd => "hd",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quality| quality.name() == name)
    }
}

impl Usage {
    /// What a call may turn out to use: the estimate of its prompt and the cap of its answer, a search, its images.
    pub fn expected(call: &Call) -> Self {
        let tokens = call.expected();
        match call.operation {
            Operation::Rerank => Self { search_units: 1, ..tokens },
            Operation::Images => {
                let images = call.field("n").and_then(|count| count.parse().ok()).unwrap_or(1);
                Self { images, picture: asked(call), ..tokens }
            }
            _ => tokens,
        }
    }

    /// From a ranking, in searches or in tokens.
    pub(super) fn of_ranking(ranking: &Value, target: &Target) -> Self {
        let told = |place: &str| ranking.pointer(place).and_then(Value::as_u64);
        let searches = told("/meta/billed_units/search_units");
        let (input, output) = (told("/meta/tokens/input_tokens"), told("/meta/tokens/output_tokens"));
        let total = told("/meta/billed_units/total_tokens");
        if searches.or(input).or(total).is_none() {
            return Self { search_units: 1, ..Self::guess(target, 0) };
        }
        let output = output.unwrap_or(0);
        let input = input.or(total.map(|total| total.saturating_sub(output))).unwrap_or(0);
        Self { prompt: input, completion: output, search_units: searches.unwrap_or(0), ..Self::default() }
    }

    /// From images and their tokens, where they have any. An answer that does not say is all image.
    pub(super) fn of_images(answer: &Value, target: &Target) -> Self {
        let told = |place: &str| answer.pointer(place).and_then(Value::as_u64);
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        let completion = told("/usage/output_tokens").unwrap_or(0);
        let drawn = told("/usage/output_tokens_details/image_tokens");
        let spoken = told("/usage/output_tokens_details/text_tokens");
        let images = answer.get("data").and_then(Value::as_array).map_or(0, Vec::len);
        Self {
            prompt: told("/usage/input_tokens").unwrap_or(0),
            completion,
            image_prompt: told("/usage/input_tokens_details/image_tokens").unwrap_or(0),
            image_completion: drawn.unwrap_or_else(|| completion.saturating_sub(spoken.unwrap_or(0))),
            images: images as u64,
            picture: asked(target.call).told(text("size"), text("quality")),
            ..Self::default()
        }
    }
}

/// The images that a call asks for.
fn asked(call: &Call) -> Picture {
    let text = |name: &str| call.field(name).and_then(|text| serde_json::from_str::<String>(text).ok());
    Picture::default().told(text("size").as_deref(), text("quality").as_deref())
}
