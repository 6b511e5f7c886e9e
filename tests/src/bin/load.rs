//! The load generator: sends one request many times, reads every answer to its end, prints one line of JSON.

use clap::Parser;
use hyper::Uri;
use std::{
    cell::RefCell,
    error::Error,
    fs::{self, File},
    io::{LineWriter, Write},
    path::PathBuf,
    time::Duration,
};
use tianji_tests::load::{self, Plan};
use tokio::task::LocalSet;

/// Sends one request many times. Always ends: after the requests, the seconds, or both.
#[derive(Parser)]
struct Options {
    /// `http://host:port/path`
    url: Uri,
    /// File with the body; without one it is a GET.
    #[arg(long)]
    body: Option<PathBuf>,
    /// `name: value`, any number of times.
    #[arg(long = "header", short = 'H')]
    headers: Vec<String>,
    /// The answers are streams, which must end with their closing event.
    #[arg(long)]
    stream: bool,
    /// Connections, each with one request at a time.
    #[arg(long, short = 'c', default_value_t = 1)]
    concurrency: usize,
    /// Requests in all.
    #[arg(long, short = 'n', default_value_t = 1_000_000)]
    requests: u64,
    /// No request begins later than this many seconds after the start.
    #[arg(long, short = 's', default_value_t = 60.0)]
    seconds: f64,
    /// Seconds for one request.
    #[arg(long, default_value_t = 60.0)]
    timeout: f64,
    /// A line for each answer, as it comes: `<unix ms> <status> <1 if whole> <call id>`.
    #[arg(long)]
    journal: Option<PathBuf>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let journal = options.journal.as_ref().map(File::create).transpose()?;
    let journal = journal.map(|file| Box::new(LineWriter::new(file)) as Box<dyn Write>);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let plan = plan(options)?;
    let (tally, elapsed) = LocalSet::new().block_on(&runtime, load::run(plan, RefCell::new(journal)));
    println!("{}", tally.report(elapsed));
    Ok(())
}

fn plan(options: Options) -> Result<Plan, Box<dyn Error>> {
    let headers = options.headers.iter().map(|line| {
        let (name, value) = line.split_once(':').ok_or_else(|| format!("no header: {line}"))?;
        Ok((name.trim().to_owned(), value.trim().to_owned()))
    });
    Ok(Plan {
        headers: headers.collect::<Result<_, String>>()?,
        body: options.body.map(fs::read).transpose()?.unwrap_or_default().into(),
        uri: options.url,
        stream: options.stream,
        concurrency: options.concurrency,
        requests: options.requests,
        duration: Duration::from_secs_f64(options.seconds),
        timeout: Duration::from_secs_f64(options.timeout),
    })
}
