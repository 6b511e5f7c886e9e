use super::*;
use crate::{
    catalog::Model,
    clock::Clock,
    credentials::testing::{Issuer, at, desk, known},
};
use serde_json::json;
use tianji_core::deployment::Deployment;

struct Test {
    issuer: Issuer,
    keeper: Keeper,
    clock: Clock,
    catalog: Catalog,
}

/// Deployments with these keys of IBM's.
async fn start(keys: &[&str]) -> Test {
    let issuer = Issuer::start().await;
    let (desk, clock) = desk();
    let models = keys.iter().enumerate().map(|(i, key)| {
        let access = known(&json!({"model": "watsonx/m", "api_key": key, "token_url": issuer.url}), &[]);
        let deployment = Deployment { id: format!("d{i}"), ..Deployment::default() };
        Model { deployment, credential: access.credential, ..Model::default() }
    });
    let catalog = Catalog { models: models.collect(), ..Catalog::default() };
    let keeper = Keeper::new(desk);
    keeper.want(&catalog);
    Test { issuer, keeper, clock, catalog }
}

impl Test {
    /// Does what is due at this second; gives how much that was.
    async fn turn(&self, second: i64) -> usize {
        self.clock.set(at(second));
        let errands = self.keeper.due();
        let all = errands.len();
        for errand in errands {
            let (id, result) = errand.run().await;
            self.keeper.note(&id, result);
        }
        all
    }

    /// The keys as Envoy has them.
    fn keys(&self) -> Vec<Option<String>> {
        let furnished = self.keeper.furnish(&self.catalog);
        furnished.models.iter().map(|model| Some(model.key.as_ref()?.expose().to_owned())).collect()
    }
}

fn issued(number: usize) -> [Option<String>; 1] {
    [Some(format!("token-{number}"))]
}

#[tokio::test]
async fn deployments_with_one_credential_share_its_token() {
    let test = start(&["key-a", "key-b", "key-a"]).await;
    assert_eq!(test.keys(), [None, None, None]);
    assert_eq!(test.turn(0).await, 2);
    let keys = test.keys();
    assert_eq!((&keys[0], keys[0] == keys[1], test.issuer.asked().len()), (&keys[2], false, 2));
    let shared = test.keeper.standings().into_iter().find(|state| state.deployments.len() == 2).unwrap();
    assert_eq!((shared.issuer, shared.held, shared.expires), ("IBM IAM", true, Some(at(3600))));
}

#[tokio::test]
async fn a_token_is_renewed_before_its_end() {
    let test = start(&["key-a"]).await;
    assert_eq!((test.turn(0).await, test.turn(2600).await), (1, 0));
    assert_eq!(test.keys(), issued(1));
    assert_eq!((test.turn(2880).await, test.turn(2881).await), (1, 0));
    assert_eq!(test.keys(), issued(2));
    assert_eq!(test.keeper.standings()[0].expires, Some(at(2880 + 3600)));
}

#[tokio::test]
async fn a_failed_renewal_is_tried_again_while_the_token_is_still_good_and_not_after() {
    let test = start(&["key-a"]).await;
    test.turn(0).await;
    for _ in 0..8 {
        test.issuer.will(503, json!({"error": "temporarily_unavailable"}));
    }
    let mut changes = test.keeper.changes();
    changes.mark_unchanged();
    assert_eq!(test.turn(2880).await, 1);
    let state = &test.keeper.standings()[0];
    assert!(state.held, "{state:?}");
    assert!(state.error.as_ref().unwrap().contains("503: temporarily_unavailable"), "{state:?}");
    assert_eq!((test.keys(), changes.has_changed().unwrap()), (issued(1).to_vec(), false));
    assert_eq!((test.turn(2880).await, test.turn(2881).await, test.turn(2882).await), (0, 1, 0));
    let revision = test.keeper.furnish(&test.catalog).revision;
    assert_eq!(test.turn(3600).await, 1);
    assert_eq!((test.keys(), changes.has_changed().unwrap()), (vec![None], true));
    assert!(test.keeper.furnish(&test.catalog).revision > revision);
    let mut second = 3600;
    while test.keys() == [None] {
        second += 60;
        assert_eq!(test.turn(second).await, 1, "never more than a minute between attempts");
    }
    assert_eq!((second, test.keeper.standings()[0].error.as_ref()), (3600 + 6 * 60, None));
}

#[tokio::test]
async fn what_is_no_longer_wanted_is_forgotten_and_the_rest_kept() {
    let mut test = start(&["key-a", "key-b"]).await;
    test.turn(0).await;
    let before = test.keys();
    test.catalog.models.remove(0);
    test.keeper.want(&test.catalog);
    assert_eq!((test.keys(), test.turn(1).await), (before[1..].to_vec(), 0));
    assert_eq!(test.keeper.standings().len(), 1);
    test.catalog.models.clear();
    test.keeper.want(&test.catalog);
    assert_eq!((test.keeper.standings(), test.turn(9999).await), (Vec::new(), 0));
}

#[tokio::test]
async fn the_keeper_works_by_itself() {
    let test = Arc::new(start(&["key-a", "key-b"]).await);
    test.issuer.will(401, json!({"error": "invalid_client"}));
    let running = test.clone();
    let task = tokio::spawn(async move { running.keeper.run().await });
    test.keeper.settled(Duration::from_secs(10)).await;
    let held = test.keeper.standings().iter().filter(|state| state.held).count();
    assert_eq!(
        (held, test.keeper.standings().len()),
        (1, 2),
        "one was refused, and did not hold up the other"
    );
    task.abort();
}
