//! All recordings of a folder, one line for each provider and operation.

use super::{
    case::{self, Case, Prices},
    costs, exceptions,
    live::{self, Live},
    replay,
};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Id → what came out of a real Envoy.
type Lives = HashMap<String, Live>;

/// What became of a recorded case.
pub enum Outcome {
    Passed,
    /// Differs, for these reasons.
    Excepted(Vec<&'static str>),
    /// A behaviour that is not to be copied. It was replayed all the same: nothing may panic.
    Quirk,
    /// What differs, as lines for people.
    Failed(Vec<String>),
}

impl Outcome {
    /// The outcome for a case that differs in these ways.
    pub fn of(id: &str, differences: Vec<String>) -> Self {
        match exceptions::reasons(id, &differences) {
            _ if differences.is_empty() => Self::Passed,
            Some(reasons) => Self::Excepted(reasons),
            None => Self::Failed(differences),
        }
    }
}

/// The outcomes of one recording.
#[derive(Default)]
pub struct Line {
    /// `groq/chat_completions`
    name: String,
    passed: usize,
    quirks: usize,
    excepted: usize,
    /// What excused cases, and how many.
    pub reasons: BTreeMap<&'static str, usize>,
    /// An id with its differences, each.
    pub failed: Vec<String>,
}

impl Line {
    pub fn total(&self) -> usize {
        self.passed + self.quirks + self.excepted + self.failed.len()
    }

    fn add(&mut self, id: &str, outcome: Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Quirk => self.quirks += 1,
            Outcome::Excepted(mut reasons) => {
                self.excepted += 1;
                reasons.sort_unstable();
                reasons.dedup();
                for reason in reasons {
                    *self.reasons.entry(reason).or_default() += 1;
                }
            }
            Outcome::Failed(differences) => {
                self.failed.push(format!("{id}\n    {}", differences.join("\n    ")));
            }
        }
    }
}

/// Runs every recording below `root`, or those of its cases that have `only` in their id.
pub fn measure(root: &Path, prices: &Prices, only: Option<&str>, live: Option<&Lives>) -> Vec<Line> {
    let (files, next) = (recordings(root), AtomicUsize::new(0));
    let work = || {
        let files = std::iter::from_fn(|| files.get(next.fetch_add(1, Ordering::Relaxed)));
        files.map(|file| line(root, file, prices, only, live)).collect::<Vec<_>>()
    };
    let mut lines: Vec<Line> = thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    lines.retain(|line| line.total() > 0);
    lines.sort_by(|a, b| a.name.cmp(&b.name));
    lines
}

/// The table, with its sums.
pub fn show(lines: &[Line]) -> String {
    let row = |name: &str, figures: [usize; 5]| {
        let [passed, failed, quirks, excepted, total] = figures;
        format!("{name:<44} {passed:>7} {failed:>7} {quirks:>7} {excepted:>9} {total:>7}\n")
    };
    let head = format!(
        "{:<44} {:>7} {:>7} {:>7} {:>9} {:>7}\n",
        "", "passed", "failed", "quirk", "excepted", "total"
    );
    let figures = |line: &Line| [line.passed, line.failed.len(), line.quirks, line.excepted, line.total()];
    let sums = lines.iter().map(figures).fold([0; 5], |mut sums, figures| {
        sums.iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure);
        sums
    });
    let rows = lines.iter().map(|line| row(&line.name, figures(line)));
    std::iter::once(head).chain(rows).chain([row("all", sums)]).collect()
}

/// `<provider>/<operation>.json`, the big ones first.
fn recordings(root: &Path) -> Vec<PathBuf> {
    let below = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    let folders = below(root).into_iter().filter(|path| path.is_dir());
    let mut files: Vec<_> = folders.flat_map(|folder| below(&folder)).collect();
    files.sort_by_key(|file| std::cmp::Reverse(fs::metadata(file).map_or(0, |file| file.len())));
    files
}

fn line(root: &Path, file: &Path, prices: &Prices, only: Option<&str>, live: Option<&Lives>) -> Line {
    let name = file.strip_prefix(root).unwrap().with_extension("").display().to_string();
    let mut out = Line { name, ..Line::default() };
    let wanted = |id: &str| only.is_none_or(|part| id.contains(part));
    if file.ends_with("_cost/completion_cost.json") {
        for sample in read::<costs::Sample>(file).iter().filter(|sample| wanted(&sample.id)) {
            out.add(&sample.id, costs::outcome(sample, prices));
        }
        return out;
    }
    for case in read::<Case>(file).iter().filter(|case| wanted(&case.id)) {
        let replayed = match live {
            Some(live) => Ok(live.get(&case.id).map(|live| live::case(case, live))),
            None => catch_unwind(AssertUnwindSafe(|| replay::case(case, prices))),
        };
        let outcome = match replayed {
            Err(_) => Outcome::Failed(vec!["it panicked".into()]),
            Ok(None) => Outcome::Failed(vec!["no provider or operation of ours".into()]),
            Ok(_) if case.is_quirk() => Outcome::Quirk,
            Ok(Some(differences)) => Outcome::of(&case.id, differences),
        };
        out.add(&case.id, outcome);
    }
    out
}

fn read<T: for<'de> Deserialize<'de>>(file: &Path) -> Vec<T> {
    case::read(file)
}
