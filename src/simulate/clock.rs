//! Parts of jobs that go on side by side at one speed.
//!
//! What shares something alike also gets on alike: threads that share the processors, downloads that
//! share a line. A clock counts what each of them has got since it began to run; a part ends when the
//! clock shows the time at which it began and what it needs. Whatever else begins or ends meanwhile
//! changes how fast the clock goes, and nothing about the parts, so that an event costs the
//! logarithm of the parts at work and not a look at each.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::graph::JobId;

/// What is left below this many seconds is rounding.
const NOTHING_SECS: f64 = 1e-9;

/// A clock, with the parts that go by it.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// What each part has got that has been there from the beginning.
    now: f64,
    /// What the clock shows when each part ends.
    ends: BinaryHeap<Reverse<End>>,
}

#[derive(Clone, Copy, Debug)]
struct End {
    at: f64,
    id: JobId,
}

impl Ord for End {
    fn cmp(&self, other: &Self) -> Ordering {
        let earlier = self.at.total_cmp(&other.at);
        earlier.then_with(|| self.id.cmp(&other.id))
    }
}

impl PartialOrd for End {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for End {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for End {}

impl Clock {
    /// Begins a part of a job that needs `amount` of what the clock counts.
    pub(super) fn begin(&mut self, id: JobId, amount: f64) {
        if self.ends.is_empty() {
            // Small numbers are exact.
            self.now = 0.0;
        }
        let at = self.now + amount;
        self.ends.push(Reverse(End { at, id }));
    }

    /// How many parts go by it.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Seconds to the next end when the clock goes at `speed`; `None` when no part goes by it.
    pub(super) fn next_secs(&self, speed: f64) -> Option<f64> {
        let Reverse(end) = self.ends.peek()?;
        Some((end.at - self.now).max(0.0) / speed)
    }

    /// Lets `secs` pass at `speed`.
    pub(super) fn pass(&mut self, secs: f64, speed: f64) {
        self.now += secs * speed;
    }

    /// Lets time pass to the next end, without rounding.
    pub(super) fn pass_to_next(&mut self) {
        if let Some(Reverse(end)) = self.ends.peek() {
            self.now = self.now.max(end.at);
        }
    }

    /// Takes out a part that has ended.
    pub(super) fn end(&mut self, speed: f64) -> Option<JobId> {
        let Reverse(end) = self.ends.peek()?;
        if end.at - self.now > NOTHING_SECS * speed {
            return None;
        }
        self.ends.pop().map(|Reverse(end)| end.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_end_in_the_order_of_what_they_need() {
        let mut clock = Clock::default();
        clock.begin(JobId(0), 4.0);
        clock.begin(JobId(1), 1.0);
        assert_eq!(clock.next_secs(0.5), Some(2.0));
        clock.pass(1.0, 0.5);
        assert_eq!(clock.end(0.5), None);
        // Half of what job 1 needs is left, so that both end together.
        clock.begin(JobId(2), 0.5);
        clock.pass_to_next();
        assert_eq!(clock.end(1.0), Some(JobId(1)));
        assert_eq!(clock.end(1.0), Some(JobId(2)));
        assert_eq!(clock.end(1.0), None);
        assert_eq!((clock.len(), clock.next_secs(3.0)), (1, Some(1.0)));
    }

    #[test]
    fn what_is_lost_in_rounding_has_ended() {
        let mut clock = Clock::default();
        clock.begin(JobId(0), 0.3);
        for _ in 0..3 {
            clock.pass(0.1, 1.0);
        }
        assert_eq!(clock.end(1.0), Some(JobId(0)));
    }
}
