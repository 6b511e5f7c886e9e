//! Limits that keys share.

use super::{Kind as DownKind, *};
use crate::{
    gate::testing::{party, put_party},
    store::parties::{Bounds, Kind, Party},
};

fn of_team(name: &str, user: &str) -> Key {
    Key { user_id: Some(user.into()), team_id: Some("t".into()), ..key(name) }
}

fn slots(slots: i64) -> Bounds {
    Bounds { max_parallel_requests: Some(slots), ..Bounds::default() }
}

fn requests(requests: i64) -> Bounds {
    Bounds { rpm_limit: Some(requests), ..Bounds::default() }
}

fn dollars(budget: f64) -> Bounds {
    Bounds { max_budget: Some(budget), ..Bounds::default() }
}

async fn store_of(parties: &[Party], keys: &[&Key]) -> Store {
    let store = sqlite().await;
    fill(&store, parties, keys).await;
    store
}

async fn fill(store: &Store, parties: &[Party], keys: &[&Key]) {
    for party in parties {
        put_party(store, party).await;
    }
    for key in keys {
        put(store, key).await;
    }
}

/// Minutes are the clock's where limits are shared: a test that counts in one begins early in it.
async fn early_in_a_minute() {
    let second = crate::clock::Clock::system().now().timestamp() % 60;
    if second > 45 {
        sleep(Duration::from_secs(61 - second.unsigned_abs())).await;
    }
}

#[tokio::test]
async fn two_keys_of_a_team_share_its_slots_over_all_workers() {
    let (one, two) = (of_team("one", "u"), of_team("two", "v"));
    let store = store_of(&[party(Kind::Team, "t", "", slots(5))], &[&one, &two]).await;
    let served = Served::start(&store).await;
    let (a, b) = (Vm::connect(&served, "a").await, Vm::connect(&served, "b").await);
    let vms = [&a, &b];
    let (first, second) = tokio::join!(rush(&vms, &one, 5, SLOT), rush(&vms, &two, 5, SLOT));
    assert_eq!(first.0 + second.0, 5);
    let denials: Vec<_> = [first.1, second.1].concat();
    assert!(denials.iter().all(|denial| denial.status == 429));
    assert!(
        denials[0].message.starts_with(
            "Rate limit exceeded for team: t. Limit type: max_parallel_requests. Current limit: 5, Remaining: 0."
        ),
        "{}",
        denials[0].message
    );
}

#[tokio::test]
async fn the_tightest_of_key_member_user_team_and_organization_wins_and_is_named() {
    let key = Key { organization_id: Some("o".into()), max_parallel_requests: Some(6), ..of_team("k", "u") };
    let names = [
        (Kind::TeamMember, "t", "u", "team_member: t:u"),
        (Kind::User, "u", "", "user: u"),
        (Kind::Team, "t", "", "team: t"),
        (Kind::Organization, "o", "", "organization: o"),
        (Kind::OrganizationMember, "o", "u", "organization_member: o:u"),
    ];
    for tight in 0..names.len() {
        let limit = |n| if n == tight { slots(2) } else { slots(4) };
        let parties: Vec<_> = names
            .iter()
            .enumerate()
            .map(|(n, (kind, id, member, _))| party(*kind, id, member, limit(n)))
            .collect();
        let store = store_of(&parties, &[&key]).await;
        let served = Served::start(&store).await;
        let a = Vm::connect(&served, "a").await;
        let (passed, denials) = rush(&[&a], &key, 5, SLOT).await;
        assert_eq!((passed, denials.len()), (2, 3));
        let expected = format!("Rate limit exceeded for {}.", names[tight].3);
        assert!(denials[0].message.starts_with(&expected), "{}", denials[0].message);
        assert_eq!(a.ask(&key, Amount::default()).await.unwrap().limits.unwrap().parallel, Some(2));
    }
}

#[tokio::test]
async fn requests_of_a_team_are_counted_over_its_keys_and_each_key_s_own_limit_too() {
    early_in_a_minute().await;
    let one = Key { rpm_limit: Some(60), ..of_team("one", "u") };
    let two = of_team("two", "v");
    let store = store_of(&[party(Kind::Team, "t", "", requests(100))], &[&one, &two]).await;
    let served = Served::start(&store).await;
    let (a, b) = (Vm::connect(&served, "a").await, Vm::connect(&served, "b").await);
    let (passed, denials) = rush(&[&a, &b], &one, 50, ONE).await;
    assert_eq!(passed, 60);
    assert!(denials[0].message.contains("api_key"), "{}", denials[0].message);
    let (passed, denials) = rush(&[&a, &b], &two, 50, ONE).await;
    assert_eq!(passed, 40, "what the other key has idle is asked for");
    let is_final = |denial: &Denial| denial.holds_until > 0 && denial.message.contains("team: t");
    assert!(denials.iter().any(is_final), "{denials:?}");
}

#[tokio::test]
async fn what_one_key_has_idle_another_of_the_team_gets() {
    early_in_a_minute().await;
    let (one, two) = (of_team("one", "u"), of_team("two", "v"));
    let store = store_of(&[party(Kind::Team, "t", "", requests(100))], &[&one, &two]).await;
    let served = Served::start(&store).await;
    let (a, b) = (Vm::connect(&served, "a").await, Vm::connect(&served, "b").await);
    a.begin(&one, ONE).await.unwrap();
    let mut passed = 0;
    while b.begin(&two, ONE).await.is_ok() {
        passed += 1;
    }
    assert_eq!(passed, 99);
}

#[tokio::test]
async fn a_refusal_by_one_takes_nothing_from_the_others() {
    let (one, own) = (of_team("one", "u"), Key { user_id: Some("u".into()), ..key("own") });
    let parties = [party(Kind::Team, "t", "", slots(1)), party(Kind::User, "u", "", slots(2))];
    let store = store_of(&parties, &[&one, &own]).await;
    let served = Served::start(&store).await;
    let a = Vm::connect(&served, "a").await;
    let (passed, _) = rush(&[&a], &one, 5, SLOT).await;
    assert_eq!(passed, 1, "the team's");
    let (passed, denials) = rush(&[&a], &own, 5, SLOT).await;
    assert_eq!(passed, 1, "of the user's two one is left");
    assert!(denials[0].message.contains("user: u"));
    a.finish(&one);
    a.give_back(&one).await;
    sleep(Duration::from_millis(50)).await;
    assert_eq!(rush(&[&a], &own, 5, SLOT).await.0, 1, "what is given back is free for all it was taken from");
}

#[tokio::test]
async fn what_is_spent_counts_for_everybody_and_a_spent_budget_refuses_all_keys() {
    for store in stores().await {
        let one = Key { organization_id: Some("o".into()), ..of_team("one", "u") };
        let two = of_team("two", "v");
        let team = Party { organization_id: Some("o".into()), ..party(Kind::Team, "t", "", dollars(10.0)) };
        let parties = [
            team,
            party(Kind::User, "u", "", Bounds::default()),
            party(Kind::TeamMember, "t", "u", Bounds::default()),
            party(Kind::Organization, "o", "", dollars(1.0)),
        ];
        fill(&store, &parties, &[&one, &two]).await;
        let served = Served::start(&store).await;
        let a = Vm::connect(&served, "a").await;
        a.begin(&one, Amount { nanos: 500_000_000, ..Amount::default() }).await.unwrap();
        a.settle(1, vec![record("1", &one, "a", 0.75)]).await;
        a.is_acknowledged(1).await;
        for party in &parties {
            let row = store.party(party.kind, &party.id, &party.member).await.unwrap().unwrap();
            assert_eq!(row.spend, 0.75, "{}", party.scope());
        }
        a.ask(&two, Amount::default()).await.unwrap();
        a.settle(2, vec![record("2", &one, "a", 0.75)]).await;
        a.is_acknowledged(2).await;
        for key in [&one, &two] {
            let denial = a.ask(key, Amount { nanos: 1, ..Amount::default() }).await.unwrap_err();
            assert_eq!((denial.status, &*denial.r#type), (422, "budget_exceeded"));
            assert_eq!(
                denial.message,
                "Budget has been exceeded! Organization=o Current cost: 1.5, Max budget: 1.0"
            );
        }
    }
}

#[tokio::test]
async fn a_budget_is_reserved_over_the_keys_of_a_team() {
    let (one, two) = (of_team("one", "u"), of_team("two", "v"));
    let store = store_of(&[party(Kind::Team, "t", "", dollars(1.0))], &[&one, &two]).await;
    let served = Served::start(&store).await;
    let (a, b) = (Vm::connect(&served, "a").await, Vm::connect(&served, "b").await);
    let most = Amount { nanos: 900_000_000, ..Amount::default() };
    a.begin(&one, most).await.unwrap();
    let denial = b.begin(&two, most).await.unwrap_err();
    assert!(denial.message.starts_with("Budget has been exceeded! Team=t"), "{}", denial.message);
    a.settle(1, vec![record("1", &one, "a", 0.05)]).await;
    a.is_acknowledged(1).await;
}

#[tokio::test]
async fn a_change_of_a_team_reaches_the_workers_of_its_keys_at_once() {
    let key = of_team("k", "u");
    let team = party(Kind::Team, "t", "", slots(1));
    let store = store_of(std::slice::from_ref(&team), &[&key]).await;
    let served = Served::start(&store).await;
    let a = Vm::connect(&served, "a").await;
    let before = a.ask(&key, SLOT).await.unwrap();
    put_party(&store, &party(Kind::Team, "t", "", slots(3))).await;
    served.gate.changed(&["team:t".into()]);
    let is_revoked =
        |kind: &DownKind| matches!(kind, DownKind::Revoke(r) if r.key_hashes == [before.key_hash.clone()]);
    a.hears("a revocation", is_revoked).await;
    assert_eq!(rush(&[&a], &key, 5, SLOT).await.0, 3);
    put_party(&store, &Party { blocked: true, ..team }).await;
    served.gate.changed(&["team:t".into()]);
    let denial = a.ask(&key, SLOT).await.unwrap_err();
    assert_eq!(denial.status, 401);
    assert!(denial.message.contains("Team=t is blocked"), "{}", denial.message);
}

#[tokio::test]
async fn a_key_that_leaves_its_team_leaves_nothing_behind() {
    let (one, two) = (of_team("one", "u"), of_team("two", "v"));
    let store = store_of(&[party(Kind::Team, "t", "", slots(2))], &[&one, &two]).await;
    let served = Served::start(&store).await;
    let a = Vm::connect(&served, "a").await;
    assert_eq!(rush(&[&a], &one, 2, SLOT).await.0, 2);
    put(&store, &Key { team_id: None, ..one.clone() }).await;
    served.gate.changed(std::slice::from_ref(&one.token));
    assert_eq!(rush(&[&a], &two, 3, SLOT).await.0, 2);
    assert!(a.ask(&one, SLOT).await.is_ok(), "nothing limits it any more");
}

#[tokio::test]
async fn a_restart_forgets_neither_slots_nor_requests_of_a_team() {
    early_in_a_minute().await;
    let (one, two) = (of_team("one", "u"), of_team("two", "v"));
    let bounds = Bounds { rpm_limit: Some(20), max_parallel_requests: Some(5), ..Bounds::default() };
    let store = store_of(&[party(Kind::Team, "t", "", bounds)], &[&one, &two]).await;
    let served = Served::start(&store).await;
    let mut a = Vm::connect(&served, "a").await;
    let both = Amount { requests: 1, slots: 1, ..Amount::default() };
    for _ in 0..4 {
        a.begin(&one, both).await.unwrap();
    }
    served.kill().await;

    let served = Served::start(&store).await;
    a.move_to(&served).await;
    let b = Vm::connect(&served, "b").await;
    b.begin(&two, both).await.unwrap();
    b.begin(&two, both).await.unwrap_err();
    assert_eq!(rush(&[&a], &one, 15, ONE).await.0 + rush(&[&b], &two, 15, ONE).await.0, 15);
}

#[tokio::test]
async fn a_worker_that_is_lost_gives_back_what_it_held_of_a_team() {
    let (one, two) = (of_team("one", "u"), of_team("two", "v"));
    let store = store_of(&[party(Kind::Team, "t", "", slots(2))], &[&one, &two]).await;
    let served = Served::start(&store).await;
    let (a, b) = (Vm::connect(&served, "a").await, Vm::connect(&served, "b").await);
    assert_eq!(rush(&[&a], &one, 2, SLOT).await.0, 2);
    b.begin(&two, SLOT).await.unwrap_err();
    a.unlink();
    sleep(GRACE * 3).await;
    b.begin(&two, SLOT).await.unwrap();
}

#[tokio::test]
async fn a_team_s_budget_period_begins_anew_and_its_first_one_keeps_what_was_spent() {
    let ended = "2020-01-01T00:00:00Z".parse().unwrap();
    let bounds = Bounds { budget_duration: Some("1h".into()), ..dollars(1.0) };
    let over =
        Party { spend: 2.0, budget_reset_at: Some(ended), ..party(Kind::Team, "t", "", bounds.clone()) };
    let new = Party { spend: 2.0, ..party(Kind::Team, "new", "", bounds) };
    let (one, two) = (of_team("one", "u"), Key { team_id: Some("new".into()), ..key("two") });
    let store = store_of(&[over, new], &[&one, &two]).await;
    let served = Served::start(&store).await;
    let a = Vm::connect(&served, "a").await;
    a.ask(&one, ONE).await.unwrap();
    assert_eq!(a.ask(&two, ONE).await.unwrap_err().status, 422);
    served.gate.begin_periods(&store).await.unwrap();
    let spend = async |id| store.party(Kind::Team, id, "").await.unwrap().unwrap().spend;
    assert_eq!((spend("t").await, spend("new").await), (0.0, 2.0));
}

#[tokio::test]
async fn a_grant_says_what_everybody_allows() {
    let key = Key { organization_id: Some("o".into()), ..of_team("k", "u") };
    let allowed = |kind, id, models: &[&str]| {
        let mut party = party(kind, id, "", Bounds::default());
        party.models.0 = models.iter().map(ToString::to_string).collect();
        party
    };
    let parties = [
        allowed(Kind::Team, "t", &["gpt"]),
        allowed(Kind::User, "u", &["no-default-models"]),
        allowed(Kind::Organization, "o", &[]),
    ];
    let personal = Key { user_id: Some("u".into()), ..self::key("personal") };
    let store = store_of(&parties, &[&key, &personal]).await;
    let served = Served::start(&store).await;
    let a = Vm::connect(&served, "a").await;
    let lists = async |key| {
        let grant = a.ask(key, Amount::default()).await.unwrap();
        grant
            .access
            .into_iter()
            .map(|access| format!("{}={}", access.of, access.models.join(",")))
            .collect::<Vec<_>>()
    };
    assert_eq!(lists(&key).await, ["team=gpt"]);
    assert_eq!(lists(&personal).await, ["user=no-default-models"]);
    assert_eq!(a.ask(&key, Amount::default()).await.unwrap().organization_id, "o");
}

#[tokio::test]
async fn a_key_is_bound_by_its_tags_which_count_what_it_spends() {
    let mut tagged = key("k");
    tagged.extra.0.insert("tags".into(), serde_json::json!(["x", "y"]));
    let store =
        store_of(&[party(Kind::Tag, "x", "", slots(1)), party(Kind::Tag, "y", "", dollars(1.0))], &[&tagged])
            .await;
    let served = Served::start(&store).await;
    let a = Vm::connect(&served, "a").await;
    let (passed, denials) = rush(&[&a], &tagged, 3, SLOT).await;
    assert_eq!(passed, 1);
    assert!(denials[0].message.contains("tag: x"), "{}", denials[0].message);
    let tags = a.ask(&tagged, Amount::default()).await.unwrap().tags;
    a.settle(1, vec![tianji_proto::Record { tags, ..record("1", &tagged, "a", 1.5) }]).await;
    a.is_acknowledged(1).await;
    let denial = a.ask(&tagged, Amount { nanos: 1, ..Amount::default() }).await.unwrap_err();
    assert_eq!(denial.message, "Budget has been exceeded! Tag=y Current cost: 1.5, Max budget: 1.0");
}
