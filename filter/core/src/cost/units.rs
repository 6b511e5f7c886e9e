//! The price of what is counted in searches and images instead of tokens.

use super::dollars;
use crate::usage::{Picture, Quality, Usage};
use serde_json::{Map, Value};

/// US dollars for the searches of `usage`.
pub fn searches(usage: &Usage, facts: &Map<String, Value>) -> f64 {
    dollars(usage.search_units, price(facts, "input_cost_per_query").unwrap_or_default())
}

/// US dollars for the images of `usage`, by their size and quality where prices are listed so (`image_prices`, by
/// `<quality>/<width>x<height>`, either of which may be missing), else by the image, else by the pixel.
pub fn images(usage: &Usage, facts: &Map<String, Value>) -> f64 {
    let listed = facts.get("image_prices").and_then(|prices| row(prices, usage.picture));
    let of = |facts: &Map<String, Value>| {
        let picture = usage.picture;
        let pixels = f64::from(picture.width) * f64::from(picture.height);
        let pixel = ["input_cost_per_pixel", "output_cost_per_pixel"]
            .iter()
            .find_map(|name| price(facts, name).filter(|price| *price > 0.0).map(|price| price * pixels));
        // Some rows list both, and then what goes in is an image to start from.
        let image = price(facts, "output_cost_per_image").or_else(|| price(facts, "input_cost_per_image"));
        image.or(pixel)
    };
    dollars(usage.images, listed.and_then(of).or_else(|| of(facts)).unwrap_or_default())
}

fn price(facts: &Map<String, Value>, name: &str) -> Option<f64> {
    facts.get(name).and_then(Value::as_f64)
}

/// The row for an image. Where a quality was not asked for and has no price, the best one is what models draw.
fn row(prices: &Value, picture: Picture) -> Option<&Map<String, Value>> {
    let size = format!("{}x{}", picture.width, picture.height);
    let best = Quality::High.name();
    let names = [format!("{}/{size}", picture.quality.name()), size.clone(), format!("{best}/{size}")];
    names.iter().find_map(|name| prices.get(name)?.as_object())
}

#[cfg(test)]
mod tests {
    use super::super::cost;
    use super::*;
    use serde_json::json;

    fn cents(usage: Usage, facts: &Value) -> f64 {
        (cost(&usage, facts.as_object().unwrap()) * 1e5).round() / 1e3
    }

    #[test]
    fn a_search_has_its_price_beside_that_of_tokens() {
        let facts = json!({ "input_cost_per_query": 0.002, "input_cost_per_token": 1e-6 });
        let usage = Usage { search_units: 3, prompt: 1000, ..Usage::default() };
        assert!((cents(usage, &facts) - 0.7).abs() < 1e-9);
    }

    #[test]
    fn an_image_is_paid_for_by_its_size_and_quality_then_by_the_piece_then_by_the_pixel() {
        let picture = Picture { width: 1024, height: 1536, quality: Quality::Hd };
        let usage = Usage { images: 2, picture, ..Usage::default() };
        let listed = json!({ "hd/1024x1536": { "output_cost_per_image": 0.12 } });
        let facts = json!({ "output_cost_per_image": 0.04, "image_prices": listed });
        assert!((cents(usage, &facts) - 24.0).abs() < 1e-9);
        assert!((cents(Usage { images: 2, ..Usage::default() }, &facts) - 8.0).abs() < 1e-9);
        let facts = json!({ "input_cost_per_pixel": 1e-8, "output_cost_per_pixel": 0.0 });
        assert!((cents(usage, &facts) - 3.146).abs() < 1e-9);
    }

    #[test]
    fn an_image_that_is_paid_for_by_tokens_is_not_paid_for_again() {
        let facts = json!({ "output_cost_per_image_token": 4e-5, "input_cost_per_token": 5e-6, "output_cost_per_image": 0.04 });
        let usage =
            Usage { images: 1, prompt: 10, completion: 1000, image_completion: 1000, ..Usage::default() };
        assert!((cents(usage, &facts) - 4.005).abs() < 1e-9);
    }
}
