//! `tianji run`: the whole gateway on one machine.

use crate::{
    run::{Run, Welcome, check_ports, run},
    serve::{self, Plane, Ports, Serve, Truth},
};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// The control plane's settings and Envoy's.
#[derive(clap::Args)]
pub struct Local {
    /// What the gateway knows.
    #[command(flatten)]
    truth: Truth,
    /// Envoy.
    #[command(flatten)]
    run: Run,
    /// The model of the printed examples; the first one without it.
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
}

impl Local {
    /// Runs both until a signal.
    pub async fn run(self) -> Result<(), Box<dyn std::error::Error>> {
        let bootstrap = &self.run.bootstrap;
        let args = Serve {
            truth: self.truth.clone(),
            listen: bootstrap.rest.loopback(),
            grpc: bootstrap.grpc.loopback(),
            journal: None,
        };
        let ports: [(SocketAddr, &'static str); 2] = [(args.listen, "--rest"), (args.grpc, "--grpc")];
        check_ports(&self.run, &ports)?;
        let plane = self.truth.open().await?;
        // What an Envoy that was killed could not report is in its journal; nobody writes to it now.
        let journal = PathBuf::from(&bootstrap.journal);
        take_in(&plane, &journal).await?;
        let welcome = self.welcome(&plane);
        let serving = |stopped: tokio::sync::oneshot::Receiver<()>| async move {
            let ports = Ports::bind(&args).await?;
            plane.serve(ports, &args, async { drop(stopped.await) }).await.map_err(Into::into)
        };
        run(&self.run, &welcome, serving).await?;
        // The filter's last records may have been on their way when Envoy ended.
        if journal.exists() {
            let report = self.truth.replay(&journal).await?;
            tracing::info!(%report, "journal replayed");
        }
        Ok(())
    }

    fn welcome(&self, plane: &Plane) -> Welcome {
        let catalog = plane.app.catalog().borrow().clone();
        let first = catalog.models.first().map(|model| model.name.clone());
        let (admin_key, key_file) = plane.admin_key.clone();
        let tls = self.truth.gateway.tls_certificate.is_some();
        let model = self.model.clone().or(first).unwrap_or_else(|| "MODEL".into());
        Welcome { admin_key, key_file, model, tls }
    }
}

/// Replays a journal that no Envoy writes to any more, and begins it anew.
async fn take_in(plane: &Plane, journal: &Path) -> Result<(), serve::Error> {
    if !journal.exists() {
        return Ok(());
    }
    let report = crate::replay::replay(&plane.app.store, journal).await?;
    tracing::info!(%report, "journal replayed");
    std::fs::remove_file(journal).map_err(|source| serve::Error::File { path: journal.into(), source })
}
