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

/// What all predictions of one kind were off.
#[derive(Default)]
struct Errors {
    relative: Vec<f64>,
    bounds: Vec<f64>,
    exact_orders: usize,
}

impl Errors {
    fn add(&mut self, graph: &Graph, threads: f64, slots: Slots, predicted: f64, real: f64) -> f64 {
        let jobs = graph.jobs().iter();
        let all: f64 = jobs.map(|job| job.alone_secs(slots.cores)).sum();
        let bound = (all / f64::from(slots.max_jobs))
            .max(graph.work_secs() / threads)
            .max(graph.critical_secs(slots.cores));
        self.bounds.push(bound / real - 1.0);
        let error = predicted / real - 1.0;
        self.relative.push(error);
        error
    }

    fn tell(&self) {
        let count = self.relative.len().max(1) as f64;
        let mean = |all: &[f64]| all.iter().map(|error| error.abs()).sum::<f64>() / count;
        let bias = self.relative.iter().sum::<f64>() / count;
        let worst = self.relative.iter().map(|error| error.abs());
        println!(
            "{} builds: mean error {:.1} %, bias {:+.1} %, worst {:.1} %; the same order in {}; \
             bounds alone are {:.1} % off",
            self.relative.len(),
            mean(&self.relative) * 100.0,
            bias * 100.0,
            worst.fold(0.0, f64::max) * 100.0,
            self.exact_orders,
            mean(&self.bounds) * 100.0,
        );
    }
}

struct Trial<'a> {
    nix: &'a Nix,
    machine: &'a Machine,
    once_secs: f64,
    tag: String,
}

impl Trial<'_> {
    fn build(&self, graph: &Graph, slots: Slots, errors: &mut Errors) {
        let schedule = run(graph, self.machine, slots, Order::Alphabetical);
        let predicted = schedule.makespan_secs + self.once_secs;
        let tag = format!("{}-{}-{}", self.tag, slots.max_jobs, slots.cores);
        let path = self.nix.instantiate(graph, &tag);
        let built = self.nix.build(&path, slots.max_jobs, slots.cores);
        let names = schedule.started.iter();
        let order: Vec<&str> = names
            .map(|id| graph.jobs()[id.0 as usize].name.as_ref())
            .collect();
        errors.exact_orders += usize::from(built.started == order);
        let threads = f64::from(self.machine.threads());
        let error = errors.add(graph, threads, slots, predicted, built.secs);
        print!(
            "  {}×{} {predicted:5.2} {:5.2} {:+5.1} %",
            slots.max_jobs,
            slots.cores,
            built.secs,
            error * 100.0
        );
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
            tag: format!("sleep-{seed}"),
        };
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
                tag: format!("cpu-{seed}"),
            };
            print!("  [{:.1}]", machine.background_threads);
            trial.build(&graph, slots(max_jobs, cores), &mut errors);
        }
        println!();
    }
    errors.tell();
}
