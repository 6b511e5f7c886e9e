use super::*;
use tianji_proto::Limits;

const KEY: KeyHash = [7; 32];
const SMALL: Demand = Demand { tokens: 10, nanos: 100 };

fn grant(limits: Limits, lease: Amount) -> Grant {
    Grant {
        key_hash: KEY.to_vec(),
        expires_at: 100_000,
        refresh_at: 50_000,
        limits: Some(limits),
        lease: Some(lease),
        window: Some(Window { id: 1, ends_at: 60_000 }),
        ..Grant::default()
    }
}

fn rpm(limit: i64) -> Limits {
    Limits { requests_per_minute: Some(limit), ..Limits::default() }
}

#[test]
fn a_caller_without_limits_is_admitted_for_ever() {
    let mut book = Book::default();
    book.granted(KEY, grant(Limits::default(), Amount::default()), 0);
    for _ in 0..1000 {
        assert!(matches!(book.admit(&KEY, SMALL, 1), Admission::Admitted(_)));
    }
}

#[test]
fn a_spent_lease_asks_for_exactly_what_is_missing() {
    let mut book = Book::default();
    book.granted(KEY, grant(rpm(100), Amount { requests: 1, ..Amount::default() }), 0);
    assert!(matches!(book.admit(&KEY, SMALL, 1), Admission::Admitted(_)));
    let Admission::Short(need, _) = book.admit(&KEY, SMALL, 1) else { panic!() };
    assert_eq!(need, Amount { requests: 1, ..Amount::default() });
}

#[test]
fn a_lease_ends_with_its_minute() {
    let mut book = Book::default();
    book.granted(KEY, grant(rpm(100), Amount { requests: 50, ..Amount::default() }), 0);
    assert!(matches!(book.admit(&KEY, SMALL, 60_000), Admission::Short(..)));
}

#[test]
fn a_slot_is_free_again_when_the_request_is_over() {
    let mut book = Book::default();
    let limits = Limits { parallel: Some(1), ..Limits::default() };
    book.granted(KEY, grant(limits, Amount { slots: 1, ..Amount::default() }), 0);
    let Admission::Admitted(ticket) = book.admit(&KEY, SMALL, 1) else { panic!("not admitted") };
    assert!(matches!(book.admit(&KEY, SMALL, 1), Admission::Short(..)));
    book.settle(ticket, SMALL, 2);
    assert!(matches!(book.admit(&KEY, SMALL, 3), Admission::Admitted(_)));
}

#[test]
fn what_was_reserved_and_not_used_is_free_again_and_what_was_used_beyond_is_owed() {
    let mut book = Book::default();
    let limits = Limits { tokens_per_minute: Some(1000), ..Limits::default() };
    book.granted(KEY, grant(limits, Amount { tokens: 100, ..Amount::default() }), 0);
    let Admission::Admitted(ticket) = book.admit(&KEY, Demand { tokens: 80, nanos: 0 }, 1) else { panic!() };
    book.settle(ticket, Demand { tokens: 130, nanos: 0 }, 2);
    let missing = Amount { tokens: 40, ..Amount::default() };
    let Admission::Short(need, _) = book.admit(&KEY, SMALL, 3) else { panic!() };
    assert_eq!(need, missing, "30 owed, 10 wanted");
}

#[test]
fn a_revoked_grant_is_void_and_so_is_what_its_requests_give_back() {
    let mut book = Book::default();
    let limits = Limits { parallel: Some(2), ..Limits::default() };
    book.granted(KEY, grant(limits, Amount { slots: 2, ..Amount::default() }), 0);
    let Admission::Admitted(ticket) = book.admit(&KEY, SMALL, 1) else { panic!() };
    book.revoke(&KEY, 5);
    assert_eq!(book.caller(&KEY, 2), Known::No);
    assert_eq!(
        book.granted(KEY, grant(limits, Amount { slots: 2, ..Amount::default() }), 2),
        None,
        "sent before"
    );
    book.settle(ticket, SMALL, 3);
    assert_eq!(book.recall(&KEY).amount, Amount::default(), "the slot was of the void lease");
}

#[test]
fn a_recall_gives_back_what_is_free_and_no_more() {
    let mut book = Book::default();
    book.granted(KEY, grant(rpm(100), Amount { requests: 5, ..Amount::default() }), 0);
    assert!(matches!(book.admit(&KEY, SMALL, 1), Admission::Admitted(_)));
    assert_eq!(book.recall(&KEY).amount, Amount { requests: 4, ..Amount::default() });
    assert_eq!(book.recall(&KEY).amount, Amount::default());
}

#[test]
fn a_request_that_reached_no_provider_does_not_count() {
    let mut book = Book::default();
    book.granted(KEY, grant(rpm(1), Amount { requests: 1, ..Amount::default() }), 0);
    let Admission::Admitted(ticket) = book.admit(&KEY, SMALL, 1) else { panic!() };
    book.refund(ticket, 2);
    assert!(matches!(book.admit(&KEY, SMALL, 3), Admission::Admitted(_)));
}

#[test]
fn a_refusal_holds_as_long_as_it_says() {
    let mut book = Book::default();
    book.granted(KEY, grant(rpm(1), Amount::default()), 0);
    book.denied(KEY, &Denial { status: 429, holds_until: 1000, ..Denial::default() });
    assert!(matches!(book.admit(&KEY, SMALL, 999), Admission::Refused(_)));
    assert!(matches!(book.admit(&KEY, SMALL, 1000), Admission::Short(..)));
}

#[test]
fn an_idle_lease_is_given_back() {
    let mut book = Book::default();
    book.granted(KEY, grant(rpm(100), Amount { requests: 5, ..Amount::default() }), 0);
    assert_eq!(book.sweep(IDLE), []);
    let idle = Idle { amount: Amount { requests: 5, ..Amount::default() }, window: 1, serial: 0 };
    assert_eq!(book.sweep(IDLE + 1), [(KEY, idle)]);
}

#[test]
fn what_a_waiting_request_counts_on_is_not_recalled() {
    let mut book = Book::default();
    let limits = Limits { tokens_per_minute: Some(1000), ..Limits::default() };
    book.granted(KEY, grant(limits, Amount { tokens: 6, ..Amount::default() }), 0);
    let Admission::Short(need, mut ticket) = book.admit(&KEY, SMALL, 1) else { panic!() };
    assert_eq!(need.tokens, 4);
    assert_eq!(book.recall(&KEY).amount, Amount::default());
    book.granted(KEY, grant(limits, Amount { tokens: 4, ..Amount::default() }), 1);
    assert!(book.confirm(&mut ticket, true));
    assert_eq!(book.recall(&KEY).amount, Amount::default());
    book.refund(ticket, 2);
    assert_eq!(book.recall(&KEY).amount.tokens, 10);
}

#[test]
fn two_that_wait_ask_for_their_own_share_each() {
    let mut book = Book::default();
    let limits = Limits { parallel: Some(5), ..Limits::default() };
    book.granted(KEY, grant(limits, Amount::default()), 0);
    for _ in 0..2 {
        let Admission::Short(need, _) = book.admit(&KEY, SMALL, 1) else { panic!() };
        assert_eq!(need.slots, 1);
    }
}

#[test]
fn a_request_that_is_denied_goes_ahead_with_what_has_become_free_here() {
    let mut book = Book::default();
    let limits = Limits { parallel: Some(1), ..Limits::default() };
    book.granted(KEY, grant(limits, Amount { slots: 1, ..Amount::default() }), 0);
    let Admission::Admitted(first) = book.admit(&KEY, SMALL, 1) else { panic!() };
    let Admission::Short(_, mut second) = book.admit(&KEY, SMALL, 1) else { panic!() };
    let Admission::Short(_, mut third) = book.admit(&KEY, SMALL, 1) else { panic!() };
    book.settle(first, SMALL, 2);
    assert!(book.confirm(&mut second, false), "the first one's slot");
    assert!(!book.confirm(&mut third, false));
    book.refund(third, 3);
    book.settle(second, SMALL, 4);
    assert_eq!(book.recall(&KEY).amount.slots, 1);
}

#[test]
fn a_request_that_waits_into_the_next_minute_is_charged_to_that() {
    let mut book = Book::default();
    book.granted(KEY, grant(rpm(100), Amount { requests: 5, ..Amount::default() }), 0);
    let Admission::Short(need, mut ticket) = book.admit(&KEY, SMALL, 60_000) else { panic!() };
    assert_eq!(need.requests, 1);
    let window = Some(Window { id: 2, ends_at: 120_000 });
    let lease = Amount { requests: 3, ..Amount::default() };
    book.granted(KEY, Grant { window, ..grant(rpm(100), lease) }, 60_000);
    assert!(book.confirm(&mut ticket, true));
    assert_eq!(book.recall(&KEY).amount.requests, 2);
}
