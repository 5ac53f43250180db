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
    /// How often the state of the machine was looked at, to bound the work of a simulation.
    pub steps: u64,
}

impl Schedule {
    /// Whether all that ran at once fits into the memory; `None` when that is not known.
    pub fn fits_memory(&self, machine: &Machine) -> Option<bool> {
        machine.memory.map(|memory| self.peak_memory <= memory)
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

/// What is left of a job below this many seconds is rounding.
const NOTHING_SECS: f64 = 1e-9;

/// A job at work: waiting first, then the part that nothing can share, then the rest.
struct Running {
    id: JobId,
    kind: JobKind,
    /// Seconds that are left without a busy thread.
    waiting: f64,
    /// Bytes that are left to fetch.
    download: f64,
    /// Thread seconds that are left of the part that nothing can share.
    serial: f64,
    /// Thread seconds that are left of the rest.
    parallel: f64,
    /// Threads in the part that several share.
    threads: f64,
    memory: u64,
}

/// What a running job gets of the machine.
#[derive(Clone, Copy)]
struct Shares {
    /// Of a thread, for each.
    thread: f64,
    /// Bytes in a second, for each download.
    download: f64,
}

impl Running {
    #[expect(clippy::cast_precision_loss, reason = "bytes of one download")]
    fn new(id: JobId, job: &Job, slots: Slots, machine: &Machine) -> Self {
        let threads = job.width.min(machine.threads_of(slots.cores)).max(1);
        Self {
            id,
            kind: job.kind,
            waiting: job.waiting_secs + machine.overhead_secs,
            download: match machine.bandwidth_bytes_per_sec {
                Some(_) => job.download.0 as f64,
                None => 0.0,
            },
            serial: job.serial_secs,
            parallel: job.parallel_secs,
            threads: f64::from(threads),
            memory: job.memory_with(threads).0,
        }
    }

    fn is_fetching(&self) -> bool {
        self.waiting <= 0.0 && self.download > 0.0
    }

    /// Threads that it keeps busy now.
    fn busy(&self) -> f64 {
        if self.waiting > 0.0 || self.download > 0.0 {
            0.0
        } else if self.serial > 0.0 {
            1.0
        } else if self.parallel > 0.0 {
            self.threads
        } else {
            0.0
        }
    }

    /// What is left of the part that it is in, and how much of it goes in a second.
    fn part(&mut self, shares: Shares) -> (&mut f64, f64) {
        if self.waiting > 0.0 {
            (&mut self.waiting, 1.0)
        } else if self.download > 0.0 {
            (&mut self.download, shares.download)
        } else if self.serial > 0.0 {
            (&mut self.serial, shares.thread)
        } else {
            (&mut self.parallel, shares.thread * self.threads)
        }
    }

    /// Seconds to the end of the part that it is in.
    fn part_secs(&mut self, shares: Shares) -> f64 {
        let (left, speed) = self.part(shares);
        *left / speed
    }

    fn pass(&mut self, secs: f64, shares: Shares) {
        let (left, speed) = self.part(shares);
        *left -= secs * speed;
        if *left < NOTHING_SECS * speed {
            *left = 0.0;
        }
    }

    fn is_done(&self) -> bool {
        self.waiting <= 0.0 && self.download <= 0.0 && self.serial <= 0.0 && self.parallel <= 0.0
    }
}

/// What a job is chosen by: the smallest goes first.
type Key = (u64, u64);

/// Ready jobs of one kind.
#[derive(Default)]
struct Queue {
    /// Those that found no slot.
    waiting: BTreeSet<(Key, JobId)>,
    /// Those that have just become ready, in the order in which they are looked at.
    arrived: VecDeque<(Key, JobId)>,
}

impl Queue {
    /// The next job: what waits goes before what has just arrived.
    fn take(&mut self) -> Option<JobId> {
        let next = self.waiting.pop_first();
        next.or_else(|| self.arrived.pop_front()).map(|(_, id)| id)
    }

    /// Lets what found no slot wait.
    fn settle(&mut self) {
        self.waiting.extend(self.arrived.drain(..));
    }
}

/// Builds `graph` on `machine` with these slots.
pub fn run(graph: &Graph, machine: &Machine, slots: Slots, order: Order) -> Schedule {
    let count = graph.jobs().len();
    let mut state = State {
        graph,
        machine,
        slots,
        order,
        ranks: order.ranks(graph, machine.threads_of(slots.cores)),
        arrivals: 0,
        open: graph.jobs().iter().map(|job| job.needs.len()).collect(),
        builds: Queue::default(),
        downloads: Queue::default(),
        running: Vec::new(),
        spans: vec![JobSpan::default(); count],
        started: Vec::with_capacity(count),
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
    ranks: Vec<u64>,
    /// Counts what has become ready.
    arrivals: u64,
    /// For each job, how many that it needs have not ended.
    open: Vec<usize>,
    builds: Queue,
    downloads: Queue,
    running: Vec<Running>,
    spans: Vec<JobSpan>,
    started: Vec<JobId>,
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

    fn arrive(&mut self, id: JobId) {
        let Some(job) = self.graph.job(id) else {
            return;
        };
        let first = match self.order {
            Order::Fifo => self.arrivals,
            _ => 0,
        };
        self.arrivals += 1;
        let key = (first, self.rank(id));
        let queue = match job.kind {
            JobKind::Build => &mut self.builds,
            JobKind::Download => &mut self.downloads,
        };
        queue.arrived.push_back((key, id));
    }

    fn run(mut self) -> Schedule {
        let mut now = 0.0;
        let mut used = 0.0;
        let (mut slot_bound, mut dependency_bound) = (0.0, 0.0);
        let mut peak = 0;
        let mut ended = Vec::new();
        let mut steps = 0;
        loop {
            self.start(now, &ended);
            if self.running.is_empty() {
                break;
            }
            steps += 1;
            let memory = self.running.iter().map(|job| job.memory);
            peak = peak.max(memory.fold(0, u64::saturating_add));
            let busy: f64 = self.running.iter().map(Running::busy).sum();
            let shares = self.shares(busy);
            let parts = self.running.iter_mut().map(|job| job.part_secs(shares));
            let step = parts.fold(f64::INFINITY, f64::min);
            if !self.builds.waiting.is_empty() {
                slot_bound += step;
            } else if self.at_work(JobKind::Build) < self.slots.max_jobs.max(1) as usize {
                dependency_bound += step;
            }
            used += step * shares.thread * busy;
            now += step;
            for job in &mut self.running {
                job.pass(step, shares);
            }
            ended = self.end(now);
        }
        let capacity = self.machine.capacity() * now;
        let decisive = self.decisive();
        Schedule {
            makespan_secs: now,
            utilization: if capacity > 0.0 { used / capacity } else { 0.0 },
            slot_bound_secs: slot_bound,
            dependency_bound_secs: dependency_bound,
            peak_memory: Bytes(peak),
            decisive,
            spans: self.spans,
            started: self.started,
            steps,
        }
    }

    fn at_work(&self, kind: JobKind) -> usize {
        self.running.iter().filter(|job| job.kind == kind).count()
    }

    #[expect(clippy::cast_precision_loss, reason = "a number of downloads")]
    fn shares(&self, busy: f64) -> Shares {
        let fetching = self.running.iter().filter(|job| job.is_fetching()).count();
        let bandwidth = self.machine.bandwidth_bytes_per_sec.unwrap_or(f64::MAX);
        Shares {
            thread: self.machine.share(busy),
            download: (bandwidth / fetching.max(1) as f64).max(1.0),
        }
    }

    /// Gives out the slots that are free; `ended` are the jobs that have just ended.
    fn start(&mut self, now: f64, ended: &[(JobId, JobKind)]) {
        let limits = [
            (JobKind::Download, self.slots.max_substitution_jobs),
            (JobKind::Build, self.slots.max_jobs),
        ];
        if self.order == Order::CriticalPath {
            // An ideal that keeps nothing back.
            self.builds.settle();
            self.downloads.settle();
        }
        for (kind, limit) in limits {
            for _ in self.at_work(kind)..limit.max(1) as usize {
                let queue = match kind {
                    JobKind::Build => &mut self.builds,
                    JobKind::Download => &mut self.downloads,
                };
                let Some(id) = queue.take() else { break };
                let Some(job) = self.graph.job(id) else { break };
                let running = Running::new(id, job, self.slots, self.machine);
                if let Some(span) = self.spans.get_mut(id.index()) {
                    span.start_secs = now;
                    span.after = cause(job, ended);
                }
                self.started.push(id);
                self.running.push(running);
            }
        }
        self.builds.settle();
        self.downloads.settle();
    }

    /// Ends what is done, and lets arrive what waited for it.
    fn end(&mut self, now: f64) -> Vec<(JobId, JobKind)> {
        let mut done = Vec::new();
        self.running.retain(|job| {
            if job.is_done() {
                done.push((job.id, job.kind));
            }
            !job.is_done()
        });
        let mut ready = Vec::new();
        for (id, _) in &done {
            if let Some(span) = self.spans.get_mut(id.index()) {
                span.end_secs = now;
            }
            for dependent in self.graph.needed_by(*id) {
                if let Some(open) = self.open.get_mut(dependent.index()) {
                    *open = open.saturating_sub(1);
                    if *open == 0 {
                        ready.push(*dependent);
                    }
                }
            }
        }
        ready.sort_by_key(|id| (self.rank(*id), *id));
        for id in ready {
            self.arrive(id);
        }
        done
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

/// The job among those that have just ended which let `job` start.
fn cause(job: &Job, ended: &[(JobId, JobKind)]) -> Option<(JobId, Because)> {
    let needed = ended
        .iter()
        .rev()
        .find(|(id, _)| job.needs.binary_search(id).is_ok());
    if let Some((id, _)) = needed {
        return Some((*id, Because::Need));
    }
    let freed = ended.iter().rev().find(|(_, kind)| *kind == job.kind);
    freed.map(|(id, _)| (*id, Because::Slot))
}

#[cfg(test)]
mod tests;
