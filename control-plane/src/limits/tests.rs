//! The account's rules, one by one.

use super::*;
use chrono::{DateTime, Duration, Utc};
use tianji_proto::Amount;

const SLOTS: Limits = Limits { slots: Some(5), requests: None, tokens: None, nanos: None };
const REQUESTS: Limits = Limits { requests: Some(100), slots: None, tokens: None, nanos: None };
const MONEY: Limits = Limits { nanos: Some(1_000_000), slots: None, tokens: None, requests: None };

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::days(20_000)
}

fn worker(name: &str) -> Arc<str> {
    Arc::from(name)
}

fn one() -> Amount {
    Amount { requests: 1, tokens: 10, nanos: 1000, slots: 1 }
}

fn ask(account: &mut Account, name: &str, need: Amount, at: DateTime<Utc>) -> Result<Lease, Shortage> {
    let ask = Ask { worker: &worker(name), need, workers: 2, serial: 1, is_only: true, is_aligned: false };
    account.authorize(at, ask).map(|(lease, _)| lease)
}

#[test]
fn what_is_not_limited_is_not_leased() {
    let mut account = Account::new(Limits::default(), 0, Window::NONE);
    let ask =
        Ask { worker: &worker("a"), need: one(), workers: 2, serial: 1, is_only: true, is_aligned: false };
    let (lease, change) = account.authorize(now(), ask).unwrap();
    assert_eq!((lease.amount, change), (Amount::default(), Change::default()));
}

#[test]
fn a_lease_shrinks_to_single_requests_near_the_limit() {
    let mut account = Account::new(REQUESTS, 0, Window::NONE);
    let mut sizes = Vec::new();
    while let Ok(lease) = ask(&mut account, "a", one(), now()) {
        sizes.push(lease.amount.requests);
    }
    assert_eq!(sizes[..4], [13, 11, 10, 9]);
    assert_eq!(sizes.iter().sum::<i64>(), 100);
    assert_eq!(*sizes.last().unwrap(), 1);
}

#[test]
fn a_window_begins_with_its_first_use_and_its_number_grows() {
    let mut account = Account::new(REQUESTS, 0, Window::NONE);
    assert_eq!(ask(&mut account, "a", Amount::default(), now()).unwrap().window.id, 0);
    let first = ask(&mut account, "a", one(), now()).unwrap().window;
    let later = ask(&mut account, "a", one(), now() + Duration::milliseconds(59_999)).unwrap().window;
    assert_eq!((first.id, later.id, later.ends_at()), (1, 1, now() + Duration::seconds(60)));
    assert_eq!(ask(&mut account, "a", one(), now() + Duration::seconds(60)).unwrap().window.id, 2);
}

#[test]
fn requests_are_used_up_for_good_only_when_nobody_can_return_any() {
    let mut account = Account::new(REQUESTS, 0, Window::NONE);
    let all = Amount { requests: 100, ..Amount::default() };
    ask(&mut account, "a", all, now()).unwrap();
    let shortage = ask(&mut account, "b", one(), now()).unwrap_err();
    assert!(!shortage.is_final);
    assert_eq!(shortage.holders, [worker("a")]);
    account.give_back("a", &Amount::default(), 1, 0);
    assert!(!ask(&mut account, "b", one(), now()).unwrap_err().is_final, "it was asked before");
    account.give_back("a", &Amount::default(), 1, 2);
    let shortage = ask(&mut account, "b", one(), now()).unwrap_err();
    assert!(shortage.is_final && shortage.holders.is_empty());
    assert_eq!((shortage.limit, shortage.left, shortage.until), (100, 0, now() + WINDOW));
}

#[test]
fn what_is_returned_of_an_older_window_counts_for_nothing() {
    let mut account = Account::new(REQUESTS, 0, Window::NONE);
    ask(&mut account, "a", one(), now()).unwrap();
    let next = ask(&mut account, "a", one(), now() + WINDOW).unwrap();
    account.give_back("a", &Amount { requests: 5, ..Amount::default() }, 1, 2);
    assert_eq!(account.window().requests, next.amount.requests);
}

#[test]
fn slots_come_back_by_return_and_by_loss() {
    let mut account = Account::new(SLOTS, 0, Window::NONE);
    for name in ["a", "a", "a", "b", "b"] {
        ask(&mut account, name, one(), now()).unwrap();
    }
    assert_eq!(ask(&mut account, "b", one(), now()).unwrap_err().of, [Dimension::Slots]);
    account.give_back("a", &Amount { slots: 1, ..Amount::default() }, 0, 2);
    ask(&mut account, "b", one(), now()).unwrap();
    ask(&mut account, "b", one(), now()).unwrap_err();
    assert!(account.release("a"));
    ask(&mut account, "b", one(), now()).unwrap();
}

#[test]
fn more_than_the_limit_is_had_only_when_all_of_it_is_free() {
    let limits = Limits { tokens: Some(100), ..Limits::default() };
    let mut account = Account::new(limits, 0, Window::NONE);
    let large = Amount { tokens: 5000, ..Amount::default() };
    assert_eq!(ask(&mut account, "a", large, now()).unwrap().amount.tokens, 100);
    ask(&mut account, "a", large, now()).unwrap_err();
    ask(&mut account, "a", one(), now() + WINDOW).unwrap();
    ask(&mut account, "a", large, now() + WINDOW).unwrap_err();
}

#[test]
fn a_limit_of_zero_lets_nothing_through() {
    for limits in [
        Limits { tokens: Some(0), ..Limits::default() },
        Limits { requests: Some(0), ..Limits::default() },
        Limits { slots: Some(0), ..Limits::default() },
        Limits { nanos: Some(0), ..Limits::default() },
    ] {
        let mut account = Account::new(limits, 0, Window::NONE);
        assert!(ask(&mut account, "a", one(), now()).unwrap_err().is_final, "{limits:?}");
    }
}

#[test]
fn money_moves_from_the_lease_to_the_spend() {
    let mut account = Account::new(MONEY, 0, Window::NONE);
    let lease = ask(&mut account, "a", Amount { nanos: 200_000, ..Amount::default() }, now()).unwrap();
    assert_eq!(lease.amount.nanos, 200_000 + 100_000);
    account.spent(250_000);
    account.settle("a", 250_000);
    let rest = Amount { nanos: 700_000, ..Amount::default() };
    assert_eq!(ask(&mut account, "b", rest, now()).unwrap().amount.nanos, 700_000);
    ask(&mut account, "b", one(), now()).unwrap_err();
}

#[test]
fn a_debt_is_made_up_for_by_the_next_lease() {
    let mut account = Account::new(MONEY, 0, Window::NONE);
    ask(&mut account, "a", Amount { nanos: 1, ..Amount::default() }, now()).unwrap();
    account.spent(600_000);
    account.settle("a", 600_000);
    // It needs more than is left of the budget, and all of that is free.
    let lease = ask(&mut account, "a", Amount { nanos: 599_743 + 1000, ..Amount::default() }, now()).unwrap();
    assert_eq!(lease.amount.nanos, 400_000);
    // What it holds now only makes up for the debt, so nobody is refused for its sake.
    ask(&mut account, "b", Amount { nanos: 300_000, ..Amount::default() }, now()).unwrap();
}

#[test]
fn a_spent_budget_refuses_even_who_needs_no_money() {
    let mut account = Account::new(MONEY, 1_000_000, Window::NONE);
    let shortage = ask(&mut account, "a", Amount::default(), now()).unwrap_err();
    assert!(shortage.is_final);
    assert_eq!(shortage.of, [Dimension::Nanos]);
}

#[test]
fn a_void_lease_frees_slots_at_once_and_money_when_its_records_came() {
    let mut account = Account::new(Limits { nanos: Some(1000), ..SLOTS }, 0, Window::NONE);
    ask(&mut account, "a", Amount { nanos: 900, slots: 5, ..Amount::default() }, now()).unwrap();
    assert_eq!(account.void(now()).held, [(worker("a"), 0, -5)]);
    let next = Amount { nanos: 200, slots: 1, ..Amount::default() };
    assert_eq!(ask(&mut account, "a", next, now()).unwrap_err().of, [Dimension::Nanos]);
    account.spent(300);
    account.settle("a", 300);
    ask(&mut account, "a", Amount { nanos: 80, slots: 1, ..Amount::default() }, now()).unwrap();
    let later = now() + Duration::minutes(10);
    assert_eq!(account.expire(later).held, [(worker("a"), -612, 0)]);
    ask(&mut account, "a", Amount { nanos: 620, ..Amount::default() }, later).unwrap();
}

#[test]
fn a_lease_that_got_lost_is_taken_back() {
    let mut account = Account::new(SLOTS, 0, Window::NONE);
    let (_, change) = account
        .authorize(
            now(),
            Ask {
                worker: &worker("a"),
                need: one(),
                workers: 2,
                serial: 7,
                is_only: true,
                is_aligned: false,
            },
        )
        .unwrap();
    assert_eq!(change.held, [(worker("a"), 0, 1)]);
    let [taken_back] = account.acknowledge("a", 3).try_into().unwrap();
    assert_eq!(taken_back.held, [(worker("a"), 0, -1)]);
    assert!(account.acknowledge("a", 3).is_empty());
}

#[test]
fn a_lease_that_arrived_is_not_taken_back() {
    let mut account = Account::new(SLOTS, 0, Window::NONE);
    let asking =
        Ask { worker: &worker("a"), need: one(), workers: 2, serial: 7, is_only: true, is_aligned: false };
    account.authorize(now(), asking).unwrap();
    assert!(account.acknowledge("a", 7).is_empty());
    assert_eq!(account.cancel("a", 7), Change::default());
}
