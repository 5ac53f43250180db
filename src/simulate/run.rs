//! The build of a graph in virtual time, by the rules by which Nix gives out its slots.
//!
//! Nix 2.3 to 2.34 (`src/libstore/build/worker.cc`): goals are worked on in the order of their
//! keys, downloads before builds, builds by name. A goal that finds no slot waits; whenever a slot
//! is free all that wait are woken, and the first by key gets it. What has just become ready needs
//! further turns of the loop, so that what waited already goes first. The goals that are ready at
//! the start are reached from the requested ones downward.
//!
//! All threads that run share the machine alike; nothing looks at its load or memory. With builders,
//! each build first asks the hook (`hook.rs`).

mod hook;
mod place;

use std::collections::{BTreeSet, VecDeque};

use place::{Part, Place};

use super::clock::Clock;
use super::fleet::{Fleet, Nowhere, Routes};
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
    /// The most memory that jobs wanted at once on this machine.
    pub peak_memory: Bytes,
    /// What each builder did, in their order.
    pub builders: Vec<BuilderUse>,
    /// Seconds in which builds waited for Nix to look again although a slot was free for them.
    pub polling_secs: f64,
    /// The jobs that decided the end, first to last: each started when the one before ended.
    pub decisive: Vec<JobId>,
    /// How often time passed, to bound the work of a simulation.
    pub steps: u64,
    /// How often a job was looked at, for the same.
    pub touches: u64,
}

/// What a builder did.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct BuilderUse {
    /// Jobs that it built.
    pub jobs: usize,
    /// Seconds of one of its threads that they kept busy.
    pub work_secs: f64,
    /// Seconds in which inputs and outputs were copied.
    pub copying_secs: f64,
    /// The most memory that jobs wanted at once.
    pub peak_memory: Bytes,
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
    /// The builder that built it; `None` for this machine.
    pub builder: Option<usize>,
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

/// Jobs by where they can be built: a set for each of [`Routes::all`].
type ByRoute = Vec<BTreeSet<Entry>>;

/// Moves all of `more` into `all`.
fn merge(all: &mut BTreeSet<Entry>, mut more: BTreeSet<Entry>) {
    if all.len() < more.len() {
        std::mem::swap(all, &mut more);
    }
    all.extend(more);
}

/// What Nix's loop works on together: those that are woken, or those that became ready.
struct Turn {
    /// Those that have not asked yet.
    open: ByRoute,
    /// Those that this machine has to build.
    declined: ByRoute,
}

/// What is built, and where: what is the same for all settings.
pub(super) struct Setup<'g> {
    graph: &'g Graph,
    machine: &'g Machine,
    fleet: &'g Fleet,
    routes: Routes,
}

impl<'g> Setup<'g> {
    /// # Errors
    /// A job that nothing can build.
    pub(super) fn new(
        graph: &'g Graph,
        machine: &'g Machine,
        fleet: &'g Fleet,
    ) -> Result<Self, Nowhere> {
        Ok(Self {
            graph,
            machine,
            fleet,
            routes: Routes::new(graph, fleet)?,
        })
    }

    /// All of it on this machine.
    pub(super) fn local(graph: &'g Graph, machine: &'g Machine, fleet: &'g Fleet) -> Self {
        Self {
            graph,
            machine,
            fleet,
            routes: Routes::local(),
        }
    }

    /// Whether everything that ran at once fits into the memory of where it ran, as far as that is
    /// known; `None` when that of this machine is not.
    pub(super) fn fits(&self, schedule: &Schedule) -> Option<bool> {
        let builders = self.fleet.builders.iter().zip(&schedule.builders);
        let mut fits = builders.map(|(builder, used)| builder.machine.fits(used.peak_memory));
        if fits.any(|fits| fits == Some(false)) {
            return Some(false);
        }
        self.machine.fits(schedule.peak_memory)
    }

    /// Builds all of it with these slots. `ranks` are what [`Order::ranks`] gives.
    pub(super) fn run(&self, slots: Slots, order: Order, ranks: &[u64]) -> Schedule {
        let count = self.graph.jobs().len();
        let no_sets = || vec![BTreeSet::new(); self.routes.all.len()];
        let builders = self.fleet.builders.iter();
        let mut places = vec![Place::new(self.machine, 1.0, 0, None)];
        places.extend(builders.map(|it| {
            let bandwidth = it.link.bandwidth_bytes_per_sec;
            Place::new(&it.machine, it.speed, count, bandwidth)
        }));
        let needs = |job: &Job| u32::try_from(job.needs.len()).unwrap_or(u32::MAX);
        // Without builders Nix refuses to begin when there is no slot.
        let least = u32::from(self.routes.needs_here);
        let mut state = State {
            setup: self,
            slots,
            max_jobs: slots.max_jobs.max(least) as usize,
            order,
            ranks,
            now: 0.0,
            arrivals: 0,
            turn: 0,
            open: self.graph.jobs().iter().map(needs).collect(),
            unlocked: vec![None; count],
            turns: VecDeque::new(),
            wanting: no_sets(),
            postponed: no_sets(),
            downloads: BTreeSet::new(),
            arrived: VecDeque::new(),
            fetching: 0,
            last_download: None,
            finished: Vec::new(),
            blocked_until: 0.0,
            has_hook: false,
            polled: None,
            looks_again: None,
            wall: Clock::default(),
            line: Clock::default(),
            places,
            parts: vec![Part::Waiting; count],
            spans: vec![JobSpan::default(); count],
            started: Vec::with_capacity(count),
            bound: Bound::default(),
            touches: 0,
        };
        state.begin();
        state.run()
    }
}

/// Builds `graph` on `machine` with these slots, and without builders.
pub fn run(graph: &Graph, machine: &Machine, slots: Slots, order: Order) -> Schedule {
    let fleet = Fleet::default();
    let ranks = order.ranks(graph, machine.threads_of(slots.cores));
    let setup = Setup::local(graph, machine, &fleet);
    setup.run(slots, order, &ranks)
}

/// The same with builders.
///
/// # Errors
/// A job that nothing can build.
pub fn run_with(
    graph: &Graph,
    machine: &Machine,
    fleet: &Fleet,
    slots: Slots,
    order: Order,
) -> Result<Schedule, Nowhere> {
    let ranks = order.ranks(graph, machine.threads_of(slots.cores));
    Ok(Setup::new(graph, machine, fleet)?.run(slots, order, &ranks))
}

struct State<'s, 'g> {
    setup: &'s Setup<'g>,
    slots: Slots,
    /// Builds at once on this machine.
    max_jobs: usize,
    order: Order,
    /// What each job is chosen by, whenever it becomes ready.
    ranks: &'s [u64],
    now: f64,
    /// Counts what has become ready.
    arrivals: u64,
    /// Counts how often ends were noticed.
    turn: u64,
    /// For each job, how many that it needs have not ended.
    open: Vec<u32>,
    /// For each job, the last that it needed, and when that was noticed.
    unlocked: Vec<Option<(JobId, u64)>>,
    /// What Nix's loop has still to look at.
    turns: VecDeque<Turn>,
    /// Builds that are woken when anything ends.
    wanting: ByRoute,
    /// Builds that are woken when Nix looks again.
    postponed: ByRoute,
    /// Downloads that found no slot.
    downloads: BTreeSet<Entry>,
    /// Downloads that have just become ready.
    arrived: VecDeque<Entry>,
    /// Downloads at work.
    fetching: usize,
    last_download: Option<JobId>,
    /// What has ended and Nix's loop has not noticed.
    finished: Vec<JobId>,
    /// Until then Nix's loop waits for a hook.
    blocked_until: f64,
    /// Whether a hook has been started and waits for questions.
    has_hook: bool,
    /// When Nix last looked for builders again.
    polled: Option<f64>,
    /// When it will wake up for that.
    looks_again: Option<f64>,
    /// Seconds.
    wall: Clock,
    /// Bytes for each download.
    line: Clock,
    /// This machine, and its builders.
    places: Vec<Place<'g>>,
    /// For each job at work, the part that it is in.
    parts: Vec<Part>,
    spans: Vec<JobSpan>,
    started: Vec<JobId>,
    bound: Bound,
    touches: u64,
}

/// Seconds, by what held builds up.
#[derive(Default)]
struct Bound {
    slot_secs: f64,
    dependency_secs: f64,
    polling_secs: f64,
}

impl<'g> State<'_, 'g> {
    /// Lets what needs nothing arrive: from the requested jobs downward.
    fn begin(&mut self) {
        let mut ready: Vec<(u32, u64, JobId)> = (0u32..)
            .map(JobId)
            .zip(&self.open)
            .filter(|(_, open)| **open == 0)
            .map(|(id, _)| {
                let depth = match self.order {
                    Order::CriticalPath => 0,
                    _ => self.setup.graph.depth(id),
                };
                (depth, self.rank(id), id)
            })
            .collect();
        ready.sort_unstable();
        for together in ready.chunk_by(|one, other| one.0 == other.0) {
            let open = self.arrive(together.iter().map(|(_, _, id)| *id));
            self.turns.push_back(self.turn_of(open));
        }
        self.start_downloads();
    }

    fn rank(&self, id: JobId) -> u64 {
        self.ranks.get(id.index()).copied().unwrap_or(u64::MAX)
    }

    fn job(&self, id: JobId) -> Option<&'g Job> {
        self.setup.graph.job(id)
    }

    fn no_sets(&self) -> ByRoute {
        vec![BTreeSet::new(); self.setup.routes.all.len()]
    }

    fn turn_of(&self, open: ByRoute) -> Turn {
        let declined = self.no_sets();
        Turn { open, declined }
    }

    /// Makes jobs ready, in their order; gives the builds among them.
    fn arrive(&mut self, ids: impl Iterator<Item = JobId>) -> ByRoute {
        let mut builds = self.no_sets();
        for id in ids {
            let first = match self.order {
                Order::Fifo => self.arrivals,
                _ => 0,
            };
            self.arrivals += 1;
            self.touches += 1;
            let entry = ((first, self.rank(id)), id);
            if self
                .job(id)
                .is_some_and(|job| job.kind == JobKind::Download)
            {
                self.arrived.push_back(entry);
            } else if let Some(set) = builds.get_mut(self.setup.routes.of(id.index())) {
                set.insert(entry);
            }
        }
        builds
    }

    fn run(mut self) -> Schedule {
        let mut steps = 0;
        self.work();
        while self.step() {
            steps += 1;
            self.work();
        }
        let capacity = self.setup.machine.capacity() * self.now;
        let decisive = self.decisive();
        let mut used_by = self.places.iter().map(|place| place.used);
        let here = used_by.next().unwrap_or_default();
        Schedule {
            makespan_secs: self.now,
            utilization: if capacity > 0.0 {
                here.work_secs / capacity
            } else {
                0.0
            },
            slot_bound_secs: self.bound.slot_secs,
            dependency_bound_secs: self.bound.dependency_secs,
            polling_secs: self.bound.polling_secs,
            peak_memory: here.peak_memory,
            builders: used_by.collect(),
            decisive,
            spans: self.spans,
            started: self.started,
            steps,
            touches: self.touches,
        }
    }

    /// Counts what these seconds are, before they pass.
    fn account(&mut self, secs: f64) {
        let is_waited = |sets: &ByRoute| sets.iter().any(|set| !set.is_empty());
        let is_postponed = is_waited(&self.postponed);
        if is_postponed || is_waited(&self.wanting) {
            self.bound.slot_secs += secs;
        } else if self.has_free_slot() {
            self.bound.dependency_secs += secs;
        }
        if is_postponed && self.waits_in_vain() {
            self.bound.polling_secs += secs;
        }
        for place in &mut self.places {
            place.used.work_secs += place.work_in(secs);
            if place.is_copying() {
                place.used.copying_secs += secs;
            }
        }
    }

    /// Nix's loop: looks at what is to be looked at, until it waits.
    fn work(&mut self) {
        while self.now >= self.blocked_until {
            if let Some(turn) = self.turns.pop_front() {
                if let Some(rest) = self.give(turn) {
                    self.turns.push_front(rest);
                }
            } else if !self.finished.is_empty() || self.is_poll_due() {
                self.notice();
            } else {
                self.rest();
                return;
            }
        }
    }

    /// Frees the slots of what has ended, lets arrive what waited for it, and wakes what waits.
    fn notice(&mut self) {
        self.turn += 1;
        self.looks_again = None;
        let mut ready = Vec::new();
        let finished = std::mem::take(&mut self.finished);
        let is_over = !finished.is_empty();
        for id in finished {
            match self.job(id).map(|job| job.kind) {
                Some(JobKind::Download) => {
                    self.fetching -= 1;
                    self.last_download = Some(id);
                }
                _ => self.free_slot(id),
            }
            for dependent in self.setup.graph.needed_by(id) {
                self.touches += 1;
                let place = dependent.index();
                if let (Some(open), Some(unlocked)) =
                    (self.open.get_mut(place), self.unlocked.get_mut(place))
                {
                    *open = open.saturating_sub(1);
                    if *open == 0 {
                        *unlocked = Some((id, self.turn));
                        ready.push(*dependent);
                    }
                }
            }
        }
        let mut woken = self.no_sets();
        if is_over {
            std::mem::swap(&mut woken, &mut self.wanting);
        }
        if self.is_poll_due() {
            self.polled = Some(self.now);
            for (all, more) in woken.iter_mut().zip(&mut self.postponed) {
                merge(all, std::mem::take(more));
            }
        }
        ready.sort_by_key(|id| (self.rank(*id), *id));
        let mut arrived = self.arrive(ready.into_iter());
        if self.order == Order::CriticalPath {
            // An ideal order keeps nothing back.
            for (all, more) in woken.iter_mut().zip(&mut arrived) {
                merge(all, std::mem::take(more));
            }
        }
        self.turns.push_back(self.turn_of(woken));
        if arrived.iter().any(|set| !set.is_empty()) {
            self.turns.push_back(self.turn_of(arrived));
        }
        self.start_downloads();
    }

    fn start_downloads(&mut self) {
        if self.order == Order::CriticalPath {
            self.downloads.extend(self.arrived.drain(..));
        }
        let limit = self.slots.max_substitution_jobs.max(1) as usize;
        while self.fetching < limit {
            let next = self.downloads.pop_first();
            let Some((_, id)) = next.or_else(|| self.arrived.pop_front()) else {
                break;
            };
            self.fetching += 1;
            self.write_start(id, self.last_download, None, self.now);
            self.begin_parts(id);
        }
        self.touches += self.arrived.len() as u64;
        self.downloads.extend(self.arrived.drain(..));
    }

    /// Writes down that a job starts, and why: `freed` is the job that had its slot before.
    fn write_start(
        &mut self,
        id: JobId,
        freed: Option<JobId>,
        builder: Option<usize>,
        start_secs: f64,
    ) {
        let unlocked = self.unlocked.get(id.index()).copied().flatten();
        let after = match unlocked {
            Some((needed, turn)) if turn == self.turn => Some((needed, Because::Need)),
            _ if self.turn == 0 => None,
            _ => freed.map(|freed| (freed, Because::Slot)),
        };
        if let Some(span) = self.spans.get_mut(id.index()) {
            span.start_secs = start_secs;
            span.after = after;
            span.builder = builder;
        }
        self.started.push(id);
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

#[cfg(test)]
mod tests;
