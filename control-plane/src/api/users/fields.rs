//! What a request can say about a user.

use super::view::EXTRAS;
use crate::{
    api::{
        keys::new_key,
        parties::Settings,
        patch::{Patch, filled, money, present, printable, set},
    },
    error::Result,
    fault::Fault,
    secret::Secret,
    store::{keys::Key, parties::Party, writes::By},
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// The role of a user nobody gave one.
pub const DEFAULT_ROLE: &str = "internal_user_viewer";

/// What a user may be.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Role {
    ProxyAdmin,
    ProxyAdminViewer,
    InternalUser,
    InternalUserViewer,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::ProxyAdmin => "proxy_admin",
            Self::ProxyAdminViewer => "proxy_admin_viewer",
            Self::InternalUser => "internal_user",
            Self::InternalUserViewer => "internal_user_viewer",
        }
    }
}

/// The roles, as a form shows them.
pub fn roles() -> Value {
    json!({
        "proxy_admin": {"description": "admin over litellm proxy, has all permissions", "ui_label": "Admin (All Permissions)"},
        "proxy_admin_viewer": {"description": "view all keys, view all spend", "ui_label": "Admin (View Only)"},
        "internal_user": {"description": "view/create/delete their own keys, view their own spend", "ui_label": "Internal User (Create/Delete/View)"},
        "internal_user_viewer": {"description": "view their own keys, view their own spend", "ui_label": "Internal User (View Only)"},
    })
}

/// A team a new user joins.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Joined {
    #[schemars(length(max = 256))]
    pub team_id: String,
    /// US dollars it may spend in the team.
    pub max_budget_in_team: Option<f64>,
    /// `user` or `admin`.
    #[serde(default = "user")]
    #[schemars(length(max = 16))]
    pub user_role: String,
}

fn user() -> String {
    "user".into()
}

/// Its id, or more of it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Team {
    Id(String),
    Joined(Joined),
}

/// `POST /user/new`
#[derive(Deserialize, JsonSchema)]
pub struct NewUser {
    /// A random one if there is none.
    #[schemars(length(max = 256))]
    pub user_id: Option<String>,
    #[serde(flatten)]
    person: Person,
    /// Teams it joins.
    #[schemars(length(max = 1000))]
    teams: Option<Vec<Team>>,
    /// Make a key for it.
    #[serde(default = "yes")]
    pub auto_create_key: bool,
    /// How long the key lives.
    #[schemars(length(max = 32))]
    duration: Option<String>,
    #[schemars(length(max = 256))]
    key_alias: Option<String>,
    /// The team the key belongs to.
    #[schemars(length(max = 256))]
    team_id: Option<String>,
    #[serde(flatten)]
    settings: Settings,
}

fn yes() -> bool {
    true
}

/// Who it is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Person {
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 256))]
    user_email: Patch<String>,
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 256))]
    user_alias: Patch<String>,
    #[serde(deserialize_with = "present")]
    user_role: Patch<Role>,
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 256))]
    organization_id: Patch<String>,
}

impl Person {
    fn apply(self, user: &mut Party, faults: &mut Vec<Fault>) {
        for (name, text) in [("user_email", &self.user_email), ("user_alias", &self.user_alias)] {
            printable(name, text.as_ref().and_then(Option::as_deref), faults);
        }
        // One address is one user, however it is written.
        set(
            &mut user.email,
            self.user_email.map(|email| filled(email).map(|email| email.trim().to_lowercase())),
        );
        set(&mut user.alias, self.user_alias.map(filled));
        set(&mut user.organization_id, self.organization_id.map(filled));
        set(&mut user.role, self.user_role.map(|role| role.map(|role| role.name().into())));
    }
}

impl NewUser {
    pub fn apply(&self, user: &mut Party, by: &By, faults: &mut Vec<Fault>) {
        printable("user_id", self.user_id.as_deref(), faults);
        user.role = Some(DEFAULT_ROLE.into());
        for team in self.teams() {
            money("teams.max_budget_in_team", team.max_budget_in_team, faults);
            if !matches!(team.user_role.as_str(), "user" | "admin") {
                let message = format!("must be 'user' or 'admin', not '{}'", team.user_role);
                faults.push(Fault::new("teams.user_role", message));
            }
        }
        self.person.clone().apply(user, faults);
        self.settings.clone().apply(user, EXTRAS, by.at, faults);
    }

    /// The teams it joins.
    pub fn teams(&self) -> impl Iterator<Item = Joined> + '_ {
        self.teams.iter().flatten().map(|team| match team {
            Team::Id(id) => Joined { team_id: id.clone(), max_budget_in_team: None, user_role: user() },
            Team::Joined(joined) => joined.clone(),
        })
    }

    /// Its first key. The user's limits bind it anyway; it has none of its own.
    pub fn key(&self, user: &Party, by: &By) -> Result<(Secret, Key)> {
        let fields = json!({
            "user_id": user.id, "key_alias": self.key_alias, "duration": self.duration, "team_id": self.team_id,
            "models": user.models.0,
        });
        new_key(fields, by)
    }
}

/// `POST /user/update`
#[derive(Deserialize, JsonSchema)]
pub struct ChangedUser {
    /// Who; without it, `user_email` says who.
    #[schemars(length(max = 256))]
    pub user_id: Option<String>,
    #[schemars(length(max = 256))]
    pub user_email: Option<String>,
    #[serde(default)]
    #[serde(deserialize_with = "present")]
    #[schemars(length(max = 256))]
    user_alias: Patch<String>,
    #[serde(default)]
    #[serde(deserialize_with = "present")]
    user_role: Patch<Role>,
    #[serde(flatten)]
    settings: Settings,
}

impl ChangedUser {
    pub fn apply(&self, user: &mut Party, by: &By, faults: &mut Vec<Fault>) {
        printable("user_id", self.user_id.as_deref(), faults);
        let person = Person {
            user_email: self.user_email.clone().map(Some),
            user_alias: self.user_alias.clone(),
            user_role: self.user_role,
            organization_id: None,
        };
        person.apply(user, faults);
        self.settings.clone().apply(user, EXTRAS, by.at, faults);
    }
}
