//! How long simulations take, and what they are worth: predictions against real builds.
//!
//! ```text
//! cargo bench --bench simulation                      50,000 jobs
//! cargo bench --bench simulation -- sleep NIX…        graphs of builds that sleep
//! cargo bench --bench simulation -- cpu NIX…          graphs of builds that keep threads busy
//! ```
//!
//! NIX is a folder with Nix's programs. Twenty random graphs are built for real with four settings
//! each; every prediction is made before its build begins. What sleeps does not mind what else the
//! machine does; what computes does, so that the second is worth something only where nothing else
//! runs. What others take is measured before each build and told to the model.
//!
//! Each graph has a line; then come the mean error and its bias with the limits of 95 %, and where
//! predictions fail. The mean error of `cpu`, over all NIX, is what [`VALIDATED_ERROR`] in
//! `src/simulate/search.rs` has to be, rounded up to a whole percent, and the table in
//! `docs/guide/simulate.md` has these numbers with the day and the machine. Twenty graphs take some
//! five minutes for each NIX.
//!
//! [`VALIDATED_ERROR`]: nixtune::simulate::VALIDATED_ERROR

#![expect(clippy::print_stdout, reason = "a measurement is for people to read")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a measurement that meets the unexpected shall fail at once"
)]

use std::path::Path;
use std::time::Instant;

use nixtune::simulate::{Graph, Job, JobId, JobKind, Machine, Order, Slots, run};
use nixtune::units::{Bytes, Threads};

// The tests ask for more.
#[allow(dead_code)]
#[path = "../tests/it/simulate/real.rs"]
mod real;

use real::{Nix, Random, random_graph};

const GRAPHS: u64 = 20;

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    match arguments.split_first() {
        None => speed(),
        Some((kind, folders)) if kind == "sleep" => folders.iter().for_each(|nix| sleep(nix)),
        Some((kind, folders)) if kind == "cpu" => folders.iter().for_each(|nix| cpu(nix)),
        Some(_) => println!("usage: cargo bench --bench simulation -- [sleep|cpu NIX…]"),
    }
}

fn slots(max_jobs: u32, cores: u32) -> Slots {
    Slots {
        max_jobs,
        cores,
        max_substitution_jobs: 16,
    }
}

/// Needs of a job, for a graph of some shape.
type Needs = fn(u32, &mut Random) -> Vec<JobId>;

/// The shapes of graphs: what each job needs of those before it.
const SHAPES: [(&str, Needs); 4] = [
    ("wide", |_, _| Vec::new()),
    ("deep", |index, _| {
        index.checked_sub(4).map(JobId).into_iter().collect()
    }),
    // Derivations of nixpkgs need some five others each, most of them what everything needs, some
    // made shortly before.
    ("closure", |index, random| {
        let most = random.below(10).min(index);
        let needs = (0..most).map(|turn| match turn % 2 {
            0 => JobId(random.below(index.min(200))),
            _ => JobId(index - 1 - random.below(index.min(3000))),
        });
        needs.collect()
    }),
    ("random", |index, random| {
        let window = index.min(300);
        let most = random.below(4).min(window);
        let needs = (0..most).map(|_| JobId(index - 1 - random.below(window)));
        needs.collect()
    }),
];

fn speed() {
    const JOBS: u32 = 50_000;
    let mut machine = Machine::with_threads(Threads(64), None);
    machine.bandwidth_bytes_per_sec = Some(1e8);
    println!("{JOBS} jobs on 64 threads, milliseconds; a third of them are fetched");
    for (shape, needs) in SHAPES {
        let mut random = Random(1);
        let jobs = (0..JOBS).map(|index| {
            let needs = needs(index, &mut random);
            let name = format!("{:06}-job-{index}.drv", random.below(1_000_000));
            let mut job = Job::build(name, needs, f64::from(random.below(3000)) / 100.0);
            job.parallel_secs = f64::from(random.below(6000)) / 100.0;
            job.width = 1 + random.below(16);
            if random.below(3) == 0 {
                job.kind = JobKind::Download;
                job.download = Bytes(random.below(100_000_000).into());
            }
            job
        });
        let graph = Graph::new(jobs.collect()).unwrap();
        print!("{shape:8}");
        let mut steps = 0;
        for (max_jobs, cores) in [(1, 64), (8, 8), (16, 4), (64, 1), (64, 64), (1024, 1)] {
            let slots = slots(max_jobs, cores);
            let start = Instant::now();
            let schedule = run(&graph, &machine, slots, Order::Alphabetical);
            let took = start.elapsed().as_secs_f64() * 1e3;
            print!("  {max_jobs}×{cores} {took:6.1}");
            steps = schedule.steps.max(steps);
        }
        println!("  at most {steps} steps");
    }
}

/// What one prediction was off.
struct Error {
    graph: u64,
    setting: String,
    /// Predicted by real, less one.
    relative: f64,
    /// The same of the bounds that need no simulation.
    bound: f64,
    is_same_order: bool,
    /// The part of the work that threads can share.
    shared: f64,
    /// Threads that others kept busy just before.
    background: f64,
}

/// What all predictions of one kind were off.
#[derive(Default)]
struct Errors(Vec<Error>);

fn mean(all: impl Iterator<Item = f64>) -> f64 {
    let all: Vec<f64> = all.collect();
    all.iter().sum::<f64>() / all.len().max(1) as f64
}

/// The value below which this part of all lie.
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = (sorted.len().saturating_sub(1) as f64 * part).round();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let place = place as usize;
    sorted.get(place).copied().unwrap_or(0.0)
}

impl Errors {
    /// The mean of `value` with the limits between which it lies in 95 of 100 draws of as many graphs
    /// (a bootstrap over graphs, as builds of one graph are not independent).
    fn interval(&self, value: fn(&Error) -> f64) -> (f64, f64, f64) {
        const DRAWS: usize = 2000;
        let mut random = Random(7);
        let mut means: Vec<f64> = (0..DRAWS)
            .map(|_| {
                let drawn: Vec<u64> = (0..GRAPHS)
                    .map(|_| u64::from(random.below(u32::try_from(GRAPHS).unwrap())))
                    .collect();
                let of = |graph: u64| self.0.iter().filter(move |error| error.graph == graph);
                mean(drawn.into_iter().flat_map(of).map(value))
            })
            .collect();
        means.sort_by(f64::total_cmp);
        let all = mean(self.0.iter().map(value));
        (all, quantile(&means, 0.025), quantile(&means, 0.975))
    }

    /// The mean error of those that are of a kind.
    fn of(&self, what: &str, is_of_it: impl Fn(&Error) -> bool) {
        let of_it = || self.0.iter().filter(|error| is_of_it(error));
        let errors = || of_it().map(|error| error.relative);
        let count = errors().count();
        if count > 0 {
            println!(
                "  {what:32} {count:3} builds  mean error {:5.1} %  bias {:+5.1} %  worst {:5.1} %",
                mean(errors().map(f64::abs)) * 100.0,
                mean(errors()) * 100.0,
                errors().map(f64::abs).fold(0.0, f64::max) * 100.0
            );
        }
    }

    fn tell(&self) {
        let percent = |(all, low, high): (f64, f64, f64)| {
            format!(
                "{:.1} % (95 %: {:.1} to {:.1})",
                all * 100.0,
                low * 100.0,
                high * 100.0
            )
        };
        println!(
            "{} builds of {GRAPHS} graphs: mean error {}, bias {}; bounds alone are off by {}; the \
             same order in {}",
            self.0.len(),
            percent(self.interval(|error| error.relative.abs())),
            percent(self.interval(|error| error.relative)),
            percent(self.interval(|error| error.bound.abs())),
            self.0.iter().filter(|error| error.is_same_order).count(),
        );
        println!("where it fails:");
        let mut settings: Vec<&str> = self.0.iter().map(|it| it.setting.as_str()).collect();
        settings.sort_unstable();
        settings.dedup();
        for setting in settings {
            self.of(setting, |error| error.setting == setting);
        }
        self.of("less than 30 % is shared", |error| error.shared < 0.3);
        self.of("30 % or more is shared", |error| error.shared >= 0.3);
        self.of("the machine was quiet", |error| error.background < 0.1);
        self.of("others kept it busy", |error| error.background >= 0.1);
        self.of("builds began in another order", |error| {
            !error.is_same_order
        });
    }
}

struct Trial<'a> {
    nix: &'a Nix,
    machine: &'a Machine,
    once_secs: f64,
    kind: &'a str,
    graph: u64,
}

impl Trial<'_> {
    fn build(&self, graph: &Graph, slots: Slots, errors: &mut Errors) {
        let schedule = run(graph, self.machine, slots, Order::Alphabetical);
        let predicted = schedule.makespan_secs + self.once_secs;
        let setting = format!("{}×{}", slots.max_jobs, slots.cores);
        let tag = format!(
            "{}-{}-{}-{}",
            self.kind, self.graph, slots.max_jobs, slots.cores
        );
        let path = self.nix.instantiate(graph, &tag);
        let built = self.nix.build(&path, slots.max_jobs, slots.cores);
        let names = schedule.started.iter();
        let order: Vec<&str> = names
            .map(|id| graph.jobs()[id.0 as usize].name.as_ref())
            .collect();
        let jobs = graph.jobs().iter();
        let all: f64 = jobs.clone().map(|job| job.alone_secs(slots.cores)).sum();
        let bound = (all / f64::from(slots.max_jobs))
            .max(graph.work_secs() / f64::from(self.machine.threads()))
            .max(graph.critical_secs(slots.cores));
        let error = Error {
            graph: self.graph,
            relative: predicted / built.secs - 1.0,
            bound: bound / built.secs - 1.0,
            is_same_order: built.started == order,
            shared: jobs.map(|job| job.parallel_secs).sum::<f64>() / graph.work_secs().max(1e-9),
            background: self.machine.background_threads,
            setting,
        };
        print!(
            "  {} {predicted:5.2} {:5.2} {:+5.1} %",
            error.setting,
            built.secs,
            error.relative * 100.0
        );
        errors.0.push(error);
    }
}

fn threads() -> u32 {
    std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap())
}

fn sleep(bin: &str) {
    let nix = Nix::new(Path::new(bin));
    let (once, each) = nix.measure_overhead("before");
    let mut machine = Machine::with_threads(Threads(threads()), None);
    machine.overhead_secs = each.as_secs_f64();
    println!("{bin}: builds that sleep; {once:.3?} for Nix, {each:.3?} for each derivation");
    println!("max-jobs × cores, predicted s, real s, error");
    let mut errors = Errors::default();
    for seed in 0..GRAPHS {
        let graph = random_graph(16, &mut Random(seed), &mut |random, job| {
            job.waiting_secs = 0.1 + f64::from(random.below(700)) / 1000.0;
        });
        let trial = Trial {
            nix: &nix,
            machine: &machine,
            once_secs: once.as_secs_f64(),
            kind: "sleep",
            graph: seed,
        };
        print!("graph {seed:2}");
        for max_jobs in [1, 2, 3, 6] {
            trial.build(&graph, slots(max_jobs, 1), &mut errors);
        }
        println!();
    }
    errors.tell();
}

fn cpu(bin: &str) {
    let mut nix = Nix::new(Path::new(bin));
    let (once, each) = nix.measure_overhead("before");
    println!("{bin}: builds that compute; {once:.3?} for Nix, {each:.3?} for each derivation");
    println!("[threads that others keep busy] max-jobs × cores, predicted s, real s, error");
    let mut errors = Errors::default();
    for seed in 0..GRAPHS {
        let graph = random_graph(10, &mut Random(seed), &mut |random, job| {
            job.serial_secs = 0.05 + f64::from(random.below(150)) / 1000.0;
            if random.below(2) == 0 {
                job.parallel_secs = f64::from(random.below(300)) / 1000.0;
                job.width = 2;
            }
        });
        print!("graph {seed:2}");
        for (max_jobs, cores) in [(1, 1), (1, 2), (2, 1), (2, 2)] {
            let share = nix.measure_loop();
            let mut machine = Machine::with_threads(Threads(threads()), None);
            machine.overhead_secs = each.as_secs_f64();
            if share < 0.97 {
                machine.background_threads = f64::from(threads()) / share - 1.0;
            }
            let trial = Trial {
                nix: &nix,
                machine: &machine,
                once_secs: once.as_secs_f64(),
                kind: "cpu",
                graph: seed,
            };
            print!("  [{:.1}]", machine.background_threads);
            trial.build(&graph, slots(max_jobs, cores), &mut errors);
        }
        println!();
    }
    errors.tell();
}
