//! A newer price table: checked, stripped of what the gateway does not act on, and put where the next start finds it.

use super::{Prices, is_fact, is_price};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

/// The file's name in the data folder.
pub const FILE: &str = "model_prices.json.gz";
/// The largest table that is read, in bytes; today's has two million.
const LARGEST: usize = 64 << 20;
/// How long a table may take to come.
const PATIENCE: Duration = Duration::from_mins(1);
/// Faults that are told.
const TOLD: usize = 10;

/// Why there is no new table.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be had.
    #[error("{from} cannot be read: {reason}")]
    Read {
        /// Its file or address.
        from: String,
        /// Why not.
        reason: String,
    },
    /// It must not be used.
    #[error("the table is not used: {}", .0.join("; "))]
    Bad(Vec<String>),
    /// It cannot be kept.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// What is different in a new table.
#[derive(Debug, PartialEq)]
pub struct Report {
    rows: usize,
    new: usize,
    gone: usize,
    changed: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, new, gone, changed } = self;
        write!(f, "{rows} models: {new} new, {gone} gone, {changed} with other prices, limits or abilities")
    }
}

/// Rows by name, as they are kept.
type Table = BTreeMap<String, Map<String, Value>>;

/// Takes a table from a file or an `http(s)` address into the data folder.
pub async fn update(from: &str, data: &Path) -> Result<Report, Error> {
    let text = match from.split_once("://") {
        Some(("http" | "https", _)) => fetched(from).await,
        _ => fs::read(from).map_err(|error| error.to_string()),
    };
    let text = text.map_err(|reason| Error::Read { from: from.into(), reason })?;
    let current = Prices::table();
    let table = checked(&text, current.0.len()).map_err(Error::Bad)?;
    let report = compared(&table, current);
    let path = data.join(FILE);
    written(&table, data, &path).map_err(|source| Error::Write { path, source })?;
    Ok(report)
}

async fn fetched(url: &str) -> Result<Vec<u8>, String> {
    let whole = async {
        let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
        let mut response = client.get(url).send().await?.error_for_status()?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await?.filter(|_| body.len() <= LARGEST) {
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    let body = whole.await.map_err(|error: reqwest::Error| error.without_url().to_string())?;
    if body.len() > LARGEST { Err("it is too large".into()) } else { Ok(body) }
}

/// The table in a text, or what is wrong with it. One with less than half as many rows as now is something else.
fn checked(text: &[u8], now: usize) -> Result<Table, Vec<String>> {
    let rows: BTreeMap<String, Value> =
        serde_json::from_slice(text).map_err(|error| vec![format!("it is no JSON object: {error}")])?;
    let (mut table, mut faults) = (Table::new(), Vec::new());
    for (name, row) in rows {
        match row {
            // Its explanation of itself.
            _ if name == "sample_spec" => {}
            Value::Object(mut row) => {
                row.retain(|field, value| is_fact(field) && !value.is_null());
                let bad = row.iter().filter(|(field, value)| !is_sound(field, value));
                faults.extend(bad.map(|(field, value)| format!("{name}: {field} is {value}")));
                table.insert(name, row);
            }
            _ => faults.push(format!("{name} is no object")),
        }
    }
    if table.len() < now / 2 {
        faults.insert(0, format!("it has {} models, and there are {now} now", table.len()));
    }
    let more = faults.len().saturating_sub(TOLD);
    faults.truncate(TOLD);
    if more > 0 {
        faults.push(format!("and {more} more"));
    }
    if faults.is_empty() { Ok(table) } else { Err(faults) }
}

/// A price is a number of dollars or holds such numbers; a limit is a number; who provides a model is a text.
fn is_sound(field: &str, value: &Value) -> bool {
    let dollars = |value: &Value| value.as_f64().is_some_and(|number| number.is_finite() && number >= 0.0);
    match value {
        Value::Object(parts) if is_price(field) => parts.values().all(dollars),
        value if is_price(field) => dollars(value),
        value if field.starts_with("max_") => value.as_u64().is_some(),
        value if field.starts_with("supports_") => value.is_boolean(),
        value if field == "litellm_provider" || field == "mode" => value.is_string(),
        _ => true,
    }
}

fn compared(table: &Table, current: &Prices) -> Report {
    let same = |(name, row): &(&String, &Map<String, Value>)| {
        current.named(name).is_none_or(|mut old| {
            old.retain(|field, value| is_fact(field) && !value.is_null());
            old == **row
        })
    };
    Report {
        rows: table.len(),
        new: table.keys().filter(|name| !current.0.contains_key(*name)).count(),
        gone: current.0.keys().filter(|name| !table.contains_key(*name)).count(),
        changed: table.iter().filter(|row| !same(row)).count(),
    }
}

/// Written aside and moved into place: nobody reads half a table.
fn written(table: &Table, data: &Path, path: &Path) -> io::Result<()> {
    fs::create_dir_all(data)?;
    let aside = data.join(format!("{FILE}.{}", std::process::id()));
    let mut out = GzEncoder::new(fs::File::create(&aside)?, Compression::best());
    serde_json::to_writer(&mut out, table)?;
    out.flush()?;
    out.finish()?.sync_all()?;
    fs::rename(aside, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Today's table with these rows put in.
    fn table(rows: &Value) -> Vec<u8> {
        let current = Prices::table();
        let mut all: Map<String, Value> =
            current.0.keys().map(|name| (name.clone(), current.named(name).unwrap().into())).collect();
        all.extend(rows.as_object().unwrap().clone());
        serde_json::to_vec(&all).unwrap()
    }

    #[tokio::test]
    async fn a_newer_table_is_kept_where_the_next_start_finds_it() {
        let folder = tempfile::tempdir().unwrap();
        let (file, data) = (folder.path().join("new.json"), folder.path().join("data"));
        let rows = json!({
            "sample_spec": {"max_tokens": "a text"},
            "gpt-4o-mini": {"litellm_provider": "openai", "input_cost_per_token": 1e-9},
            "gpt-new": {"litellm_provider": "openai", "input_cost_per_token": 2e-6, "source": "prose"},
        });
        fs::write(&file, table(&rows)).unwrap();
        let report = update(file.to_str().unwrap(), &data).await.unwrap();
        let rows = Prices::table().0.len() + 1;
        assert_eq!(report, Report { rows, new: 1, gone: 0, changed: 1 });
        let kept = Prices::read(&fs::read(data.join(FILE)).unwrap()).unwrap();
        assert_eq!(kept.row("openai", "gpt-4o-mini").unwrap()["input_cost_per_token"], 1e-9);
        let new = json!({"litellm_provider": "openai", "input_cost_per_token": 2e-6});
        assert_eq!(Value::from(kept.named("gpt-new").unwrap()), new);
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "nothing is left lying about");
    }

    #[test]
    fn what_is_no_price_table_is_refused_with_the_reason() {
        let refused = |text: &[u8]| checked(text, Prices::table().0.len()).unwrap_err().join("; ");
        assert!(refused(b"<html>").starts_with("it is no JSON object"));
        assert!(refused(b"{}").starts_with("it has 0 models, and there are 42"));
        for (row, said) in [
            (json!({"input_cost_per_token": -1.0}), "m: input_cost_per_token is -1.0"),
            (json!({"input_cost_per_token": "1e-6"}), "m: input_cost_per_token is \"1e-6\""),
            (
                json!({"search_context_cost_per_query": {"low": null}}),
                "m: search_context_cost_per_query is {\"low\":null}",
            ),
            (json!({"max_tokens": 1.5}), "m: max_tokens is 1.5"),
            (json!({"litellm_provider": 1}), "m: litellm_provider is 1"),
            (json!([]), "m is no object"),
        ] {
            assert_eq!(refused(&table(&json!({"m": row}))), said);
        }
    }
}
