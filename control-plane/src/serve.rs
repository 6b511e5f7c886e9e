//! `tianji serve`: the control plane, from its settings to its last connection.

mod grpc;

use crate::{
    admin_key,
    app::{App, Wasm},
    clock::Clock,
    config::{self, Config},
    credentials::{Desk, Logins},
    demo_provider,
    environment::Environment,
    errands::{Fetcher, Network},
    fault,
    prices::Prices,
    replay,
    secret::Secret,
    shutdown::{Shutdown, shutdown},
    store::{OpenError, Store},
    vault::Vault,
    xds::{Settings, Tls},
};
use sha2::{Digest, Sha256};
use std::{
    future::Future,
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::net::TcpListener;

/// What the control plane knows and where it keeps it.
#[derive(Debug, Clone, clap::Args)]
pub struct Truth {
    /// LiteLLM's configuration file (`model_list`, `litellm_settings`, …). Without it, models come from the provider
    /// keys in the environment (`OPENAI_API_KEY`, `ANTHROPIC_API_KEY`), or else from the built-in demo provider.
    #[arg(long, value_name = "FILE", env = "TIANJI_CONFIG")]
    pub config: Option<PathBuf>,
    /// `sqlite:FILE`, the path of an SQLite file, or `postgres://…`.
    /// [default: `general_settings.database_url`, or `tianji.db` in the data folder]
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// The folder of what has no other place: the SQLite file, the admin key.
    #[arg(long, value_name = "FOLDER", env = "TIANJI_DATA", default_value = "data")]
    pub data: PathBuf,
    /// The admin key (also `LITELLM_MASTER_KEY`, `general_settings.master_key`). Provider keys are sealed with it.
    /// Without one, it is made once and kept in `admin.key` in the data folder.
    #[arg(long, value_name = "KEY", env = "TIANJI_MASTER_KEY", hide_env_values = true)]
    pub master_key: Option<String>,
    /// The filter's module, which Envoy fetches from the REST port.
    #[arg(long, value_name = "FILE", env = "TIANJI_WASM")]
    pub wasm: Option<PathBuf>,
    /// What Envoy is told beside the models.
    #[command(flatten)]
    pub gateway: Gateway,
    /// Where the demo provider listens when it is needed.
    #[arg(long, value_name = "ADDRESS", env = "TIANJI_DEMO", default_value = "127.0.0.1:4003")]
    pub demo: SocketAddr,
}

/// How the gateway behaves, wherever its Envoys run.
#[derive(Debug, Clone, clap::Args)]
pub struct Gateway {
    /// Serve HTTPS: the certificate with its chain (PEM), on Envoy's machine. Needs `--tls-key`.
    #[arg(long, value_name = "FILE", env = "TIANJI_TLS_CERTIFICATE", requires = "tls_key")]
    pub tls_certificate: Option<String>,
    /// The certificate's private key (PEM), on Envoy's machine.
    #[arg(long, value_name = "FILE", env = "TIANJI_TLS_KEY", requires = "tls_certificate")]
    pub tls_key: Option<String>,
    /// The certificate authorities that providers are checked against (PEM), on Envoy's machine.
    #[arg(
        long,
        value_name = "FILE",
        env = "TIANJI_UPSTREAM_CA",
        default_value = "/etc/ssl/certs/ca-certificates.crt"
    )]
    pub upstream_ca: String,
    /// The largest request body, in MiB; a larger one is a 413.
    #[arg(long, value_name = "MIB", env = "TIANJI_BODY_LIMIT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub body_limit: u32,
    /// Networks beside the public internet that images and documents are fetched from for providers that do not fetch
    /// them: `10.1.0.0/16,fd12::/16`.
    #[arg(long, value_name = "NETWORKS", env = "TIANJI_FETCH_ALLOW", value_delimiter = ',')]
    pub fetch_allow: Vec<Network>,
}

impl Gateway {
    fn settings(&self, wasm: Option<&Wasm>) -> Settings {
        let tls = self.tls_certificate.clone().zip(self.tls_key.clone());
        Settings {
            tls: tls.map(|(certificate, key)| Tls { certificate, key }),
            upstream_ca: self.upstream_ca.clone(),
            wasm_sha256: wasm.map(|wasm| wasm.sha256.clone()).unwrap_or_default(),
            body_limit: self.body_limit << 20,
            ..Settings::default()
        }
    }
}

/// How the control plane runs by itself.
#[derive(Debug, Clone, clap::Args)]
pub struct Serve {
    /// What it knows.
    #[command(flatten)]
    pub truth: Truth,
    /// Where the admin REST API listens.
    #[arg(long, value_name = "ADDRESS", env = "TIANJI_REST_LISTEN", default_value = "127.0.0.1:4001")]
    pub listen: SocketAddr,
    /// Where Envoy's configuration (ADS) and the filter's own service listen.
    #[arg(long, value_name = "ADDRESS", env = "TIANJI_GRPC_LISTEN", default_value = "127.0.0.1:4002")]
    pub grpc: SocketAddr,
    /// The file one Envoy writes a line per exchange to, if it can be read from here: what the filter could not report
    /// is taken from it.
    #[arg(long, value_name = "FILE", env = "TIANJI_JOURNAL_FILE")]
    pub journal: Option<PathBuf>,
}

/// Why it does not run, as one sentence.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration file cannot be read.
    #[error("{0}")]
    Config(String),
    /// The configuration must not be used.
    #[error("{} has {} fault(s): {}", path.display(), faults.len(), fault::listed(faults))]
    Faults {
        /// The file.
        path: PathBuf,
        /// All that is wrong with it.
        faults: Vec<fault::Fault>,
    },
    /// The database cannot be opened.
    #[error("{0}")]
    Open(#[from] OpenError),
    /// Its tables cannot be brought up to date.
    #[error("the database's tables cannot be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// It does not answer.
    #[error("the database does not answer: {0}")]
    Database(#[from] sqlx::Error),
    /// A file.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The admin key cannot be kept.
    #[error("the admin key cannot be read from or kept in {}: {source}", folder.display())]
    AdminKey {
        /// The data folder.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Something else listens there.
    #[error("cannot listen on {address} ({source}); stop what uses it, or choose another with {option}")]
    Port {
        /// The address.
        address: SocketAddr,
        /// The option that moves it.
        option: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The journal.
    #[error("{0}")]
    Replay(#[from] replay::Error),
    /// A server failed.
    #[error("the control plane stopped serving: {0}")]
    Serve(io::Error),
}

/// How long requests that run may take to end.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// Everything the servers are made of.
pub struct Plane {
    /// The truth.
    pub app: Arc<App>,
    /// The admin key, and the file it is kept in if it was made.
    pub admin_key: (Secret, Option<PathBuf>),
    /// The demo provider's port, where its models are served.
    demo: Option<TcpListener>,
}

impl Truth {
    /// Reads the configuration, opens and migrates the database, and builds the catalog.
    pub async fn open(&self) -> Result<Plane, Error> {
        Prices::load(&self.data);
        let mut config = self.configuration()?;
        let admin_key = self.admin_key(&config)?;
        let store = self.store(&config).await?;
        store.migrate().await?;
        let mut demo = None;
        if config.models.is_empty() && self.config.is_none() {
            let listener = listen(self.demo, "--demo").await?;
            let address = listener.local_addr().map_err(Error::Serve)?;
            tracing::info!(%address, "no model is configured: the demo provider answers");
            config.models = config::demo(&format!("http://{address}"));
            demo = Some(listener);
        }
        let mut app = App::new(store, Clock::system(), &admin_key.0, config).with_logins(&self.data);
        app.wasm = self.wasm.as_deref().map(module).transpose()?;
        app.reload().await?;
        Ok(Plane { app: Arc::new(app), admin_key, demo })
    }

    fn configuration(&self) -> Result<Config, Error> {
        let env = Environment::of_process();
        let Some(path) = &self.config else {
            return Ok(Config { models: config::from_environment(&env), env, ..Config::default() });
        };
        let reading = config::read(path, env).map_err(Error::Config)?;
        for warning in &reading.warnings {
            tracing::warn!(%warning, "in {}", path.display());
        }
        match reading.faults {
            faults if faults.is_empty() => Ok(reading.config),
            faults => Err(Error::Faults { path: path.clone(), faults }),
        }
    }

    /// The database of these settings, opened.
    pub async fn store(&self, config: &Config) -> Result<Store, Error> {
        let file = self.data.join("tianji.db");
        let url = self.database_url.as_deref().filter(|url| !url.is_empty());
        let url = url.or(config.database_url.as_ref().map(Secret::expose));
        Ok(Store::open(url.unwrap_or(&file.to_string_lossy())).await?)
    }

    /// Takes into the ledger what a journal has and it has not.
    pub async fn replay(&self, journal: &Path) -> Result<replay::Report, Error> {
        let store = self.store(&self.configuration()?).await?;
        store.migrate().await?;
        let report = replay::replay(&store, journal).await?;
        store.close().await;
        Ok(report)
    }

    /// Opens the database and brings its tables up to date.
    pub async fn migrate(&self) -> Result<(), Error> {
        let store = self.store(&self.configuration()?).await?;
        store.migrate().await?;
        store.close().await;
        Ok(())
    }

    /// Where logins are made and kept, and the environment that says with whom.
    pub fn desk(&self) -> Result<(Desk, Environment), Error> {
        let config = self.configuration()?;
        let (key, _) = self.admin_key(&config)?;
        Ok((Desk::new(Clock::system(), Logins::new(&self.data, Vault::new(&key))), config.env))
    }

    fn admin_key(&self, config: &Config) -> Result<(Secret, Option<PathBuf>), Error> {
        let given = self.master_key.as_deref().or_else(|| config.env.get("LITELLM_MASTER_KEY"));
        let given =
            given.filter(|key| !key.is_empty()).map(Secret::new).or_else(|| config.master_key.clone());
        if let Some(key) = given {
            return Ok((key, None));
        }
        let failed = |source| Error::AdminKey { folder: self.data.clone(), source };
        let key = admin_key::admin_key(&self.data).map_err(failed)?;
        Ok((key, Some(self.data.join(admin_key::FILE))))
    }
}

fn module(path: &Path) -> Result<Wasm, Error> {
    let code = std::fs::read(path).map_err(|source| Error::File { path: path.into(), source })?;
    Ok(Wasm { sha256: hex::encode(Sha256::digest(&code)), code: code.into() })
}

/// A listener, or a sentence that says which option moves it.
pub async fn listen(address: SocketAddr, option: &'static str) -> Result<TcpListener, Error> {
    TcpListener::bind(address).await.map_err(|source| Error::Port { address, option, source })
}

impl Plane {
    /// Serves the admin API, and the demo provider if it is needed, until the end.
    pub async fn rest(&mut self, listener: TcpListener, end: Shutdown) -> Result<(), Error> {
        let demo = self.demo.take().map(|listener| demo_provider::serve(listener, end.clone()));
        let router = crate::api::router(self.app.clone());
        let rest = http(listener, router, end);
        let both = async {
            match demo {
                Some(demo) => tokio::try_join!(rest, demo).map(drop),
                None => rest.await,
            }
        };
        both.await.map_err(Error::Serve)
    }
}

/// Serves a router until the end, and then what runs for a little longer.
pub(crate) async fn http(listener: TcpListener, router: axum::Router, end: Shutdown) -> io::Result<()> {
    use axum::serve::ListenerExt;
    // Small answers leave at once.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let serving = axum::serve(listener, router).with_graceful_shutdown(end.clone().begun());
    let too_late = async {
        end.begun().await;
        tokio::time::sleep(LAST_REQUESTS).await;
    };
    tokio::select! {
        served = serving => served,
        () = too_late => Ok(()),
    }
}

/// Runs the control plane until `stop` ends.
pub async fn serve(args: &Serve, stop: impl Future<Output = ()>) -> Result<(), Error> {
    // Ports first: the usual mistake is that it runs already.
    let ports = Ports::bind(args).await?;
    let plane = args.truth.open().await?;
    plane.serve(ports, args, stop).await
}

/// The control plane's ports, bound.
pub struct Ports {
    rest: TcpListener,
    grpc: TcpListener,
}

impl Ports {
    /// Binds both, or says in a sentence which one is taken.
    pub async fn bind(args: &Serve) -> Result<Self, Error> {
        let rest = listen(args.listen, "--listen").await?;
        Ok(Self { rest, grpc: listen(args.grpc, "--grpc").await? })
    }
}

impl Plane {
    /// Serves both ports until `stop` ends; then the filter's last records are taken and the database is closed.
    pub async fn serve(
        mut self,
        ports: Ports,
        args: &Serve,
        stop: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let app = self.app.clone();
        if app.wasm.is_none() {
            tracing::warn!("no filter to give to Envoy: say where tianji.wasm is with --wasm");
        }
        if let Some(journal) = args.journal.as_deref().filter(|journal| journal.exists()) {
            let report = replay::replay(&app.store, journal).await?;
            tracing::info!(%report, "journal replayed");
        }
        tracing::info!(rest = %args.listen, grpc = %args.grpc, "the control plane listens");
        let (trigger, end) = shutdown();
        let settings = args.truth.gateway.settings(app.wasm.as_ref());
        let fetcher = Fetcher::new(args.truth.gateway.fetch_allow.clone())
            .map_err(|error| Error::Serve(io::Error::other(error)))?;
        // Boxed: it is large.
        let grpc = grpc::grpc(app.clone(), settings, args.journal.clone(), fetcher, ports.grpc, end.clone());
        let grpc = Box::pin(grpc);
        let mut serving = std::pin::pin!(async { tokio::try_join!(self.rest(ports.rest, end), grpc) });
        let served = tokio::select! {
            served = &mut serving => served,
            () = stop => {
                tracing::info!("stopping");
                app.stop();
                trigger.pull();
                serving.await
            }
        };
        app.store.close().await;
        served.map(drop)
    }
}
