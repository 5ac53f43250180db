//! How long an editor waits for diagnostics after a key was pressed.
//!
//! `cargo bench --bench editing -- TREE…` opens each tree as the language server does, types into
//! every file that speaks of Nix settings, key by key, and prints percentiles of the time from the
//! change to the diagnostics.

#![expect(clippy::print_stdout, reason = "a measurement is for people to read")]

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nixtune::catalog::Catalog;
use nixtune::engine::{Live, LivePolicy, Request};
use nixtune::system::Os;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is typed into each file, one key after the other, and taken out again.
const TYPED: &str = " # note";

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
    let mut times = Vec::new();
    let mut slowest = (Duration::ZERO, PathBuf::new());
    for (path, text) in &files {
        // Behind the last line that closes something: a comment never changes what a file says.
        let end = text.trim_end().len();
        for keys in (1..=TYPED.len()).chain((0..TYPED.len()).rev()) {
            let (before, after) = text.split_at(end);
            let typed = TYPED.get(..keys).unwrap_or(TYPED);
            let edited: Arc<str> = format!("{before}{typed}{after}").into();
            let start = Instant::now();
            live.edit(path, Some(&edited));
            if let Err(error) = live.refresh() {
                println!("{}: {error}", path.display());
            }
            let time = start.elapsed();
            if time > slowest.0 {
                slowest = (time, path.clone());
            }
            times.push(time);
        }
    }
    times.sort();
    let at = |share: usize| {
        let time = times.get((times.len() * share / 100).min(times.len().saturating_sub(1)));
        time.map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    println!(
        "{}: opened in {:.0} ms; {} files, {} keys: median {:.1} ms, 90 % {:.1}, 99 % {:.1}, slowest {:.1} in {}",
        tree.display(),
        opened.as_secs_f64() * 1e3,
        files.len(),
        times.len(),
        at(50),
        at(90),
        at(99),
        slowest.0.as_secs_f64() * 1e3,
        slowest.1.display()
    );
}
