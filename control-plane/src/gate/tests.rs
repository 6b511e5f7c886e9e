//! Workers at a gate.
#![expect(clippy::float_cmp, reason = "sums of a few powers of two are exact")]

mod shared;
mod vm;

use super::testing::{key, put};
use crate::store::{
    Store,
    keys::Key,
    testing::{sqlite, stores},
};
use std::time::Duration;
use tianji_proto::{Amount, Denial, Limits, down::Kind};
use tokio::time::sleep;
use vm::{GRACE, Served, Vm, record};

const ONE: Amount = Amount { requests: 1, tokens: 0, nanos: 0, slots: 0 };
const SLOT: Amount = Amount { requests: 0, tokens: 0, nanos: 0, slots: 1 };

/// A database with one key in it.
async fn store_with(key: &Key) -> Store {
    let store = sqlite().await;
    put(&store, key).await;
    store
}

fn limited_to(requests: i64) -> Key {
    Key { rpm_limit: Some(requests), ..key("k") }
}

fn parallel(slots: i64) -> Key {
    Key { max_parallel_requests: Some(slots), ..key("k") }
}

/// Begins `each` requests on every worker, all at once; returns how many passed, and why the others did not.
async fn rush(vms: &[&Vm], key: &Key, each: usize, cost: Amount) -> (usize, Vec<Denial>) {
    let mut tasks = tokio::task::JoinSet::new();
    for vm in vms {
        for _ in 0..each {
            let (vm, key) = ((*vm).clone(), key.clone());
            tasks.spawn(async move { vm.begin(&key, cost).await });
        }
    }
    let results = tasks.join_all().await;
    let denials: Vec<_> = results.iter().filter_map(|result| result.clone().err()).collect();
    (results.len() - denials.len(), denials)
}

#[tokio::test]
async fn of_twenty_at_once_on_five_slots_five_pass() {
    let key = parallel(5);
    let store = store_with(&key).await;
    let served = Served::start(&store).await;
    let (a, b) = (Vm::connect(&served, "a").await, Vm::connect(&served, "b").await);
    let (passed, denials) = rush(&[&a, &b], &key, 10, SLOT).await;
    assert_eq!((passed, denials.len()), (5, 15));
    assert!(denials.iter().all(|d| d.status == 429 && d.holds_until == 0));
    assert!(
        denials[0].message.contains("Limit type: max_parallel_requests. Current limit: 5, Remaining: 0.")
    );
}

#[tokio::test]
async fn of_two_hundred_on_a_hundred_a_minute_a_hundred_pass() {
    let key = limited_to(100);
    let store = store_with(&key).await;
    let served = Served::start(&store).await;
    let (a, b) = (Vm::connect(&served, "a").await, Vm::connect(&served, "b").await);
    let (passed, denials) = rush(&[&a, &b], &key, 100, ONE).await;
    assert_eq!(passed, 100);
    assert!(denials.iter().any(|denial| denial.holds_until > 0), "none of them is final");
}

#[tokio::test]
async fn what_one_worker_has_idle_another_gets() {
    let key = limited_to(100);
    let store = store_with(&key).await;
    let served = Served::start(&store).await;
    let (a, b) = (Vm::connect(&served, "a").await, Vm::connect(&served, "b").await);
    a.begin(&key, ONE).await.unwrap();
    let mut passed = 0;
    while b.begin(&key, ONE).await.is_ok() {
        passed += 1;
    }
    assert_eq!(passed, 99);
    let denial = b.begin(&key, ONE).await.unwrap_err();
    assert!(denial.holds_until > 0 && denial.retry_after_ms <= 60_000);
}

#[tokio::test]
async fn a_restart_forgets_neither_windows_nor_slots() {
    let key = Key { max_parallel_requests: Some(5), ..limited_to(20) };
    let store = store_with(&key).await;
    let served = Served::start(&store).await;
    let mut a = Vm::connect(&served, "a").await;
    let both = Amount { requests: 1, slots: 1, ..Amount::default() };
    for _ in 0..4 {
        a.begin(&key, both).await.unwrap();
    }
    served.kill().await;

    let served = Served::start(&store).await;
    a.move_to(&served).await;
    let b = Vm::connect(&served, "b").await;
    b.begin(&key, both).await.unwrap();
    b.begin(&key, both).await.unwrap_err();
    let (passed, _) = rush(&[&a, &b], &key, 15, ONE).await;
    assert_eq!(passed, 15, "20 a minute, of which 5 were used");
}

#[tokio::test]
async fn a_worker_that_stays_away_loses_its_slots_and_one_that_returns_does_not() {
    let key = parallel(2);
    let store = store_with(&key).await;
    let served = Served::start(&store).await;
    let (a, b) = (Vm::connect(&served, "a").await, Vm::connect(&served, "b").await);
    a.begin(&key, SLOT).await.unwrap();
    a.begin(&key, SLOT).await.unwrap();
    a.unlink();
    sleep(GRACE / 2).await;
    a.link().await;
    sleep(GRACE).await;
    b.begin(&key, SLOT).await.unwrap_err();
    a.unlink();
    sleep(GRACE * 2).await;
    b.begin(&key, SLOT).await.unwrap();
    assert_eq!(store.leases().await.unwrap().len(), 1);
    // It learns that what it held is gone.
    a.heard.lock().unwrap().clear();
    a.link().await;
    a.hears("that all is void", |kind| matches!(kind, Kind::Revoke(r) if r.key_hashes.is_empty())).await;
}

#[tokio::test]
async fn a_batch_that_comes_twice_counts_once() {
    let key = Key { max_budget: Some(1.0), ..key("k") };
    let store = store_with(&key).await;
    let served = Served::start(&store).await;
    let a = Vm::connect(&served, "a").await;
    let batch = vec![record("1", &key, "a", 0.25), record("2", &key, "a", 0.25)];
    a.settle(1, batch.clone()).await;
    a.is_acknowledged(1).await;
    a.settle(2, [batch, vec![record("3", &key, "a", 0.25)]].concat()).await;
    a.is_acknowledged(2).await;
    assert_eq!(store.key(&key.token).await.unwrap().unwrap().spend, 0.75);
    assert_eq!(a.ask(&key, Amount::default()).await.unwrap().spend, 0.75);
    a.settle(3, vec![record("4", &key, "a", 0.25)]).await;
    a.is_acknowledged(3).await;
    let denial = a.ask(&key, Amount::default()).await.unwrap_err();
    assert_eq!((denial.status, &*denial.r#type), (422, "budget_exceeded"));
}

#[tokio::test]
async fn a_change_reaches_all_workers_and_the_next_question_sees_it() {
    let key = parallel(1);
    let store = store_with(&key).await;
    let served = Served::start(&store).await;
    let (a, b) = (Vm::connect(&served, "a").await, Vm::connect(&served, "b").await);
    let before = a.ask(&key, SLOT).await.unwrap();
    b.hears("a warm grant", |kind| matches!(kind, Kind::Warm(grant) if grant.lease.is_none())).await;
    put(&store, &parallel(3)).await;
    served.gate.changed(std::slice::from_ref(&key.token));
    for vm in [&a, &b] {
        let is_revoked =
            |kind: &Kind| matches!(kind, Kind::Revoke(r) if r.key_hashes == [before.key_hash.clone()]);
        let Kind::Revoke(revoke) = vm.hears("a revocation", is_revoked).await else { unreachable!() };
        assert!(revoke.serial > before.serial);
    }
    let (passed, _) = rush(&[&a, &b], &key, 5, SLOT).await;
    assert_eq!(passed, 3);
    put(&store, &Key { blocked: true, ..parallel(3) }).await;
    served.gate.changed(std::slice::from_ref(&key.token));
    assert_eq!(a.ask(&key, SLOT).await.unwrap_err().status, 401);
}

#[tokio::test]
async fn what_is_given_back_unasked_counts_unless_it_was_void() {
    let key = parallel(1);
    let store = store_with(&key).await;
    let served = Served::start(&store).await;
    let a = Vm::connect(&served, "a").await;
    a.begin(&key, SLOT).await.unwrap();
    a.finish(&key);
    a.give_back(&key).await;
    sleep(Duration::from_millis(50)).await;
    assert_eq!(store.leases().await.unwrap()[0].slots, 0);
    served.gate.tidy();
    sleep(Duration::from_millis(50)).await;
    assert_eq!(store.leases().await.unwrap(), []);
    a.begin(&key, SLOT).await.unwrap();
    served.gate.changed(std::slice::from_ref(&key.token));
    let b = Vm::connect(&served, "b").await;
    b.begin(&key, SLOT).await.unwrap();
    a.finish(&key);
    a.give_back(&key).await;
    sleep(Duration::from_millis(50)).await;
    let held: i64 = store.leases().await.unwrap().iter().map(|row| row.slots).sum();
    assert_eq!(held, 1, "b's");
}

#[tokio::test]
async fn a_grant_that_got_lost_on_the_way_is_taken_back() {
    let key = parallel(1);
    let store = store_with(&key).await;
    let served = Served::start(&store).await;
    let a = Vm::connect(&served, "a").await;
    a.ask_having(&key, SLOT, Some(0)).await.unwrap();
    let second = a.ask_having(&key, SLOT, Some(0)).await.unwrap();
    assert_eq!(a.ask_having(&key, SLOT, Some(second.serial)).await.unwrap_err().status, 429);
}

#[tokio::test]
async fn the_master_key_is_not_limited_and_an_unknown_one_not_let_in() {
    let store = store_with(&key("k")).await;
    let served = Served::start(&store).await;
    let a = Vm::connect(&served, "a").await;
    let grant = a.ask(&key("master"), ONE).await.unwrap();
    assert_eq!((grant.limits, grant.lease), (Some(Limits::default()), Some(Amount::default())));
    let denial = a.ask(&key("nobody"), ONE).await.unwrap_err();
    assert_eq!((denial.status, &*denial.r#type), (401, "token_not_found_in_db"));
    assert!(denial.message.starts_with("Authentication Error, Invalid proxy server token passed."));
    // It is made a moment later.
    put(&store, &key("nobody")).await;
    a.ask(&key("nobody"), ONE).await.unwrap();
}

#[tokio::test]
async fn a_budget_period_that_ended_while_nobody_looked_begins_anew() {
    let ended = "2020-01-01T00:00:00Z".parse().unwrap();
    let spent = Key {
        spend: 2.0,
        max_budget: Some(1.0),
        budget_duration: Some("1h".into()),
        budget_reset_at: Some(ended),
        ..key("k")
    };
    let store = store_with(&spent).await;
    put(&store, &Key { token: key("idle").token, ..spent.clone() }).await;
    let served = Served::start(&store).await;
    let a = Vm::connect(&served, "a").await;
    assert_eq!(a.ask(&spent, ONE).await.unwrap().spend, 0.0);
    served.gate.begin_periods(&store).await.unwrap();
    let idle = store.key(&key("idle").token).await.unwrap().unwrap();
    assert!(idle.spend == 0.0 && idle.budget_reset_at > Some(ended));
}

#[tokio::test]
async fn draining_takes_in_what_the_workers_have_and_releases_nothing() {
    let key = parallel(1);
    let store = store_with(&key).await;
    let served = Served::start(&store).await;
    let a = Vm::connect(&served, "a").await;
    a.begin(&key, SLOT).await.unwrap();
    let draining = tokio::spawn({
        let gate = served.gate.clone();
        async move { gate.drain(Duration::from_secs(5)).await }
    });
    a.settle(1, vec![record("1", &key, "a", 0.5)]).await;
    a.is_acknowledged(1).await;
    draining.await.unwrap();
    sleep(GRACE * 2).await;
    assert_eq!(store.leases().await.unwrap()[0].slots, 1);
    assert_eq!(store.key(&key.token).await.unwrap().unwrap().spend, 0.5);
}

#[tokio::test]
async fn the_limits_hold_on_postgres_too() {
    let Some(store) = stores().await.into_iter().nth(1) else { return };
    let key = Key { max_parallel_requests: Some(5), ..limited_to(100) };
    put(&store, &key).await;
    let served = Served::start(&store).await;
    let (a, b) = (Vm::connect(&served, "a").await, Vm::connect(&served, "b").await);
    assert_eq!(rush(&[&a, &b], &key, 100, ONE).await.0, 100);
    assert_eq!(rush(&[&a, &b], &key, 10, SLOT).await.0, 5);
    a.settle(1, vec![record("1", &key, "a", 0.5)]).await;
    a.is_acknowledged(1).await;
    assert_eq!(store.key(&key.token).await.unwrap().unwrap().spend, 0.5);
}

/// Figures, for `--no-capture`: what one gate and one database do in a second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn authorisations_and_records_in_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let file = Store::open(&format!("sqlite://{}/test.db", folder.path().display())).await.unwrap();
    file.migrate().await.unwrap();
    let postgres = stores().await.into_iter().nth(1).map(|store| ("Postgres", store));
    for (name, store) in [("SQLite", file)].into_iter().chain(postgres) {
        let keys: Vec<Key> = (0..50)
            .map(|n| Key {
                max_budget: Some(1e6),
                max_parallel_requests: Some(1_000_000),
                ..key(&n.to_string())
            })
            .collect();
        for key in &keys {
            put(&store, key).await;
        }
        let served = Served::start(&store).await;
        let a = Vm::connect(&served, "a").await;
        let begun = std::time::Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..64 {
            let (a, key) = (a.clone(), keys[n % 50].clone());
            tasks.spawn(async move {
                for _ in 0..100 {
                    a.ask(&key, Amount { nanos: 1000, slots: 1, ..ONE }).await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        let authorisations = 6400.0 / begun.elapsed().as_secs_f64();
        let begun = std::time::Instant::now();
        for batch in 0..100_u64 {
            let id = |n| format!("{batch}-{n}");
            let records = (0..200).map(|n| record(&id(n), &keys[n % 50], "a", 0.0001)).collect();
            a.settle(batch + 1, records).await;
        }
        a.is_acknowledged(100).await;
        let records = 20_000.0 / begun.elapsed().as_secs_f64();
        eprintln!("{name}: {authorisations:.0} authorisations/s, {records:.0} records/s");
    }
}
