//! Models that were added by the admin API.

use super::{Result, Store, on, tx::Tx, tx::within};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use sqlx::{FromRow, types::Json};

/// One row of `model`: one deployment.
#[derive(Debug, Clone, FromRow, PartialEq, Serialize)]
pub struct Model {
    /// `model_info.id`.
    pub id: String,
    /// The name clients ask for.
    pub model_name: String,
    /// `litellm_params` without credentials.
    pub params: Json<Map<String, Value>>,
    /// The credentials, a JSON object by parameter name, sealed for `id`.
    #[serde(skip)]
    pub credential: Option<String>,
    /// `model_info` as given.
    pub info: Json<Map<String, Value>>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// Who added it.
    pub created_by: String,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Store {
    /// All, oldest first.
    pub async fn models(&self) -> Result<Vec<Model>> {
        const SQL: &str = "SELECT * FROM model ORDER BY created_at, id";
        on!(self, |pool| sqlx::query_as(SQL).fetch_all(pool).await)
    }

    /// The one with this id.
    pub async fn model(&self, id: &str) -> Result<Option<Model>> {
        const SQL: &str = "SELECT * FROM model WHERE id = $1";
        on!(self, |pool| sqlx::query_as(SQL).bind(id).fetch_optional(pool).await)
    }
}

impl Tx {
    /// Adds one. Its id must be new: else a unique violation.
    pub(super) async fn insert_model(&mut self, model: &Model) -> Result<bool> {
        const SQL: &str = "
            INSERT INTO model (id, model_name, params, credential, info, created_at, created_by, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        within!(self, |connection| sqlx::query(SQL)
            .bind(&model.id)
            .bind(&model.model_name)
            .bind(&model.params)
            .bind(&model.credential)
            .bind(&model.info)
            .bind(model.created_at)
            .bind(&model.created_by)
            .bind(model.updated_at)
            .execute(connection)
            .await
            .map(|done| done.rows_affected() == 1))
    }

    /// Writes what became of `before`; `false` if somebody else has changed or deleted it in between.
    pub(super) async fn update_model(&mut self, before: &Model, after: &Model) -> Result<bool> {
        const SQL: &str = "
            UPDATE model SET model_name = $3, params = $4, credential = $5, info = $6, updated_at = $7
            WHERE id = $1 AND updated_at = $2";
        within!(self, |connection| sqlx::query(SQL)
            .bind(&before.id)
            .bind(before.updated_at)
            .bind(&after.model_name)
            .bind(&after.params)
            .bind(&after.credential)
            .bind(&after.info)
            .bind(after.updated_at)
            .execute(connection)
            .await
            .map(|done| done.rows_affected() == 1))
    }

    /// Deletes one; `false` if there was none.
    pub(super) async fn delete_model(&mut self, id: &str) -> Result<bool> {
        const SQL: &str = "DELETE FROM model WHERE id = $1";
        within!(self, |connection| sqlx::query(SQL)
            .bind(id)
            .execute(connection)
            .await
            .map(|done| done.rows_affected() == 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        testing::{by, stores},
        writes::Write,
    };

    fn model(id: &str, second: i64) -> Model {
        let time = DateTime::from_timestamp(1_800_000_000 + second, 1000).unwrap();
        Model {
            id: id.into(),
            model_name: "gpt".into(),
            params: Json(Map::from_iter([("model".into(), "openai/gpt".into())])),
            credential: Some("v1:abc".into()),
            info: Json(Map::new()),
            created_at: time,
            created_by: "default_user_id".into(),
            updated_at: time,
        }
    }

    #[tokio::test]
    async fn a_model_lives_from_insert_to_delete() {
        for store in stores().await {
            let (one, two) = (model("one", 2), model("two", 1));
            let both = [Write::InsertModel(one.clone()), Write::InsertModel(two.clone())];
            store.apply(&both, &by()).await.unwrap();
            let again = store.apply(&both[..1], &by()).await.unwrap_err();
            assert!(again.as_database_error().unwrap().is_unique_violation());
            assert_eq!(store.models().await.unwrap(), [two.clone(), one.clone()]);
            assert_eq!(store.model("one").await.unwrap(), Some(one.clone()));

            let changed = Model { credential: None, updated_at: two.updated_at, ..one.clone() };
            let change = [Write::UpdateModel(Box::new((one.clone(), changed.clone())))];
            assert!(store.apply(&change, &by()).await.unwrap());
            assert!(!store.apply(&change, &by()).await.unwrap(), "it was changed since");
            assert_eq!(store.model("one").await.unwrap(), Some(changed));

            let delete = [Write::DeleteModel(one)];
            assert!(store.apply(&delete, &by()).await.unwrap());
            assert!(!store.apply(&delete, &by()).await.unwrap());
            assert_eq!(store.models().await.unwrap(), [two]);
        }
    }
}
