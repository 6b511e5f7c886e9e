//! The command line.

mod local;

use crate::{
    config,
    credentials::DeviceFlow,
    demo_provider,
    environment::Environment,
    prices,
    serve::{self, Serve, Truth},
    shutdown::{shutdown, signalled},
    xds::Bootstrap,
};
use clap::{Parser, Subcommand};
use local::Local;
use std::{error::Error, net::SocketAddr, path::PathBuf, process::ExitCode};

/// Tianji: an LLM gateway that is an Envoy. This is its control plane.
///
/// Envoy takes the requests; a filter inside it checks keys, routes, translates and counts. This program holds the
/// truth: keys, models, limits, the ledger. It tells Envoy (ADS) and the filter (gRPC), and administrators tell it
/// (REST, LiteLLM-compatible; described at /docs).
#[derive(Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the control plane
    ///
    /// All settings can be given as flags or in the environment. Nothing listens beyond this machine unless it is
    /// told to.
    Serve(Serve),
    /// Run the whole gateway on this machine: the control plane and one Envoy
    ///
    /// Says when it is ready and how to use it. Ctrl-C lets running streams end and stops both.
    Run(Box<Local>),
    /// Print the bootstrap for an Envoy that runs elsewhere
    Bootstrap(Bootstrap),
    /// Take into the ledger what Envoy's journal has and the ledger has not
    ///
    /// For when an Envoy was killed before its filter could report. Says what it added; nothing is counted twice.
    Replay {
        /// The file.
        #[arg(long, value_name = "FILE", env = "TIANJI_JOURNAL")]
        journal: PathBuf,
        /// Where the ledger is.
        #[command(flatten)]
        truth: Truth,
    },
    /// Check a configuration file and say all that is wrong with it
    ///
    /// Faults make the exit code 1; what is only not known is a warning. References to the environment are resolved,
    /// so run it where the gateway will run.
    CheckConfig {
        /// The file.
        file: PathBuf,
    },
    /// Run the demo provider: a model that answers without a provider's key
    ///
    /// It speaks OpenAI's chat, embeddings and models, and Anthropic's messages, and answers with what it was told.
    DemoProvider {
        /// Where it listens.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4003")]
        listen: SocketAddr,
    },
    /// Log in where a provider knows people only, and keep the login, sealed, in the data folder
    ///
    /// A gateway that runs finds it by itself.
    Login {
        /// Where.
        #[arg(value_enum)]
        with: With,
        /// Where the login is kept, and the admin key that it is sealed with.
        #[command(flatten)]
        truth: Truth,
    },
    /// What models cost
    #[command(subcommand)]
    Prices(Prices),
    /// Bring the database's tables up to date, and end
    Migrate(Truth),
}

#[derive(Subcommand)]
enum Prices {
    /// Take a newer price table, LiteLLM's `model_prices_and_context_window.json`, in place of this release's
    ///
    /// It is checked first; a table that is not whole is refused. It is kept in the data folder and used from the next
    /// start on. To go back, delete `model_prices.json.gz` there.
    Update {
        /// The table.
        #[arg(long, value_name = "FILE|URL")]
        from: String,
        /// The gateway's data folder.
        #[arg(long, value_name = "FOLDER", env = "TIANJI_DATA", default_value = "data")]
        data: PathBuf,
    },
}

/// Who knows people only.
#[derive(Clone, Copy, clap::ValueEnum)]
enum With {
    /// Copilot's models, `github_copilot/…`.
    GithubCopilot,
}

impl Cli {
    /// Does what was asked. The error is a sentence for the terminal.
    pub async fn run(self) -> Result<ExitCode, Box<dyn Error>> {
        match self.command {
            Command::Serve(args) => serve::serve(&args, until_signalled()).await?,
            Command::Run(local) => Box::pin(local.run()).await?,
            Command::Bootstrap(bootstrap) => show(&bootstrap.render()),
            Command::Replay { journal, truth } => show(&truth.replay(&journal).await?.to_string()),
            Command::CheckConfig { file } => {
                return Ok(check(&config::read(&file, Environment::of_process())?));
            }
            Command::DemoProvider { listen } => demo(listen).await?,
            Command::Login { with: With::GithubCopilot, truth } => log_in(&truth).await?,
            Command::Prices(Prices::Update { from, data }) => {
                prices::Prices::load(&data);
                show(&prices::update(&from, &data).await?.to_string());
            }
            Command::Migrate(truth) => truth.migrate().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn until_signalled() {
    if let Err(error) = signalled().await {
        tracing::error!(%error, "signals cannot be watched");
    }
}

async fn log_in(truth: &Truth) -> Result<(), Box<dyn Error>> {
    let (desk, env) = truth.desk()?;
    let flow = DeviceFlow::begin(&desk, &env).await?;
    show(&format!("Visit {} and enter the code {}. Waiting until that is done.", flow.page, flow.code));
    flow.finish().await?;
    show("Logged in. Deployments of github_copilot/… use it from now on.");
    Ok(())
}

async fn demo(address: SocketAddr) -> Result<(), serve::Error> {
    let listener = serve::listen(address, "--listen").await?;
    tracing::info!(%address, "the demo provider listens");
    let (trigger, end) = shutdown();
    let stop = async {
        until_signalled().await;
        trigger.pull();
    };
    let (served, ()) = tokio::join!(demo_provider::serve(listener, end), stop);
    served.map_err(serve::Error::Serve)
}

/// Prints what the command is for.
#[expect(clippy::print_stdout, reason = "this is what the command is for")]
fn show(text: &str) {
    println!("{text}");
}

/// Prints what was found.
#[expect(clippy::print_stdout, reason = "this is what the command is for")]
fn check(reading: &config::Reading) -> ExitCode {
    for fault in &reading.faults {
        println!("error: {fault}");
    }
    for warning in &reading.warnings {
        println!("warning: {warning}");
    }
    let (models, faults, warnings) =
        (reading.config.models.len(), reading.faults.len(), reading.warnings.len());
    println!("{models} deployment(s), {faults} error(s), {warnings} warning(s)");
    if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
