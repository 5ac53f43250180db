//! Which settings build a graph fastest, and whether that is sure enough to be said.

use rayon::prelude::*;

use super::fleet::{Fleet, Nowhere};
use super::graph::Graph;
use super::input::Durations;
use super::machine::{Machine, Order, Slots};
use super::run::{Schedule, Setup};
use crate::units::Bytes;

/// What the predictions of builds that keep threads busy were off on average when real Nix built
/// the graphs of `benches/simulation.rs`: a fraction. docs/guide/simulate.md has the table.
pub const VALIDATED_ERROR: f64 = 0.06;

/// No smaller gain is claimed, however good predictions are.
pub const LEAST_GAIN: f64 = 0.05;

/// Predictions within this fraction of each other are equal: the setting that keeps fewer threads
/// busy is preferred.
const EQUAL: f64 = 0.005;

/// Jobs that are simulated at most for all draws of an order that is not known.
const DRAWN_JOBS: usize = 400_000;
/// Draws of such an order for one setting.
const DRAWS: (usize, usize) = (5, 25);

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// What is to be built.
    pub graph: &'a Graph,
    /// Where.
    pub machine: &'a Machine,
    /// What else builds.
    pub fleet: &'a Fleet,
    /// How Nix chooses what goes first.
    pub order: Order,
    /// The settings that are in force.
    pub present: Slots,
    /// Others to compare with them.
    pub candidates: Vec<Slots>,
    /// Where durations come from.
    pub durations: Durations,
    /// What predictions are off on average: a fraction.
    pub error: f64,
}

/// What a build takes with one setting.
#[derive(Clone, PartialEq, Debug)]
pub struct Prediction {
    /// The setting.
    pub slots: Slots,
    /// Seconds; the median where the order is not known.
    pub makespan_secs: f64,
    /// Eight of ten builds take from here to there, where the order is not known; else `None`.
    pub range_secs: Option<(f64, f64)>,
    /// The share of what the machine could have computed, from 0 to 1.
    pub utilization: f64,
    /// The most memory that is wanted at once.
    pub peak_memory: Bytes,
    /// Whether that fits, and what builders want into theirs; `None` when the memory of this machine
    /// is not known.
    pub fits_memory: Option<bool>,
    /// Jobs that each builder builds.
    pub remote_jobs: Vec<usize>,
}

/// What came out.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    /// With the settings that are in force.
    pub present: Prediction,
    /// How that build goes.
    pub schedule: Schedule,
    /// Every setting once, the present one among them, in their order.
    pub predictions: Vec<Prediction>,
    /// The fastest that fits into memory: position in `predictions`. `None` when none does.
    pub best: Option<usize>,
    /// What it gains over the present setting: a fraction of the present time.
    pub gain: f64,
    /// From which gain on one is claimed.
    pub required_gain: f64,
    /// What is to be made of it.
    pub verdict: Verdict,
    /// What it would be without builders; `None` when there are none.
    pub alone: Option<Alone>,
    /// Seconds with the present settings if Nix built first what most time depends on.
    pub critical_path_order_secs: f64,
    /// Seconds of the longest chain, which no number of slots shortens.
    pub critical_secs: f64,
}

/// What builders are worth.
#[derive(Clone, PartialEq, Debug)]
pub enum Alone {
    /// All of it can be built without them.
    Possible {
        /// Every setting, in the order of [`Comparison::predictions`].
        predictions: Vec<Prediction>,
        /// The fastest that fits into memory: position in `predictions`.
        best: Option<usize>,
        /// What the best setting with builders gains over it: a fraction.
        gain: f64,
    },
    /// This machine cannot build all of it.
    Impossible,
}

/// What is to be made of a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Nothing gains enough to be told from an error of prediction.
    Keep,
    /// The best setting is faster.
    Change,
    /// The best setting would be faster if durations were as assumed.
    Hint,
    /// The present setting wants more memory than there is, and the best does not.
    Memory,
    /// No setting that was looked at fits into memory.
    NoneFits,
}

impl Verdict {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Change => "change",
            Self::Hint => "hint",
            Self::Memory => "memory",
            Self::NoneFits => "none-fits",
        }
    }
}

impl Comparison {
    /// The best setting.
    pub fn best(&self) -> Option<&Prediction> {
        self.best.and_then(|index| self.predictions.get(index))
    }

    /// Seconds that the present order of Nix costs.
    pub fn lost_to_order_secs(&self) -> f64 {
        (self.present.makespan_secs - self.critical_path_order_secs).max(0.0)
    }
}

/// Builds the graph with every setting.
///
/// # Errors
/// A job that nothing can build.
pub fn compare(question: &Question<'_>) -> Result<Comparison, Nowhere> {
    let setup = Setup::new(question.graph, question.machine, question.fleet)?;
    let mut all = question.candidates.clone();
    all.push(question.present);
    all.sort_unstable();
    all.dedup();
    let draws = draws(question);
    let predictions: Vec<Prediction> = all
        .par_iter()
        .map(|slots| predict(&setup, &draws, *slots).0)
        .collect();
    let (present, schedule) = predict(&setup, &draws, question.present);
    let cores = question.machine.threads_of(question.present.cores);
    let ranks = Order::CriticalPath.ranks(question.graph, cores);
    let ideal = setup.run(question.present, Order::CriticalPath, &ranks);
    let best = best_of(&predictions, question.machine);
    let gain = best
        .and_then(|index| predictions.get(index))
        .map_or(0.0, |best| gain(present.makespan_secs, best.makespan_secs));
    let required_gain = LEAST_GAIN.max(2.0 * question.error);
    let threads_of = |slots: Slots| question.machine.threads_of(slots.cores);
    let keeps_threads = best
        .and_then(|index| predictions.get(index))
        .is_some_and(|best| threads_of(best.slots) == threads_of(present.slots));
    let durations = match question.durations {
        Durations::Profiled if keeps_threads => Durations::Measured,
        Durations::Profiled => Durations::Assumed,
        other => other,
    };
    let verdict = match (present.fits_memory, best, durations) {
        (_, None, _) => Verdict::NoneFits,
        (Some(false), Some(_), _) => Verdict::Memory,
        (_, _, Durations::Measured) if gain > required_gain => Verdict::Change,
        (_, _, Durations::Assumed) if gain > required_gain => Verdict::Hint,
        _ => Verdict::Keep,
    };
    let threads = threads_of(question.present);
    let with = best.and_then(|index| predictions.get(index));
    let alone = (!question.fleet.builders.is_empty())
        .then(|| alone(question, &draws, &all, with.map(|best| best.makespan_secs)));
    Ok(Comparison {
        present,
        alone,
        schedule,
        predictions,
        best,
        gain,
        required_gain,
        verdict,
        critical_path_order_secs: ideal.makespan_secs,
        critical_secs: question.graph.critical_secs(threads),
    })
}

/// The same settings without builders. `with_secs` is the best time with them.
fn alone(
    question: &Question<'_>,
    draws: &[(Order, Vec<u64>)],
    all: &[Slots],
    with_secs: Option<f64>,
) -> Alone {
    let here = Fleet {
        builders: Vec::new(),
        ..question.fleet.clone()
    };
    if !here.builds_all(question.graph) {
        return Alone::Impossible;
    }
    let setup = Setup::local(question.graph, question.machine, &here);
    let predictions: Vec<Prediction> = all
        .par_iter()
        .map(|slots| predict(&setup, draws, *slots).0)
        .collect();
    let best = best_of(&predictions, question.machine);
    let secs = best.and_then(|index| predictions.get(index));
    let gain = match (secs, with_secs) {
        (Some(alone), Some(with_secs)) => gain(alone.makespan_secs, with_secs),
        _ => 0.0,
    };
    Alone::Possible {
        predictions,
        best,
        gain,
    }
}

/// A fraction of `present`; 0 when nothing takes any time.
fn gain(present: f64, other: f64) -> f64 {
    if present > 0.0 {
        1.0 - other / present
    } else {
        0.0
    }
}

fn best_of(predictions: &[Prediction], machine: &Machine) -> Option<usize> {
    let fit = || {
        let all = predictions.iter().enumerate();
        all.filter(|(_, prediction)| prediction.fits_memory != Some(false))
    };
    let fastest = fit()
        .map(|(_, prediction)| prediction.makespan_secs)
        .fold(f64::INFINITY, f64::min);
    fit()
        .filter(|(_, prediction)| prediction.makespan_secs <= fastest * (1.0 + EQUAL))
        .min_by_key(|(_, prediction)| {
            let slots = prediction.slots;
            let threads = u64::from(machine.threads_of(slots.cores));
            (u64::from(slots.max_jobs) * threads, slots)
        })
        .map(|(index, _)| index)
}

/// The orders that are looked at, each with the rank of every job in it: several where the order is
/// not known.
fn draws(question: &Question<'_>) -> Vec<(Order, Vec<u64>)> {
    let orders = match question.order {
        Order::Arbitrary(seed) => {
            let jobs = question.graph.jobs().len().max(1);
            let draws = (DRAWN_JOBS / jobs).clamp(DRAWS.0, DRAWS.1);
            let seeds = (0..draws as u64).map(|draw| seed.wrapping_add(draw));
            seeds.map(Order::Arbitrary).collect()
        }
        order => vec![order],
    };
    let threads = question.machine.threads();
    orders
        .into_par_iter()
        .map(|order| (order, order.ranks(question.graph, threads)))
        .collect()
}

/// The prediction, and the schedule in the middle of all that were drawn.
fn predict(setup: &Setup<'_>, draws: &[(Order, Vec<u64>)], slots: Slots) -> (Prediction, Schedule) {
    let mut drawn: Vec<Schedule> = draws
        .iter()
        .map(|(order, ranks)| setup.run(slots, *order, ranks))
        .collect();
    drawn.sort_by(|one, other| one.makespan_secs.total_cmp(&other.makespan_secs));
    let count = drawn.len();
    let at = |index: usize| drawn.get(index).map_or(0.0, |found| found.makespan_secs);
    let range_secs = (count > 1).then(|| (at(count / 10), at(count - 1 - count / 10)));
    // What Nix may want at once it wants in one of the orders.
    let peak_memory = drawn.iter().map(|found| found.peak_memory).max();
    let peak_memory = peak_memory.unwrap_or_default();
    let fits: Vec<Option<bool>> = drawn.iter().map(|found| setup.fits(found)).collect();
    let fits_memory = match fits.as_slice() {
        all if all.contains(&Some(false)) => Some(false),
        all if all.contains(&None) => None,
        _ => Some(true),
    };
    let schedule = drawn.swap_remove(count / 2);
    let prediction = Prediction {
        slots,
        makespan_secs: schedule.makespan_secs,
        range_secs,
        utilization: schedule.utilization,
        peak_memory,
        fits_memory,
        remote_jobs: schedule.builders.iter().map(|it| it.jobs).collect(),
    };
    (prediction, schedule)
}

/// Settings worth looking at on so many threads: those of `asked` where they are given, and
/// otherwise steps of about a half up to the threads, with `max-jobs` × `cores` at most one and a
/// half times them, and what is `recommended` besides. `cores = 0` is written as the number.
pub fn candidates(
    threads: u32,
    max_substitution_jobs: u32,
    asked_max_jobs: &[u32],
    asked_cores: &[u32],
    recommended: &[(u32, u32)],
) -> Vec<Slots> {
    let steps = steps_to(threads);
    let or_steps = |asked: &[u32]| match asked {
        [] => steps.clone(),
        asked => asked.to_vec(),
    };
    let is_free = asked_max_jobs.is_empty() || asked_cores.is_empty();
    let most = u64::from(threads) * 3 / 2;
    let fits = |max_jobs: u32, cores: u32| {
        !is_free || u64::from(max_jobs) * u64::from(cores) <= most.max(u64::from(max_jobs))
    };
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for max_jobs in or_steps(asked_max_jobs) {
        for cores in or_steps(asked_cores) {
            if fits(max_jobs, cores) {
                pairs.push((max_jobs, cores));
            }
        }
    }
    if asked_max_jobs.is_empty() && asked_cores.is_empty() {
        pairs.extend(recommended);
    }
    pairs.sort_unstable();
    pairs.dedup();
    let slots = pairs.into_iter().map(|(max_jobs, cores)| Slots {
        max_jobs,
        cores,
        max_substitution_jobs,
    });
    slots.collect()
}

/// 1, 2, 3, 4, 6, 8, 12, 16 … and the number itself.
fn steps_to(most: u32) -> Vec<u32> {
    let powers = (0..32).map(|power| 1u32 << power);
    let mut steps: Vec<u32> = powers
        .flat_map(|power| [power, power.saturating_add(power / 2)])
        .take_while(|step| *step < most)
        .collect();
    steps.push(most.max(1));
    steps.sort_unstable();
    steps.dedup();
    steps
}

#[cfg(test)]
mod tests {
    use super::super::graph::{Job, JobId};
    use super::*;
    use crate::units::Threads;

    fn slots(max_jobs: u32, cores: u32) -> Slots {
        Slots {
            max_jobs,
            cores,
            max_substitution_jobs: 16,
        }
    }

    static NO_FLEET: std::sync::LazyLock<Fleet> = std::sync::LazyLock::new(Fleet::default);

    fn compare(question: &Question<'_>) -> Comparison {
        super::compare(question).unwrap()
    }

    fn question<'a>(graph: &'a Graph, machine: &'a Machine) -> Question<'a> {
        Question {
            graph,
            machine,
            fleet: &NO_FLEET,
            order: Order::Alphabetical,
            present: slots(1, 1),
            candidates: vec![slots(2, 1), slots(4, 1), slots(4, 4)],
            durations: Durations::Measured,
            error: 0.01,
        }
    }

    /// Four builds of `secs` with a gibibyte each, and one of 1 s that needs them.
    fn fan(secs: f64) -> Graph {
        let mut jobs: Vec<Job> = ["a", "b", "c", "d"]
            .into_iter()
            .map(|name| Job::build(name, vec![], secs))
            .collect();
        jobs.push(Job::build("top", (0..4).map(JobId).collect(), 1.0));
        for job in &mut jobs {
            job.memory = Bytes::from_gib(1);
        }
        Graph::new(jobs).unwrap()
    }

    #[test]
    fn the_fastest_that_fits_wins_and_of_equals_the_smallest() {
        let graph = fan(2.0);
        let machine = Machine::with_threads(Threads(4), Some(Bytes::from_gib(8)));
        let found = compare(&question(&graph, &machine));
        // 9 s one by one, 5 two by two, 3 all at once; with four cores it is no faster.
        let secs: Vec<f64> = found
            .predictions
            .iter()
            .map(|it| it.makespan_secs)
            .collect();
        assert_eq!(secs, [9.0, 5.0, 3.0, 3.0]);
        assert_eq!(found.best().unwrap().slots, slots(4, 1));
        assert!((found.gain - 2.0 / 3.0).abs() < 1e-9);
        assert_eq!(found.verdict, Verdict::Change);
        assert_eq!(found.critical_secs, 3.0);
        let small = Machine::with_threads(Threads(4), Some(Bytes::from_gib(2)));
        let found = compare(&question(&graph, &small));
        assert_eq!(found.best().unwrap().slots, slots(2, 1));
        let tiny = Machine::with_threads(Threads(4), Some(Bytes(1)));
        assert_eq!(compare(&question(&graph, &tiny)).verdict, Verdict::NoneFits);
        let wide = Question {
            present: slots(4, 4),
            ..question(&graph, &small)
        };
        let found = compare(&wide);
        assert_eq!(found.verdict, Verdict::Memory);
        assert!(found.gain < 0.0);
    }

    #[test]
    fn a_gain_is_claimed_only_when_it_is_sure() {
        let graph = fan(2.0);
        let machine = Machine::with_threads(Threads(4), None);
        let verdict = |change: fn(&mut Question<'_>)| {
            let mut question = question(&graph, &machine);
            change(&mut question);
            compare(&question).verdict
        };
        assert_eq!(verdict(|_| {}), Verdict::Change);
        assert_eq!(
            verdict(|it| it.durations = Durations::Assumed),
            Verdict::Hint
        );
        assert_eq!(
            verdict(|it| it.durations = Durations::Profiled),
            Verdict::Change
        );
        // Here the best has other threads than the present.
        let cores = verdict(|it| {
            it.durations = Durations::Profiled;
            it.present = slots(1, 4);
        });
        assert_eq!(cores, Verdict::Hint);
        // The gain is two thirds.
        assert_eq!(verdict(|it| it.error = 0.34), Verdict::Keep);
        assert_eq!(verdict(|it| it.error = 0.33), Verdict::Change);
        assert_eq!(verdict(|it| it.present = slots(4, 1)), Verdict::Keep);
        let short = fan(0.01);
        let small = Question {
            error: 0.0,
            ..question(&short, &machine)
        };
        // 1.04 s against 1.01 s: below the least gain, however good predictions are.
        assert_eq!(compare(&small).verdict, Verdict::Keep);
    }

    #[test]
    fn an_order_that_is_not_known_gives_a_range() {
        let graph = fan(2.0);
        let machine = Machine::with_threads(Threads(4), None);
        let mut question = question(&graph, &machine);
        question.order = Order::Arbitrary(3);
        let found = compare(&question);
        let (low, high) = found.present.range_secs.unwrap();
        assert!(low <= found.present.makespan_secs && found.present.makespan_secs <= high);
        assert_eq!(compare(&question), found);
    }

    #[test]
    fn settings_that_are_looked_at() {
        assert_eq!(steps_to(1), [1]);
        assert_eq!(steps_to(8), [1, 2, 3, 4, 6, 8]);
        assert_eq!(steps_to(10), [1, 2, 3, 4, 6, 8, 10]);
        let pairs = |found: Vec<Slots>| -> Vec<(u32, u32)> {
            found.iter().map(|it| (it.max_jobs, it.cores)).collect()
        };
        let two = pairs(candidates(2, 16, &[], &[], &[(5, 1)]));
        assert_eq!(two, [(1, 1), (1, 2), (2, 1), (5, 1)]);
        let asked = pairs(candidates(2, 16, &[8, 4], &[0, 3], &[(5, 1)]));
        assert_eq!(asked, [(4, 0), (4, 3), (8, 0), (8, 3)]);
        assert!(candidates(256, 16, &[], &[], &[]).len() < 150);
    }

    #[test]
    fn with_the_best_order_less_is_lost() {
        let mut jobs: Vec<Job> = (0..6)
            .map(|index| Job::build(format!("a{index}"), vec![], 1.0))
            .collect();
        jobs.push(Job::build("z", vec![], 6.0));
        let graph = Graph::new(jobs).unwrap();
        let machine = Machine::with_threads(Threads(2), None);
        let mut question = question(&graph, &machine);
        question.present = slots(2, 1);
        // By name `z` begins after the six others, two by two, at 3.
        let found = compare(&question);
        assert_eq!(found.present.makespan_secs, 9.0);
        assert_eq!(found.critical_path_order_secs, 6.0);
        assert_eq!(found.lost_to_order_secs(), 3.0);
    }

    /// Second by second, and as naive as can be: of what is ready, in the order of `priority`, as many
    /// run as there are slots; what has just become ready comes after what waits. Gives the seconds and
    /// the most memory.
    fn by_seconds(graph: &Graph, max_jobs: usize, priority: &[usize]) -> (u32, u64) {
        let jobs = graph.jobs();
        let mut left: Vec<u32> = jobs.iter().map(|job| job.waiting_secs as u32).collect();
        let mut running: Vec<usize> = Vec::new();
        let mut waiting: Vec<usize> = Vec::new();
        let (mut second, mut peak) = (0, 0);
        loop {
            running.retain(|job| left[*job] > 0);
            let is_known = |job: &usize, waiting: &[usize], running: &[usize]| {
                left[*job] == 0 || waiting.contains(job) || running.contains(job)
            };
            let mut arrived: Vec<usize> = (0..jobs.len())
                .filter(|job| !is_known(job, &waiting, &running))
                .filter(|job| jobs[*job].needs.iter().all(|need| left[need.index()] == 0))
                .collect();
            let place = |job: &usize| priority.iter().position(|it| it == job);
            // At the start, Nix comes by what is closest to the requested job first.
            let depth = |job: &usize| match second {
                0 => graph.depth(JobId(u32::try_from(*job).unwrap())),
                _ => 0,
            };
            waiting.sort_by_key(place);
            arrived.sort_by_key(|job| (depth(job), place(job)));
            waiting.append(&mut arrived);
            let free = max_jobs - running.len();
            running.extend(waiting.drain(..free.min(waiting.len())));
            if running.is_empty() {
                return (second, peak);
            }
            peak = peak.max(running.iter().map(|job| jobs[*job].memory.0).sum());
            running.iter().for_each(|job| left[*job] -= 1);
            second += 1;
        }
    }

    fn orders(of: Vec<usize>) -> Vec<Vec<usize>> {
        if of.len() < 2 {
            return vec![of];
        }
        let heads = of.clone().into_iter();
        heads
            .flat_map(|head| {
                let rest = of.iter().copied().filter(|it| *it != head).collect();
                orders(rest).into_iter().map(move |mut tail| {
                    tail.insert(0, head);
                    tail
                })
            })
            .collect()
    }

    /// Of all orders that there are, none wants more memory than the best setting has when the order
    /// is not known and all were drawn; and where it is known, the best is what trying all finds.
    #[test]
    fn the_best_never_exceeds_memory() {
        let mut seed = 5u64;
        let mut random = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) % below
        };
        for round in 0..60 {
            let jobs = (0..5u32).map(|index| {
                let needs = (0..index).filter(|_| random(3) == 0).map(JobId).collect();
                let mut job = Job::build(format!("{}{index}", random(10)), needs, 0.0);
                job.waiting_secs = f64::from(u32::try_from(1 + random(5)).unwrap());
                job.memory = Bytes(1 + random(9));
                job
            });
            let graph = Graph::new(jobs.collect()).unwrap();
            let machine = Machine::with_threads(Threads(8), Some(Bytes(6 + random(20))));
            let candidates: Vec<Slots> = (1..=4).map(|max_jobs| slots(max_jobs, 1)).collect();
            let mut by_name: Vec<usize> = (0..5).collect();
            by_name.sort_by_key(|index| format!("{}$", graph.jobs()[*index].name));
            let tried: Vec<(u32, u64)> = (1..=4)
                .map(|max_jobs| by_seconds(&graph, max_jobs, &by_name))
                .collect();
            let mut question = Question {
                candidates,
                present: slots(1, 1),
                ..question(&graph, &machine)
            };
            let found = compare(&question);
            for (prediction, (secs, peak)) in found.predictions.iter().zip(&tried) {
                assert_eq!(prediction.makespan_secs, f64::from(*secs), "{round}");
                assert_eq!(prediction.peak_memory.0, *peak, "{round}");
            }
            let memory = machine.memory.unwrap().0;
            let fits = tried
                .iter()
                .zip(1u32..)
                .filter(|((_, peak), _)| *peak <= memory);
            let best = fits.min().map(|(_, max_jobs)| max_jobs);
            // Of equal times the one with fewer builds at once.
            let fastest = tried
                .iter()
                .filter(|(_, peak)| *peak <= memory)
                .map(|it| it.0)
                .min();
            assert_eq!(found.best().map(|best| best.makespan_secs as u32), fastest);
            assert!(best.is_some() == found.best.is_some(), "{round}");
            assert!(found.best().is_none_or(|best| best.peak_memory.0 <= memory));
            // In no order that Nix may take does the simulation see more than trying all does.
            question.order = Order::Arbitrary(round);
            let found = compare(&question);
            for (prediction, max_jobs) in found.predictions.iter().zip(1..) {
                let all = orders((0..5).collect());
                let most = all
                    .iter()
                    .map(|order| by_seconds(&graph, max_jobs, order).1)
                    .max()
                    .unwrap();
                assert!(prediction.peak_memory.0 <= most, "{round}");
                let is_best = found.best().is_some_and(|best| best == prediction);
                assert!(!is_best || prediction.peak_memory.0 <= memory, "{round}");
            }
        }
    }
}
