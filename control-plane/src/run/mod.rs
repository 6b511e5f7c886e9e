//! `tianji run`: the control plane and one Envoy beside it, from a first check of the ports to the last flush.

mod drain;
mod envoy;
mod http;
mod log;
mod welcome;

pub use envoy::Error;
pub use welcome::Welcome;

use crate::xds::Bootstrap;
use std::{future::Future, net::SocketAddr, path::PathBuf, pin::pin, time::Duration};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::oneshot,
    time::{Instant, timeout},
};

/// How to run Envoy.
#[derive(Debug, Clone, clap::Args)]
pub struct Run {
    /// The Envoy to run, 1.39 or newer; without it `envoy` on the PATH, then `.tools/bin/envoy`.
    #[arg(long, value_name = "FILE", env = "ENVOY")]
    pub envoy: Option<PathBuf>,
    /// Envoy's worker threads; without it one per core.
    #[arg(long, value_name = "NUMBER", env = "TIANJI_CONCURRENCY")]
    pub concurrency: Option<u32>,
    /// Seconds that running streams get to end in when Tianji is told to stop.
    #[arg(long, value_name = "SECONDS", env = "TIANJI_DRAIN", default_value_t = 30)]
    pub drain: u64,
    /// What Envoy is told before it asks the control plane.
    #[command(flatten)]
    pub bootstrap: Bootstrap,
}

/// How long Envoy may take until it serves; compiling the filter on a busy machine is most of it.
const READY: Duration = Duration::from_secs(90);
/// How long the control plane may take to write what it has.
const CLOSE: Duration = Duration::from_secs(10);

/// Whether everything that will listen can. To be called before anything on disk is touched: another gateway may run.
/// `ports` are the control plane's, each with the option that moves it.
pub fn check_ports(args: &Run, ports: &[(SocketAddr, &'static str)]) -> Result<(), Error> {
    let own = [(args.bootstrap.listen, "--listen"), (args.bootstrap.envoy_admin, "--envoy-admin")];
    own.iter().chain(ports).try_for_each(|(address, option)| free(*address, option))
}

/// Runs the control plane and Envoy until a signal, or until one of the two ends by itself, which is an error.
///
/// `serve` is the control plane: a future that ends soon after its argument does.
pub async fn run<Serving>(
    args: &Run,
    welcome: &Welcome,
    serve: impl FnOnce(oneshot::Receiver<()>) -> Serving,
) -> Result<(), Error>
where
    Serving: Future<Output = Result<(), Box<dyn std::error::Error + Send + Sync>>>,
{
    let program = envoy::find(args.envoy.as_deref()).await?;
    let mut signals = Signals::new()?;
    let (stop, stopped) = oneshot::channel();
    let mut serving = pin!(serve(stopped));
    let mut envoy = envoy::Envoy::start(&program, args).await?;

    let supervise = async {
        envoy.ready(args, welcome.tls, READY).await?;
        welcome.print(args.bootstrap.listen);
        Err(envoy.ended().await)
    };
    let outcome = tokio::select! {
        result = &mut serving => return Err(Error::ControlPlane(result.err())),
        failed = supervise => failed,
        () = signals.next() => Ok(()),
    };
    if outcome.is_ok() {
        tracing::info!(
            "stopping: running streams have {} s to end; interrupt again to stop at once",
            args.drain
        );
        let deadline = Instant::now() + Duration::from_secs(args.drain);
        tokio::select! {
            () = drain::streams(args.bootstrap.envoy_admin, deadline) => {}
            () = signals.next() => tracing::warn!("stopping at once"),
            _ = &mut serving => tracing::error!("the control plane ended before Envoy"),
        }
    }
    // The control plane goes on serving while Envoy stops: the filter's last records come to it.
    tokio::select! {
        () = envoy.stop() => {}
        result = &mut serving => return Err(Error::ControlPlane(result.err())),
    }
    drop(stop);
    match timeout(CLOSE, serving).await {
        Ok(result) => outcome.and(result.map_err(|error| Error::ControlPlane(Some(error)))),
        Err(_) => outcome.and(Err(Error::ControlPlane(None))),
    }
}

/// Envoy would share a busy port silently (`SO_REUSEPORT`), so it is asked for beforehand.
fn free(address: SocketAddr, option: &'static str) -> Result<(), Error> {
    std::net::TcpListener::bind(address).map(drop).map_err(|source| Error::Port { address, option, source })
}

/// Ctrl-C, or the service manager's SIGTERM.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> Result<Self, Error> {
        let on = |kind| signal(kind).map_err(Error::Signals);
        Ok(Self { interrupt: on(SignalKind::interrupt())?, terminate: on(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_port_is_one_clear_sentence() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let error = free(address, "--listen").unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("{address} is not free")) && error.contains("--listen"),
            "{error}"
        );
        drop(taken);
        assert!(free(address, "--listen").is_ok());
    }
}
