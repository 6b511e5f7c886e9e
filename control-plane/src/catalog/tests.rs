use super::*;
use serde_json::json;

fn entry(value: &Value) -> Entry {
    let mut params = value["litellm_params"].as_object().unwrap().clone();
    Entry {
        name: value["model_name"].as_str().unwrap().into(),
        secrets: entry::take_secrets(&mut params),
        params,
        info: value["model_info"].as_object().cloned().unwrap_or_default(),
        db: false,
        path: "model_list[0]".into(),
    }
}

fn built(values: &[Value]) -> (Catalog, Vec<String>) {
    let env = Environment::from([("OPENAI_API_KEY", "sk-from-environment")]);
    let entries: Vec<_> = values.iter().map(entry).collect();
    let (catalog, faults) = Catalog::build(&entries, Settings::default(), &env);
    (catalog, faults.iter().map(ToString::to_string).collect())
}

fn one(params: &Value) -> Result<Model, Vec<String>> {
    let (mut catalog, faults) = built(&[json!({"model_name": "m", "litellm_params": params})]);
    catalog.models.pop().ok_or(faults)
}

#[test]
fn a_provider_is_found_as_litellm_finds_it() {
    for (params, provider, model, base) in [
        (json!({"model": "openai/gpt-4o"}), "openai", "gpt-4o", "https://api.openai.com/v1"),
        (json!({"model": "gpt-4o"}), "openai", "gpt-4o", "https://api.openai.com/v1"),
        (
            json!({"model": "amazon.nova-pro-v1:0", "aws_region_name": "eu-west-1"}),
            "bedrock",
            "amazon.nova-pro-v1:0",
            "https://bedrock-runtime.eu-west-1.amazonaws.com",
        ),
        (
            json!({"model": "gemini-2.5-pro", "vertex_location": "europe-west4"}),
            "vertex_ai",
            "gemini-2.5-pro",
            "https://europe-west4-aiplatform.googleapis.com",
        ),
        (
            json!({"model": "claude-sonnet-4-5"}),
            "anthropic",
            "claude-sonnet-4-5",
            "https://api.anthropic.com",
        ),
        (json!({"model": "anthropic/new"}), "anthropic", "new", "https://api.anthropic.com"),
        (
            json!({"model": "x/y", "custom_llm_provider": "openai"}),
            "openai",
            "x/y",
            "https://api.openai.com/v1",
        ),
        (
            json!({"model": "openai/x", "custom_llm_provider": "openai"}),
            "openai",
            "x",
            "https://api.openai.com/v1",
        ),
        (json!({"model": "openai/org/x", "api_base": "http://h:1/v1/"}), "openai", "org/x", "http://h:1/v1"),
        (json!({"model": "openai_like/x", "base_url": "http://h"}), "openai_like", "x", "http://h"),
    ] {
        let model_found = one(&params).unwrap().deployment;
        assert_eq!(
            (&*model_found.provider, &*model_found.model, &*model_found.api_base),
            (provider, model, base),
            "{params}"
        );
    }
}

#[test]
fn every_fault_is_named_with_its_path() {
    let (catalog, faults) = built(&[
        json!({"model_name": "a\nb", "model_info": {"id": "a b"}, "litellm_params": {"model": "nobody", "timeout": -1}}),
        json!({"model_name": "*", "litellm_params": {"model": "elsewhere/x"}}),
        json!({"model_name": "c", "litellm_params": {"model": "openai_like/x"}}),
        json!({"model_name": "d", "litellm_params": {"model": "openai/x", "api_base": "https://u:p@h/"}}),
        json!({"model_name": "e", "litellm_params": {"model": "openai/x", "api_base": "ftp://h"}}),
        json!({"model_name": "f", "litellm_params": {"model": "openai/x", "api_base": "not a url", "rpm": "many"}}),
        json!({"model_name": "ok", "litellm_params": {"model": "openai/x"}}),
    ]);
    insta::assert_snapshot!(faults.join("\n"));
    assert_eq!(catalog.models.len(), 1, "what is right is served");
}

#[test]
fn prices_come_from_the_table_and_can_be_set() {
    let (catalog, _) = built(&[
        json!({"model_name": "a", "litellm_params": {"model": "gpt-4o-mini"}}),
        json!({"model_name": "b", "litellm_params": {"model": "openai/mine", "input_cost_per_token": "1e-6"},
               "model_info": {"output_cost_per_token": 2e-6, "supports_vision": true, "note": "mine"}}),
        json!({"model_name": "c", "litellm_params": {"model": "openai/mine"}, "model_info": {"base_model": "gpt-4o-mini"}}),
    ]);
    let facts = |i: usize| &catalog.models[i].deployment.facts;
    assert_eq!(facts(0)["input_cost_per_token"], 1.5e-7);
    assert!(!facts(0).contains_key("source"));
    assert_eq!(
        Value::Object(facts(1).clone()),
        json!({"output_cost_per_token": 2e-6, "supports_vision": true, "input_cost_per_token": 1e-6})
    );
    assert!(catalog.models[1].deployment.params.is_empty());
    assert_eq!(facts(2)["output_cost_per_token"], 6e-7);
}

#[test]
fn the_vendors_key_goes_to_the_vendor_only() {
    let key = |params: Value| one(&params).unwrap().key.map(|key| key.expose().to_owned());
    assert_eq!(key(json!({"model": "openai/x"})).unwrap(), "sk-from-environment");
    assert_eq!(key(json!({"model": "openai/x", "api_base": "https://elsewhere.example"})), None);
    assert_eq!(key(json!({"model": "openai/x", "api_key": "sk-own"})).unwrap(), "sk-own");
}

#[test]
fn a_key_is_shown_masked_and_never_told_the_filter() {
    let model =
        one(&json!({"model": "openai/x", "api_key": "sk-1234567890abcdef", "organization": "o"})).unwrap();
    assert_eq!(model.params["api_key"], "sk-1****cdef");
    assert_eq!(Value::Object(model.deployment.params), json!({"organization": "o"}));
}

#[test]
fn ids_are_stable_and_unique() {
    let same = json!({"model_name": "a", "litellm_params": {"model": "openai/x", "api_key": "1", "rpm": 5}});
    let other_key =
        json!({"model_name": "a", "litellm_params": {"rpm": 5, "model": "openai/x", "api_key": "2"}});
    let named =
        json!({"model_name": "a", "litellm_params": {"model": "openai/x"}, "model_info": {"id": "mine"}});
    let (catalog, faults) = built(&[same, other_key, named.clone(), named]);
    let ids: Vec<_> = catalog.models.iter().map(|m| m.deployment.id.as_str()).collect();
    assert_eq!(ids[1], format!("{}-2", ids[0]));
    assert_eq!(ids[2], "mine");
    assert_eq!(catalog.models[2].deployment.cluster, "deployment/mine");
    assert_eq!(faults, ["model_list[0].model_info.id: another deployment has the id 'mine' already"]);
}

#[test]
fn traffic_is_shared_by_the_measure_the_group_has() {
    let deployment = |name: &str, extra: Value| {
        let mut value = json!({"model_name": name, "litellm_params": {"model": "openai/x"}});
        value["litellm_params"].as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        value
    };
    let (catalog, faults) = built(&[
        deployment("even", json!({})),
        deployment("even", json!({"max_tokens": 1})),
        deployment("rpm", json!({"rpm": 900, "tpm": 1})),
        deployment("rpm", json!({"tpm": 5})),
        deployment("weight", json!({"rpm": 900})),
        deployment("weight", json!({"weight": "2"})),
    ]);
    assert!(faults.is_empty(), "{faults:?}");
    let weights: Vec<_> = catalog.models.iter().map(|m| m.deployment.weight).collect();
    assert_eq!(weights, [1.0, 1.0, 900.0, 0.0, 0.0, 2.0]);
}

#[test]
fn what_signs_requests_stays_here_and_what_is_missing_is_named() {
    let key = include_str!("../errands/signer/test-key.pem");
    let params = json!({"model": "oci/meta.llama", "api_key": "not-for-this", "oci_key": key});
    let env = Environment::from([
        ("OCI_TENANCY", "t"),
        ("OCI_USER", "u"),
        ("OCI_FINGERPRINT", "aa:bb"),
        ("OCI_COMPARTMENT_ID", "ocid1.compartment.oc1..c"),
        ("OCI_REGION", "eu-frankfurt-1"),
    ]);
    let entries = [entry(&json!({"model_name": "m", "litellm_params": params}))];
    let (catalog, faults) = Catalog::build(&entries, Settings::default(), &env);
    let [model] = &catalog.models[..] else { panic!("{faults:?}") };
    assert!(model.signer.is_some() && model.key.is_none());
    assert_eq!(
        model.deployment.base_url(),
        "https://inference.generativeai.eu-frankfurt-1.oci.oraclecloud.com"
    );
    assert_eq!(model.deployment.params["oci_compartment_id"], "ocid1.compartment.oc1..c");
    let told = serde_json::to_string(&catalog.filter_config()).unwrap();
    assert!(!told.contains("PRIVATE") && !told.contains("not-for-this"));
    let faults = one(&json!({"model": "oci/meta.llama", "oci_user": "u", "oci_key": "no key"}))
        .unwrap_err()
        .join("\n");
    assert!(faults.contains("oci_tenancy") && faults.contains("oci_fingerprint"), "{faults}");
    assert!(!faults.contains("oci_user"), "{faults}");
}
