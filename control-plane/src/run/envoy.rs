//! The Envoy process: found, checked, started, watched, stopped.

use super::{Run, http, log};
use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    process::{Child, Command},
    sync::mpsc,
    time::{Instant, sleep, timeout},
};

/// Why Tianji does not run, as one sentence for the terminal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something else listens there.
    #[error("{address} is not free ({source}); stop what uses it, or choose another with {option}")]
    Port {
        /// The port that was asked for.
        address: SocketAddr,
        /// The option that moves it.
        option: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// No Envoy was found.
    #[error("no Envoy found: set ENVOY to one of version 1.39 or newer, or let `make envoy` fetch one")]
    Missing,
    /// The program is none, or too old.
    #[error("`{}` is no Envoy of version 1.39 or newer: {found}", program.display())]
    Unfit {
        /// What was tried.
        program: PathBuf,
        /// What it said of itself.
        found: String,
    },
    /// It could not be started.
    #[error("Envoy could not be started: {0}")]
    Start(io::Error),
    /// It did not come up.
    #[error("Envoy was not ready within {limit:?}: {missing}")]
    NotReady {
        /// The time it had.
        limit: Duration,
        /// What was still missing.
        missing: &'static str,
    },
    /// It ended by itself. It is not started again: whoever supervises Tianji should know.
    #[error("Envoy has ended by itself ({0}); its last lines above say why")]
    Ended(String),
    /// The control plane ended, or did not end when told to.
    #[error("the control plane {}", .0.as_ref().map_or("did not stop in order".into(), |e| format!("has failed: {e}")))]
    ControlPlane(Option<Box<dyn std::error::Error + Send + Sync>>),
    /// No signal handlers.
    #[error("signals cannot be watched: {0}")]
    Signals(io::Error),
}

/// The oldest minor version of Envoy 1 with `refresh_cluster_on_retry`.
const OLDEST: u32 = 39;

/// The Envoy to run; its version is checked.
pub async fn find(chosen: Option<&Path>) -> Result<PathBuf, Error> {
    if let Some(program) = chosen {
        return match fit(program.to_owned()).await {
            Err(Error::Missing) => {
                Err(Error::Unfit { program: program.to_owned(), found: "no such file".into() })
            }
            other => other,
        };
    }
    for program in ["envoy", ".tools/bin/envoy"] {
        match fit(program.into()).await {
            Err(Error::Missing) => {}
            Err(Error::Unfit { program, found }) if program == Path::new("envoy") => {
                tracing::warn!(found, "the envoy on the PATH is too old");
            }
            other => return other,
        }
    }
    Err(Error::Missing)
}

async fn fit(program: PathBuf) -> Result<PathBuf, Error> {
    let output = match Command::new(&program).arg("--version").output().await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Error::Missing),
        Err(error) => return Err(Error::Unfit { program, found: error.to_string() }),
        Ok(output) => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    };
    match minor_version(&output) {
        Some(minor) if minor >= OLDEST => Ok(program),
        _ => Err(Error::Unfit { program, found: output }),
    }
}

/// 40, of `envoy  version: 9e55…/1.40.0/Clean/RELEASE/BoringSSL`.
fn minor_version(text: &str) -> Option<u32> {
    text.split('/').find_map(|part| part.strip_prefix("1.")?.split('.').next()?.parse().ok())
}

/// A running Envoy; killed when dropped.
pub struct Envoy {
    child: Child,
    /// Closes when Envoy's last line has been passed on.
    said: mpsc::Receiver<()>,
    admin: SocketAddr,
}

impl Envoy {
    /// Writes the bootstrap beside the journal and starts Envoy with it.
    pub async fn start(program: &Path, args: &Run) -> Result<Self, Error> {
        let folder = Path::new(&args.bootstrap.journal).parent().unwrap_or(Path::new(""));
        tokio::fs::create_dir_all(folder).await.map_err(Error::Start)?;
        let config = folder.join("envoy.yaml");
        tokio::fs::write(&config, args.bootstrap.render()).await.map_err(Error::Start)?;
        let mut command = Command::new(program);
        command.arg("--config-path").arg(&config);
        command.args(["--log-level", "warning", "--log-format", log::FORMAT, "--disable-hot-restart"]);
        command.args([
            "--file-flush-interval-msec",
            "100",
            "--drain-time-s",
            "5",
            "--drain-strategy",
            "immediate",
        ]);
        if let Some(workers) = args.concurrency {
            command.arg("--concurrency").arg(workers.to_string());
        }
        // Its own group: Ctrl-C is for Tianji, which lets Envoy finish first.
        command.process_group(0).kill_on_drop(true).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(Error::Start)?;
        let (open, said) = mpsc::channel(1);
        if let Some(lines) = child.stderr.take() {
            tokio::spawn(log::relay(lines, open));
        }
        Ok(Self { child, said, admin: args.bootstrap.envoy_admin })
    }

    /// Waits until Envoy has its whole configuration and the gateway answers. (Through TLS it is not asked: Envoy
    /// itself is ready only when it has its listener and certificate.)
    pub async fn ready(&mut self, args: &Run, tls: bool, limit: Duration) -> Result<(), Error> {
        let (start, gateway) = (Instant::now(), args.bootstrap.listen);
        let mut told = Duration::from_secs(3);
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(self.why(Ok(status)).await);
            }
            let missing = if !http::fine(self.admin, "/ready").await {
                "it has not got its whole configuration from the control plane"
            } else if !tls && !http::fine(gateway, "/health/liveliness").await {
                "the gateway's port does not answer"
            } else {
                return Ok(());
            };
            if start.elapsed() > limit {
                return Err(Error::NotReady { limit, missing });
            }
            if start.elapsed() > told {
                tracing::info!("waiting for Envoy: {missing} yet");
                told *= 2;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Resolves when Envoy has ended by itself.
    pub async fn ended(&mut self) -> Error {
        let status = self.child.wait().await;
        self.why(status).await
    }

    async fn why(&mut self, status: io::Result<ExitStatus>) -> Error {
        let _ = timeout(Duration::from_secs(1), self.said.recv()).await;
        Error::Ended(status.map_or_else(|error| error.to_string(), |status| status.to_string()))
    }

    /// Stops it: by request, and by force when it does not listen.
    pub async fn stop(&mut self) {
        let _ = http::ask(self.admin, "POST", "/quitquitquit").await;
        if timeout(Duration::from_secs(5), self.child.wait()).await.is_err() {
            tracing::warn!("Envoy does not stop; it is killed");
            let _ = self.child.kill().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_what_envoy_says_of_itself() {
        let said = "envoy  version: 9e5580933739775e8bce696a57a2e1bc99368f23/1.40.0/Clean/RELEASE/BoringSSL";
        assert_eq!(minor_version(said), Some(40));
        assert_eq!(minor_version("bash 5.2"), None);
    }

    #[tokio::test]
    async fn what_is_no_envoy_is_refused_in_one_sentence() {
        let error = find(Some(Path::new("/bin/true"))).await.unwrap_err().to_string();
        assert!(error.starts_with("`/bin/true` is no Envoy"), "{error}");
        let error = find(Some(Path::new("/nowhere/envoy"))).await.unwrap_err().to_string();
        assert!(error.ends_with("1.39 or newer: no such file"), "{error}");
    }
}
