//! The end of an Envoy that should lose nothing.
//! <https://www.envoyproxy.io/docs/envoy/latest/operations/admin#post--drain_listeners>

use super::http;
use std::{net::SocketAddr, time::Duration};
use tokio::time::{Instant, sleep};

/// Requests in flight, of the gateway only.
const ACTIVE: &str = "/stats?filter=^http\\.gateway\\.downstream_rq_active$";
/// After the last stream: Envoy's journal is flushed every 100 ms, the filter sends its records about as often.
const FLUSH: Duration = Duration::from_millis(500);

/// Fails health checks, tells clients to go, and waits until no request runs, but not beyond `deadline`.
pub async fn streams(admin: SocketAddr, deadline: Instant) {
    for path in ["/healthcheck/fail", "/drain_listeners?graceful"] {
        if let Err(error) = http::ask(admin, "POST", path).await {
            tracing::warn!(%error, path, "Envoy does not answer");
            return;
        }
    }
    loop {
        match active(admin).await {
            Some(0) | None => break,
            Some(running) if Instant::now() > deadline => {
                tracing::warn!(running, "streams are cut off: their time is over");
                break;
            }
            Some(_) => sleep(Duration::from_millis(100)).await,
        }
    }
    sleep(FLUSH).await;
}

async fn active(admin: SocketAddr) -> Option<u64> {
    let (_, answer) = http::ask(admin, "GET", ACTIVE).await.ok()?;
    let (_, value) = answer.split_once("downstream_rq_active: ")?;
    value.split_whitespace().next()?.parse().ok()
}
