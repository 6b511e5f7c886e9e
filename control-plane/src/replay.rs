//! Envoy's access log as the ledger's journal: what it has and the ledger has not is added.

use crate::store::{Store, leases::Changes, ledger};
use std::{collections::HashSet, io, path::Path};
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

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { read, added, known, malformed } = self;
        write!(f, "{read} lines read: {added} records added, {known} known already, {malformed} malformed")
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gate::testing::{key, put},
        store::testing::sqlite,
    };

    fn line(call_id: &str, cost: f64) -> String {
        format!("{{\"call_id\":\"{call_id}\",\"key_hash\":\"{}\",\"cost\":{cost}}}\n", key("k").token)
    }

    #[tokio::test]
    async fn a_journal_can_be_replayed_again_and_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = sqlite().await;
        put(&store, &key("k")).await;
        let journal = folder.path().join("access.log");
        let long = "x".repeat(3 * LONGEST_LINE);
        let torn = &line("torn", 1.0)[..40];
        let text = [
            &line("1", 0.5),
            "-\n",
            "\n",
            &line("2", 0.25),
            "not ours\n",
            "{}\n",
            &long,
            "\n",
            &line("1", 0.5),
        ];
        std::fs::write(&journal, [&text.concat(), "\u{fffd}\n", torn].concat()).unwrap();
        let first = replay(&store, &journal).await.unwrap();
        assert_eq!(first, Report { read: 8, added: 2, known: 1, malformed: 5 });
        let second = replay(&store, &journal).await.unwrap();
        assert_eq!(second, Report { read: 8, added: 0, known: 3, malformed: 5 });
        let spend = store.key(&key("k").token).await.unwrap().unwrap().spend;
        assert!((spend - 0.75).abs() < 1e-9);
    }

    #[tokio::test]
    async fn a_journal_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let store = sqlite().await;
        assert!(matches!(replay(&store, &folder.path().join("none")).await, Err(Error::Read(_))));
    }

    #[tokio::test]
    async fn more_than_one_batch_is_read_to_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let store = sqlite().await;
        put(&store, &key("k")).await;
        let journal = folder.path().join("access.log");
        let text: String = (0..1234).map(|n| line(&n.to_string(), 0.001)).collect();
        std::fs::write(&journal, text).unwrap();
        let report = replay(&store, &journal).await.unwrap();
        assert_eq!(report, Report { read: 1234, added: 1234, known: 0, malformed: 0 });
    }
}
