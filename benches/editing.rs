//! How long an editor waits for diagnostics after a key was pressed.
//!
//! `cargo bench --bench editing -- TREE…` opens each tree as the language server does, types into
//! every file that speaks of Nix settings, key by key, and prints percentiles of the time from the
//! change to what is reported.

#![expect(clippy::print_stdout, reason = "a measurement is for people to read")]

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use nixtune::catalog::Catalog;
use nixtune::engine::{Live, LivePolicy, Request};
use nixtune::system::Os;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let trees: Vec<PathBuf> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .map(PathBuf::from)
        .collect();
    if trees.is_empty() {
        println!("usage: cargo bench --bench editing -- TREE…");
    }
    for tree in trees {
        measure(tree);
    }
}

fn measure(tree: PathBuf) {
    let catalog = Catalog::embedded();
    let request = Request {
        roots: vec![tree.clone()],
        ..Request::default()
    };
    let policy = match LivePolicy::read(&Os, &catalog, &request) {
        Ok(policy) => policy,
        Err(error) => return println!("{}: {error}", tree.display()),
    };
    let start = Instant::now();
    let mut live = match Live::new(&Os, &request, &policy) {
        Ok(live) => live,
        Err(error) => return println!("{}: {error}", tree.display()),
    };
    if let Err(error) = live.refresh() {
        return println!("{}: {error}", tree.display());
    }
    let opened = start.elapsed();
    let outcome = live.outcome();
    let files: Vec<(PathBuf, Arc<str>)> = outcome
        .asked
        .iter()
        .filter_map(|id| outcome.workspace.file(*id))
        .map(|file| (file.path().to_path_buf(), Arc::clone(file.text())))
        .collect();
    let mut all = Times::default();
    for (kind, typing) in KINDS {
        let mut times = Times::default();
        for (path, text) in &files {
            for edited in typing(text) {
                times.measure(&mut live, path, &edited.into());
            }
            // Back to what it was.
            times.measure(&mut live, path, text);
        }
        println!("  {kind}: {times}");
        all.add(times);
    }
    println!(
        "{}: opened in {:.0} ms, {} files, all keys: {all}",
        tree.display(),
        opened.as_secs_f64() * 1e3,
        files.len(),
    );
}

/// Texts that follow each other, a key each.
type Typing = fn(&str) -> Vec<String>;

const KINDS: [(&str, Typing); 3] = [
    ("a comment", comment),
    ("a statement", statement),
    ("a number", number),
];

/// A comment behind the last line.
fn comment(text: &str) -> Vec<String> {
    typed(text, text.trim_end().len(), " # note")
}

/// A setting before the brace that closes the file: nothing parses before its semicolon.
fn statement(text: &str) -> Vec<String> {
    let at = text.rfind('}').unwrap_or(text.len());
    typed(text, at, "nix.settings.keep-failed = true;")
}

/// Another digit at each number, and away with it: every text parses.
fn number(text: &str) -> Vec<String> {
    let is_end = |(at, digit): &(usize, char)| {
        let behind = text.get(at + 1..).and_then(|rest| rest.chars().next());
        digit.is_ascii_digit() && behind == Some(';')
    };
    let ends = text.char_indices().filter(is_end);
    ends.take(3)
        .flat_map(|(at, _)| [typed(text, at + 1, "7"), vec![text.to_owned()]].concat())
        .collect()
}

fn typed(text: &str, at: usize, keys: &str) -> Vec<String> {
    let (before, after) = text.split_at(at);
    (1..=keys.len())
        .map(|end| format!("{before}{}{after}", keys.get(..end).unwrap_or(keys)))
        .collect()
}

/// Times from a key to what is reported, and to where nothing is left to be looked at.
#[derive(Default)]
struct Times {
    reported: Vec<Duration>,
    settled: Vec<Duration>,
}

impl Times {
    fn measure(&mut self, live: &mut Live<'_>, path: &Path, text: &Arc<str>) {
        let start = Instant::now();
        live.edit(path, Some(text));
        if let Err(error) = live.refresh() {
            println!("{}: {error}", path.display());
        }
        self.reported.push(start.elapsed());
        if let Err(error) = live.settle() {
            println!("{}: {error}", path.display());
        }
        self.settled.push(start.elapsed());
    }

    fn add(&mut self, other: Self) {
        self.reported.extend(other.reported);
        self.settled.extend(other.settled);
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} keys", self.reported.len())?;
        for (name, times) in [("reported", &self.reported), ("settled", &self.settled)] {
            let mut times = times.clone();
            times.sort();
            let at = |share: usize| {
                let last = times.len().saturating_sub(1);
                let time = times.get((times.len() * share / 100).min(last));
                time.map_or(0.0, |time| time.as_secs_f64() * 1e3)
            };
            write!(
                f,
                "; {name}: median {:.1} ms, 90 % {:.1}, 99 % {:.1}, slowest {:.1}",
                at(50),
                at(90),
                at(99),
                at(100)
            )?;
        }
        Ok(())
    }
}
