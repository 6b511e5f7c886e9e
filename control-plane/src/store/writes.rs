//! Changes of the management plane: a list of writes that happens whole or not at all, each with its row in the audit
//! log. There is no other way to write these tables, so nothing can be changed without a trace.

use super::{
    Result, Store, audit::Audit, budgets::Budget, keys::Key, models::Model, parties::Kind, parties::Party,
    tx::Tx,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::types::Json;

/// Who changes something, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// Who.
    pub who: String,
    /// Hexadecimal SHA-256 of the key it is done with.
    pub key: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// One row that is written. What is updated or deleted is given as it was read.
#[derive(Debug, Clone)]
pub enum Write {
    /// A new party.
    InsertParty(Party),
    /// What became of one.
    UpdateParty(Box<(Party, Party)>),
    /// It is gone. A team is kept in the history.
    DeleteParty(Party),
    /// A new budget.
    InsertBudget(Budget),
    /// What became of one.
    UpdateBudget(Box<(Budget, Budget)>),
    /// It is gone, and whoever had it has no limits from it.
    DeleteBudget(Budget),
    /// A new key.
    InsertKey(Key),
    /// What became of one.
    UpdateKey(Box<(Key, Key)>),
    /// It is gone, and kept in the history.
    DeleteKey(Key),
    /// A new model.
    InsertModel(Model),
    /// What became of one.
    UpdateModel(Box<(Model, Model)>),
    /// It is gone.
    DeleteModel(Model),
}

impl Store {
    /// Does all of it, or nothing: `false` if one of the rows is not any more what it was when it was read.
    pub async fn apply(&self, writes: &[Write], by: &By) -> Result<bool> {
        let mut tx = self.begin().await?;
        let mut ordered: Vec<&Write> = writes.iter().collect();
        ordered.sort_by_key(|write| write.place());
        for write in ordered {
            if !tx.write(write, by).await? {
                return Ok(false);
            }
            tx.insert_audit(&write.audit(by)?).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

impl Tx {
    async fn write(&mut self, write: &Write, by: &By) -> Result<bool> {
        match write {
            Write::InsertParty(party) => self.insert_party(party).await,
            Write::UpdateParty(change) => self.update_party(&change.0, &change.1).await,
            Write::DeleteParty(party) => {
                if party.kind == Kind::Team {
                    self.keep_team(party, &id()?, by).await?;
                }
                self.delete_party(party).await
            }
            Write::InsertBudget(budget) => self.insert_budget(budget).await,
            Write::UpdateBudget(change) => self.update_budget(&change.0, &change.1).await,
            Write::DeleteBudget(budget) => self.delete_budget(&budget.budget_id).await,
            Write::InsertKey(key) => self.insert_key(key).await,
            Write::UpdateKey(change) => self.update_key(&change.0, &change.1).await,
            Write::DeleteKey(key) => {
                self.keep_key(key, &id()?, by).await?;
                self.delete_key(&key.token).await
            }
            Write::InsertModel(model) => self.insert_model(model).await,
            Write::UpdateModel(change) => self.update_model(&change.0, &change.1).await,
            Write::DeleteModel(model) => self.delete_model(&model.id).await,
        }
    }
}

impl Write {
    /// What somebody else has to know to be up to date: hashes of keys, and names of parties (`team:core`) and of
    /// budgets (`budget:free`). Models are told of otherwise.
    pub fn touches(&self) -> Option<String> {
        match self {
            Self::InsertParty(party) | Self::DeleteParty(party) => Some(party.scope()),
            Self::UpdateParty(change) => Some(change.1.scope()),
            Self::InsertBudget(budget) | Self::DeleteBudget(budget) => {
                Some(format!("budget:{}", budget.budget_id))
            }
            Self::UpdateBudget(change) => Some(format!("budget:{}", change.1.budget_id)),
            Self::InsertKey(key) | Self::DeleteKey(key) => Some(key.token.clone()),
            Self::UpdateKey(change) => Some(change.1.token.clone()),
            Self::InsertModel(_) | Self::UpdateModel(_) | Self::DeleteModel(_) => None,
        }
    }

    /// Rows are touched in the ledger's order (keys, then parties, each ascending), so that no two transactions ever wait
    /// for each other. A key that takes the alias of one that goes comes after it.
    fn place(&self) -> (u8, Option<(Kind, &str, &str)>, &str) {
        match self {
            Self::DeleteKey(key) => (0, None, &key.token),
            Self::UpdateKey(change) => (0, None, &change.0.token),
            Self::InsertKey(key) => (1, None, &key.token),
            Self::InsertParty(party) | Self::DeleteParty(party) => (2, Some(row_of(party)), ""),
            Self::UpdateParty(change) => (2, Some(row_of(&change.0)), ""),
            Self::InsertBudget(budget) | Self::DeleteBudget(budget) => (3, None, &budget.budget_id),
            Self::UpdateBudget(change) => (3, None, &change.0.budget_id),
            Self::InsertModel(model) | Self::DeleteModel(model) => (4, None, &model.id),
            Self::UpdateModel(change) => (4, None, &change.0.id),
        }
    }

    fn audit(&self, by: &By) -> Result<Audit> {
        let (action, before, after) = match self {
            Self::InsertParty(row) => ("created", None, shown(row)),
            Self::InsertBudget(row) => ("created", None, shown(row)),
            Self::InsertKey(row) => ("created", None, shown(row)),
            Self::InsertModel(row) => ("created", None, shown(row)),
            Self::DeleteParty(row) => ("deleted", shown(row), None),
            Self::DeleteBudget(row) => ("deleted", shown(row), None),
            Self::DeleteKey(row) => ("deleted", shown(row), None),
            Self::DeleteModel(row) => ("deleted", shown(row), None),
            Self::UpdateParty(change) => {
                (updated(change.0.blocked, change.1.blocked), shown(&change.0), shown(&change.1))
            }
            Self::UpdateKey(change) => {
                (updated(change.0.blocked, change.1.blocked), shown(&change.0), shown(&change.1))
            }
            Self::UpdateBudget(change) => ("updated", shown(&change.0), shown(&change.1)),
            Self::UpdateModel(change) => ("updated", shown(&change.0), shown(&change.1)),
        };
        let (table_name, object_id) = self.object();
        Ok(Audit {
            id: id()?,
            updated_at: by.at,
            changed_by: by.who.clone(),
            changed_by_api_key: by.key.clone(),
            action: action.into(),
            table_name: table_name.into(),
            object_id,
            before_value: before.map(Json),
            updated_values: after.map(Json),
        })
    }

    /// LiteLLM's name of the table, and the row's id.
    fn object(&self) -> (&'static str, String) {
        match self {
            Self::InsertParty(party) | Self::DeleteParty(party) => of_party(party),
            Self::UpdateParty(change) => of_party(&change.1),
            Self::InsertBudget(row) | Self::DeleteBudget(row) => {
                ("LiteLLM_BudgetTable", row.budget_id.clone())
            }
            Self::UpdateBudget(change) => ("LiteLLM_BudgetTable", change.1.budget_id.clone()),
            Self::InsertKey(row) | Self::DeleteKey(row) => ("LiteLLM_VerificationToken", row.token.clone()),
            Self::UpdateKey(change) => ("LiteLLM_VerificationToken", change.1.token.clone()),
            Self::InsertModel(row) | Self::DeleteModel(row) => ("LiteLLM_ProxyModelTable", row.id.clone()),
            Self::UpdateModel(change) => ("LiteLLM_ProxyModelTable", change.1.id.clone()),
        }
    }
}

fn row_of(party: &Party) -> (Kind, &str, &str) {
    (party.kind, &party.id, &party.member)
}

fn of_party(party: &Party) -> (&'static str, String) {
    let table = match party.kind {
        Kind::User => "LiteLLM_UserTable",
        Kind::Team => "LiteLLM_TeamTable",
        Kind::TeamMember => "LiteLLM_TeamMembership",
        Kind::Organization => "LiteLLM_OrganizationTable",
        Kind::OrganizationMember => "LiteLLM_OrganizationMembership",
        Kind::Customer => "LiteLLM_EndUserTable",
        Kind::Tag => "LiteLLM_TagTable",
    };
    let id =
        if party.member.is_empty() { party.id.clone() } else { format!("{}/{}", party.id, party.member) };
    (table, id)
}

fn updated(before: bool, after: bool) -> &'static str {
    match (before, after) {
        (false, true) => "blocked",
        (true, false) => "unblocked",
        _ => "updated",
    }
}

/// A row as the audit log keeps it: whatever is named like a credential, at any depth, is masked.
fn shown(row: &impl Serialize) -> Option<Value> {
    let mut value = serde_json::to_value(row).ok()?;
    mask(&mut value, true);
    Some(value)
}

fn mask(value: &mut Value, is_row: bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, false)),
        Value::Object(fields) => {
            for (name, value) in fields {
                // A row's own `token` is a hash, which says which key it was.
                let is_hash = is_row && name == "token";
                if value.is_string() && !is_hash && crate::catalog::entry::is_secret(&name.to_lowercase()) {
                    *value = "****".into();
                } else {
                    mask(value, false);
                }
            }
        }
        _ => {}
    }
}

fn id() -> Result<String> {
    crate::keys::id().map_err(|error| sqlx::Error::Encode(error.into()))
}

#[cfg(test)]
mod tests;
