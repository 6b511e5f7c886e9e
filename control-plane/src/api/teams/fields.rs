//! What a request can say about a team.

use super::view::{EXTRAS, PERMISSIONS};
use crate::{
    api::{
        budgets,
        parties::Settings,
        patch::{Limits, Patch, filled, present, printable, set},
    },
    error::Result,
    fault::Fault,
    store::{budgets::Budget, parties::Party, writes::By, writes::Write},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// What the members of a team get where they are given nothing of their own.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Members {
    /// US dollars for each member.
    #[serde(deserialize_with = "present")]
    team_member_budget: Patch<f64>,
    /// When that starts anew.
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 32))]
    team_member_budget_duration: Patch<String>,
    /// Requests per minute for each member.
    #[serde(deserialize_with = "present")]
    #[schemars(range(min = 0))]
    team_member_rpm_limit: Patch<i64>,
    /// Tokens per minute for each member.
    #[serde(deserialize_with = "present")]
    #[schemars(range(min = 0))]
    team_member_tpm_limit: Patch<i64>,
}

impl Members {
    /// The write of the budget that the team's members have, and the team's note of it.
    fn budget(&self, team: &mut Party, linked: Option<Budget>, by: &By) -> Result<Option<Write>> {
        let limits = Limits {
            max_budget: self.team_member_budget,
            budget_duration: self.team_member_budget_duration.clone(),
            rpm_limit: self.team_member_rpm_limit,
            tpm_limit: self.team_member_tpm_limit,
            ..Limits::default()
        };
        Ok(match linked {
            _ if limits.is_empty() => None,
            Some(before) => Some(budgets::changed(before, limits, by)?),
            None => {
                let budget = budgets::budget(None, limits, by)?;
                team.metadata
                    .0
                    .insert(super::members::DEFAULT_BUDGET.into(), budget.budget_id.clone().into());
                Some(Write::InsertBudget(budget))
            }
        })
    }
}

/// Somebody who is to be a member.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Wanted {
    /// Without it, `user_email` says who.
    #[schemars(length(max = 256))]
    pub user_id: Option<String>,
    #[schemars(length(max = 256))]
    pub user_email: Option<String>,
    role: Role,
}

/// What a member may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May manage the team.
    Admin,
    /// May use it.
    User,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
        }
    }
}

impl Wanted {
    pub fn role(&self) -> &'static str {
        self.role.name()
    }
}

/// `POST /team/new`
#[derive(Deserialize, JsonSchema)]
pub struct NewTeam {
    /// A random one if there is none.
    #[schemars(length(max = 256))]
    pub team_id: Option<String>,
    #[schemars(length(max = 256))]
    team_alias: Option<String>,
    #[schemars(length(max = 256))]
    organization_id: Option<String>,
    #[schemars(length(max = 1000))]
    members_with_roles: Option<Vec<Wanted>>,
    #[serde(flatten)]
    members: Members,
    #[serde(flatten)]
    settings: Settings,
}

impl NewTeam {
    pub fn apply(&self, team: &mut Party, by: &By, faults: &mut Vec<Fault>) {
        printable("team_id", self.team_id.as_deref(), faults);
        printable("team_alias", self.team_alias.as_deref(), faults);
        team.alias = filled(self.team_alias.clone());
        team.organization_id = filled(self.organization_id.clone());
        self.settings.clone().apply(team, EXTRAS, by.at, faults);
    }

    pub fn members(&self) -> impl Iterator<Item = &Wanted> {
        self.members_with_roles.iter().flatten()
    }

    pub fn member_budget(&self, team: &mut Party, linked: Option<Budget>, by: &By) -> Result<Option<Write>> {
        self.members.budget(team, linked, by)
    }
}

/// `POST /team/update`
#[derive(Deserialize, JsonSchema)]
pub struct ChangedTeam {
    #[schemars(length(min = 1, max = 256))]
    pub team_id: String,
    #[serde(default)]
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 256))]
    team_alias: Patch<String>,
    #[serde(default)]
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 256))]
    organization_id: Patch<String>,
    #[serde(flatten)]
    members: Members,
    #[serde(flatten)]
    settings: Settings,
}

impl ChangedTeam {
    pub fn apply(&self, team: &mut Party, by: &By, faults: &mut Vec<Fault>) {
        printable("team_alias", self.team_alias.as_ref().and_then(Option::as_deref), faults);
        let budget = team.metadata.0.get(super::members::DEFAULT_BUDGET).cloned();
        set(&mut team.alias, self.team_alias.clone().map(filled));
        set(&mut team.organization_id, self.organization_id.clone().map(filled));
        self.settings.clone().apply(team, EXTRAS, by.at, faults);
        // New notes do not lose the members' budget.
        if let Some(budget) = budget {
            team.metadata.0.insert(super::members::DEFAULT_BUDGET.into(), budget);
        }
    }

    pub fn member_budget(&self, team: &mut Party, linked: Option<Budget>, by: &By) -> Result<Option<Write>> {
        self.members.budget(team, linked, by)
    }
}

/// `POST /team/model/add`, `POST /team/model/delete`
#[derive(Deserialize, JsonSchema)]
pub struct Models {
    #[schemars(length(min = 1, max = 256))]
    pub team_id: String,
    #[schemars(length(max = 1000), inner(length(max = 256)))]
    pub models: Vec<String>,
}

/// `POST /team/permissions_update`
#[derive(Deserialize, JsonSchema)]
pub struct Permissions {
    #[schemars(length(min = 1, max = 256))]
    pub team_id: String,
    /// Routes, as `/team/permissions_list` names them.
    #[schemars(length(max = 100), inner(length(max = 256)))]
    team_member_permissions: Vec<String>,
}

impl Permissions {
    pub fn apply(&self, team: &mut Party, faults: &mut Vec<Fault>) {
        for unknown in
            self.team_member_permissions.iter().filter(|name| !PERMISSIONS.contains(&name.as_str()))
        {
            let message =
                format!("Invalid permission: {unknown}. Must be one of: {}", PERMISSIONS.join(", "));
            faults.push(Fault::new("team_member_permissions", message));
        }
        team.extra.0.insert("team_member_permissions".into(), json!(self.team_member_permissions));
    }
}
