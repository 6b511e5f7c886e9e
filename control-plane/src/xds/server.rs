//! The aggregated discovery service: every connected Envoy has the snapshot of the moment.

use super::{
    Snapshot, Status,
    session::{Session, Verdict},
    status::{Connected, Rejection},
};
use crate::clock::Clock;
use envoy_types::pb::{
    envoy::{
        config::core::v3::Node,
        service::discovery::v3::{
            DeltaDiscoveryRequest, DeltaDiscoveryResponse, DiscoveryRequest, DiscoveryResponse,
            aggregated_discovery_service_server::{
                AggregatedDiscoveryService, AggregatedDiscoveryServiceServer,
            },
        },
    },
    google::protobuf::value::Kind as Value,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};
use tokio_stream::{StreamExt, wrappers::ReceiverStream};
use tonic::{Request, Response, Streaming};

/// How long Envoy gets to fetch the module before it is asked again.
const FETCH: Duration = Duration::from_millis(100);
/// Refusals for want of the module until they are reported: two seconds' worth.
const PATIENCE: u32 = 20;

/// Serves whatever the channel holds. Streams end when its sender is gone.
pub struct Ads {
    snapshots: watch::Receiver<Arc<Snapshot>>,
    status: Status,
    clock: Clock,
}

impl Ads {
    /// A service for tonic's router.
    pub fn service(
        snapshots: watch::Receiver<Arc<Snapshot>>,
        status: Status,
        clock: Clock,
    ) -> AggregatedDiscoveryServiceServer<Self> {
        AggregatedDiscoveryServiceServer::new(Self { snapshots, status, clock })
    }
}

#[tonic::async_trait]
impl AggregatedDiscoveryService for Ads {
    type StreamAggregatedResourcesStream = ReceiverStream<Result<DiscoveryResponse, tonic::Status>>;
    type DeltaAggregatedResourcesStream = tokio_stream::Empty<Result<DeltaDiscoveryResponse, tonic::Status>>;

    async fn stream_aggregated_resources(
        &self,
        request: Request<Streaming<DiscoveryRequest>>,
    ) -> Result<Response<Self::StreamAggregatedResourcesStream>, tonic::Status> {
        let (responses, outgoing) = mpsc::channel(16);
        let (snapshots, status, clock) = (self.snapshots.clone(), self.status.clone(), self.clock.clone());
        tokio::spawn(async move {
            if let Err(reason) = stream(request.into_inner(), snapshots, &status, &clock, &responses).await {
                tracing::info!(reason, "an Envoy has disconnected");
            }
        });
        Ok(Response::new(ReceiverStream::new(outgoing)))
    }

    async fn delta_aggregated_resources(
        &self,
        _request: Request<Streaming<DeltaDiscoveryRequest>>,
    ) -> Result<Response<Self::DeltaAggregatedResourcesStream>, tonic::Status> {
        Err(tonic::Status::unimplemented("set api_type: GRPC in the bootstrap's ads_config"))
    }
}

enum Event {
    Request(Box<DiscoveryRequest>),
    Snapshot,
    Again,
}

/// One Envoy, from its first request until it or the control plane goes.
async fn stream(
    mut requests: Streaming<DiscoveryRequest>,
    mut snapshots: watch::Receiver<Arc<Snapshot>>,
    status: &Status,
    clock: &Clock,
    responses: &mpsc::Sender<Result<DiscoveryResponse, tonic::Status>>,
) -> Result<(), &'static str> {
    let first = next(&mut requests).await?;
    let node = first.node.clone().unwrap_or_default();
    let envoy = status.connect(node.id.clone(), clock.now());
    tracing::info!(node = node.id, "an Envoy has connected");
    let mut session = Session::new(own(&snapshots.borrow_and_update(), &node));
    let (mut event, mut fetches) = (Event::Request(Box::new(first)), 0);
    loop {
        let due = match event {
            Event::Request(request) => {
                let (verdict, due) = session.request(*request);
                fetches = if session.fetching() { fetches + 1 } else { 0 };
                // While Envoy fetches the module it refuses what needs it: that is news only when it goes on.
                if !(1..PATIENCE).contains(&fetches) {
                    note(&envoy, &node.id, verdict, clock);
                }
                due
            }
            Event::Snapshot => session.update(own(&snapshots.borrow_and_update(), &node)),
            Event::Again => session.again(),
        };
        if session.settled() {
            let version = session.version().to_owned();
            envoy.note(|envoy| envoy.snapshot = Some(version));
        }
        for response in due {
            tracing::debug!(
                node = node.id,
                kind = response.type_url,
                version = response.version_info,
                "sent"
            );
            responses.send(Ok(response)).await.map_err(|_| "the stream is closed")?;
        }
        event = tokio::select! {
            request = next(&mut requests) => Event::Request(Box::new(request?)),
            changed = snapshots.changed() => {
                changed.map_err(|_| "the control plane stops")?;
                Event::Snapshot
            }
            () = sleep(FETCH), if session.fetching() => Event::Again,
        };
    }
}

async fn next(requests: &mut Streaming<DiscoveryRequest>) -> Result<DiscoveryRequest, &'static str> {
    match requests.next().await {
        Some(Ok(request)) => Ok(request),
        Some(Err(_)) => Err("the stream broke"),
        None => Err("the stream ended"),
    }
}

/// The snapshot as this Envoy should have it: its bootstrap may say where it listens and keeps its journal.
fn own(snapshot: &Arc<Snapshot>, node: &Node) -> Arc<Snapshot> {
    let said = |name: &str| match node.metadata.as_ref()?.fields.get(name)?.kind.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        _ => None,
    };
    let listen = said("tianji.listen").and_then(|address| address.parse().ok());
    let journal = said("tianji.journal");
    Arc::new(snapshot.adapted(|settings| {
        settings.listen = listen.unwrap_or(settings.listen);
        settings.journal = journal.unwrap_or_else(|| settings.journal.clone());
    }))
}

fn note(envoy: &Connected, node: &str, verdict: Verdict, clock: &Clock) {
    match verdict {
        Verdict::None => {}
        Verdict::Accepted(kind, version) => {
            tracing::debug!(node, ?kind, version, "accepted");
            envoy.note(|envoy| {
                envoy.rejected.remove(&kind);
            });
        }
        Verdict::Rejected(kind, version, message) => {
            tracing::error!(node, ?kind, version, message, "Envoy has refused its configuration");
            let rejection = Rejection { version, message, at: clock.now() };
            envoy.note(|envoy| {
                envoy.rejected.insert(kind, rejection);
            });
        }
    }
}
