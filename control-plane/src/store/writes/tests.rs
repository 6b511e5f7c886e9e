use super::*;
use crate::{
    gate::testing::key,
    store::{
        audit::{Filter, Page},
        testing::{by, stores},
    },
};
use serde_json::json;

const PAGE: Page = Page { offset: 0, limit: 10, by: "updated_at", descending: true };

fn team() -> Party {
    Party::new(Kind::Team, "t", DateTime::UNIX_EPOCH, "admin")
}

#[tokio::test]
async fn every_write_leaves_who_when_and_what_with_secrets_masked() {
    for store in stores().await {
        let mut before = team();
        before.metadata.0 =
            json!({"slack": {"api_key": "sk-secret"}, "note": "n"}).as_object().unwrap().clone();
        let after = Party { blocked: true, ..before.clone() };
        let member = Party { member: "u".into(), kind: Kind::TeamMember, ..team() };
        let writes = [
            Write::InsertParty(before.clone()),
            Write::InsertParty(member),
            Write::UpdateParty(Box::new((before, after.clone()))),
            Write::DeleteParty(after),
            Write::InsertKey(key("k")),
        ];
        assert!(store.apply(&writes, &by()).await.unwrap());
        let sorted = Page { by: "action", descending: false, ..PAGE };
        let (rows, total) = store.audits(&Filter::default(), &sorted).await.unwrap();
        let seen: Vec<_> = rows.iter().map(|row| (row.action.as_str(), row.table_name.as_str())).collect();
        assert_eq!(total, 5);
        assert_eq!(seen[0], ("blocked", "LiteLLM_TeamTable"));
        assert_eq!(seen[4], ("deleted", "LiteLLM_TeamTable"));
        assert!(rows.iter().all(|row| row.changed_by == "admin" && row.changed_by_api_key == "5ea1"));
        let blocked = &rows[0];
        let (before, after) =
            (blocked.before_value.as_ref().unwrap(), blocked.updated_values.as_ref().unwrap());
        assert_eq!((&before["blocked"], &after["blocked"]), (&json!(false), &json!(true)));
        assert_eq!(after["metadata"], json!({"slack": {"api_key": "****"}, "note": "n"}));
        let made = Filter { object_id: Some(key("k").token), ..Filter::default() };
        let (rows, _) = store.audits(&made, &PAGE).await.unwrap();
        assert_eq!(rows[0].updated_values.as_ref().unwrap()["token"], json!(key("k").token));
        assert_eq!(store.audit(&rows[0].id).await.unwrap().as_ref(), Some(&rows[0]));
    }
}

#[tokio::test]
async fn what_does_not_happen_leaves_no_trace() {
    for store in stores().await {
        let writes = [Write::InsertParty(team()), Write::DeleteKey(key("nobody"))];
        assert!(!store.apply(&writes, &by()).await.unwrap());
        assert_eq!(store.party(Kind::Team, "t", "").await.unwrap(), None);
        assert_eq!(store.audits(&Filter::default(), &PAGE).await.unwrap(), (vec![], 0));
    }
}

#[tokio::test]
async fn a_budget_that_is_deleted_lets_go_of_who_had_it() {
    for store in stores().await {
        let budget = Budget {
            budget_id: "b".into(),
            bounds: crate::store::parties::Bounds::default(),
            budget_reset_at: None,
            extra: Json(serde_json::Map::new()),
            created_at: DateTime::UNIX_EPOCH,
            created_by: String::new(),
            updated_at: DateTime::UNIX_EPOCH,
            updated_by: String::new(),
        };
        let limited = Party { budget_id: Some("b".into()), ..team() };
        let made = [Write::InsertBudget(budget.clone()), Write::InsertParty(limited)];
        assert!(store.apply(&made, &by()).await.unwrap());
        assert_eq!(store.users_of_budget("b").await.unwrap(), 1);
        assert_eq!(store.budgets(0, 10).await.unwrap(), std::slice::from_ref(&budget));
        assert!(store.apply(&[Write::DeleteBudget(budget)], &by()).await.unwrap());
        assert_eq!(store.party(Kind::Team, "t", "").await.unwrap().unwrap().budget_id, None);
        assert_eq!(store.budget("b").await.unwrap(), None);
    }
}
