//! What users, teams, organizations, customers and tags have in common: settings, how they are shown and changed, pages.

use super::patch::{Limits, Patch, money, present, set};
use crate::{
    app::App,
    error::{Error, Result},
    fault::Fault,
    keys,
    store::{
        parties::{Kind, Page, Party, SORTS},
        writes::{By, Write},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Attempts to write what others change too.
pub const ATTEMPTS: usize = 5;

/// Fields of LiteLLM's that are kept and shown but not acted on yet, and what they are (as JSON) when nobody set them.
pub type Extras = &'static [(&'static str, &'static str)];

/// What a request says of a party, whatever it is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Settings {
    /// Model names it may use; empty for all.
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 1000), inner(length(max = 256)))]
    pub models: Patch<Vec<String>>,
    /// US dollars already spent.
    #[serde(deserialize_with = "present")]
    spend: Patch<f64>,
    /// Refuse it.
    #[serde(deserialize_with = "present")]
    blocked: Patch<bool>,
    /// The administrator's own notes.
    #[serde(deserialize_with = "present")]
    metadata: Patch<Map<String, Value>>,
    #[serde(flatten)]
    pub limits: Limits,
    /// Further fields of LiteLLM's are kept and shown.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Settings {
    /// Puts what was given into the party. Where limits belong into a budget, `limits` was taken out before.
    pub fn apply(self, party: &mut Party, extras: Extras, now: DateTime<Utc>, faults: &mut Vec<Fault>) {
        money("spend", self.spend.flatten(), faults);
        set(&mut party.models.0, self.models.map(Option::unwrap_or_default));
        set(&mut party.spend, self.spend.flatten());
        set(&mut party.blocked, self.blocked.map(Option::unwrap_or_default));
        set(&mut party.metadata.0, self.metadata.map(Option::unwrap_or_default));
        self.limits.apply(&mut party.bounds, &mut party.budget_reset_at, now, faults);
        keep(extras, self.rest, &mut party.extra.0);
    }
}

/// Keeps the known ones of further fields.
pub fn keep(extras: Extras, given: Map<String, Value>, kept: &mut Map<String, Value>) {
    kept.extend(given.into_iter().filter(|(name, _)| extras.iter().any(|(known, _)| known == name)));
}

/// Every known further field, as it was set or as it is unset.
pub fn shown(extras: Extras, kept: Map<String, Value>) -> Map<String, Value> {
    let unset = |text: &str| serde_json::from_str(text).unwrap_or_default();
    let mut shown: Map<_, _> = extras.iter().map(|(name, text)| ((*name).to_owned(), unset(text))).collect();
    shown.extend(kept);
    shown
}

/// What every answer shows of a party's limits.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Bounded {
    /// US dollars per budget period.
    max_budget: Option<f64>,
    soft_budget: Option<f64>,
    budget_duration: Option<String>,
    budget_reset_at: Option<DateTime<Utc>>,
    /// Requests per minute.
    rpm_limit: Option<i64>,
    /// Tokens per minute.
    tpm_limit: Option<i64>,
    max_parallel_requests: Option<i64>,
}

impl From<&Party> for Bounded {
    fn from(party: &Party) -> Self {
        let bounds = party.bounds.clone();
        Self {
            max_budget: bounds.max_budget,
            soft_budget: bounds.soft_budget,
            budget_duration: bounds.budget_duration,
            budget_reset_at: party.budget_reset_at,
            rpm_limit: bounds.rpm_limit,
            tpm_limit: bounds.tpm_limit,
            max_parallel_requests: bounds.max_parallel_requests,
        }
    }
}

/// One party, or that there is none.
pub async fn find(app: &App, kind: Kind, id: &str, param: &'static str) -> Result<Party> {
    app.store.party(kind, id, "").await?.ok_or_else(|| missing(kind, id, param))
}

/// There is no such party.
pub fn missing(kind: Kind, id: &str, param: &'static str) -> Error {
    let message = match kind {
        Kind::Team => format!("Team not found, passed team_id={id}"),
        Kind::Organization => format!("Organization not found for organization_id={id}"),
        Kind::Customer => format!("End User Id={id} does not exist in db"),
        Kind::Tag => format!("Tag {id} not found"),
        Kind::User | Kind::TeamMember | Kind::OrganizationMember => format!("User {id} not found"),
    };
    Error::not_found(param, message)
}

/// The id of a new party: as given, or a random one.
pub fn new_id(given: Option<String>) -> Result<String> {
    match given.filter(|id| !id.trim().is_empty()) {
        Some(id) => Ok(id),
        None => Ok(keys::id()?),
    }
}

/// When something is changed: later than before in any case, for it is what tells one state of it from the next.
pub fn later(before: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    now.max(before + TimeDelta::microseconds(1))
}

/// What becomes of `before` when this is put into it, or all that is wrong with it.
pub fn changed(before: &Party, by: &By, put: impl FnOnce(&mut Party, &mut Vec<Fault>)) -> Result<Party> {
    let mut faults = Vec::new();
    let mut after = before.clone();
    put(&mut after, &mut faults);
    after.updated_at = later(before.updated_at, by.at);
    after.updated_by.clone_from(&by.who);
    if faults.is_empty() { Ok(after) } else { Err(Error::Invalid(faults)) }
}

/// One write that changes a party.
pub fn update(before: Party, after: Party) -> Write {
    Write::UpdateParty(Box::new((before, after)))
}

/// Does it; somebody else was quicker is a conflict, and an id that is taken is told as `taken`.
pub async fn write(app: &App, writes: &[Write], by: &By, taken: impl FnOnce() -> Error) -> Result<()> {
    match app.write(writes, by).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::Conflict),
        Err(sqlx::Error::Database(e)) if e.is_unique_violation() => Err(taken()),
        Err(error) => Err(error.into()),
    }
}

/// Which part of a list, and in which order.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Paging {
    /// From 1.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub page: i64,
    /// Rows per page.
    #[schemars(range(min = 1, max = 1000))]
    pub page_size: i64,
    /// `created_at`, `updated_at`, `spend`, `max_budget`, or a name or id of what is listed.
    #[schemars(length(max = 32))]
    pub sort_by: Option<String>,
    /// `asc` or `desc`.
    #[schemars(length(max = 8))]
    pub sort_order: String,
}

impl Default for Paging {
    fn default() -> Self {
        Self { page: 1, page_size: 25, sort_by: None, sort_order: "asc".into() }
    }
}

impl Paging {
    /// What it means. `names` are what this list calls its columns.
    pub fn read(&self, names: &[(&str, &'static str)]) -> Result<Page> {
        let mut faults = Vec::new();
        let asked = self.sort_by.as_deref().unwrap_or("created_at");
        let own = names.iter().find(|(name, _)| *name == asked).map(|(_, column)| *column);
        let by = own.or_else(|| SORTS.into_iter().find(|column| *column == asked));
        if by.is_none() {
            faults.push(Fault::new("sort_by", format!("Invalid sort column: {asked}")));
        }
        let order = self.sort_order.to_ascii_lowercase();
        if !matches!(order.as_str(), "asc" | "desc") {
            faults.push(Fault::new("sort_order", "Invalid sort order. Must be 'asc' or 'desc'"));
        }
        match by {
            Some(by) if faults.is_empty() => Ok(Page {
                offset: (self.page - 1) * self.page_size,
                limit: self.page_size,
                by,
                descending: order == "desc",
            }),
            _ => Err(Error::Invalid(faults)),
        }
    }

    /// How many pages so many rows make.
    pub fn pages(&self, total: i64) -> i64 {
        (total + self.page_size - 1) / self.page_size
    }
}
