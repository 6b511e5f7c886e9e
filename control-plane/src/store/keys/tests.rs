use super::*;
use crate::store::{
    testing::{by, stores},
    writes::Write,
};
use serde_json::json;

fn at(second: u32) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + i64::from(second), 123_456_000).unwrap()
}

fn key(token: &str, second: u32) -> Key {
    Key {
        token: token.into(),
        key_name: "sk-...abcd".into(),
        key_alias: Some(format!("Alias_{token}")),
        user_id: Some("alice".into()),
        team_id: None,
        organization_id: None,
        budget_id: None,
        models: Json(vec!["gpt".into()]),
        spend: 0.1 + 0.2,
        max_budget: Some(10.0),
        budget_duration: Some("30d".into()),
        budget_reset_at: Some(at(100)),
        rpm_limit: Some(1),
        tpm_limit: None,
        max_parallel_requests: Some(3),
        blocked: false,
        expires: None,
        metadata: Json(json!({"a": {"b": [1, "é"]}}).as_object().unwrap().clone()),
        extra: Json(Map::new()),
        created_at: at(second),
        created_by: "default_user_id".into(),
        updated_at: at(second),
    }
}

async fn insert(store: &Store, key: Key) -> Result<bool> {
    store.apply(&[Write::InsertKey(key)], &by()).await
}

async fn update(store: &Store, before: &Key, after: &Key) -> Result<bool> {
    store.apply(&[Write::UpdateKey(Box::new((before.clone(), after.clone())))], &by()).await
}

const PAGE: Page = Page { offset: 0, limit: 10, sort: Sort::CreatedAt, descending: true };

#[tokio::test]
async fn a_key_comes_back_as_it_was_stored() {
    for store in stores().await {
        let key = key("aa", 1);
        insert(&store, key.clone()).await.unwrap();
        assert_eq!(store.key("aa").await.unwrap(), Some(key.clone()));
        assert_eq!(store.key_by_alias("Alias_aa").await.unwrap(), Some(key));
        assert_eq!(store.key("bb").await.unwrap(), None);
        assert_eq!(store.key_by_alias("alias_aa").await.unwrap(), None);
    }
}

#[tokio::test]
async fn an_alias_belongs_to_one_key() {
    for store in stores().await {
        insert(&store, key("aa", 1)).await.unwrap();
        let twin = Key { key_alias: Some("Alias_aa".into()), ..key("bb", 1) };
        let error = insert(&store, twin).await.unwrap_err();
        assert!(error.as_database_error().unwrap().is_unique_violation());
        insert(&store, Key { key_alias: None, ..key("bb", 1) }).await.unwrap();
        insert(&store, Key { key_alias: None, ..key("cc", 1) }).await.unwrap();
    }
}

#[tokio::test]
async fn an_update_leaves_alone_what_the_ledger_keeps() {
    for store in stores().await {
        let before = key("aa", 1);
        insert(&store, before.clone()).await.unwrap();
        let spent = Key { spend: 5.0, budget_reset_at: Some(at(500)), ..before.clone() };
        assert!(update(&store, &before, &spent).await.unwrap());

        let renamed = Key { key_alias: None, updated_at: at(2), ..before.clone() };
        assert!(update(&store, &before, &renamed).await.unwrap());
        let stored = store.key("aa").await.unwrap().unwrap();
        assert_eq!(stored, Key { spend: 5.0, budget_reset_at: Some(at(500)), ..renamed });
        assert!(!update(&store, &before, &spent).await.unwrap(), "it was changed since");
    }
}

#[tokio::test]
async fn keys_are_deleted_all_or_none_and_kept_in_the_history() {
    for store in stores().await {
        insert(&store, key("aa", 1)).await.unwrap();
        insert(&store, key("bb", 1)).await.unwrap();
        let both = [Write::DeleteKey(key("aa", 1)), Write::DeleteKey(key("cc", 1))];
        assert!(!store.apply(&both, &by()).await.unwrap(), "one of them is not there");
        assert!(store.key("aa").await.unwrap().is_some(), "so none is deleted");
        assert!(store.apply(&both[..1], &by()).await.unwrap());
        assert_eq!(store.key("aa").await.unwrap(), None);
        let kept: i64 = on!(&store, |pool| sqlx::query_scalar(
            "SELECT COUNT(*) FROM deleted_virtual_key WHERE token = 'aa' AND deleted_by = 'admin'"
        )
        .fetch_one(pool)
        .await
        .unwrap());
        assert_eq!(kept, 1);
    }
}

#[tokio::test]
async fn a_list_is_filtered() {
    for store in stores().await {
        insert(&store, Key { user_id: Some("alice2".into()), ..key("aa", 1) }).await.unwrap();
        insert(&store, Key { expires: Some(at(50)), team_id: Some("t".into()), ..key("bb", 2) })
            .await
            .unwrap();
        insert(&store, Key { blocked: true, ..key("cc", 3) }).await.unwrap();
        let cases = [
            (Filter::default(), "cc bb aa"),
            (Filter { user_id: Some("alice".into()), ..Filter::default() }, "cc bb"),
            (Filter { user_id: Some("LICE".into()), substring: true, ..Filter::default() }, "cc bb aa"),
            (Filter { key_alias: Some("Alias_aa".into()), ..Filter::default() }, "aa"),
            (Filter { key_alias: Some("s_b".into()), substring: true, ..Filter::default() }, "bb"),
            (Filter { key_alias: Some("%".into()), substring: true, ..Filter::default() }, ""),
            (Filter { search: Some("cc".into()), ..Filter::default() }, "cc"),
            (Filter { team_id: Some("t".into()), ..Filter::default() }, "bb"),
            (Filter { token: Some("bb".into()), ..Filter::default() }, "bb"),
            (Filter { blocked: Some(true), ..Filter::default() }, "cc"),
            (Filter { expired: Some(true), ..Filter::default() }, "bb"),
            (Filter { expired: Some(false), blocked: Some(false), ..Filter::default() }, "aa"),
        ];
        for (filter, expected) in cases {
            let (keys, total) = store.keys(&filter, PAGE, at(60)).await.unwrap();
            let tokens: Vec<_> = keys.iter().map(|k| k.token.as_str()).collect();
            assert_eq!(tokens.join(" "), expected, "{filter:?}");
            assert_eq!(total, i64::try_from(keys.len()).unwrap());
        }
    }
}

#[tokio::test]
async fn a_list_is_sorted_and_paged() {
    for store in stores().await {
        for (token, second, spend, budget) in
            [("aa", 1, 3.0, None), ("bb", 2, 1.0, Some(5.0)), ("cc", 2, 2.0, Some(4.0))]
        {
            insert(&store, Key { spend, max_budget: budget, ..key(token, second) }).await.unwrap();
        }
        let cases = [
            (Sort::Spend, true, "aa cc bb"),
            (Sort::Spend, false, "bb cc aa"),
            (Sort::MaxBudget, true, "bb cc aa"),
            (Sort::MaxBudget, false, "cc bb aa"),
            (Sort::CreatedAt, true, "cc bb aa"),
            (Sort::UpdatedAt, false, "aa bb cc"),
            (Sort::KeyAlias, true, "cc bb aa"),
            (Sort::Token, false, "aa bb cc"),
        ];
        for (sort, descending, expected) in cases {
            let page = Page { sort, descending, ..PAGE };
            let (keys, _) = store.keys(&Filter::default(), page, at(0)).await.unwrap();
            let tokens: Vec<_> = keys.iter().map(|k| k.token.as_str()).collect();
            assert_eq!(tokens.join(" "), expected, "{sort:?} {descending}");
        }
        let second = Page { offset: 2, limit: 2, ..PAGE };
        let (keys, total) = store.keys(&Filter::default(), second, at(0)).await.unwrap();
        assert_eq!((keys.len(), total), (1, 3));
        let beyond = Page { offset: 4, ..second };
        let (keys, total) = store.keys(&Filter::default(), beyond, at(0)).await.unwrap();
        assert_eq!((keys.len(), total), (0, 3));
    }
}
