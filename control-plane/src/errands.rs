//! What only the control plane can do for a request on its way: sign it with a private key, and fetch what it names.

mod fetcher;
mod media;
mod networks;
pub mod signer;

use crate::{catalog::Catalog, clock::Clock};
pub use fetcher::Fetcher;
pub use networks::{Network, Networks};
use std::sync::Arc;
use tianji_proto::{FetchRequest, FetchResponse, Fetched, SignRequest, SignResponse, fetched::Outcome};
use tokio::{sync::watch, task::JoinSet};
use tonic::Status;

/// The most addresses of one request.
const MOST_ADDRESSES: usize = 32;
/// The most that is given back for one request, in bytes.
const MOST_BYTES: usize = 48 << 20;

/// Whoever runs them. Clones share what was fetched.
#[derive(Clone)]
pub struct Errands {
    catalog: watch::Receiver<Arc<Catalog>>,
    fetcher: Fetcher,
}

impl Errands {
    /// For the deployments of a catalog, whatever it becomes.
    pub fn new(catalog: watch::Receiver<Arc<Catalog>>, fetcher: Fetcher) -> Self {
        Self { catalog, fetcher }
    }

    /// Signs with the private key of the deployment named.
    pub fn sign(&self, request: &SignRequest, clock: &Clock) -> Result<SignResponse, Status> {
        let signer =
            self.catalog.borrow().model(&request.deployment_id).and_then(|model| model.signer.clone());
        let Some(signer) = signer else {
            tracing::warn!(deployment = request.deployment_id, "there is no key to sign with");
            return Err(Status::failed_precondition("this deployment has no key to sign with"));
        };
        let headers = signer.sign(request, clock.now()).map_err(|why| {
            tracing::warn!(deployment = request.deployment_id, why, "a request could not be signed");
            Status::internal(why)
        })?;
        Ok(SignResponse { headers })
    }

    /// Fetches what stands at some addresses, all at once.
    pub async fn fetch(&self, request: FetchRequest) -> Result<FetchResponse, Status> {
        if request.urls.len() > MOST_ADDRESSES {
            return Err(Status::invalid_argument("too many addresses"));
        }
        let mut running = JoinSet::new();
        for (at, url) in request.urls.iter().cloned().enumerate() {
            let fetcher = self.fetcher.clone();
            running.spawn(async move { (at, fetcher.fetch(&url).await) });
        }
        let mut fetched = vec![Fetched::default(); request.urls.len()];
        let mut left = MOST_BYTES;
        while let Some(Ok((at, result))) = running.join_next().await {
            let outcome = match result {
                Ok(data) if data.len() <= left => {
                    left -= data.len();
                    Outcome::DataUrl(data.to_string())
                }
                Ok(_) => Outcome::Fault("everything together is too large".into()),
                Err(fault) => Outcome::Fault(fault.to_string()),
            };
            if let Some(place) = fetched.get_mut(at) {
                place.outcome = Some(outcome);
            }
        }
        Ok(FetchResponse { fetched })
    }
}
