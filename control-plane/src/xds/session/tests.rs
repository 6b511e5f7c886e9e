use super::*;
use crate::{
    catalog::{Catalog, Model},
    secret::Secret,
    xds::{Settings, snapshot},
};
use envoy_types::pb::google::rpc;
use tianji_core::deployment::Deployment;

fn with(ids: &[&str]) -> Arc<Snapshot> {
    let models = ids.iter().map(|id| Model {
        name: (*id).into(),
        deployment: Deployment {
            id: (*id).into(),
            cluster: format!("deployment/{id}"),
            api_base: "http://127.0.0.1:1".into(),
            ..Deployment::default()
        },
        key: Some(Secret::new(*id)),
        db: true,
        ..Model::default()
    });
    Arc::new(snapshot(&Catalog { models: models.collect(), ..Catalog::default() }, &Settings::default()))
}

fn ask(kind: Kind, names: &[&str]) -> DiscoveryRequest {
    DiscoveryRequest {
        type_url: kind.type_url().into(),
        resource_names: names.iter().map(|name| (*name).into()).collect(),
        ..DiscoveryRequest::default()
    }
}

fn ack(response: &DiscoveryResponse, names: &[&str]) -> DiscoveryRequest {
    DiscoveryRequest {
        version_info: response.version_info.clone(),
        response_nonce: response.nonce.clone(),
        ..ask(Kind::of(&response.type_url).unwrap(), names)
    }
}

fn nack(response: &DiscoveryResponse, message: &str) -> DiscoveryRequest {
    let error_detail = Some(rpc::Status { message: message.into(), ..rpc::Status::default() });
    DiscoveryRequest { error_detail, ..ack(response, &[]) }
}

fn kinds(responses: &[DiscoveryResponse]) -> Vec<Kind> {
    responses.iter().map(|response| Kind::of(&response.type_url).unwrap()).collect()
}

/// An Envoy that has fetched the module and asked for nothing else yet.
fn primed(snapshot: &Arc<Snapshot>) -> Session {
    let mut session = Session::new(snapshot.clone());
    session.primed = snapshot.primer().version;
    session
}

/// An Envoy that has everything of this snapshot.
fn connected(snapshot: &Arc<Snapshot>, secrets: &[&str]) -> Session {
    let mut session = primed(snapshot);
    let wants: [(Kind, &[&str]); 5] = [
        (Kind::Clusters, &[]),
        (Kind::Secrets, secrets),
        (Kind::Listeners, &[]),
        (Kind::Routes, &["gateway"]),
        (Kind::Filters, &["tianji"]),
    ];
    for (kind, names) in wants {
        let (_, sent) = session.request(ask(kind, names));
        assert_eq!(kinds(&sent), [kind]);
        let (verdict, more) = session.request(ack(&sent[0], names));
        assert_eq!(verdict, Verdict::Accepted(kind, sent[0].version_info.clone()));
        assert!(more.is_empty());
    }
    assert!(session.settled());
    session
}

#[test]
fn the_same_snapshot_again_sends_nothing() {
    let mut session = connected(&with(&["a"]), &["credential/a"]);
    assert!(session.update(with(&["a"])).is_empty());
}

#[test]
fn routes_and_filter_wait_until_the_new_cluster_is_accepted() {
    let mut session = connected(&with(&["a"]), &["credential/a"]);
    let clusters = session.update(with(&["a", "b"]));
    assert_eq!(kinds(&clusters), [Kind::Clusters]);
    let (_, secrets) = session.request(ack(&clusters[0], &[]));
    assert_eq!(kinds(&secrets), [Kind::Secrets]);
    let (_, routes) = session.request(ack(&secrets[0], &["credential/a", "credential/b"]));
    assert_eq!(kinds(&routes), [Kind::Secrets], "a new name is answered at once");
    let (_, routes) = session.request(ack(&routes[0], &["credential/a", "credential/b"]));
    assert_eq!(kinds(&routes), [Kind::Routes]);
    let (_, filters) = session.request(ack(&routes[0], &["gateway"]));
    assert_eq!(kinds(&filters), [Kind::Filters]);
    let (_, rest) = session.request(ack(&filters[0], &["tianji"]));
    assert!(rest.is_empty() && session.settled());
}

#[test]
fn a_cluster_that_goes_stays_until_nothing_leads_to_it() {
    let mut session = connected(&with(&["a", "b"]), &["credential/a", "credential/b"]);
    let mut due = session.update(with(&["a"]));
    let mut order = Vec::new();
    while let Some(response) = due.pop() {
        let kind = Kind::of(&response.type_url).unwrap();
        order.push((kind, response.resources.len()));
        let names: &[&str] = match kind {
            Kind::Secrets => &["credential/a"],
            Kind::Routes => &["gateway"],
            Kind::Filters => &["tianji"],
            _ => &[],
        };
        due = session.request(ack(&response, names)).1;
    }
    let expected = [(Kind::Secrets, 1), (Kind::Filters, 1), (Kind::Routes, 1), (Kind::Clusters, 1)];
    assert_eq!(order, expected);
    assert!(session.settled());
}

#[test]
fn a_secret_that_comes_back_is_sent_though_the_cluster_that_waits_for_it_is_not_accepted() {
    let names = ["credential/a", "credential/b"];
    let mut session = connected(&with(&["a", "b"]), &names);
    let mut due = session.update(with(&["a"]));
    while let Some(response) = due.pop() {
        let names: &[&str] = match Kind::of(&response.type_url).unwrap() {
            Kind::Secrets => &names,
            Kind::Routes => &["gateway"],
            Kind::Filters => &["tianji"],
            _ => &[],
        };
        due = session.request(ack(&response, names)).1;
    }
    let again = session.update(with(&["a", "b"]));
    assert_eq!(kinds(&again), [Kind::Clusters, Kind::Secrets]);
    assert_eq!(again[1].resources.len(), 2);
}

#[test]
fn what_depends_on_a_refused_cluster_is_held_back() {
    let mut session = connected(&with(&["a"]), &["credential/a"]);
    let clusters = session.update(with(&["a", "b"]));
    let (verdict, due) = session.request(nack(&clusters[0], "no"));
    assert_eq!(verdict, Verdict::Rejected(Kind::Clusters, clusters[0].version_info.clone(), "no".into()));
    assert!(due.is_empty() && !session.settled());
    let clusters = session.update(with(&["a", "c"]));
    assert_eq!(kinds(&clusters), [Kind::Clusters], "the next snapshot is tried");
}

#[test]
fn the_answer_to_a_superseded_response_is_ignored() {
    let mut session = connected(&with(&["a"]), &["credential/a"]);
    let old = session.update(with(&["a", "b"]));
    let new = session.update(with(&["a", "b", "c"]));
    assert_eq!(session.request(ack(&old[0], &[])), (Verdict::None, Vec::new()));
    assert_eq!(
        session.request(ack(&new[0], &[])).0,
        Verdict::Accepted(Kind::Clusters, new[0].version_info.clone())
    );
}

#[test]
fn only_the_secrets_asked_for_are_sent() {
    let mut session = primed(&with(&["a", "b"]));
    let (_, sent) = session.request(ask(Kind::Secrets, &["credential/b"]));
    assert_eq!(sent[0].resources.len(), 1);
    assert!(session.request(ask(Kind::Secrets, &[])).1[0].resources.is_empty());
}

#[test]
fn the_module_is_fetched_before_anything_needs_it() {
    let mut session = Session::new(with(&["a"]));
    let (_, primer) = session.request(ask(Kind::Clusters, &[]));
    assert_eq!(primer[0].resources.len(), 1);
    let (_, due) = session.request(nack(&primer[0], "Unable to create Wasm plugin"));
    assert!(due.is_empty() && session.fetching());
    assert!(session.request(ask(Kind::Listeners, &[])).1.is_empty(), "the listener needs it too");
    let again = session.again();
    assert_eq!(again[0].resources, primer[0].resources);
    let (_, clusters) = session.request(ack(&again[0], &[]));
    assert_eq!(kinds(&clusters), [Kind::Clusters]);
    assert_ne!(clusters[0].resources, primer[0].resources);
    let (_, listeners) = session.request(ack(&clusters[0], &[]));
    assert_eq!(kinds(&listeners), [Kind::Listeners]);
}

#[test]
fn a_new_module_comes_before_the_clusters_that_run_it() {
    let mut session = connected(&with(&["a"]), &["credential/a"]);
    let settings = Settings { wasm_sha256: "new".into(), ..Settings::default() };
    let new = Arc::new(snapshot(&Catalog::default(), &settings));
    let primer = session.update(new);
    assert_eq!(
        (kinds(&primer), primer[0].resources.len()),
        (vec![Kind::Clusters], 2),
        "beside what is there"
    );
    assert!(session.request(nack(&primer[0], "fetching")).1.is_empty() && session.fetching());
}

#[test]
fn keys_are_sent_while_envoy_holds_back_its_answer_about_the_clusters() {
    let mut session = Session::new(with(&["a"]));
    assert_eq!(kinds(&session.request(ask(Kind::Clusters, &[])).1), [Kind::Clusters]);
    assert_eq!(kinds(&session.request(ask(Kind::Secrets, &["credential/a"])).1), [Kind::Secrets]);
    assert!(session.request(ask(Kind::Listeners, &[])).1.is_empty());
}

#[test]
fn an_envoy_that_comes_back_with_the_same_clusters_keeps_them() {
    let snapshot = with(&["a"]);
    let mut session = Session::new(snapshot.clone());
    let version_info = snapshot.of(Kind::Clusters).version.clone();
    let back = DiscoveryRequest { version_info, ..ask(Kind::Clusters, &[]) };
    assert_eq!(session.request(back), (Verdict::None, Vec::new()));
    assert_eq!(kinds(&session.request(ask(Kind::Routes, &["gateway"])).1), [Kind::Routes]);
    assert_eq!(kinds(&session.update(with(&["a", "b"]))), [Kind::Clusters]);
}

#[test]
fn an_envoy_that_comes_back_with_other_clusters_is_never_left_without() {
    let mut session = Session::new(with(&["a", "b"]));
    let back = DiscoveryRequest { version_info: "other".into(), ..ask(Kind::Clusters, &[]) };
    let (_, clusters) = session.request(back);
    assert_eq!(clusters[0].resources.len(), 3, "the primer and all there are");
    let (_, exact) = session.request(ack(&clusters[0], &[]));
    assert_eq!(exact[0].resources.len(), 2);
}
