//! Holds the translations to recorded facts: what `LiteLLM` sent and gave back for the same input.
//!
//! Runs the compact recordings in `fixtures/oracle`, every one of which must hold. `ORACLE=<folder of full recordings>`
//! and `PRICES=<price table>` run those instead (`make oracle`); `ORACLE_ONLY=<part of an id>` runs the cases with such
//! an id and prints all their differences. `ORACLE_LIVE=<file>` compares what `tests/recordings` got out of a real Envoy
//! (`make oracle-envoy`) instead of asking the translation.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a recording that is not as it should be fails the test"
)]

mod case;
mod compare;
mod costs;
mod exceptions;
mod forms;
mod live;
mod replay;
mod table;

use case::Prices;
use std::{
    env,
    path::{Path, PathBuf},
};

#[test]
fn what_was_recorded_holds() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/oracle");
    let place = |variable: &str| env::var_os(variable).map(PathBuf::from);
    let full = place("ORACLE");
    let prices = Prices::load(&place("PRICES").unwrap_or_else(|| fixtures.join("prices.json")));
    let only = env::var("ORACLE_ONLY").ok().filter(|part| !part.is_empty());
    let live = place("ORACLE_LIVE").map(|file| live::load(&file));
    let lines = table::measure(full.as_deref().unwrap_or(&fixtures), &prices, only.as_deref(), live.as_ref());
    print!("{}", table::show(&lines));
    let quoted = if full.is_some() && only.is_none() { 0 } else { usize::MAX };
    let failed: Vec<&String> = lines.iter().flat_map(|line| &line.failed).collect();
    for failure in failed.iter().take(quoted) {
        println!("{failure}");
    }
    if full.is_some() && only.is_none() {
        println!("\nExceptions, and the cases they excuse:\n{}", exceptions::show(&lines));
    }
    assert!(failed.is_empty(), "{} cases fail; ORACLE_ONLY=<part of an id> shows how", failed.len());
    assert!(lines.iter().any(|line| line.total() > 0), "no case");
}
