use super::*;
use crate::store::spend::tests::insert;
use serde_json::json;

#[tokio::test]
async fn the_ledger_is_shown_as_rows_and_as_sums() {
    let api = Api::new().await;
    let at = |hours: i64| DateTime::from_timestamp(1_800_000_000 + hours * 3600, 0).unwrap();
    let hash = crate::keys::hash("sk-one");
    insert(&api.app.store, "c1", at(0), &hash, 0.5).await;
    insert(&api.app.store, "c2", at(30), "other", 0.25).await;

    let (_, rows) = api.get("/spend/logs").await;
    assert_eq!(rows.as_array().unwrap().len(), 2);
    insta::assert_json_snapshot!(rows[1]);
    assert_eq!(api.get("/spend/logs?api_key=sk-one").await.1[0]["request_id"], "c1");
    assert_eq!(api.get("/spend/logs?request_id=c2").await.1.as_array().unwrap().len(), 1);
    assert_eq!(api.get("/spend/logs?user_id=bob").await.1, json!([]));

    let dates = "/spend/logs?start_date=2027-01-15&end_date=2027-01-17";
    assert_eq!(api.get(&format!("{dates}&summarize=false")).await.1.as_array().unwrap().len(), 2);
    let (_, days) = api.get(dates).await;
    assert_eq!(
        days,
        json!([
            {"startTime": "2027-01-15", "spend": 0.5, "users": {"alice": 0.5}, "models": {"gpt": 0.5}, hash: 0.5},
            {"startTime": "2027-01-16", "spend": 0.25, "users": {"alice": 0.25}, "models": {"gpt": 0.25}, "other": 0.25},
            {"startTime": "2027-01-17", "spend": 0.0, "users": {}, "models": {}},
        ])
    );
    assert_eq!(api.get("/spend/logs?start_date=yesterday&end_date=2027").await.0, 400);
}
