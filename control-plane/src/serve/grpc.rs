//! The gRPC port: Envoy's configuration by ADS, and the filter's own service.

use super::Error;
use crate::{
    app::App,
    catalog::Catalog,
    credentials::Keeper,
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
/// How long a changed configuration waits for tokens that were never asked for before; then it goes without them.
const FIRST_TOKEN: Duration = Duration::from_secs(2);
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
    let snapshots = watch::Sender::new(Arc::default());
    let mut keeping = std::pin::pin!(app.keeper.run());
    // Envoys that are there already must not lose a deployment while its token is on its way.
    let mut tokens = app.keeper.changes();
    let first = async {
        let catalog = catalogs.borrow_and_update().clone();
        current(&app.keeper, &mut tokens, &catalog, &settings).await
    };
    tokio::select! {
        first = first => snapshots.send_replace(Arc::new(first)),
        () = &mut keeping => return Ok(()),
    };
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
        () = keep_current(catalogs, &app.keeper, tokens, &snapshots) => Ok(()),
        () = tell_gate(keys, &gate) => Ok(()),
        () = keeping => Ok(()),
        () = last => Ok(()),
    }
}

/// Makes a new snapshot of every new catalog, and whenever a token has changed.
async fn keep_current(
    mut catalogs: watch::Receiver<Arc<Catalog>>,
    keeper: &Keeper,
    mut tokens: watch::Receiver<u64>,
    snapshots: &watch::Sender<Arc<Snapshot>>,
) {
    loop {
        let changed = tokio::select! {
            changed = catalogs.changed() => changed,
            changed = tokens.changed() => changed,
        };
        let Ok(()) = changed else { return };
        let settings = snapshots.borrow().settings().clone();
        let catalog = catalogs.borrow_and_update().clone();
        let next = current(keeper, &mut tokens, &catalog, &settings).await;
        if next.check().is_empty() && **snapshots.borrow() != next {
            snapshots.send_replace(Arc::new(next));
        }
    }
}

/// The snapshot of a catalog, with the tokens there are. New credentials get a moment.
async fn current(
    keeper: &Keeper,
    tokens: &mut watch::Receiver<u64>,
    catalog: &Catalog,
    settings: &Settings,
) -> Snapshot {
    keeper.want(catalog);
    keeper.settled(FIRST_TOKEN).await;
    tokens.mark_unchanged();
    let snapshot = snapshot(&keeper.furnish(catalog), settings);
    report(&snapshot);
    snapshot
}

/// Tells the gate of every changed key.
async fn tell_gate(mut keys: broadcast::Receiver<Arc<[String]>>, gate: &Gate) {
    loop {
        match keys.recv().await {
            Ok(hashes) => gate.changed(&hashes),
            Err(RecvError::Lagged(_)) => gate.all_changed(),
            Err(RecvError::Closed) => return,
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
