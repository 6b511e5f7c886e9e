//! Users, teams, organizations, budgets, customers, tags, and the trail they leave.

use super::*;
use serde_json::json;

#[tokio::test]
async fn an_organization_a_team_a_user_and_a_key_are_made_one_in_the_other() {
    let api = Api::new().await;
    let organization = api
        .done("/organization/new", json!({"organization_id": "acme", "organization_alias": "Acme", "max_budget": 100, "models": ["gpt"]}))
        .await;
    assert_eq!(organization["litellm_budget_table"]["max_budget"], 100.0);
    assert!(organization["budget_id"].is_string());
    let team = api
        .done(
            "/team/new",
            json!({
                "team_id": "core", "team_alias": "Core", "organization_id": "acme", "max_budget": 10, "rpm_limit": 5,
                "budget_duration": "30d", "models": ["gpt"], "metadata": {"cost_center": 7}, "tags": ["x"],
                "members_with_roles": [{"user_id": "boss", "role": "admin"}], "unknown_to_all": 1
            }),
        )
        .await;
    insta::assert_json_snapshot!("team", team);
    let user = api
        .done(
            "/user/new",
            json!({"user_id": "alice", "user_email": "Alice@Example.org", "user_role": "internal_user", "max_budget": 3,
                   "teams": [{"team_id": "core", "max_budget_in_team": 1}]}),
        )
        .await;
    assert!(user["key"].as_str().unwrap().starts_with("sk-"));
    assert_eq!((&user["user_email"], &user["teams"]), (&json!("alice@example.org"), &json!(["core"])));
    let (_, info) = api.get("/user/info?user_id=alice").await;
    assert_eq!(info["user_info"]["max_budget"], 3.0);
    assert_eq!(
        (info["keys"].as_array().unwrap().len(), &info["teams"][0]["team_alias"]),
        (1, &json!("Core"))
    );
    let (_, info) = api.get("/team/info?team_id=core").await;
    assert_eq!(info["team_info"]["members"], json!(["alice", "boss"]));
    assert_eq!(info["team_memberships"][0]["litellm_budget_table"]["max_budget"], 1.0);
    let (_, info) = api.get("/organization/info?organization_id=acme").await;
    assert_eq!(info["teams"][0]["team_id"], "core");
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_all_its_faults() {
    let api = Api::new().await;
    let (status, body) = api
        .post(
            "/team/new",
            json!({"max_budget": -1, "soft_budget": -2, "budget_duration": "1y", "team_alias": "a\nb"}),
        )
        .await;
    assert_eq!(status, 400);
    let message = body["error"]["message"].as_str().unwrap();
    for field in ["max_budget", "soft_budget", "budget_duration", "team_alias"] {
        assert!(message.contains(field), "{message}");
    }
    let (status, body) = api
        .post("/user/new", json!({"rpm_limit": -1, "models": "gpt", "user_role": "king", "teams": 7}))
        .await;
    assert_eq!((status, body["detail"].as_array().unwrap().len()), (422, 4), "{body}");
    assert_eq!(api.post("/team/new", json!({"organization_id": "nobody"})).await.0, 404);
    assert_eq!(api.post("/user/new", json!({"teams": ["nobody"]})).await.0, 404);
    assert_eq!(api.post("/organization/new", json!({})).await.0, 422);
    assert_eq!(
        api.post("/organization/new", json!({"organization_alias": "a", "budget_id": "none"})).await.0,
        404
    );
    assert_eq!(api.get("/team/info?team_id=none").await.0, 404);
    assert_eq!(api.get("/user/info?user_id=none").await.0, 404);
    assert_eq!(api.get("/user/list?sort_by=secret&sort_order=up").await.0, 400);
    api.done("/team/new", json!({"team_id": "t"})).await;
    assert_eq!(api.post("/team/new", json!({"team_id": "t"})).await.0, 400);
    api.done("/user/new", json!({"user_email": "a@b.c"})).await;
    assert_eq!(api.post("/user/new", json!({"user_email": "A@b.c"})).await.0, 400);
}

#[tokio::test]
async fn an_update_changes_what_is_given_and_null_clears() {
    let api = Api::new().await;
    api.done("/team/new", json!({"team_id": "t", "rpm_limit": 5, "max_budget": 1, "metadata": {"a": 1}}))
        .await;
    let body = api
        .done("/team/update", json!({"team_id": "t", "rpm_limit": 7, "max_budget": null, "blocked": true}))
        .await;
    let team = &body["data"];
    assert_eq!(
        (&team["rpm_limit"], &team["max_budget"], &team["blocked"]),
        (&json!(7), &Value::Null, &json!(true))
    );
    assert_eq!(team["metadata"], json!({"a": 1}));
    assert_eq!(api.post("/team/update", json!({"team_id": "none"})).await.0, 404);
    assert_eq!(api.done("/team/unblock", json!({"team_id": "t"})).await["blocked"], false);
    assert_eq!(api.done("/team/block", json!({"team_id": "t"})).await["blocked"], true);

    let models = |body: Value| body["models"].clone();
    assert_eq!(
        models(api.done("/team/model/add", json!({"team_id": "t", "models": ["a", "b", "a"]})).await),
        json!(["a", "b"])
    );
    assert_eq!(
        models(api.done("/team/model/delete", json!({"team_id": "t", "models": ["a"]})).await),
        json!(["b"])
    );
    assert_eq!(api.post("/team/model/delete", json!({"team_id": "t", "models": ["b"]})).await.0, 400);

    api.done("/user/new", json!({"user_id": "u", "user_email": "u@x.y", "auto_create_key": false})).await;
    let body = api
        .done("/user/update", json!({"user_email": "U@x.y", "tpm_limit": 9, "user_role": "proxy_admin"}))
        .await;
    assert_eq!((&body["user_id"], &body["data"]["tpm_limit"]), (&json!("u"), &json!(9)));
    assert_eq!(api.post("/user/update", json!({"tpm_limit": 1})).await.0, 400);
    let body = api.done("/user/update", json!({"user_id": "new"})).await;
    assert_eq!(body["data"]["user_id"], "new");

    api.done("/organization/new", json!({"organization_id": "o", "organization_alias": "O", "rpm_limit": 1}))
        .await;
    let (status, body) = api
        .with_body(
            "PATCH",
            "/organization/update",
            json!({"organization_id": "o", "rpm_limit": 4, "organization_alias": "P"}),
        )
        .await;
    assert_eq!((status, &body["litellm_budget_table"]["rpm_limit"]), (200, &json!(4)), "{body}");
    assert_eq!(body["organization_alias"], "P");
}

#[tokio::test]
async fn members_come_change_and_go() {
    let api = Api::new().await;
    api.done("/team/new", json!({"team_id": "t", "team_member_budget": 2, "team_member_rpm_limit": 3})).await;
    let body = api
        .done("/team/member_add", json!({"team_id": "t", "member": [{"user_id": "a", "role": "user"}, {"user_email": "b@x.y", "role": "admin"}]}))
        .await;
    assert_eq!(body["updated_users"].as_array().unwrap().len(), 2);
    assert!(body["updated_team_memberships"][0]["budget_id"].is_string(), "{body}");
    let twice = json!({"team_id": "t", "member": {"user_id": "a", "role": "user"}});
    assert_eq!(api.post("/team/member_add", twice).await.0, 400);
    assert_eq!(
        api.post("/team/member_add", json!({"team_id": "t", "member": {"role": "user"}})).await.0,
        400
    );
    assert_eq!(
        api.post("/team/member_add", json!({"team_id": "t", "member": {"user_id": "c", "role": "king"}}))
            .await
            .0,
        422
    );
    let body = api
        .done("/team/member_update", json!({"team_id": "t", "user_email": "b@x.y", "role": "user", "max_budget_in_team": 5, "rpm_limit": 1}))
        .await;
    assert_eq!((&body["max_budget_in_team"], &body["rpm_limit"]), (&json!(5.0), &json!(1)));
    assert_eq!(api.post("/team/member_update", json!({"team_id": "t", "user_id": "nobody"})).await.0, 404);
    let key = api.key(json!({"user_id": "a", "team_id": "t"})).await;
    let body = api.done("/team/member_delete", json!({"team_id": "t", "user_id": "a"})).await;
    assert_eq!(body["members"].as_array().unwrap().len(), 1);
    assert_eq!(api.get(&format!("/key/info?key={key}")).await.0, 404, "its key of the team goes with it");
    let body = api
        .done("/team/bulk_member_add", json!({"team_id": "t", "members": [{"user_id": "x", "role": "user"}, {"user_id": "x", "role": "user"}]}))
        .await;
    assert_eq!((&body["successful_additions"], &body["failed_additions"]), (&json!(1), &json!(1)));

    api.done("/organization/new", json!({"organization_id": "o", "organization_alias": "O"})).await;
    let added = json!({"organization_id": "o", "member": {"user_id": "x", "role": "org_admin"}, "max_budget_in_organization": 4});
    let body = api.done("/organization/member_add", added).await;
    assert_eq!(body["updated_organization_memberships"][0]["user_role"], "org_admin");
    let change = json!({"organization_id": "o", "user_id": "x", "role": "internal_user"});
    assert_eq!(
        api.with_body("PATCH", "/organization/member_update", change).await.1["user_role"],
        "internal_user"
    );
    let (status, _) = api
        .with_body("DELETE", "/organization/member_delete", json!({"organization_id": "o", "user_id": "x"}))
        .await;
    assert_eq!(status, 200);
    let again = api
        .with_body("DELETE", "/organization/member_delete", json!({"organization_id": "o", "user_id": "x"}))
        .await;
    assert_eq!(again.0, 404);
}

#[tokio::test]
async fn what_is_deleted_takes_its_keys_and_memberships_with_it() {
    let api = Api::new().await;
    api.done("/organization/new", json!({"organization_id": "o", "organization_alias": "O"})).await;
    for team in ["s", "t"] {
        api.done("/team/new", json!({"team_id": team, "organization_id": "o"})).await;
    }
    api.done("/user/new", json!({"user_id": "u", "teams": ["s", "t"]})).await;
    let of_team = api.key(json!({"team_id": "t"})).await;
    let of_both = api.key(json!({"team_id": "s", "organization_id": "o"})).await;
    let (status, body) = api.post("/team/delete", json!({"team_ids": ["t", "none"]})).await;
    assert_eq!(status, 404, "{body}");
    assert_eq!(api.get("/team/info?team_id=t").await.0, 200, "all or none");
    api.done("/team/delete", json!({"team_ids": ["t"]})).await;
    assert_eq!(api.get(&format!("/key/info?key={of_team}")).await.0, 404);
    assert_eq!(api.get("/v2/user/info?user_id=u").await.1["teams"], json!(["s"]));
    let (status, body) =
        api.with_body("DELETE", "/organization/delete", json!({"organization_ids": ["o"]})).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(api.get(&format!("/key/info?key={of_both}")).await.0, 404);
    assert_eq!(api.get("/team/info?team_id=s").await.0, 404);
    assert_eq!(api.done("/user/delete", json!({"user_ids": ["u"]})).await, json!(1));
    assert_eq!(api.get("/key/list").await.1["total_count"], 0);
    assert_eq!(api.post("/user/delete", json!({"user_ids": ["u"]})).await.0, 404);
}

#[tokio::test]
async fn budgets_customers_and_tags_live_from_new_to_delete() {
    let api = Api::new().await;
    let budget = api
        .done(
            "/budget/new",
            json!({"budget_id": "b", "max_budget": 2, "model_max_budget": {"gpt": {"budget_limit": 1}}}),
        )
        .await;
    assert_eq!(
        (&budget["max_budget"], &budget["model_max_budget"]["gpt"]["budget_limit"]),
        (&json!(2.0), &json!(1))
    );
    assert_eq!(api.post("/budget/new", json!({"budget_id": "b"})).await.0, 400);
    assert_eq!(api.post("/budget/new", json!({"max_budget": -1})).await.0, 400);
    assert_eq!(api.done("/budget/update", json!({"budget_id": "b", "rpm_limit": 3})).await["rpm_limit"], 3);
    assert_eq!(api.post("/budget/update", json!({"rpm_limit": 3})).await.0, 400);
    assert_eq!(
        api.done("/budget/info", json!({"budgets": ["b", "none"]})).await.as_array().unwrap().len(),
        1
    );
    let (_, settings) = api.get("/budget/settings?budget_id=b").await;
    assert_eq!(settings[2]["field_value"], 3);

    let customer = api.done("/customer/new", json!({"user_id": "c", "alias": "C", "budget_id": "b"})).await;
    assert_eq!(customer["litellm_budget_table"]["max_budget"], 2.0);
    assert_eq!(api.post("/end_user/new", json!({"user_id": "c"})).await.0, 400);
    assert_eq!(
        api.post("/customer/new", json!({"user_id": "d", "budget_id": "b", "max_budget": 1})).await.0,
        400
    );
    let own = api.done("/end_user/new", json!({"user_id": "d", "max_budget": 1})).await;
    assert_ne!(own["budget_id"], "b");
    assert_eq!(
        api.done("/customer/update", json!({"user_id": "d", "max_budget": 4})).await["budget_id"],
        own["budget_id"]
    );
    let blocked = api.done("/customer/block", json!({"user_ids": ["c", "unheard-of"]})).await;
    assert_eq!(blocked["blocked_users"].as_array().unwrap().len(), 2);
    assert_eq!(api.get("/customer/info?end_user_id=unheard-of").await.1["blocked"], true);
    api.done("/end_user/unblock", json!({"user_ids": ["c"]})).await;
    assert_eq!(api.get("/customer/info?end_user_id=c").await.1["blocked"], false);
    assert_eq!(
        api.get("/customer/list?page_size=2&sort_by=user_id&sort_order=desc").await.1[0]["user_id"],
        "unheard-of"
    );
    assert_eq!(api.post("/customer/delete", json!({"user_ids": ["c", "none"]})).await.0, 404);
    assert_eq!(api.done("/customer/delete", json!({"user_ids": ["c"]})).await["deleted_customers"], 1);

    let tag = api.done("/tag/new", json!({"name": "x", "description": "X", "max_budget": 1})).await;
    assert_eq!(tag["tag"]["litellm_budget_table"]["max_budget"], 1.0);
    assert_eq!(api.post("/tag/new", json!({"name": "x"})).await.0, 400);
    assert_eq!(
        api.done("/tag/update", json!({"name": "x", "description": "Y"})).await["tag"]["description"],
        "Y"
    );
    assert_eq!(api.done("/tag/info", json!({"names": ["x"]})).await["x"]["description"], "Y");
    assert_eq!(api.post("/tag/info", json!({"names": ["x", "none"]})).await.0, 404);
    assert_eq!(api.get("/tag/list").await.1[0]["name"], "x");
    api.done("/tag/delete", json!({"name": "x"})).await;
    assert_eq!(api.post("/tag/delete", json!({"name": "x"})).await.0, 404);
    api.done("/budget/delete", json!({"id": "b"})).await;
    assert_eq!(api.post("/budget/delete", json!({"id": "b"})).await.0, 404);
}

#[tokio::test]
async fn lists_are_filtered_sorted_and_paged() {
    let api = Api::new().await;
    for (id, budget) in [("a", 3), ("b", 1), ("c", 2)] {
        api.done("/user/new", json!({"user_id": id, "max_budget": budget, "auto_create_key": false})).await;
        api.done("/team/new", json!({"team_id": id, "team_alias": format!("Team {id}")})).await;
    }
    api.done("/team/member_add", json!({"team_id": "b", "member": {"user_id": "a", "role": "user"}})).await;
    let (_, body) = api.get("/user/list?page_size=2&sort_by=max_budget&sort_order=desc").await;
    assert_eq!(
        (&body["users"][0]["user_id"], &body["total"], &body["total_pages"]),
        (&json!("a"), &json!(3), &json!(2))
    );
    let (_, body) = api.get("/user/list?page_size=2&page=2&sort_by=user_id").await;
    assert_eq!(body["users"].as_array().unwrap().len(), 1);
    let (_, body) = api.get("/v2/team/list?user_id=a").await;
    assert_eq!((&body["teams"][0]["team_id"], &body["total"]), (&json!("b"), &json!(1)));
    assert_eq!(api.get("/team/list?team_alias=team%20c").await.1[0]["team_id"], "c");
    api.done("/team/update", json!({"team_id": "c", "metadata": {"available": true}})).await;
    assert_eq!(api.get("/team/available").await.1.as_array().unwrap().len(), 1);
    let (_, body) = api.get("/team/permissions_list?team_id=a").await;
    assert_eq!(body["team_member_permissions"], json!(["/key/info", "/key/health"]));
    let permit = json!({"team_id": "a", "team_member_permissions": ["/key/generate"]});
    assert_eq!(
        api.done("/team/permissions_update", permit).await["team_member_permissions"],
        json!(["/key/generate"])
    );
    assert_eq!(
        api.post("/team/permissions_update", json!({"team_id": "a", "team_member_permissions": ["/x"]}))
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn every_change_is_on_record_by_whom_it_was_made() {
    let api = Api::new().await;
    let request = Request::post("/team/new")
        .header("authorization", format!("Bearer {MASTER}"))
        .header("litellm-changed-by", "alice");
    api.send(
        request
            .body(json!({"team_id": "t", "metadata": {"x_api_key": "s3cret"}}).to_string().into())
            .unwrap(),
    )
    .await;
    api.done("/team/update", json!({"team_id": "t", "rpm_limit": 1})).await;
    let key = api.key(json!({"team_id": "t"})).await;
    api.done("/key/block", json!({"key": key})).await;
    api.done("/team/delete", json!({"team_ids": ["t"]})).await;
    let (_, body) = api.get("/audit?page_size=3&sort_by=table_name&sort_order=asc").await;
    assert_eq!((&body["total"], &body["total_pages"]), (&json!(6), &json!(2)));
    let (_, body) = api.get("/audit?table_name=LiteLLM_TeamTable&action=updated").await;
    let row = &body["audit_logs"][0];
    assert_eq!(
        (&row["before_value"]["rpm_limit"], &row["updated_values"]["rpm_limit"]),
        (&Value::Null, &json!(1))
    );
    assert_eq!((&row["changed_by"], &row["object_id"]), (&json!("default_user_id"), &json!("t")));
    assert_eq!(row["changed_by_api_key"], crate::keys::hash(MASTER));
    assert_eq!(row["before_value"]["metadata"]["x_api_key"], "****");
    let (_, body) = api.get("/audit?changed_by=alice").await;
    assert_eq!((&body["total"], &body["audit_logs"][0]["action"]), (&json!(1), &json!("created")));
    let (_, body) = api.get("/audit?action=blocked").await;
    assert_eq!(body["audit_logs"][0]["object_id"], crate::keys::hash(&key));
    let id = body["audit_logs"][0]["id"].as_str().unwrap();
    assert_eq!(api.get(&format!("/audit/{id}")).await.1["id"], id);
    assert_eq!(api.get("/audit/none").await.0, 404);
    assert_eq!(api.get("/audit?start_date=2027-01-15&end_date=2027-01-15").await.1["total"], 6);
    assert_eq!(api.get("/audit?start_date=2027-01-16").await.1["total"], 0);
    assert_eq!(api.get("/audit?start_date=x&end_date=y&sort_by=z").await.0, 400);
}

#[tokio::test]
async fn a_virtual_key_sees_its_own_user_and_team_and_changes_nothing() {
    let api = Api::new().await;
    api.done("/team/new", json!({"team_id": "t"})).await;
    for user in ["u", "v"] {
        api.done("/user/new", json!({"user_id": user, "auto_create_key": false})).await;
    }
    let key = api.key(json!({"user_id": "u", "team_id": "t"})).await;
    assert_eq!(api.get_as(&key, "/user/info").await.1["user_id"], "u");
    assert_eq!(api.get_as(&key, "/v2/user/info?user_id=u").await.0, 200);
    assert_eq!(api.get_as(&key, "/user/info?user_id=v").await.0, 403);
    assert_eq!(api.get_as(&key, "/team/info?team_id=t").await.0, 200);
    assert_eq!(api.get_as(&key, "/team/info?team_id=s").await.0, 403);
    for path in ["/team/new", "/user/new", "/organization/new", "/budget/new", "/customer/new", "/tag/new"] {
        assert_eq!(api.post_as(&key, path, json!({})).await.0, 401, "{path}");
    }
    for path in
        ["/audit", "/user/list", "/v2/team/list", "/organization/list", "/budget/list", "/customer/list"]
    {
        assert_eq!(api.get_as(&key, path).await.0, 401, "{path}");
    }
}
