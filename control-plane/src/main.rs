//! Tianji: an LLM gateway that is an Envoy. This binary is its control plane.

use clap::Parser;
use std::process::ExitCode;
use tianji::{cli::Cli, logs};

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    logs::start();
    match cli.run().await {
        Ok(code) => code,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "the one sentence that says why nothing runs")]
            {
                eprintln!("tianji: {error}");
            }
            ExitCode::FAILURE
        }
    }
}
