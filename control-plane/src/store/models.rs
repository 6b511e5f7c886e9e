//! Models that were added by the admin API.

use super::{Result, Store, on};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::{FromRow, types::Json};

/// One row of `model`: one deployment.
#[derive(Debug, Clone, FromRow, PartialEq)]
pub struct Model {
    /// `model_info.id`.
    pub id: String,
    /// The name clients ask for.
    pub model_name: String,
    /// `litellm_params` without credentials.
    pub params: Json<Map<String, Value>>,
    /// The credentials, a JSON object by parameter name, sealed for `id`.
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

    /// Adds one. Its id must be new: else a unique violation.
    pub async fn insert_model(&self, model: &Model) -> Result<()> {
        const SQL: &str = "
            INSERT INTO model (id, model_name, params, credential, info, created_at, created_by, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        on!(self, |pool| sqlx::query(SQL)
            .bind(&model.id)
            .bind(&model.model_name)
            .bind(&model.params)
            .bind(&model.credential)
            .bind(&model.info)
            .bind(model.created_at)
            .bind(&model.created_by)
            .bind(model.updated_at)
            .execute(pool)
            .await
            .map(drop))
    }

    /// Writes what became of `before`; `false` if somebody else has changed or deleted it in between.
    pub async fn update_model(&self, before: &Model, after: &Model) -> Result<bool> {
        const SQL: &str = "
            UPDATE model SET model_name = $3, params = $4, credential = $5, info = $6, updated_at = $7
            WHERE id = $1 AND updated_at = $2";
        on!(self, |pool| sqlx::query(SQL)
            .bind(&before.id)
            .bind(before.updated_at)
            .bind(&after.model_name)
            .bind(&after.params)
            .bind(&after.credential)
            .bind(&after.info)
            .bind(after.updated_at)
            .execute(pool)
            .await
            .map(|done| done.rows_affected() == 1))
    }

    /// Deletes one; `false` if there was none.
    pub async fn delete_model(&self, id: &str) -> Result<bool> {
        const SQL: &str = "DELETE FROM model WHERE id = $1";
        on!(self, |pool| sqlx::query(SQL).bind(id).execute(pool).await.map(|done| done.rows_affected() == 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::stores;

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
            store.insert_model(&one).await.unwrap();
            store.insert_model(&two).await.unwrap();
            assert!(
                store
                    .insert_model(&one)
                    .await
                    .unwrap_err()
                    .as_database_error()
                    .unwrap()
                    .is_unique_violation()
            );
            assert_eq!(store.models().await.unwrap(), [two.clone(), one.clone()]);
            assert_eq!(store.model("one").await.unwrap(), Some(one.clone()));

            let changed = Model { credential: None, updated_at: two.updated_at, ..one.clone() };
            assert!(store.update_model(&one, &changed).await.unwrap());
            assert!(!store.update_model(&one, &changed).await.unwrap(), "it was changed since");
            assert_eq!(store.model("one").await.unwrap(), Some(changed));

            assert!(store.delete_model("one").await.unwrap());
            assert!(!store.delete_model("one").await.unwrap());
            assert_eq!(store.models().await.unwrap(), [two]);
        }
    }
}
