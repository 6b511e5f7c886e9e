//! The gRPC port: Envoy's configuration by ADS, and the filter's own service.

use super::Error;
use crate::{
    app::App,
    catalog::Catalog,
    durations::Length,
    errands::{Errands, Fetcher},
    gate::{self, Gate},
    shutdown::Shutdown,
    xds::{Ads, Settings, Snapshot, snapshot},
};
use chrono::{DateTime, Utc};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{
        broadcast::{self, error::RecvError},
        watch,
    },
};
use tokio_stream::wrappers::TcpListenerStream;

/// How long the filter's last records may take to arrive and be written.
const LAST_RECORDS: Duration = Duration::from_secs(5);
/// The largest message of the filter: a batch of records.
const LARGEST_MESSAGE: usize = 16 << 20;

/// Opens the gate and serves it, with ADS beside it, until the end.
pub async fn grpc(
    app: Arc<App>,
    settings: Settings,
    journal: Option<PathBuf>,
    fetcher: Fetcher,
    listener: TcpListener,
    end: Shutdown,
) -> Result<(), Error> {
    let options = gate::Options {
        master: Some(app.master_hash().to_owned()),
        journal,
        period_end,
        grace: gate::Options::GRACE,
        errands: Errands::new(app.catalog(), fetcher),
    };
    // Heard from before anything is read: REST answers already, and a change must not fall in between.
    let (mut catalogs, keys) = (app.catalog(), app.changed_keys());
    let gate = Gate::open(app.store.clone(), app.clock.clone(), options).await?;
    let snapshots = first_of(&mut catalogs, &settings);
    let ads = Ads::service(snapshots.subscribe(), app.envoys.clone(), app.clock.clone());
    let incoming = tokio_stream::StreamExt::map(TcpListenerStream::new(listener), |stream| {
        // Answers to waiting requests leave at once.
        stream.and_then(|stream| stream.set_nodelay(true).map(|()| stream))
    });
    let last = {
        let (gate, end) = (gate.clone(), end.clone());
        async move {
            end.begun().await;
            gate.drain(LAST_RECORDS).await;
        }
    };
    let server = tonic::transport::Server::builder()
        .add_service(ads)
        .add_service(gate.service().max_decoding_message_size(LARGEST_MESSAGE))
        .serve_with_incoming(incoming);
    tokio::select! {
        ended = server => ended.map_err(|error| Error::Serve(std::io::Error::other(error))),
        () = keep_current(catalogs, keys, &snapshots, &gate) => Ok(()),
        () = last => Ok(()),
    }
}

/// The snapshot of the catalog as it is now; every later catalog is news to the receiver.
fn first_of(
    catalogs: &mut watch::Receiver<Arc<Catalog>>,
    settings: &Settings,
) -> watch::Sender<Arc<Snapshot>> {
    let first = snapshot(&catalogs.borrow_and_update(), settings);
    report(&first);
    watch::Sender::new(Arc::new(first))
}

/// Makes a new snapshot of every new catalog, and tells the gate of every changed key.
async fn keep_current(
    mut catalogs: watch::Receiver<Arc<Catalog>>,
    mut keys: broadcast::Receiver<Arc<[String]>>,
    snapshots: &watch::Sender<Arc<Snapshot>>,
    gate: &Gate,
) {
    loop {
        tokio::select! {
            changed = catalogs.changed() => {
                let Ok(()) = changed else { return };
                let settings = snapshots.borrow().settings().clone();
                let next = snapshot(&catalogs.borrow_and_update(), &settings);
                report(&next);
                if next.check().is_empty() {
                    snapshots.send_replace(Arc::new(next));
                }
            }
            changed = keys.recv() => match changed {
                Ok(hashes) => gate.changed(&hashes),
                Err(RecvError::Lagged(_)) => gate.all_changed(),
                Err(RecvError::Closed) => return,
            },
        }
    }
}

/// What is not as it should be: left-out deployments; a snapshot that is not whole is not sent.
fn report(snapshot: &Snapshot) {
    for (id, fault) in &snapshot.faults {
        tracing::warn!(id, fault, "a deployment is not served");
    }
    for fault in snapshot.check() {
        tracing::error!(fault, "the configuration for Envoy is not whole and is not sent");
    }
}

fn period_end(length: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    length.parse::<Length>().ok().map(|length| length.period_end(now))
}
