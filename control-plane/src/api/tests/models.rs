use super::*;
use serde_json::json;

fn new(name: &str) -> Value {
    json!({
        "model_name": name,
        "litellm_params": {"model": "openai/gpt-4o-mini", "api_key": "sk-provider-0123456789", "rpm": 10},
        "model_info": {"id": format!("{name}-id"), "note": "mine"}
    })
}

#[tokio::test]
async fn a_model_is_live_when_the_answer_comes_and_its_key_is_sealed() {
    let api = Api::new().await;
    let catalog = api.app.catalog();
    let (status, body) = api.post("/model/new", new("fast")).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["litellm_params"]["api_key"], "sk-p****6789");
    assert_eq!(body["model_info"]["db_model"], true);
    let model = catalog.borrow().models[0].clone();
    assert_eq!((model.deployment.id.as_str(), model.name.as_str()), ("fast-id", "fast"));
    assert_eq!(model.key.unwrap().expose(), "sk-provider-0123456789");
    let row = api.app.store.model("fast-id").await.unwrap().unwrap();
    assert!(!format!("{row:?}").contains("0123456789"));

    let (_, body) = api.get("/v1/model/info").await;
    insta::assert_json_snapshot!(body);
    assert_eq!(api.get("/model/info?litellm_model_id=fast-id").await.1, body);
    assert_eq!(api.get("/model/info?litellm_model_id=none").await.0, 400);
}

#[tokio::test]
async fn an_update_keeps_what_is_not_given() {
    let api = Api::new().await;
    api.post("/model/new", new("fast")).await;
    let change = json!({"model_info": {"id": "fast-id"}, "model_name": "faster", "litellm_params": {"rpm": 20, "api_key": null}});
    let (status, body) = api.post("/model/update", change).await;
    assert_eq!(status, 200, "{body}");
    let model = api.app.catalog().borrow().models[0].clone();
    assert_eq!((model.name.as_str(), model.deployment.weight), ("faster", 20.0));
    assert_eq!(model.key.unwrap().expose(), "sk-provider-0123456789");
    let change =
        json!({"model_info": {"id": "fast-id"}, "litellm_params": {"api_key": "sk-new-0123456789abc"}});
    api.post("/model/update", change).await;
    let model = api.app.catalog().borrow().models[0].clone();
    assert_eq!(model.key.unwrap().expose(), "sk-new-0123456789abc");
    assert_eq!(api.post("/model/update", json!({"model_info": {"id": "none"}})).await.0, 400);
}

#[tokio::test]
async fn a_model_that_cannot_be_served_is_not_stored() {
    let api = Api::new().await;
    let bad = json!({"model_name": "*", "litellm_params": {"model": "nobody/x", "rpm": -1}, "model_info": {"id": "a b"}});
    let (status, body) = api.post("/model/new", bad).await;
    assert_eq!(status, 400);
    insta::assert_json_snapshot!("refused", body);
    let unset = json!({"model_name": "a", "litellm_params": {"model": "openai/x", "api_key": "os.environ/NOT_THERE"}});
    let (status, body) = api.post("/model/new", unset).await;
    assert!(status == 400 && body["error"]["message"].as_str().unwrap().contains("NOT_THERE"), "{body}");
    assert!(api.app.store.models().await.unwrap().is_empty());
    api.post("/model/new", new("fast")).await;
    assert_eq!(api.post("/model/new", new("fast")).await.0, 400);
}

#[tokio::test]
async fn models_of_the_file_are_shown_and_not_changed() {
    let config = Config { models: crate::config::demo("http://127.0.0.1:1"), ..Config::default() };
    let api = Api::with(config).await;
    api.post("/model/new", new("fast")).await;
    let (_, body) = api.get("/model/info").await;
    let data = body["data"].as_array().unwrap();
    assert_eq!(
        (data.len(), &data[0]["model_name"], &data[0]["model_info"]["db_model"]),
        (3, &json!("demo"), &json!(false))
    );
    let id = data[0]["model_info"]["id"].clone();
    let (status, body) = api.post("/model/update", json!({"model_info": {"id": id}})).await;
    assert!(status == 400 && body["error"]["message"].as_str().unwrap().contains("Model in config"));
    assert_eq!(api.post("/model/delete", json!({"id": id})).await.0, 400);
    let (status, body) = api.post("/model/delete", json!({"id": "fast-id"})).await;
    assert_eq!((status, body), (200, json!({"message": "Model: fast-id deleted successfully"})));
    assert_eq!(api.app.catalog().borrow().models.len(), 2);
}

#[tokio::test]
async fn a_credential_sealed_under_another_master_key_takes_only_its_model_away() {
    let api = Api::new().await;
    api.post("/model/new", new("fast")).await;
    let config = Config { models: crate::config::demo("http://127.0.0.1:1"), ..Config::default() };
    let other = App::new(api.app.store.clone(), Clock::system(), &Secret::new("sk-other"), config);
    let faults = other.reload().await.unwrap();
    assert_eq!((faults.len(), other.catalog().borrow().models.len()), (1, 2));
    assert_eq!(faults[0].path, "model fast-id");
}
