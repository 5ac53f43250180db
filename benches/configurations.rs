//! What nixtune knows about whole configurations, and what that costs.
//!
//! `cargo bench --bench configurations -- TREE…` reads each tree and prints its machines, how
//! many definitions and conditions are known, the reasons for the rest, and the time of reading,
//! and of evaluating again what is parsed already, beside that of only parsing the same files with
//! rnix; all on one thread.

#![expect(clippy::print_stdout, reason = "a measurement is for people to read")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nixtune::catalog::Catalog;
use nixtune::model::{LoadOptions, Loaded, load};
use nixtune::system::Os;
use nixtune::text::FileFormat;

#[path = "../tests/it/precision/count.rs"]
mod count;

use count::Counts;

/// The allocator of the program, for both sides.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs of each measurement; the middle one counts.
const RUNS: usize = 7;

fn main() {
    let trees: Vec<PathBuf> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .map(PathBuf::from)
        .collect();
    if trees.is_empty() {
        println!("usage: cargo bench --bench configurations -- TREE…");
        return;
    }
    let mut sum = Counts::default();
    for tree in &trees {
        let catalog = Catalog::embedded();
        let options = LoadOptions {
            threads: 1,
            ..LoadOptions::default()
        };
        let paths = [tree.clone()];
        let mut reading = Vec::new();
        let mut parsing = Vec::new();
        let mut evaluating = Vec::new();
        let mut last = None;
        for _ in 0..RUNS {
            // A shelf would keep what the run before parsed.
            let options = LoadOptions {
                shelf: Default::default(),
                ..options.clone()
            };
            let start = Instant::now();
            let loaded = load(&Os, &paths, &catalog, &options);
            reading.push(start.elapsed());
            let start = Instant::now();
            for file in loaded.workspace.files() {
                if file.format() == FileFormat::Nix {
                    std::hint::black_box(rnix::Root::parse(file.text()));
                }
            }
            parsing.push(start.elapsed());
            // An editor has everything parsed; a change to the flake or to the only module lets
            // every machine be evaluated anew.
            let again = LoadOptions {
                changed: roots_of(tree, &loaded),
                files: Some(asked(&loaded)),
                ..options.clone()
            };
            let start = Instant::now();
            std::hint::black_box(load(&Os, &paths, &catalog, &again));
            evaluating.push(start.elapsed());
            last = Some(loaded);
        }
        let Some(loaded) = last else { continue };
        println!("== {}", tree.display());
        let counts = Counts::of(&loaded, &catalog);
        print(&counts);
        let ms = |times| median(times).as_secs_f64() * 1e3;
        let (reading, evaluating, parsing) = (ms(reading), ms(evaluating), ms(parsing));
        println!(
            "time: parsing the {} files with rnix {parsing:.1} ms; walking, parsing and evaluating \
             {reading:.1} ms, ratio {:.2}; evaluating all machines again {evaluating:.1} ms, ratio \
             {:.2}",
            loaded.workspace.files().len(),
            reading / parsing.max(1e-6),
            evaluating / parsing.max(1e-6)
        );
        sum.add(&counts);
    }
    if trees.len() > 1 {
        println!("== all");
        print(&sum);
    }
}

/// The flakes of a tree, and the modules that no other one imports.
fn roots_of(tree: &Path, loaded: &Loaded) -> Vec<PathBuf> {
    let machines = loaded.workspace.machines().iter();
    let first = machines.filter_map(|machine| machine.files.first());
    let files = first.filter_map(|file| loaded.workspace.file(*file));
    let mut roots: Vec<PathBuf> = files.map(|file| file.path().to_path_buf()).collect();
    roots.push(tree.join("flake.nix"));
    roots.sort();
    roots.dedup();
    roots
}

fn asked(loaded: &Loaded) -> Vec<PathBuf> {
    let files = loaded.asked.iter();
    let files = files.filter_map(|file| loaded.workspace.file(*file));
    files.map(|file| file.path().to_path_buf()).collect()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn print(counts: &Counts) {
    println!(
        "machines: {}, platform known of {}; not read: {}",
        counts.machines.len(),
        counts.with_platform,
        counts.unread.len()
    );
    println!("  {}", counts.machines.join(", "));
    for unread in &counts.unread {
        println!("  not read: {unread}");
    }
    println!(
        "definitions: {}, outside {}, of the others known {} ({:.1} %); under undecided conditions {} ({:.1} %)",
        counts.definitions,
        counts.outside,
        counts.known,
        counts.share_known(),
        counts.undecided,
        counts.share_undecided()
    );
    for missing in &counts.missing {
        println!("  not known: {missing}");
    }
    let mut reasons: Vec<_> = counts.reasons.iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (reason, count) in reasons.iter().take(12) {
        println!("  {count:4} {reason}");
    }
}
