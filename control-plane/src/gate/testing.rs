//! What the tests of this half of the program share.

use crate::store::{
    Store,
    keys::Key,
    on,
    parties::{Bounds, Kind, Party},
    testing::by,
    writes::Write,
};
use chrono::DateTime;
use sqlx::types::Json;

/// A key that may do everything, named by anything: its hash is made of the name.
pub fn key(name: &str) -> Key {
    use sha2::{Digest, Sha256};
    let created_at = DateTime::UNIX_EPOCH;
    Key {
        token: hex::encode(Sha256::digest(name)),
        key_name: "sk-...test".into(),
        key_alias: None,
        user_id: None,
        team_id: None,
        organization_id: None,
        budget_id: None,
        models: Json(vec![]),
        spend: 0.0,
        max_budget: None,
        budget_duration: None,
        budget_reset_at: None,
        rpm_limit: None,
        tpm_limit: None,
        max_parallel_requests: None,
        blocked: false,
        expires: None,
        metadata: Json(serde_json::Map::new()),
        extra: Json(serde_json::Map::new()),
        created_at,
        created_by: String::new(),
        updated_at: created_at,
    }
}

/// Puts a key in, or puts it in place of the one that is there.
pub async fn put(store: &Store, key: &Key) {
    const DELETE: &str = "DELETE FROM virtual_key WHERE token = $1";
    const INSERT: &str = "INSERT INTO virtual_key (token, key_name, key_alias, models, spend, max_budget,
        budget_duration, budget_reset_at, rpm_limit, tpm_limit, max_parallel_requests, blocked, expires, metadata,
        extra, created_at, created_by, updated_at, user_id, team_id, organization_id, budget_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)";
    on!(store, |pool| {
        sqlx::query(DELETE).bind(&key.token).execute(pool).await.unwrap();
        sqlx::query(INSERT)
            .bind(&key.token)
            .bind(&key.key_name)
            .bind(&key.key_alias)
            .bind(&key.models)
            .bind(key.spend)
            .bind(key.max_budget)
            .bind(&key.budget_duration)
            .bind(key.budget_reset_at)
            .bind(key.rpm_limit)
            .bind(key.tpm_limit)
            .bind(key.max_parallel_requests)
            .bind(key.blocked)
            .bind(key.expires)
            .bind(&key.metadata)
            .bind(&key.extra)
            .bind(key.created_at)
            .bind(&key.created_by)
            .bind(key.updated_at)
            .bind(&key.user_id)
            .bind(&key.team_id)
            .bind(&key.organization_id)
            .bind(&key.budget_id)
            .execute(pool)
            .await
            .unwrap();
    });
}

/// A party with these limits; `member` is empty where it is no membership.
pub fn party(kind: Kind, id: &str, member: &str, bounds: Bounds) -> Party {
    Party { member: member.into(), bounds, ..Party::new(kind, id, DateTime::UNIX_EPOCH, "") }
}

/// Puts a party in, or puts it in place of the one that is there.
pub async fn put_party(store: &Store, party: &Party) {
    let before = store.party(party.kind, &party.id, &party.member).await.unwrap();
    let write = match before {
        Some(before) => Write::UpdateParty(Box::new((before, party.clone()))),
        None => Write::InsertParty(party.clone()),
    };
    assert!(store.apply(&[write], &by()).await.unwrap());
}
