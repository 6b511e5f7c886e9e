//! Envoy's access log as the ledger's journal: what it has and the ledger has not is added.

use crate::store::{Store, ledger, leases::Changes};
use std::{
    collections::HashSet,
    io,
    path::Path,
};
use tianji_proto::Record;
use tokio::{
    fs::File,
    io::{AsyncBufRead, AsyncBufReadExt, BufReader},
};

/// A longer line is no record.
const LONGEST_LINE: usize = 64 * 1024;
/// Records per transaction.
const BATCH: usize = 500;

/// What a replay has found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Lines that hold something.
    pub read: u64,
    /// Records that the ledger did not have.
    pub added: u64,
    /// Records that it had.
    pub known: u64,
    /// Lines that are no record: cut off, or not ours.
    pub malformed: u64,
}

/// Why a replay ended early. What was added before stays added; it can be begun again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file.
    #[error("the journal cannot be read: {0}")]
    Read(#[from] io::Error),
    /// The ledger.
    #[error("the ledger cannot be written: {0}")]
    Write(#[from] sqlx::Error),
}

/// Adds what the journal at `path` has and the ledger has not.
pub async fn replay(store: &Store, path: &Path) -> Result<Report, Error> {
    let leases = store.leases().await?;
    let holders: HashSet<_> = leases.into_iter().map(|row| (row.key_hash, row.worker)).collect();
    let is_holder = &|key: &str, worker: &str| holders.contains(&(key.to_owned(), worker.to_owned()));
    replay_into(path, |records| async move {
        let settled = store.commit(&records, &Changes::default(), is_holder).await?;
        Ok((settled.added, settled.known))
    })
    .await
}

/// Reads the journal at `path` and gives its records to `settle`, which says how many were new and how many known.
pub async fn replay_into<S, F>(path: &Path, mut settle: S) -> Result<Report, Error>
where
    S: FnMut(Vec<Record>) -> F,
    F: Future<Output = Result<(u64, u64), Error>>,
{
    let mut lines = BufReader::with_capacity(LONGEST_LINE, File::open(path).await?);
    let mut report = Report::default();
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let line = next_line(&mut lines).await?;
        let is_last = line.is_none();
        if let Some(line) = line {
            take(&line, &mut batch, &mut report);
        }
        if batch.len() >= BATCH || (is_last && !batch.is_empty()) {
            let (added, known) = settle(std::mem::take(&mut batch)).await?;
            report.added += added;
            report.known += known;
        }
        if is_last {
            return Ok(report);
        }
    }
}

fn take(line: &[u8], batch: &mut Vec<Record>, report: &mut Report) {
    let line = line.trim_ascii();
    if line.is_empty() || line == b"-" {
        return;
    }
    report.read += 1;
    match serde_json::from_slice(line).ok().and_then(ledger::clean) {
        Some(record) => batch.push(record),
        None => report.malformed += 1,
    }
}

/// The next line, cut off where it is too long; `None` at the end.
async fn next_line(lines: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut any = false;
    loop {
        let available = lines.fill_buf().await?;
        if available.is_empty() {
            return Ok(any.then_some(line));
        }
        any = true;
        let end = available.iter().position(|byte| *byte == b'\n');
        let (part, used) = end.map_or((available, available.len()), |end| (&available[..end], end + 1));
        // One byte too many makes a line that cannot be read as JSON.
        line.extend_from_slice(&part[..part.len().min((LONGEST_LINE + 1).saturating_sub(line.len()))]);
        lines.consume(used);
        if end.is_some() {
            return Ok(Some(line));
        }
    }
}
