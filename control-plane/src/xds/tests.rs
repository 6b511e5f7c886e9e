//! What the snapshot promises. The golden file is rewritten by `UPDATE_FIXTURES=1 cargo test`.

use super::*;
use crate::{
    catalog::{Catalog, Model},
    secret::Secret,
};
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::{Map, Value, json};
use tianji_core::deployment::Deployment;

fn model(id: &str, provider: &str, api_base: &str, key: Option<&str>) -> Model {
    let deployment = Deployment {
        id: id.into(),
        cluster: format!("deployment/{id}"),
        provider: provider.into(),
        model: "m".into(),
        api_base: api_base.into(),
        weight: 1.0,
        ..Deployment::default()
    };
    Model { name: "chat".into(), deployment, key: key.map(Secret::new), ..Model::default() }
}

fn catalog() -> Catalog {
    let models = vec![
        model("a", "openai", "https://api.openai.com/v1", Some("sk-of-openai")),
        model("b", "anthropic", "https://api.anthropic.com", Some("sk-of-anthropic")),
        model("c", "openai_like", "http://127.0.0.1:8000/v1", None),
    ];
    Catalog { models, ..Catalog::default() }
}

fn settings() -> Settings {
    let tls = Some(Tls { certificate: "/tls/cert.pem".into(), key: "/tls/key.pem".into() });
    Settings { tls, wasm_sha256: "5ea1".repeat(16), ..Settings::default() }
}

#[test]
fn a_catalog_becomes_the_snapshot_on_file() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/xds/snapshot.json");
    let now = serde_json::to_string_pretty(&readable(&snapshot(&catalog(), &settings()))).unwrap() + "\n";
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    assert!(
        now == std::fs::read_to_string(path).unwrap(),
        "snapshot.json differs; UPDATE_FIXTURES=1 rewrites it"
    );
}

#[test]
fn equal_catalogs_give_equal_versions_and_one_more_model_another() {
    let version = |catalog: &Catalog| snapshot(catalog, &settings()).version().to_owned();
    let mut more = catalog();
    assert_eq!(version(&catalog()), version(&more));
    more.models.push(model("d", "openai", "http://[::1]:1", None));
    assert_ne!(version(&catalog()), version(&more));
}

#[test]
fn a_new_model_leaves_the_listener_as_it_is() {
    let mut more = catalog();
    more.models.push(model("d", "openai", "http://[::1]:1", Some("sk-d")));
    let (before, after) = (snapshot(&catalog(), &settings()), snapshot(&more, &settings()));
    assert_eq!(before.of(Kind::Listeners), after.of(Kind::Listeners));
    assert!(Kind::ALL.into_iter().filter(|kind| before.of(*kind) != after.of(*kind)).count() == 4);
}

#[test]
fn a_key_is_in_the_secrets_and_nowhere_else() {
    let snapshot = snapshot(&catalog(), &settings());
    let holds = |kind: Kind, key: &[u8]| {
        snapshot.of(kind).by_name.values().any(|any| any.value.windows(key.len()).any(|bytes| bytes == key))
    };
    for key in ["sk-of-openai", "sk-of-anthropic"].map(str::as_bytes) {
        assert!(holds(Kind::Secrets, key));
        assert!(!Kind::ALL.into_iter().any(|kind| kind != Kind::Secrets && holds(kind, key)));
    }
}

#[test]
fn every_name_in_a_snapshot_leads_to_something() {
    assert_eq!(snapshot(&catalog(), &settings()).check(), Vec::<String>::new());
    assert_eq!(snapshot(&Catalog::default(), &settings()).check(), Vec::<String>::new());
}

#[test]
fn a_name_that_leads_nowhere_is_found() {
    let mut torn = snapshot(&catalog(), &settings());
    let of = |kind| snapshot(&Catalog::default(), &settings()).of(kind);
    torn.replace(Kind::Secrets, of(Kind::Secrets));
    assert_eq!(torn.check(), ["no secret `credential/a`", "no secret `credential/b`"]);
    torn.replace(Kind::Clusters, of(Kind::Clusters));
    assert!(torn.check().contains(&"no cluster `deployment/a`".to_owned()));
}

#[test]
fn an_impossible_deployment_is_left_out_and_named() {
    let mut catalog = catalog();
    catalog.models.push(model("bad", "openai", "nowhere", None));
    catalog.models.push(model("a", "openai", "https://elsewhere", None));
    let snapshot = snapshot(&catalog, &settings());
    assert_eq!(snapshot.faults.keys().collect::<Vec<_>>(), ["a", "bad"]);
    assert_eq!(snapshot.of(Kind::Clusters).by_name.len(), 3);
    assert_eq!(snapshot.check(), Vec::<String>::new());
}

#[test]
fn a_deployment_is_served_when_its_token_is_there_and_offered_before() {
    let mut waiting = catalog();
    for model in &mut waiting.models {
        if model.deployment.id == "a" {
            model.name = "waiting".into();
            model.credential = Some(crate::credentials::testing::credential());
            model.scheme = Some("Bearer ");
            model.key = None;
        }
    }
    let without = snapshot(&waiting, &settings());
    assert!(without.faults["a"].contains("no token"));
    assert_eq!((without.of(Kind::Clusters).by_name.len(), without.check()), (2, Vec::new()));
    let told = &without.of(Kind::Filters).by_name[FILTER].value;
    assert!(String::from_utf8_lossy(told).contains(r#""waiting":[]"#));
    waiting.models[0].key = Some(Secret::new("a-token"));
    let with = snapshot(&waiting, &settings());
    assert_eq!((with.faults.len(), with.of(Kind::Clusters).by_name.len()), (0, 3));
    waiting.models[0].key = Some(Secret::new("another"));
    let renewed = snapshot(&waiting, &settings());
    let differ: Vec<_> = Kind::ALL.into_iter().filter(|kind| with.of(*kind) != renewed.of(*kind)).collect();
    assert_eq!(differ, [Kind::Secrets], "a renewal is a new secret and nothing else");
}

#[test]
fn an_envoy_elsewhere_differs_in_its_listener_only() {
    let whole = snapshot(&catalog(), &settings());
    let own = whole.adapted(|settings| settings.listen.set_port(4100));
    let differ: Vec<_> = Kind::ALL.into_iter().filter(|kind| whole.of(*kind) != own.of(*kind)).collect();
    assert_eq!(differ, [Kind::Listeners]);
}

/// The snapshot as JSON, by Envoy's own descriptors, which envoy-types' source has beside its code.
fn readable(snapshot: &Snapshot) -> Value {
    // Only this platform's packages: others may not have been fetched.
    let host = format!("--filter-platform={}-unknown-linux-gnu", std::env::consts::ARCH);
    let metadata = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--offline", &host, "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let package =
        metadata["packages"].as_array().unwrap().iter().find(|p| p["name"] == "envoy-types").unwrap();
    let manifest = std::path::Path::new(package["manifest_path"].as_str().unwrap());
    let types = std::fs::read(manifest.with_file_name("src/generated/types.bin")).unwrap();
    let pool = DescriptorPool::decode(&*types).unwrap();
    let resource = |any: &pb::Any| {
        let message = pool.get_message_by_name(any.type_url.rsplit('/').next().unwrap()).unwrap();
        serde_json::to_value(DynamicMessage::decode(message, &*any.value).unwrap()).unwrap()
    };
    let kinds = Kind::ALL.into_iter().map(|kind| {
        let of = snapshot.of(kind);
        let resources: Map<_, _> =
            of.by_name.iter().map(|(name, any)| (name.clone(), resource(any))).collect();
        (json!(kind).as_str().unwrap().to_owned(), resources.into())
    });
    let mut snapshot = Value::Object(kinds.collect());
    snapshot.sort_all_objects();
    snapshot
}
