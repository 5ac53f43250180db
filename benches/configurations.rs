//! What nixtune knows about whole configurations, and what that costs.
//!
//! `cargo bench --bench configurations -- TREE…` reads each tree and prints its machines, how
//! many definitions and conditions are known, the reasons for the rest, and the time of reading
//! beside that of only parsing the same files with rnix, both on one thread.

#![expect(clippy::print_stdout, reason = "a measurement is for people to read")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nixtune::catalog::Catalog;
use nixtune::eval::{Value, Why};
use nixtune::model::{Condition, LoadOptions, Loaded, load};
use nixtune::system::Os;
use nixtune::text::FileFormat;

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
            last = Some(loaded);
        }
        let Some(loaded) = last else { continue };
        println!("== {}", tree.display());
        let counts = Counts::of(&loaded);
        counts.print();
        let (reading, parsing) = (median(reading), median(parsing));
        println!(
            "time: reading {:.1} ms, parsing the same {} files {:.1} ms, ratio {:.2}",
            reading.as_secs_f64() * 1e3,
            loaded.workspace.files().len(),
            parsing.as_secs_f64() * 1e3,
            reading.as_secs_f64() / parsing.as_secs_f64().max(1e-9)
        );
        sum.add(&counts);
    }
    if trees.len() > 1 {
        println!("== all");
        sum.print();
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// What is known of one tree.
#[derive(Default)]
struct Counts {
    machines: Vec<String>,
    with_platform: usize,
    unread: Vec<String>,
    definitions: usize,
    known: usize,
    /// Values that a package, a secret or an input decides.
    outside: usize,
    undecided: usize,
    reasons: BTreeMap<String, usize>,
}

impl Counts {
    fn of(loaded: &Loaded) -> Self {
        let mut counts = Self::default();
        for machine in loaded.workspace.machines() {
            let platform = machine.target.platform.as_ref().map(|fact| fact.value);
            counts.with_platform += usize::from(platform.is_some());
            let platform = platform.map_or_else(|| "?".to_owned(), |platform| platform.to_string());
            counts
                .machines
                .push(format!("{} ({platform})", machine.name));
        }
        for unread in &loaded.unread {
            counts
                .unread
                .push(format!("{}: {}", unread.name, unread.why));
        }
        for definition in loaded.workspace.definitions() {
            counts.definitions += 1;
            if definition.condition != Condition::Always {
                counts.undecided += 1;
                if let Condition::Unknown { why, .. } = &definition.condition {
                    *counts
                        .reasons
                        .entry(format!("condition {why}"))
                        .or_default() += 1;
                }
            }
            match unknown(&definition.value.value) {
                None => counts.known += 1,
                Some(why) if is_outside(&why) => counts.outside += 1,
                Some(why) => *counts.reasons.entry(format!("value {why}")).or_default() += 1,
            }
        }
        counts
    }

    fn add(&mut self, other: &Self) {
        self.machines.extend(other.machines.iter().cloned());
        self.with_platform += other.with_platform;
        self.unread.extend(other.unread.iter().cloned());
        self.definitions += other.definitions;
        self.known += other.known;
        self.outside += other.outside;
        self.undecided += other.undecided;
        for (reason, count) in &other.reasons {
            *self.reasons.entry(reason.clone()).or_default() += count;
        }
    }

    fn print(&self) {
        println!(
            "machines: {}, platform known of {}; not read: {}",
            self.machines.len(),
            self.with_platform,
            self.unread.len()
        );
        println!("  {}", self.machines.join(", "));
        for unread in &self.unread {
            println!("  not read: {unread}");
        }
        let asked = self.definitions - self.outside;
        println!(
            "definitions: {}, outside {}, of the other {asked} known {} ({:.1} %); under undecided conditions {} ({:.1} %)",
            self.definitions,
            self.outside,
            self.known,
            share(self.known, asked),
            self.undecided,
            share(self.undecided, self.definitions)
        );
        let mut reasons: Vec<_> = self.reasons.iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        for (reason, count) in reasons.iter().take(12) {
            println!("  {count:4} {reason}");
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn share(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// Why a value is not wholly known; `None` when it is.
fn unknown(value: &Value) -> Option<Why> {
    match value {
        Value::Unknown(why) => Some(why.clone()),
        Value::OneOf(_) => Some(Why::Unsupported("a choice".into())),
        Value::List(items) => items.iter().find_map(|item| unknown(&item.value)),
        Value::Attrs(attrs) => attrs.values().find_map(|attr| unknown(&attr.value)),
        _ => None,
    }
}

fn is_outside(why: &Why) -> bool {
    match why {
        Why::Argument(name) => {
            let name = name.as_ref();
            name == "pkgs" || name.starts_with("pkgs.") || name.starts_with("inputs")
        }
        Why::Impure(_) | Why::SearchPath(_) => true,
        Why::Option(path) => {
            let path = path.as_ref();
            path.starts_with("sops") || path.starts_with("age.")
        }
        _ => false,
    }
}
