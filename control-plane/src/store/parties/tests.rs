use super::*;
use crate::store::{
    testing::{by, stores},
    writes::Write,
};

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + second, 123_456_000).unwrap()
}

fn party(kind: Kind, id: &str, member: &str) -> Party {
    Party { member: member.into(), ..Party::new(kind, id, at(0), "admin") }
}

async fn put(store: &Store, parties: &[Party]) {
    let writes: Vec<_> = parties.iter().cloned().map(Write::InsertParty).collect();
    assert!(store.apply(&writes, &by()).await.unwrap());
}

#[tokio::test]
async fn a_party_comes_back_as_it_was_stored() {
    for store in stores().await {
        let team = Party {
            alias: Some("Core".into()),
            models: Json(vec!["gpt".into()]),
            spend: 0.1 + 0.2,
            bounds: Bounds { max_budget: Some(1.5), rpm_limit: Some(3), ..Bounds::default() },
            budget_reset_at: Some(at(5)),
            metadata: Json(Map::from_iter([("é".into(), 1.into())])),
            ..party(Kind::Team, "t", "")
        };
        put(&store, std::slice::from_ref(&team)).await;
        assert_eq!(store.party(Kind::Team, "t", "").await.unwrap(), Some(team.clone()));
        assert_eq!(store.party(Kind::User, "t", "").await.unwrap(), None);
        let twin = store.apply(&[Write::InsertParty(team)], &by()).await.unwrap_err();
        assert!(twin.as_database_error().unwrap().is_unique_violation());
    }
}

#[tokio::test]
async fn an_update_leaves_alone_what_the_ledger_keeps_and_notices_another_one() {
    for store in stores().await {
        let before = party(Kind::User, "alice", "");
        put(&store, std::slice::from_ref(&before)).await;
        let spent = Party { spend: 5.0, ..before.clone() };
        assert!(store.apply(&[Write::UpdateParty(Box::new((before.clone(), spent)))], &by()).await.unwrap());
        let named = Party { alias: Some("Alice".into()), updated_at: at(1), ..before.clone() };
        let write = [Write::UpdateParty(Box::new((before.clone(), named.clone())))];
        assert!(store.apply(&write, &by()).await.unwrap());
        assert_eq!(store.party(Kind::User, "alice", "").await.unwrap(), Some(Party { spend: 5.0, ..named }));
        assert!(!store.apply(&write, &by()).await.unwrap());
    }
}

#[tokio::test]
async fn a_key_is_bound_by_everybody_it_belongs_to_and_by_nobody_else() {
    for store in stores().await {
        let shared = crate::store::budgets::Budget {
            budget_id: "b".into(),
            bounds: Bounds { max_budget: Some(7.0), rpm_limit: Some(9), ..Bounds::default() },
            budget_reset_at: None,
            extra: Json(Map::new()),
            created_at: at(0),
            created_by: String::new(),
            updated_at: at(0),
            updated_by: String::new(),
        };
        assert!(store.apply(&[Write::InsertBudget(shared)], &by()).await.unwrap());
        let own = Bounds { rpm_limit: Some(2), ..Bounds::default() };
        let member = party(Kind::TeamMember, "t", "u");
        put(
            &store,
            &[
                party(Kind::User, "u", ""),
                party(Kind::User, "v", ""),
                Party { organization_id: Some("o".into()), ..party(Kind::Team, "t", "") },
                Party { budget_id: Some("b".into()), bounds: own, ..member },
                party(Kind::TeamMember, "t", "v"),
                party(Kind::Organization, "o", ""),
                party(Kind::Organization, "p", ""),
            ],
        )
        .await;
        let names = async |user, team, organization| {
            let scopes = store.scopes(user, team, organization).await.unwrap();
            scopes.iter().map(|scope| scope.party.scope()).collect::<Vec<_>>().join(" ")
        };
        let all = r#"organization:o team:t team_member:["t","u"] user:u"#;
        assert_eq!(names(Some("u"), Some("t"), None).await, all);
        assert_eq!(names(Some("u"), None, Some("p")).await, "organization:p user:u");
        assert_eq!(names(None, None, None).await, "");
        let scopes = store.scopes(Some("u"), Some("t"), None).await.unwrap();
        let bounds = &scopes[2].party.bounds;
        assert_eq!((bounds.max_budget, bounds.rpm_limit), (Some(7.0), Some(2)));
    }
}

#[tokio::test]
async fn a_budget_period_begins_once() {
    for store in stores().await {
        let bounds = Bounds { budget_duration: Some("1d".into()), ..Bounds::default() };
        let ended = Party {
            bounds: bounds.clone(),
            spend: 3.0,
            budget_reset_at: Some(at(1)),
            ..party(Kind::Team, "a", "")
        };
        let new = Party { bounds, spend: 3.0, ..party(Kind::Team, "b", "") };
        put(&store, &[ended, new, party(Kind::Team, "c", "")]).await;
        let due = store.due_parties(at(2), 10).await.unwrap();
        assert_eq!(due.iter().map(|due| due.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        for due in &due {
            assert!(store.reset_party(due, at(100)).await.unwrap());
            assert!(!store.reset_party(due, at(100)).await.unwrap());
        }
        let mut spends = Vec::new();
        for id in ["a", "b"] {
            spends.push(store.party(Kind::Team, id, "").await.unwrap().unwrap().spend);
        }
        assert_eq!(spends, [0.0, 3.0]);
        assert_eq!(store.due_parties(at(2), 10).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_list_is_filtered_sorted_and_paged() {
    for store in stores().await {
        let named = |id: &str, alias: &str, spend| Party {
            alias: Some(alias.into()),
            spend,
            role: Some(if spend > 1.0 { "admin" } else { "user" }.into()),
            ..party(Kind::Team, id, "")
        };
        put(
            &store,
            &[
                named("a", "One_x", 1.0),
                named("b", "two", 3.0),
                named("c", "three", 2.0),
                party(Kind::TeamMember, "b", "u"),
            ],
        )
        .await;
        let page = Page { offset: 0, limit: 10, by: "spend", descending: true };
        let cases = [
            (Filter::default(), page, "b c a"),
            (Filter::default(), Page { descending: false, ..page }, "a c b"),
            (Filter::default(), Page { by: "alias", descending: false, ..page }, "a c b"),
            (Filter::default(), Page { offset: 1, limit: 1, ..page }, "c"),
            (Filter { alias: Some("NE_".into()), ..Filter::default() }, page, "a"),
            (Filter { alias: Some("%".into()), ..Filter::default() }, page, ""),
            (Filter { role: Some("admin".into()), ..Filter::default() }, page, "b c"),
            (Filter { member: Some("u".into()), ..Filter::default() }, page, "b"),
            (Filter { id: Some("c".into()), ..Filter::default() }, page, "c"),
        ];
        for (filter, page, expected) in cases {
            let (parties, _) = store.parties(Kind::Team, &filter, page).await.unwrap();
            let ids: Vec<_> = parties.iter().map(|party| party.id.as_str()).collect();
            assert_eq!(ids.join(" "), expected, "{filter:?} {page:?}");
        }
        let beyond = store.parties(Kind::Team, &Filter::default(), Page { offset: 9, ..page }).await.unwrap();
        assert_eq!((beyond.0.len(), beyond.1), (0, 3));
    }
}
