//! When builds ended, where Nix does not tell.
//!
//! Nix 2.29 to 2.33 keep a finished build alive for those that need it, so that its `stop` comes at
//! the end of the run. The counter of finished builds is right in every release: each step is the end
//! of one of those that run. Which one it was follows from what began afterwards: who needs a
//! build begins after it.

use rustc_hash::FxHashMap;

use super::EndQuality;
use super::graph::Graph;
use super::recorder::Recorder;
use crate::analyze::log::Moment;

/// A stop that tells the truth comes this long after the counter.
const SAME_MOMENT_SECS: f64 = 0.05;

/// The same without stamps: about four lines lie between them.
const SAME_MOMENT_LINES: u64 = 16;

/// True when `stop` belongs to the step of the counter at `mark`.
pub(super) fn is_same_moment(mark: Moment, stop: Moment) -> bool {
    if is_order(mark, stop) {
        return stop.line - mark.line.min(stop.line) <= SAME_MOMENT_LINES;
    }
    stop.at - mark.at <= SAME_MOMENT_SECS
}

/// True when moments are numbers of lines.
#[expect(
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "whole numbers"
)]
fn is_order(mark: Moment, stop: Moment) -> bool {
    mark.at == mark.line as f64 && stop.at == stop.line as f64
}

/// Gives the moments that are left to builds that have no end.
pub(super) fn infer(recorder: &mut Recorder, graph: &Graph) {
    // When a build has to be over: those that need it have begun.
    let mut deadlines: FxHashMap<String, f64> = FxHashMap::default();
    for build in &recorder.builds {
        for input in graph.inputs(&build.derivation) {
            let deadline = deadlines.entry(input.clone()).or_insert(f64::INFINITY);
            *deadline = deadline.min(build.start.at);
        }
    }
    while let Some(mark) = recorder.unclaimed.pop_front() {
        let mut best: Option<(usize, (bool, f64, f64))> = None;
        for (index, build) in recorder.builds.iter().enumerate() {
            if build.end.is_some() || build.start.at > mark.moment.at {
                continue;
            }
            let deadline = deadlines.get(&build.derivation).copied();
            // One that wrote something later was not over; then the first that others wait for,
            // then the one that fell silent first.
            let key = (
                build.heard.at > mark.moment.at,
                deadline.unwrap_or(f64::INFINITY),
                build.heard.at,
            );
            if best.is_none_or(|(_, least)| key < least) {
                best = Some((index, key));
            }
        }
        let Some(build) = best.and_then(|(index, _)| recorder.builds.get_mut(index)) else {
            continue;
        };
        build.end = Some(mark.moment);
        build.quality = EndQuality::Inferred;
        build.failed = mark.failed;
    }
}
