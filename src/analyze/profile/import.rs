//! Builds that evaluation waited for: import from derivation.
//!
//! Nix builds with a worker, an activity of its own (`src/libstore/build/worker.cc`, `actRealise`), and
//! makes one each time that evaluation needs the content of a derivation, one build after the other. A
//! worker after which the same process evaluates and works again worked for evaluation. The upper half of
//! an activity's number is its process (`src/libutil/logging.cc`).

use serde::Serialize;

use super::attribution::{self, Kind, Span};
use crate::analyze::log::Moment;

/// What evaluation waited for.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct ImportFromDerivation {
    /// How often evaluation stopped for it.
    pub times: u64,
    /// Builds that began meanwhile.
    pub builds: u64,
    /// How long it stood still.
    pub secs: f64,
}

/// The time of a worker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Worker {
    pub process: u64,
    pub start: Moment,
    pub end: Moment,
}

impl Worker {
    /// Of the activity `id`.
    pub fn new(id: u64, start: Moment, end: Moment) -> Self {
        Self {
            process: id >> 32,
            start,
            end,
        }
    }
}

/// What `workers` did for evaluation, of which `spans` tell; `builds` are the moments at which builds began.
pub(super) fn of_workers(
    workers: &[Worker],
    spans: &[Span],
    builds: impl Iterator<Item = Moment> + Clone,
) -> ImportFromDerivation {
    let mut read: Vec<f64> = spans
        .iter()
        .filter(|span| span.kind == Kind::Evaluation)
        .flat_map(|span| [span.start.at, span.end.at])
        .collect();
    read.sort_by(f64::total_cmp);
    let reads_between = |from: f64, until: f64| {
        let next = read.partition_point(|at| *at < from);
        read.get(next).is_some_and(|at| *at <= until)
    };
    let mut sorted: Vec<&Worker> = workers.iter().collect();
    sorted.sort_by(|one, other| {
        let key = |worker: &Worker| worker.process;
        (key(one).cmp(&key(other))).then(one.start.at.total_cmp(&other.start.at))
    });
    let mut times: Vec<(Moment, Moment)> = Vec::new();
    for pair in sorted.windows(2) {
        if let [one, next] = pair
            && one.process == next.process
            && one.end.at <= next.start.at
            && reads_between(one.end.at, next.start.at)
        {
            times.push((one.start, one.end));
        }
    }
    let within = |moment: Moment| {
        times
            .iter()
            .any(|(start, end)| (start.at..=end.at).contains(&moment.at))
    };
    ImportFromDerivation {
        times: times.len() as u64,
        builds: builds.filter(|moment| within(*moment)).count() as u64,
        secs: attribution::union_secs(&times),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(at: f64) -> Moment {
        Moment {
            at,
            ..Moment::default()
        }
    }

    fn worker(process: u64, start: f64, end: f64) -> Worker {
        Worker::new(process << 32 | 7, moment(start), moment(end))
    }

    fn read(at: f64) -> Span {
        Span::point(Kind::Evaluation, moment(at))
    }

    #[test]
    fn a_worker_after_which_evaluation_goes_on_worked_for_it() {
        let workers = [worker(1, 1.0, 3.0), worker(1, 4.0, 9.0)];
        let builds = [1.5, 2.0, 5.0].map(moment);
        let found = of_workers(&workers, &[read(0.5), read(3.5)], builds.into_iter());
        let expected = ImportFromDerivation {
            times: 1,
            builds: 2,
            secs: 2.0,
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn two_commands_and_two_builds_without_evaluation_are_none() {
        let none = ImportFromDerivation::default();
        let builds = || [1.5].map(moment).into_iter();
        // The second one is another command, which evaluates by itself.
        let commands = [worker(1, 1.0, 3.0), worker(2, 4.0, 9.0)];
        assert_eq!(
            of_workers(&commands, &[read(0.5), read(3.5)], builds()),
            none
        );
        let again = [worker(1, 1.0, 3.0), worker(1, 4.0, 9.0)];
        assert_eq!(of_workers(&again, &[read(0.5)], builds()), none);
        assert_eq!(of_workers(&[], &[], builds()), none);
    }
}
