use super::*;
use serde_json::json;

#[tokio::test]
async fn a_key_is_made_with_what_was_asked_and_shown_once() {
    let api = Api::new().await;
    let (status, body) = api
        .post(
            "/key/generate",
            json!({
                "key": "sk-chosen-0123456789", "key_alias": "first", "models": ["gpt"], "duration": "1h", "max_budget": 10,
                "budget_duration": "1d", "rpm_limit": 5, "tpm_limit": 100, "max_parallel_requests": 2,
                "metadata": {"team": "core"}, "user_id": "alice", "team_id": "t1", "tags": ["x"], "unknown_to_all": 1
            }),
        )
        .await;
    assert_eq!(status, 200, "{body}");
    insta::assert_json_snapshot!(body);

    let (_, info) = api.get("/key/info?key=sk-chosen-0123456789").await;
    assert_eq!(info["key"], "sk-chosen-0123456789");
    assert_eq!(info["info"]["tags"], json!(["x"]));
    assert_eq!(info["info"]["status"], "active");
    assert!(info["info"].get("token").is_none() && info["info"].get("unknown_to_all").is_none());
    let (_, by_hash) = api.get(&format!("/key/info?key={}", body["token"].as_str().unwrap())).await;
    assert_eq!(by_hash["info"], info["info"]);
}

#[tokio::test]
async fn an_empty_body_makes_a_key_that_may_do_everything() {
    let api = Api::new().await;
    let (status, body) = api.post("/key/generate", json!({})).await;
    assert_eq!(status, 200);
    assert_eq!(
        (&body["models"], &body["max_budget"], &body["expires"]),
        (&json!([]), &Value::Null, &Value::Null)
    );
    assert_eq!(body["token"], crate::keys::hash(body["key"].as_str().unwrap()));
}

#[tokio::test]
async fn everything_wrong_with_a_request_is_named_at_once() {
    let api = Api::new().await;
    let (status, body) = api
        .post(
            "/key/generate",
            json!({"models": "gpt", "rpm_limit": -1, "max_budget": "much", "metadata": [], "blocked": 1}),
        )
        .await;
    assert_eq!(status, 422);
    insta::assert_json_snapshot!("malformed", body);
    let (status, body) = api
        .post(
            "/key/generate",
            json!({"key": "nokey", "duration": "1y", "budget_duration": "x", "max_budget": -1}),
        )
        .await;
    assert_eq!(status, 400);
    insta::assert_json_snapshot!("invalid", body);
    let request = Request::post("/key/delete").header("x-api-key", MASTER).body(Body::from("{")).unwrap();
    assert_eq!(api.send(request).await.0, 422);
    assert_eq!(
        api.get("/key/list?page=0&size=1000&sort_by=x").await.1["detail"].as_array().unwrap().len(),
        2
    );
    assert_eq!(api.get("/key/list?sort_by=x&status=y&sort_order=z").await.0, 400);
}

#[tokio::test]
async fn an_alias_and_a_key_are_given_once() {
    let api = Api::new().await;
    api.key(json!({"key_alias": "a", "key": "sk-1"})).await;
    let (status, body) = api.post("/key/generate", json!({"key_alias": "a"})).await;
    assert_eq!((status, &body["error"]["param"]), (400, &json!("key_alias")));
    assert_eq!(api.post("/key/generate", json!({"key": "sk-1"})).await.0, 400);
    let other = api.key(json!({"key_alias": "b"})).await;
    assert_eq!(api.post("/key/update", json!({"key": other, "key_alias": "a"})).await.0, 400);
    assert_eq!(api.post("/key/update", json!({"key": other, "key_alias": "b"})).await.0, 200);
}

#[tokio::test]
async fn an_update_changes_what_is_given() {
    let api = Api::new().await;
    let key = api
        .key(json!({"key_alias": "a", "rpm_limit": 5, "max_budget": 1, "duration": "1h", "tags": ["x"]}))
        .await;
    let (status, body) = api
        .post("/key/update", json!({"key": key, "rpm_limit": 7, "max_budget": null, "metadata": {"a": 1}}))
        .await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["key"], key);
    assert_eq!(
        (&body["rpm_limit"], &body["max_budget"], &body["key_alias"]),
        (&json!(7), &Value::Null, &json!("a"))
    );
    assert_eq!((&body["tags"], &body["metadata"]), (&json!(["x"]), &json!({"a": 1})));
    assert!(body["expires"].is_string());
    let (_, body) = api.post("/key/update", json!({"key_alias": "a", "duration": "-1", "spend": 2.5})).await;
    assert_eq!((&body["expires"], &body["spend"]), (&Value::Null, &json!(2.5)));
    assert_eq!(api.post("/key/update", json!({"key": "sk-none"})).await.0, 404);
    assert_eq!(api.post("/key/update", json!({"key_alias": "none"})).await.0, 404);
    assert_eq!(api.post("/key/update", json!({})).await.0, 400);
}

#[tokio::test]
async fn blocking_and_deleting_take_keys_hashes_and_aliases() {
    let api = Api::new().await;
    let mut changes = api.app.changed_keys();
    let key = api.key(json!({"key_alias": "a"})).await;
    let hash = crate::keys::hash(&key);
    assert_eq!(*changes.recv().await.unwrap(), *std::slice::from_ref(&hash));
    assert_eq!(api.post("/key/block", json!({"key": key})).await.1["blocked"], true);
    assert_eq!(*changes.recv().await.unwrap(), *std::slice::from_ref(&hash));
    assert_eq!(api.get(&format!("/key/info?key={hash}")).await.1["info"]["status"], "revoked");
    assert_eq!(api.post("/key/unblock", json!({"key": hash})).await.1["blocked"], false);
    changes.recv().await.unwrap();
    assert_eq!(api.post("/key/block", json!({"key": "sk-none"})).await.0, 404);

    let (status, body) = api.post("/key/delete", json!({"keys": [key, "sk-none"]})).await;
    assert_eq!((status, body), (200, json!({"deleted_keys": [key]})));
    assert_eq!(changes.recv().await.unwrap()[..], [hash]);
    assert_eq!(api.post("/key/delete", json!({"keys": [key]})).await.0, 404);
    assert_eq!(api.post("/key/delete", json!({"keys": []})).await.0, 400);
    api.key(json!({"key_alias": "b"})).await;
    assert_eq!(
        api.post("/key/delete", json!({"key_aliases": ["b"]})).await.1,
        json!({"deleted_keys": ["b"]})
    );
}

#[tokio::test]
async fn a_list_is_paged() {
    let api = Api::new().await;
    for i in 0..3 {
        api.key(json!({"key_alias": format!("k{i}"), "user_id": "alice", "max_budget": i})).await;
    }
    let (_, body) =
        api.get("/key/list?size=2&return_full_object=true&sort_by=max_budget&sort_order=asc").await;
    assert_eq!(body["keys"][1]["key_alias"], "k1");
    assert_eq!(
        (&body["total_count"], &body["current_page"], &body["total_pages"]),
        (&json!(3), &json!(1), &json!(2))
    );
    let (_, body) = api.get("/key/list?key_alias=k2").await;
    assert_eq!(body["keys"].as_array().unwrap().len(), 1);
    assert!(body["keys"][0].as_str().unwrap().len() == 64);
    assert_eq!(api.get("/key/list?status=deleted").await.1["total_count"], 0);
}

#[tokio::test]
async fn a_virtual_key_reads_itself_and_nothing_else() {
    let api = Api::new().await;
    let (key, other) = (api.key(json!({"key_alias": "me"})).await, api.key(json!({})).await);
    let (status, body) = api.get_as(&key, "/key/info").await;
    assert_eq!((status, &body["info"]["key_alias"]), (200, &json!("me")));
    assert_eq!(api.get_as(&key, &format!("/key/info?key={key}")).await.0, 200);
    assert_eq!(api.get_as(&key, &format!("/key/info?key={other}")).await.0, 403);
    for (path, body) in [
        ("/key/generate", json!({})),
        ("/key/delete", json!({"keys": [other]})),
        ("/model/delete", json!({"id": "x"})),
    ] {
        let (status, body) = api.post_as(&key, path, body).await;
        assert_eq!((status, &body["error"]["type"]), (401, &json!("auth_error")), "{path}");
    }
    for path in ["/key/list", "/model/info", "/spend/logs", "/health"] {
        assert_eq!(api.get_as(&key, path).await.0, 401, "{path}");
    }
}

#[tokio::test]
async fn wrong_blocked_and_expired_keys_are_refused() {
    let api = Api::new().await;
    let error = |body: &Value| body["error"]["type"].as_str().unwrap().to_owned();
    assert_eq!(error(&api.get_as("sk-nobody-has-this", "/key/info").await.1), "token_not_found_in_db");
    assert_eq!(error(&api.get_as("master", "/key/info").await.1), "auth_error");
    let key = api.key(json!({"blocked": true})).await;
    assert_eq!(api.get_as(&key, "/key/info").await.0, 401);
    let key = api.key(json!({"duration": "1h"})).await;
    assert_eq!(api.get_as(&key, "/key/info").await.0, 200);
    api.app.clock.set(api.app.clock.now() + chrono::TimeDelta::hours(1));
    let (status, body) = api.get_as(&key, "/key/info").await;
    assert_eq!((status, error(&body)), (401, "expired_key".into()));
}

#[tokio::test]
async fn a_key_is_regenerated_with_its_settings_and_its_spend() {
    let api = Api::new().await;
    let old = api.key(json!({"key_alias": "a", "rpm_limit": 5, "spend": 2.5, "tags": ["x"]})).await;
    let hash = crate::keys::hash(&old);
    assert_eq!(api.post(&format!("/key/{hash}/regenerate"), json!({"grace_period": "1h"})).await.0, 400);
    assert_eq!(api.post("/key/regenerate", json!({})).await.0, 400);
    assert_eq!(api.post("/key/regenerate", json!({"key": "sk-none"})).await.0, 404);
    let new = api.done(&format!("/key/{hash}/regenerate"), json!({"rpm_limit": 6})).await;
    assert_eq!((&new["key_alias"], &new["rpm_limit"], &new["spend"]), (&json!("a"), &json!(6), &json!(2.5)));
    assert_eq!(new["tags"], json!(["x"]));
    assert_eq!(api.get(&format!("/key/info?key={hash}")).await.0, 404);
    let chosen = json!({"key": new["key"], "new_key": "sk-chosen-by-me"});
    assert_eq!(api.done("/key/regenerate", chosen.clone()).await["key"], "sk-chosen-by-me");
    assert_eq!(api.post("/key/regenerate", chosen).await.0, 404);
    let (_, audit) = api.get("/audit?action=deleted&table_name=LiteLLM_VerificationToken").await;
    assert_eq!(audit["total"], 2);
}

#[tokio::test]
async fn several_keys_are_shown_changed_and_named_at_once() {
    let api = Api::new().await;
    let keys =
        [api.key(json!({"key_alias": "one"})).await, api.key(json!({"key_alias": "two", "spend": 3})).await];
    let body = api.done("/v2/key/info", json!({"keys": [keys[0], keys[1], "sk-none"]})).await;
    assert_eq!(body["info"].as_array().unwrap().len(), 2);
    let body = api
        .done("/key/bulk_update", json!({"keys": [{"key": keys[0], "max_budget": 1}, {"key": "sk-none"}, {"key": keys[1], "max_budget": -1}]}))
        .await;
    assert_eq!(body["successful_updates"][0]["key_info"]["max_budget"], 1.0);
    assert_eq!(body["failed_updates"].as_array().unwrap().len(), 2);
    let (_, body) = api.get("/key/aliases?search=W").await;
    assert_eq!((&body["aliases"], &body["total_count"]), (&json!(["two"]), &json!(1)));
    let reset = format!("/key/{}/reset_spend", crate::keys::hash(&keys[1]));
    assert_eq!(api.post(&reset, json!({"reset_to": 9})).await.0, 400);
    let body = api.done(&reset, json!({"reset_to": 1})).await;
    assert_eq!((&body["spend"], &body["previous_spend"]), (&json!(1.0), &json!(3.0)));
}

#[tokio::test]
async fn a_service_account_s_key_belongs_to_a_team_and_to_nobody() {
    let api = Api::new().await;
    let path = "/key/service-account/generate";
    assert_eq!(api.post(path, json!({})).await.0, 400);
    assert_eq!(api.post(path, json!({"team_id": "none"})).await.0, 404);
    api.done("/team/new", json!({"team_id": "t"})).await;
    assert_eq!(api.post(path, json!({"team_id": "t", "user_id": "u"})).await.0, 400);
    let body = api.done(path, json!({"team_id": "t"})).await;
    assert_eq!((&body["team_id"], &body["user_id"]), (&json!("t"), &Value::Null));
    assert_eq!(api.post("/key/generate", json!({"budget_id": "none"})).await.0, 404);
}
