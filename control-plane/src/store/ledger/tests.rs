//! The ledger on both databases.
#![expect(clippy::float_cmp, reason = "sums of a few powers of two are exact")]

use super::*;
use crate::{
    gate::testing::{key, put},
    limits::{Change, Window},
    store::{keys::Key, testing::stores},
};
use std::time::Instant;

fn record(call_id: &str, key: &Key, cost: f64) -> Record {
    Record {
        call_id: call_id.into(),
        worker: "w".into(),
        started_at: 1_790_000_000_000,
        key_hash: key.token.clone(),
        cost,
        ..Record::default()
    }
}

async fn settle(store: &Store, records: &[Record]) -> Settled {
    store.commit(records, &Changes::default(), |_, _| false).await.unwrap()
}

async fn count(store: &Store) -> i64 {
    on!(store, |pool| sqlx::query_scalar("SELECT COUNT(*) FROM spend_log").fetch_one(pool).await.unwrap())
}

#[tokio::test]
async fn a_record_counts_once_however_often_it_comes() {
    for store in stores().await {
        let key = key("k");
        put(&store, &key).await;
        let (one, two) = (record("1", &key, 0.5), record("2", &key, 0.25));
        let first = settle(&store, &[one.clone(), one.clone()]).await;
        assert_eq!((first.added, first.known), (1, 1));
        let second = settle(&store, &[two, one]).await;
        assert_eq!((second.added, second.known), (1, 1));
        assert_eq!(second.spend[&*key.token], 0.75);
        assert_eq!(store.key(&key.token).await.unwrap().unwrap().spend, 0.75);
    }
}

#[tokio::test]
async fn a_record_of_a_key_that_is_gone_is_kept() {
    for store in stores().await {
        let settled = settle(&store, &[record("1", &key("gone"), 0.5)]).await;
        assert_eq!((settled.added, settled.spend.len(), count(&store).await), (1, 0, 1));
    }
}

#[tokio::test]
async fn no_text_or_number_in_a_record_blocks_the_ledger() {
    let mut odd = record("odd", &key("k"), f64::NAN);
    odd.model_group = format!("a\0b{}", "ü".repeat(5000));
    odd.started_at = i64::MAX;
    odd.status = u32::MAX;
    odd.latency_ms = i64::MIN;
    let mut negative = record("negative", &key("k"), -1.0);
    negative.started_at = i64::MIN;
    let records: Vec<_> = [odd, negative].into_iter().filter_map(clean).collect();
    for store in stores().await {
        assert_eq!(settle(&store, &records).await.added, 2);
    }
    assert!(clean(record("", &key("k"), 1.0)).is_none());
    assert!(clean(record(&"x".repeat(3000), &key("k"), 1.0)).is_none());
}

#[tokio::test]
async fn changes_add_up_and_windows_only_move_forward() {
    for store in stores().await {
        let key: Arc<str> = Arc::from("k");
        let window = |id| Window { id, ..Window::NONE };
        for (id, requests) in [(1, 5), (1, -2), (3, 7), (2, 100)] {
            let held = vec![(Arc::from("w"), requests, 1)];
            let mut changes = Changes::default();
            changes.add(&key, Change { window: Some((window(id), requests, 1)), held });
            store.commit(&[], &changes, |_, _| false).await.unwrap();
        }
        let kept = store.window("k").await.unwrap().unwrap();
        assert_eq!((kept.id, kept.requests), (3, 7));
        let leases = store.leases().await.unwrap();
        assert_eq!((leases[0].nanos, leases[0].slots), (110, 4));
    }
}

#[tokio::test]
async fn costs_come_out_of_leases_and_the_dead_leave_nothing() {
    for store in stores().await {
        let key = key("k");
        put(&store, &key).await;
        let mut changes = Changes::default();
        let name: Arc<str> = key.token.as_str().into();
        changes.add(
            &name,
            Change { window: None, held: vec![("w".into(), 800_000_000, 2), ("v".into(), 5, 0)] },
        );
        store.commit(&[record("1", &key, 0.5)], &changes, |_, worker| worker == "w").await.unwrap();
        let rows = store.leases().await.unwrap();
        assert_eq!(
            rows.iter().map(|row| (row.nanos, row.slots)).collect::<Vec<_>>(),
            [(5, 0), (300_000_000, 2)]
        );
        let mut changes = Changes::default();
        changes.forget(&"w".into());
        changes.add(&name, Change { window: None, held: vec![("w".into(), 7, 0)] });
        store.commit(&[], &changes, |_, _| false).await.unwrap();
        assert_eq!(store.leases().await.unwrap()[1].nanos, 7);
    }
}

/// Writers that all touch the same keys, each in an order of its own, and partly with the same records.
#[tokio::test(flavor = "multi_thread")]
async fn writers_at_the_same_time_neither_deadlock_nor_count_twice() {
    const WRITERS: usize = 8;
    for store in stores().await {
        let keys: Vec<Key> = (0..50).map(|n| key(&n.to_string())).collect();
        for key in &keys {
            put(&store, key).await;
        }
        let begun = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for writer in 0..WRITERS {
            let (store, keys) = (store.clone(), keys.clone());
            tasks.spawn(async move {
                for batch in 0..5 {
                    // Every record is sent by two writers.
                    let id = |n| format!("{}-{batch}-{n}", writer / 2);
                    let at = |n: usize| &keys[(n * 7 + writer) % 50];
                    let shared = |n: usize| &keys[(n * 7 + writer / 2) % 50];
                    let mut changes = Changes::default();
                    for n in 0..20 {
                        let held = vec![(Arc::from("w"), 1, 0)];
                        changes.add(&Arc::from(at(n).token.as_str()), Change { window: None, held });
                    }
                    let records: Vec<_> = (0..250).map(|n| record(&id(n), shared(n), 0.001)).collect();
                    store.commit(&records, &changes, |_, _| true).await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        let rate = 10_000.0 / begun.elapsed().as_secs_f64();
        eprintln!(
            "{}: {rate:.0} records/s over 8 writers",
            if matches!(store, Store::Sqlite(_)) { "SQLite" } else { "Postgres" }
        );
        assert_eq!(count(&store).await, 5000);
        let mut spend = 0.0;
        for key in &keys {
            spend += store.key(&key.token).await.unwrap().unwrap().spend;
        }
        assert!((spend - 5.0).abs() < 1e-9, "{spend}");
        let nanos: i64 = store.leases().await.unwrap().iter().map(|row| row.nanos).sum();
        assert_eq!(nanos, 8 * 5 * 20 - 5_000_000_000);
    }
}
