//! The build of a graph in virtual time, by the rules by which Nix gives out its slots.
//!
//! Nix 2.3 to 2.34 (`src/libstore/build/worker.cc`): goals are worked on in the order of their
//! keys, downloads before builds, builds by name. A goal that finds no slot waits; whenever a slot
//! is free all that wait are woken, and the first by key gets it. What has just become ready needs
//! further turns of the loop, so that what waited already goes first. The goals that are ready at
//! the start are reached from the requested ones downward.
//!
//! All threads that run share the machine alike; nothing looks at its load or memory.

use std::collections::{BTreeSet, VecDeque};

use super::clock::Clock;
use super::graph::{Graph, Job, JobId, JobKind};
use super::machine::{Machine, Order, Slots};
use crate::units::Bytes;

/// What became of a build.
#[derive(Clone, PartialEq, Debug)]
pub struct Schedule {
    /// From the start of the first job to the end of the last, in seconds.
    pub makespan_secs: f64,
    /// When each job started and ended, by job.
    pub spans: Vec<JobSpan>,
    /// The jobs in the order in which they started.
    pub started: Vec<JobId>,
    /// The share of what the machine could have computed that was used, from 0 to 1.
    pub utilization: f64,
    /// Seconds in which a build waited for a slot.
    pub slot_bound_secs: f64,
    /// Seconds in which slots were free because everything waited for other jobs.
    pub dependency_bound_secs: f64,
    /// The most memory that jobs wanted at once.
    pub peak_memory: Bytes,
    /// The jobs that decided the end, first to last: each started when the one before ended.
    pub decisive: Vec<JobId>,
    /// How often time passed, to bound the work of a simulation.
    pub steps: u64,
    /// How often a job was looked at, for the same.
    pub touches: u64,
}

impl Schedule {
    /// Whether all that ran at once fits into the memory; `None` when that is not known.
    pub fn fits_memory(&self, machine: &Machine) -> Option<bool> {
        machine.fits(self.peak_memory)
    }
}

/// When a job ran.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct JobSpan {
    /// Seconds from the start.
    pub start_secs: f64,
    /// Seconds from the start.
    pub end_secs: f64,
    /// The job whose end let it start, and why; `None` for one that started at once.
    pub after: Option<(JobId, Because)>,
}

/// Why a job started when another ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Because {
    /// It needs that job.
    Need,
    /// It waited for the slot.
    Slot,
}

/// What a job is chosen by: the smallest goes first.
type Key = (u64, u64);

/// A job that waits to be chosen.
type Entry = (Key, JobId);

/// Ready jobs of one kind.
#[derive(Default)]
struct Queue {
    /// Those that found no slot.
    waiting: BTreeSet<Entry>,
    /// Those that have just become ready, in the order in which they are looked at.
    arrived: VecDeque<Entry>,
}

impl Queue {
    /// The next job: what waits goes before what has just arrived.
    fn take(&mut self) -> Option<JobId> {
        let next = self.waiting.pop_first();
        next.or_else(|| self.arrived.pop_front()).map(|(_, id)| id)
    }

    /// Lets what found no slot wait, and says how many that are.
    fn settle(&mut self) -> u64 {
        let found_none = self.arrived.len() as u64;
        self.waiting.extend(self.arrived.drain(..));
        found_none
    }
}

/// What is done with each kind of job.
#[derive(Default)]
struct Kind {
    queue: Queue,
    at_work: usize,
    /// The last that ended, and in which turn.
    last: Option<(JobId, u64)>,
}

/// A part of a job. Each job goes through them in this order and leaves out what it has not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    /// It keeps no thread busy.
    Waiting,
    /// It is fetched.
    Fetching,
    /// It keeps one thread busy.
    Serial,
    /// It keeps several busy.
    Parallel,
}

impl Part {
    const ALL: [Self; 4] = [Self::Waiting, Self::Fetching, Self::Serial, Self::Parallel];
}

/// Builds `graph` on `machine` with these slots.
pub fn run(graph: &Graph, machine: &Machine, slots: Slots, order: Order) -> Schedule {
    let ranks = order.ranks(graph, machine.threads_of(slots.cores));
    run_ranked(graph, machine, slots, order, &ranks)
}

/// The same with the ranks that [`Order::ranks`] gives, which are the same for many settings.
pub(super) fn run_ranked(
    graph: &Graph,
    machine: &Machine,
    slots: Slots,
    order: Order,
    ranks: &[u64],
) -> Schedule {
    let count = graph.jobs().len();
    let mut state = State {
        graph,
        machine,
        slots,
        order,
        ranks,
        arrivals: 0,
        turn: 0,
        open: graph.jobs().iter().map(|job| job.needs.len()).collect(),
        unlocked: vec![None; count],
        downloads: Kind::default(),
        builds: Kind::default(),
        wall: Clock::default(),
        line: Clock::default(),
        processors: Clock::default(),
        parts: vec![Part::Waiting; count],
        busy: 0,
        memory: 0,
        spans: vec![JobSpan::default(); count],
        started: Vec::with_capacity(count),
        touches: 0,
    };
    state.begin();
    state.run()
}

struct State<'g> {
    graph: &'g Graph,
    machine: &'g Machine,
    slots: Slots,
    order: Order,
    /// What each job is chosen by, whenever it becomes ready.
    ranks: &'g [u64],
    /// Counts what has become ready.
    arrivals: u64,
    /// Counts how often slots were given out.
    turn: u64,
    /// For each job, how many that it needs have not ended.
    open: Vec<usize>,
    /// For each job, the last that it needed, and in which turn that had ended.
    unlocked: Vec<Option<(JobId, u64)>>,
    downloads: Kind,
    builds: Kind,
    /// Seconds.
    wall: Clock,
    /// Bytes for each download.
    line: Clock,
    /// Seconds of a thread, for each of them.
    processors: Clock,
    /// For each job at work, the part that it is in.
    parts: Vec<Part>,
    /// Threads that are busy.
    busy: u64,
    /// Bytes that all jobs at work take together.
    memory: u128,
    spans: Vec<JobSpan>,
    started: Vec<JobId>,
    touches: u64,
}

/// How fast the clocks go.
#[derive(Clone, Copy)]
struct Speeds {
    line: f64,
    processors: f64,
}

impl State<'_> {
    /// Lets what needs nothing arrive: from the requested jobs downward.
    fn begin(&mut self) {
        let mut ready: Vec<JobId> = (0u32..)
            .zip(&self.open)
            .filter(|(_, open)| **open == 0)
            .map(|(id, _)| JobId(id))
            .collect();
        ready.sort_by_key(|id| {
            let depth = match self.order {
                Order::CriticalPath => 0,
                _ => self.graph.depth(*id),
            };
            (depth, self.rank(*id), *id)
        });
        for id in ready {
            self.arrive(id);
        }
    }

    fn rank(&self, id: JobId) -> u64 {
        self.ranks.get(id.index()).copied().unwrap_or(u64::MAX)
    }

    fn kind(&mut self, kind: JobKind) -> &mut Kind {
        match kind {
            JobKind::Build => &mut self.builds,
            JobKind::Download => &mut self.downloads,
        }
    }

    fn arrive(&mut self, id: JobId) {
        let Some(job) = self.graph.job(id) else {
            return;
        };
        let first = match self.order {
            Order::Fifo => self.arrivals,
            _ => 0,
        };
        self.arrivals += 1;
        self.touches += 1;
        let key = (first, self.rank(id));
        self.kind(job.kind).queue.arrived.push_back((key, id));
    }

    fn run(mut self) -> Schedule {
        let mut now = 0.0;
        let mut used = 0.0;
        let (mut slot_bound, mut dependency_bound) = (0.0, 0.0);
        let mut peak = 0;
        let mut steps = 0;
        loop {
            self.start(now);
            peak = peak.max(self.memory);
            let speeds = self.speeds();
            let Some(step) = self.step(speeds) else {
                break;
            };
            steps += 1;
            if !self.builds.queue.waiting.is_empty() {
                slot_bound += step;
            } else if self.builds.at_work < self.slots.max_jobs.max(1) as usize {
                dependency_bound += step;
            }
            used += step * speeds.processors * threads(self.busy);
            now += step;
            self.turn += 1;
            let done = self.ended(speeds);
            self.end(now, done);
        }
        let capacity = self.machine.capacity() * now;
        let decisive = self.decisive();
        Schedule {
            makespan_secs: now,
            utilization: if capacity > 0.0 { used / capacity } else { 0.0 },
            slot_bound_secs: slot_bound,
            dependency_bound_secs: dependency_bound,
            peak_memory: Bytes(u64::try_from(peak).unwrap_or(u64::MAX)),
            decisive,
            spans: self.spans,
            started: self.started,
            steps,
            touches: self.touches,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a number of downloads")]
    fn speeds(&self) -> Speeds {
        let bandwidth = self.machine.bandwidth_bytes_per_sec.unwrap_or(f64::MAX);
        Speeds {
            line: (bandwidth / self.line.len().max(1) as f64).max(1.0),
            processors: self.machine.share(threads(self.busy)),
        }
    }

    /// Lets time pass to the next end of a part, and says how much; `None` when nothing is at work.
    fn step(&mut self, speeds: Speeds) -> Option<f64> {
        let mut clocks = [
            (&mut self.wall, 1.0),
            (&mut self.line, speeds.line),
            (&mut self.processors, speeds.processors),
        ];
        let ends = clocks.iter().enumerate();
        let ends =
            ends.filter_map(|(index, (clock, speed))| Some((index, clock.next_secs(*speed)?)));
        let (first, step) = ends.min_by(|(_, one), (_, other)| one.total_cmp(other))?;
        for (index, (clock, speed)) in clocks.iter_mut().enumerate() {
            if index == first {
                clock.pass_to_next();
            } else {
                clock.pass(step, *speed);
            }
        }
        Some(step)
    }

    /// Gives out the slots that are free.
    fn start(&mut self, now: f64) {
        let limits = [
            (JobKind::Download, self.slots.max_substitution_jobs),
            (JobKind::Build, self.slots.max_jobs),
        ];
        for (kind, limit) in limits {
            if self.order == Order::CriticalPath {
                // An ideal that keeps nothing back.
                self.touches += self.kind(kind).queue.settle();
            }
            for _ in self.kind(kind).at_work..limit.max(1) as usize {
                let Some(id) = self.kind(kind).queue.take() else {
                    break;
                };
                self.start_job(id, now);
            }
            self.touches += self.kind(kind).queue.settle();
        }
    }

    fn start_job(&mut self, id: JobId, now: f64) {
        let Some(job) = self.graph.job(id) else {
            return;
        };
        let freed = self.kind(job.kind).last;
        let in_this_turn = |last: Option<(JobId, u64)>| {
            let (id, turn) = last?;
            (turn == self.turn).then_some(id)
        };
        let needed = in_this_turn(self.unlocked.get(id.index()).copied().flatten());
        let after = match (needed, in_this_turn(freed)) {
            (Some(needed), _) => Some((needed, Because::Need)),
            (None, freed) => freed.map(|freed| (freed, Because::Slot)),
        };
        if let Some(span) = self.spans.get_mut(id.index()) {
            span.start_secs = now;
            span.after = after;
        }
        self.started.push(id);
        self.kind(job.kind).at_work += 1;
        self.memory += u128::from(job.memory_with(self.threads_of(job)).0);
        if !self.enter(id, job, 0) {
            // It ends as soon as somebody looks.
            self.wall.begin(id, 0.0);
        }
    }

    fn threads_of(&self, job: &Job) -> u32 {
        job.width
            .min(self.machine.threads_of(self.slots.cores))
            .max(1)
    }

    /// Begins the first part at or after this position that the job has; false when there is none.
    fn enter(&mut self, id: JobId, job: &Job, first: usize) -> bool {
        for part in Part::ALL.into_iter().skip(first) {
            let amount = self.amount(job, part);
            if amount <= 0.0 {
                continue;
            }
            self.touches += 1;
            match part {
                Part::Waiting => self.wall.begin(id, amount),
                Part::Fetching => self.line.begin(id, amount),
                Part::Serial => {
                    self.busy += 1;
                    self.processors.begin(id, amount);
                }
                Part::Parallel => {
                    self.busy += u64::from(self.threads_of(job));
                    self.processors.begin(id, amount);
                }
            }
            if let Some(slot) = self.parts.get_mut(id.index()) {
                *slot = part;
            }
            return true;
        }
        false
    }

    /// What a job needs of the clock that its part goes by.
    #[expect(clippy::cast_precision_loss, reason = "bytes of one download")]
    fn amount(&self, job: &Job, part: Part) -> f64 {
        match part {
            Part::Waiting => job.waiting_secs + self.machine.overhead_secs,
            Part::Fetching => match self.machine.bandwidth_bytes_per_sec {
                Some(_) => job.download.0 as f64,
                None => 0.0,
            },
            Part::Serial => job.serial_secs,
            Part::Parallel => job.parallel_secs / f64::from(self.threads_of(job)),
        }
    }

    /// Ends the parts that are over, begins those that follow, and gives the jobs that are done.
    fn ended(&mut self, speeds: Speeds) -> Vec<JobId> {
        let mut over = Vec::new();
        let clocks = [
            (&mut self.wall, 1.0),
            (&mut self.line, speeds.line),
            (&mut self.processors, speeds.processors),
        ];
        for (clock, speed) in clocks {
            while let Some(id) = clock.end(speed) {
                over.push(id);
            }
        }
        let mut done = Vec::new();
        for id in over {
            self.touches += 1;
            let Some(job) = self.graph.job(id) else {
                continue;
            };
            let part = self.parts.get(id.index()).copied().unwrap_or(Part::Waiting);
            match part {
                Part::Waiting | Part::Fetching => {}
                Part::Serial => self.busy -= 1,
                Part::Parallel => self.busy -= u64::from(self.threads_of(job)),
            }
            if !self.enter(id, job, part as usize + 1) {
                self.memory -= u128::from(job.memory_with(self.threads_of(job)).0);
                done.push(id);
            }
        }
        done
    }

    /// Frees the slots of what is done, and lets arrive what waited for it.
    fn end(&mut self, now: f64, done: Vec<JobId>) {
        let mut ready = Vec::new();
        for id in done {
            let Some(job) = self.graph.job(id) else {
                continue;
            };
            let turn = self.turn;
            let kind = self.kind(job.kind);
            kind.at_work -= 1;
            kind.last = Some((id, turn));
            if let Some(span) = self.spans.get_mut(id.index()) {
                span.end_secs = now;
            }
            for dependent in self.graph.needed_by(id) {
                self.touches += 1;
                let place = dependent.index();
                if let (Some(open), Some(unlocked)) =
                    (self.open.get_mut(place), self.unlocked.get_mut(place))
                {
                    *open = open.saturating_sub(1);
                    if *open == 0 {
                        *unlocked = Some((id, turn));
                        ready.push(*dependent);
                    }
                }
            }
        }
        ready.sort_by_key(|id| (self.rank(*id), *id));
        for id in ready {
            self.arrive(id);
        }
    }

    /// From the job that ended last back to one that started at once.
    fn decisive(&self) -> Vec<JobId> {
        let last = (0u32..)
            .zip(&self.spans)
            .max_by(|(_, one), (_, other)| one.end_secs.total_cmp(&other.end_secs));
        let mut chain: Vec<JobId> = Vec::new();
        let mut next = last.map(|(id, _)| JobId(id));
        while let Some(id) = next {
            chain.push(id);
            let span = self.spans.get(id.index());
            next = span.and_then(|span| span.after).map(|(id, _)| id);
        }
        chain.reverse();
        chain
    }
}

#[expect(clippy::cast_precision_loss, reason = "a number of threads")]
fn threads(busy: u64) -> f64 {
    busy as f64
}

#[cfg(test)]
mod tests;
