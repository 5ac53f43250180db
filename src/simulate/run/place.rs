//! Where jobs run, and the parts that they go through there.

use std::collections::VecDeque;

use super::super::clock::Clock;
use super::super::graph::{Job, JobId, JobKind};
use super::super::machine::Machine;
use super::{BuilderUse, State};
use crate::units::Bytes;

/// A part of a job. Each job goes through them in this order and leaves out what it has not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// Nix connects to the builder.
    Connecting,
    /// Its inputs are copied to the builder, by one hook after the other.
    Copying,
    /// It keeps no thread busy.
    Waiting,
    /// It is fetched.
    Fetching,
    /// It keeps one thread busy.
    Serial,
    /// It keeps several busy.
    Parallel,
    /// Its outputs are copied from the builder.
    Returning,
}

impl Part {
    const ALL: [Self; 7] = [
        Self::Connecting,
        Self::Copying,
        Self::Waiting,
        Self::Fetching,
        Self::Serial,
        Self::Parallel,
        Self::Returning,
    ];
}

/// A machine with what runs there.
#[derive(Debug)]
pub(super) struct Place<'m> {
    machine: &'m Machine,
    /// What one of its threads computes, in threads of this machine.
    pub(super) speed: f64,
    /// Seconds of a thread of this machine, for each thread.
    processors: Clock,
    /// Bytes of outputs, for each job that gives back its own.
    returns: Clock,
    busy: u64,
    /// Bytes that all jobs at work take together.
    memory: u128,
    /// Slots that are taken.
    pub(super) at_work: usize,
    /// The last job whose slot was freed.
    pub(super) last: Option<JobId>,
    /// For each job, whether its outputs are there; empty on this machine.
    has: Vec<bool>,
    /// Jobs that wait until the inputs of others have been copied.
    copies: VecDeque<JobId>,
    is_copying_inputs: bool,
    pub(super) used: BuilderUse,
    bandwidth_bytes_per_sec: Option<f64>,
}

impl<'m> Place<'m> {
    /// A machine for `count` jobs. `bandwidth_bytes_per_sec` is that of the way back.
    pub(super) fn new(
        machine: &'m Machine,
        speed: f64,
        count: usize,
        bandwidth_bytes_per_sec: Option<f64>,
    ) -> Self {
        Self {
            machine,
            speed,
            processors: Clock::default(),
            returns: Clock::default(),
            busy: 0,
            memory: 0,
            at_work: 0,
            last: None,
            has: vec![false; count],
            copies: VecDeque::new(),
            is_copying_inputs: false,
            used: BuilderUse::default(),
            bandwidth_bytes_per_sec,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a number of threads")]
    fn busy_threads(&self) -> f64 {
        self.busy as f64
    }

    /// What the clock of its threads counts in a second.
    fn thread_speed(&self) -> f64 {
        self.machine.share(self.busy_threads()) * self.speed
    }

    /// Bytes that each job gives back in a second.
    #[expect(clippy::cast_precision_loss, reason = "a number of jobs")]
    fn return_speed(&self) -> f64 {
        let bandwidth = self.bandwidth_bytes_per_sec.unwrap_or(f64::MAX);
        (bandwidth / self.returns.len().max(1) as f64).max(1.0)
    }

    /// Seconds of its own threads that are used in so many seconds.
    pub(super) fn work_in(&self, secs: f64) -> f64 {
        secs * self.machine.share(self.busy_threads()) * self.busy_threads()
    }

    pub(super) fn is_copying(&self) -> bool {
        self.is_copying_inputs || self.returns.len() > 0
    }

    fn take_memory(&mut self, memory: Bytes) {
        self.memory += u128::from(memory.0);
        let now = u64::try_from(self.memory).unwrap_or(u64::MAX);
        self.used.peak_memory = self.used.peak_memory.max(Bytes(now));
    }

    fn free_memory(&mut self, memory: Bytes) {
        self.memory = self.memory.saturating_sub(memory.0.into());
    }
}

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// Something that takes its seconds ends.
    Wall,
    /// A download ends.
    Line,
    /// A part that threads work at ends.
    Threads(usize),
    /// Outputs have been copied.
    Return(usize),
    /// Nix's loop goes on at this second.
    Loop(f64),
}

impl<'g> State<'_, 'g> {
    fn place_of(&self, id: JobId) -> usize {
        let span = self.spans.get(id.index());
        span.and_then(|span| span.builder).map_or(0, |it| it + 1)
    }

    /// Threads that a job gets where it runs.
    fn threads_of(&self, id: JobId, job: &Job) -> u32 {
        let builder = self.spans.get(id.index()).and_then(|span| span.builder);
        match builder.and_then(|it| self.setup.fleet.builders.get(it)) {
            Some(builder) => builder.threads_for(job),
            None => {
                let cores = self.setup.machine.threads_of(self.slots.cores);
                job.width.min(cores).max(1)
            }
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a number of downloads")]
    fn line_speed(&self) -> f64 {
        let bandwidth = self.setup.machine.bandwidth_bytes_per_sec;
        (bandwidth.unwrap_or(f64::MAX) / self.line.len().max(1) as f64).max(1.0)
    }

    /// Begins a job where it is to run.
    pub(super) fn begin_parts(&mut self, id: JobId) {
        let Some(job) = self.job(id) else { return };
        if self.place_of(id) == 0 {
            self.take_memory(id, job);
        }
        if !self.enter(id, job, 0) {
            // It ends as soon as somebody looks.
            self.wall.begin(id, 0.0);
        }
    }

    fn take_memory(&mut self, id: JobId, job: &Job) {
        let memory = job.memory_with(self.threads_of(id, job));
        let place = self.place_of(id);
        if let Some(place) = self.places.get_mut(place) {
            place.take_memory(memory);
        }
    }

    /// Begins the first part at or after this position that the job has; false when there is none.
    fn enter(&mut self, id: JobId, job: &Job, first: usize) -> bool {
        let at = self.place_of(id);
        let threads = self.threads_of(id, job);
        for part in Part::ALL.into_iter().skip(first) {
            if part == Part::Copying && at > 0 {
                self.touches += 1;
                self.set_part(id, part);
                self.wait_to_copy(id, at);
                return true;
            }
            let amount = self.amount(id, job, part);
            if amount <= 0.0 {
                continue;
            }
            self.touches += 1;
            self.set_part(id, part);
            let Some(place) = self.places.get_mut(at) else {
                return false;
            };
            match part {
                Part::Connecting | Part::Copying | Part::Waiting => self.wall.begin(id, amount),
                Part::Fetching => self.line.begin(id, amount),
                Part::Serial => {
                    place.busy += 1;
                    place.processors.begin(id, amount);
                }
                Part::Parallel => {
                    place.busy += u64::from(threads);
                    place.processors.begin(id, amount);
                }
                Part::Returning => place.returns.begin(id, amount),
            }
            return true;
        }
        false
    }

    fn set_part(&mut self, id: JobId, part: Part) {
        if let Some(slot) = self.parts.get_mut(id.index()) {
            *slot = part;
        }
    }

    /// What a job needs of the clock that its part goes by.
    #[expect(
        clippy::cast_precision_loss,
        reason = "bytes of a download or an output"
    )]
    fn amount(&self, id: JobId, job: &Job, part: Part) -> f64 {
        let at = self.place_of(id);
        let builder = at.checked_sub(1);
        let builder = builder.and_then(|it| self.setup.fleet.builders.get(it));
        let link = builder.map(|builder| builder.link);
        let machine = builder.map_or(self.setup.machine, |builder| &builder.machine);
        match part {
            Part::Connecting => link.map_or(0.0, |link| link.connect_secs),
            Part::Copying => 0.0,
            Part::Waiting => {
                let around = link.map_or(0.0, |link| link.build_secs());
                job.waiting_secs + machine.overhead_secs + around
            }
            Part::Fetching => match machine.bandwidth_bytes_per_sec {
                Some(_) if at == 0 => job.download.0 as f64,
                _ => 0.0,
            },
            Part::Serial => job.serial_secs,
            Part::Parallel => job.parallel_secs / f64::from(self.threads_of(id, job)),
            Part::Returning => match link.and_then(|link| link.bandwidth_bytes_per_sec) {
                Some(_) => job.output.0 as f64,
                None => 0.0,
            },
        }
    }

    /// Hooks copy one after the other: each holds the lock of its builder meanwhile.
    fn wait_to_copy(&mut self, id: JobId, at: usize) {
        let Some(place) = self.places.get_mut(at) else {
            return;
        };
        if place.is_copying_inputs {
            place.copies.push_back(id);
            return;
        }
        place.is_copying_inputs = true;
        let secs = self.copy_secs(id, at);
        self.wall.begin(id, secs);
    }

    /// Seconds to bring a builder what it needs for a job and has not. What lay in the store before
    /// is taken to lie on the builder as well.
    #[expect(clippy::cast_precision_loss, reason = "bytes of inputs")]
    fn copy_secs(&mut self, id: JobId, at: usize) -> f64 {
        let builder = at.checked_sub(1);
        let builder = builder.and_then(|it| self.setup.fleet.builders.get(it));
        let (Some(job), Some(builder), Some(place)) =
            (self.setup.graph.job(id), builder, self.places.get_mut(at))
        else {
            return 0.0;
        };
        let mut sent_bytes = 0.0;
        let (mut fetched_bytes, mut longest_secs) = (0.0, 0.0f64);
        for need in &job.needs {
            self.touches += 1;
            let (Some(needed), Some(has)) =
                (self.setup.graph.job(*need), place.has.get_mut(need.index()))
            else {
                continue;
            };
            if std::mem::replace(has, true) {
                continue;
            }
            if needed.kind == JobKind::Download && self.setup.fleet.use_substitutes {
                fetched_bytes += needed.download.0 as f64;
                longest_secs = longest_secs.max(needed.waiting_secs);
            } else {
                sent_bytes += needed.output.0 as f64;
            }
        }
        let fetch_secs = match builder.machine.bandwidth_bytes_per_sec {
            Some(bandwidth) => fetched_bytes / bandwidth.max(1.0),
            None => longest_secs,
        };
        builder.link.copy_secs(sent_bytes) + fetch_secs
    }

    /// Lets time pass to what happens next; false when nothing will.
    pub(super) fn step(&mut self) -> bool {
        let mut next: Option<(f64, Next)> = None;
        let mut consider = |secs: Option<f64>, what: Next| {
            if let Some(secs) = secs
                && next.is_none_or(|(earliest, _)| secs < earliest)
            {
                next = Some((secs, what));
            }
        };
        let line_speed = self.line_speed();
        consider(self.wall.next_secs(1.0), Next::Wall);
        consider(self.line.next_secs(line_speed), Next::Line);
        for (index, place) in self.places.iter().enumerate() {
            let of_threads = place.processors.next_secs(place.thread_speed());
            consider(of_threads, Next::Threads(index));
            let of_returns = place.returns.next_secs(place.return_speed());
            consider(of_returns, Next::Return(index));
        }
        if let Some(at) = self.loop_wakes() {
            consider(Some((at - self.now).max(0.0)), Next::Loop(at));
        }
        let Some((secs, what)) = next else {
            return false;
        };
        self.account(secs);
        let pass = |clock: &mut Clock, speed: f64, is_next: bool| {
            if is_next {
                clock.pass_to_next();
            } else {
                clock.pass(secs, speed);
            }
        };
        pass(&mut self.wall, 1.0, matches!(what, Next::Wall));
        pass(&mut self.line, line_speed, matches!(what, Next::Line));
        for (index, place) in self.places.iter_mut().enumerate() {
            let (threads, returns) = (place.thread_speed(), place.return_speed());
            let is_threads = matches!(what, Next::Threads(it) if it == index);
            let is_return = matches!(what, Next::Return(it) if it == index);
            pass(&mut place.processors, threads, is_threads);
            pass(&mut place.returns, returns, is_return);
        }
        self.now = match what {
            Next::Loop(at) => at.max(self.now),
            _ => self.now + secs,
        };
        self.pass_parts(line_speed);
        true
    }

    /// Ends the parts that are over and begins those that follow.
    fn pass_parts(&mut self, line_speed: f64) {
        let mut over = Vec::new();
        let mut collect = |clock: &mut Clock, speed: f64| {
            while let Some(id) = clock.end(speed) {
                over.push(id);
            }
        };
        collect(&mut self.wall, 1.0);
        collect(&mut self.line, line_speed);
        for place in &mut self.places {
            let (threads, returns) = (place.thread_speed(), place.return_speed());
            collect(&mut place.processors, threads);
            collect(&mut place.returns, returns);
        }
        for id in over {
            self.touches += 1;
            let Some(job) = self.job(id) else { continue };
            let part = self.parts.get(id.index()).copied();
            let part = part.unwrap_or(Part::Waiting);
            self.leave(id, job, part);
            if !self.enter(id, job, part as usize + 1) {
                self.finish(id, job);
            }
        }
    }

    fn leave(&mut self, id: JobId, job: &Job, part: Part) {
        let at = self.place_of(id);
        let threads = self.threads_of(id, job);
        let Some(place) = self.places.get_mut(at) else {
            return;
        };
        match part {
            Part::Serial => place.busy -= 1,
            Part::Parallel => place.busy -= u64::from(threads),
            Part::Copying => {
                place.is_copying_inputs = false;
                if let Some(next) = place.copies.pop_front() {
                    self.wait_to_copy(next, at);
                }
                self.take_memory(id, job);
            }
            Part::Connecting | Part::Waiting | Part::Fetching | Part::Returning => {}
        }
    }

    /// Writes down that a job has ended. A builder's slot is free as soon as the hook is gone; that
    /// of this machine when Nix notices.
    fn finish(&mut self, id: JobId, job: &Job) {
        let at = self.place_of(id);
        let memory = job.memory_with(self.threads_of(id, job));
        if let Some(place) = self.places.get_mut(at) {
            place.free_memory(memory);
            if at > 0 {
                place.at_work -= 1;
                place.last = Some(id);
                place.used.jobs += 1;
                if let Some(has) = place.has.get_mut(id.index()) {
                    *has = true;
                }
            }
        }
        if let Some(span) = self.spans.get_mut(id.index()) {
            span.end_secs = self.now;
        }
        self.finished.push(id);
    }
}
