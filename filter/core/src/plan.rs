//! Which deployments may answer a call, and in which order they are tried.

use crate::{config::Config, deployment::Deployment};
use std::rc::Rc;

/// The candidates for `model`, drawn by weight without replacement; at most `settings.max_attempts`. Empty when nobody
/// serves the model.
pub fn plan(config: &Config, model: &str, random: &mut fastrand::Rng) -> Vec<Rc<Deployment>> {
    let mut candidates = config.models.get(model).cloned().unwrap_or_default();
    if candidates.len() > 1 {
        // Efraimidis and Spirakis: the smallest of -ln(u)/w first is a draw by weight.
        candidates.sort_by_cached_key(|deployment| {
            let weight = if deployment.weight > 0.0 { deployment.weight } else { f64::MIN_POSITIVE };
            Order((1.0 - random.f64()).ln() / -weight)
        });
        candidates.truncate(config.settings.max_attempts.max(1));
    }
    candidates
}

#[derive(PartialEq)]
struct Order(f64);

impl Eq for Order {}

impl PartialOrd for Order {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Order {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(id: &str, weight: f64) -> Rc<Deployment> {
        Rc::new(Deployment { id: id.into(), weight, model: "m".into(), ..Deployment::default() })
    }

    #[test]
    fn deployments_are_drawn_by_weight_and_all_are_candidates() {
        let mut config = Config::default();
        config.models.insert("m".into(), vec![deployment("light", 1.0), deployment("heavy", 3.0)]);
        let mut random = fastrand::Rng::with_seed(1);
        let heavy_first = (0..4000).filter(|_| plan(&config, "m", &mut random)[0].id == "heavy").count();
        assert!((2850..3150).contains(&heavy_first), "{heavy_first} of 4000, expected 3000");
        assert_eq!(plan(&config, "m", &mut random).len(), 2);
    }

    #[test]
    fn nobody_serves_an_unknown_model() {
        assert!(plan(&Config::default(), "m", &mut fastrand::Rng::with_seed(1)).is_empty());
    }
}
