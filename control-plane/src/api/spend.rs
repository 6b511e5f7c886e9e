//! The ledger, as LiteLLM shows it.

use super::body::Params;
use crate::{
    app::App,
    auth::Admin,
    error::{Error, Result},
    fault::Fault,
    keys,
    store::spend::{Daily, Filter, Spent},
};
use aide::axum::{ApiRouter, routing::get_with};
use axum::{Json, extract::State};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The most rows of one answer: the newest.
const MOST_ROWS: i64 = 10_000;
/// The most days a sum is drawn out over.
const MOST_DAYS: usize = 3660;

pub(super) fn router() -> ApiRouter<Arc<App>> {
    ApiRouter::new().api_route(
        "/spend/logs",
        get_with(logs, |op| op.tag("spend").summary("The ledger: its newest 10,000 rows, or sums by day.")),
    )
}

/// Which rows.
#[derive(Deserialize, JsonSchema)]
struct Query {
    /// The key or its hash.
    #[schemars(length(max = 100))]
    api_key: Option<String>,
    #[schemars(length(max = 256))]
    user_id: Option<String>,
    /// The call id.
    #[schemars(length(max = 256))]
    request_id: Option<String>,
    /// `2026-11-20`
    #[schemars(length(max = 10))]
    start_date: Option<String>,
    /// `2026-11-20`; that day included.
    #[schemars(length(max = 10))]
    end_date: Option<String>,
    /// With both dates: sums by day instead of rows.
    #[serde(default = "yes")]
    summarize: bool,
}

fn yes() -> bool {
    true
}

/// Rows, or sums.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Logs {
    Rows(Vec<Row>),
    Days(Vec<Day>),
}

async fn logs(_: Admin, State(app): State<Arc<App>>, Params(query): Params<Query>) -> Result<Json<Logs>> {
    let mut faults = Vec::new();
    let from = day("start_date", query.start_date.as_deref(), &mut faults);
    let to = day("end_date", query.end_date.as_deref(), &mut faults);
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let end = to.and_then(|day| day.checked_add_days(Days::new(1)));
    let filter = Filter {
        key_hash: query.api_key.as_deref().map(keys::hash_of),
        user_id: query.user_id,
        call_id: query.request_id,
        from: from.map(midnight),
        to: end.map(|day| midnight(day) - TimeDelta::microseconds(1)),
    };
    Ok(Json(match to.filter(|_| from.is_some() && query.summarize) {
        Some(last) => Logs::Days(days(&app.store.spent_by_day(&filter).await?, last)),
        None => Logs::Rows(app.store.spent(&filter, MOST_ROWS).await?.into_iter().map(Row::from).collect()),
    }))
}

fn day(name: &str, text: Option<&str>, faults: &mut Vec<Fault>) -> Option<NaiveDate> {
    let parsed = NaiveDate::parse_from_str(text?, "%Y-%m-%d");
    if parsed.is_err() {
        faults.push(Fault::new(name, "must be a date such as 2026-11-20"));
    }
    parsed.ok()
}

/// What was spent on one day; beside the fields here, each key's hash with what it spent.
#[derive(Default, Serialize, JsonSchema)]
struct Day {
    #[serde(rename = "startTime")]
    start_time: String,
    spend: f64,
    users: Map<String, Value>,
    models: Map<String, Value>,
    #[serde(flatten)]
    keys: Map<String, Value>,
}

/// Sums by day, and empty days from the last one to the one asked for.
fn days(rows: &[Daily], last: NaiveDate) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for row in rows {
        if days.last().is_none_or(|day| day.start_time != row.day) {
            days.push(Day { start_time: row.day.clone(), ..Day::default() });
        }
        let Some(day) = days.last_mut() else { continue };
        day.spend += row.cost;
        for (sums, name) in
            [(&mut day.users, &row.user_id), (&mut day.models, &row.model), (&mut day.keys, &row.key_hash)]
        {
            let sum = sums.get(name).and_then(Value::as_f64).unwrap_or(0.0);
            sums.insert(name.clone(), (sum + row.cost).into());
        }
    }
    let newest = days.last().and_then(|day| day.start_time.parse::<NaiveDate>().ok());
    let rest = newest.into_iter().flat_map(|day| day.iter_days().skip(1)).take_while(|day| *day <= last);
    let rest: Vec<_> =
        rest.take(MOST_DAYS).map(|day| Day { start_time: day.to_string(), ..Day::default() }).collect();
    days.extend(rest);
    days
}

/// One exchange.
#[derive(Serialize, JsonSchema)]
struct Row {
    request_id: String,
    /// `acompletion`, `anthropic_messages`, `aembedding`, …
    call_type: String,
    /// Hexadecimal SHA-256 of the key.
    api_key: String,
    /// US dollars.
    spend: f64,
    total_tokens: i64,
    prompt_tokens: i64,
    completion_tokens: i64,
    #[serde(rename = "startTime")]
    start_time: DateTime<Utc>,
    #[serde(rename = "endTime")]
    end_time: DateTime<Utc>,
    request_duration_ms: i64,
    /// When the first event of a stream was sent; else the end.
    #[serde(rename = "completionStartTime")]
    completion_start_time: DateTime<Utc>,
    /// The name the provider was asked for.
    model: String,
    /// The deployment.
    model_id: String,
    /// The name the client asked for.
    model_group: String,
    custom_llm_provider: String,
    user: String,
    team_id: Option<String>,
    end_user: String,
    /// `success` or `failure`.
    status: &'static str,
    cache_hit: &'static str,
    request_tags: Vec<String>,
    /// Further facts of the exchange.
    metadata: Value,
}

impl From<Spent> for Row {
    fn from(row: Spent) -> Self {
        let milliseconds = |n: i64| TimeDelta::try_milliseconds(n).unwrap_or_default();
        let end = row.started_at + milliseconds(row.latency_ms);
        let first =
            if row.first_token_ms > 0 { row.started_at + milliseconds(row.first_token_ms) } else { end };
        let status = if row.error.is_empty() { "success" } else { "failure" };
        Self {
            call_type: call_type(&row.operation).into(),
            spend: row.cost,
            total_tokens: row.prompt_tokens + row.completion_tokens,
            prompt_tokens: row.prompt_tokens,
            completion_tokens: row.completion_tokens,
            start_time: row.started_at,
            end_time: end,
            request_duration_ms: row.latency_ms,
            completion_start_time: first,
            team_id: Some(row.team_id.clone()).filter(|team| !team.is_empty()),
            status,
            cache_hit: "False",
            request_tags: Vec::new(),
            metadata: metadata(&row, status),
            request_id: row.call_id,
            api_key: row.key_hash,
            model: row.model,
            model_id: row.deployment_id,
            model_group: row.model_group,
            custom_llm_provider: row.provider,
            user: row.user_id,
            end_user: row.end_user,
        }
    }
}

fn metadata(row: &Spent, status: &str) -> Value {
    json!({
        "status": status,
        "status_code": row.status,
        "error_information": if row.error.is_empty() { Value::Null } else {
            json!({"error_code": row.status.to_string(), "error_class": row.error})
        },
        "user_api_key": row.key_hash,
        "user_api_key_alias": row.key_alias,
        "user_api_key_user_id": row.user_id,
        "user_api_key_team_id": row.team_id,
        "stream": row.stream,
        "attempted_retries": row.attempts - 1,
        "client_disconnected": row.disconnected,
        "usage_estimated": row.usage_estimated,
        "usage_object": {
            "prompt_tokens": row.prompt_tokens,
            "completion_tokens": row.completion_tokens,
            "total_tokens": row.prompt_tokens + row.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": row.cached_tokens, "audio_tokens": row.audio_prompt_tokens},
            "completion_tokens_details": {
                "reasoning_tokens": row.reasoning_tokens, "audio_tokens": row.audio_completion_tokens
            },
            "cache_read_input_tokens": row.cached_tokens,
            "cache_creation_input_tokens": row.cache_creation_tokens,
            "cache_creation": {"ephemeral_1h_input_tokens": row.cache_creation_1h_tokens},
        },
    })
}

/// LiteLLM's name of an operation.
fn call_type(operation: &str) -> &str {
    match operation {
        "chat" => "acompletion",
        "messages" => "anthropic_messages",
        "completions" => "atext_completion",
        "embeddings" => "aembedding",
        "images" => "aimage_generation",
        "moderations" => "amoderation",
        "rerank" => "arerank",
        "responses" => "aresponses",
        "speech" => "aspeech",
        "transcription" => "atranscription",
        other => other,
    }
}
