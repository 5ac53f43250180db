//! When builds ended, where Nix does not tell.
//!
//! Nix 2.29 to 2.33 keep a finished build alive for those that need it, so that its `stop` comes at
//! the end of the run. The counter of finished builds is right in every release: each step is the end
//! of one of those that run. Which one it was follows from what began afterwards: who needs a
//! build begins after it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::EndQuality;
use super::graph::Graph;
use super::recorder::Recorder;
use crate::analyze::log::Moment;

/// A stop that tells the truth comes this long after the counter.
const SAME_MOMENT_SECS: f64 = 0.05;

/// The same without stamps: about four lines lie between them.
const SAME_MOMENT_LINES: u64 = 16;

/// When a build has to be over, and when it was heard last.
type Key = (u64, u64);

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

/// Gives the moments that are left to builds that have no end, in the time of sorting them.
///
/// A build that wrote something later was not over; then the first that others wait for ended, then the
/// one that fell silent first.
pub(super) fn infer(recorder: &mut Recorder, graph: &Graph) {
    // When a build has to be over: those that need it have begun.
    let mut deadlines: FxHashMap<&str, f64> = FxHashMap::default();
    for build in &recorder.builds {
        for input in graph.inputs(&build.derivation) {
            let deadline = deadlines.entry(input).or_insert(f64::INFINITY);
            *deadline = deadline.min(build.start.at);
        }
    }
    let keys: Vec<Key> = recorder
        .builds
        .iter()
        .map(|build| {
            let deadline = deadlines.get(build.derivation.as_str()).copied();
            // Of numbers that are not negative, the bits have the same order.
            let bits = |at: f64| at.max(0.0).to_bits();
            (
                bits(deadline.unwrap_or(f64::INFINITY)),
                bits(build.heard.at),
            )
        })
        .collect();
    let mut begun = 0;
    // Candidates that have fallen silent, those that have not, and the latter by when they will have.
    let mut silent: BinaryHeap<Reverse<(Key, usize)>> = BinaryHeap::new();
    let mut loud: BinaryHeap<Reverse<(Key, usize)>> = BinaryHeap::new();
    let mut until: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    while let Some(mark) = recorder.unclaimed.pop_front() {
        let now = mark.moment.at.max(0.0).to_bits();
        while let Some(build) = recorder.builds.get(begun)
            && build.start.at <= mark.moment.at
        {
            if build.end.is_none()
                && let Some(key) = keys.get(begun)
            {
                loud.push(Reverse((*key, begun)));
                until.push(Reverse((key.1, begun)));
            }
            begun += 1;
        }
        while let Some(Reverse((heard, index))) = until.peek().copied()
            && heard <= now
        {
            until.pop();
            if let Some(key) = keys.get(index) {
                silent.push(Reverse((*key, index)));
            }
        }
        // Those that have an end by now, or lie in the other heap, are left out when they come.
        let next = |heap: &mut BinaryHeap<Reverse<(Key, usize)>>| {
            while let Some(Reverse((_, index))) = heap.pop() {
                if recorder
                    .builds
                    .get(index)
                    .is_some_and(|build| build.end.is_none())
                {
                    return Some(index);
                }
            }
            None
        };
        let best = next(&mut silent).or_else(|| next(&mut loud));
        let Some(build) = best.and_then(|index| recorder.builds.get_mut(index)) else {
            continue;
        };
        build.end = Some(mark.moment);
        build.quality = EndQuality::Inferred;
        build.failed = mark.failed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::log::read_event;
    use crate::syntax::Derivation;

    /// As `infer`, each end held against each build.
    fn by_all(recorder: &mut Recorder, graph: &Graph) {
        let builds = recorder.builds.clone();
        let deadline = |derivation: &str| {
            let needing = builds.iter().filter(|build| {
                let inputs = graph.inputs(&build.derivation);
                inputs.iter().any(|input| input == derivation)
            });
            needing
                .map(|build| build.start.at)
                .fold(f64::INFINITY, f64::min)
        };
        while let Some(mark) = recorder.unclaimed.pop_front() {
            let open = recorder
                .builds
                .iter_mut()
                .filter(|build| build.end.is_none() && build.start.at <= mark.moment.at);
            let best = open.min_by(|one, other| {
                let is_loud =
                    |build: &super::super::recorder::Begun| build.heard.at > mark.moment.at;
                is_loud(one)
                    .cmp(&is_loud(other))
                    .then(deadline(&one.derivation).total_cmp(&deadline(&other.derivation)))
                    .then(one.heard.at.total_cmp(&other.heard.at))
            });
            if let Some(build) = best {
                build.end = Some(mark.moment);
            }
        }
    }

    #[test]
    fn sorting_finds_the_same_ends() {
        // A generator of its own: the same cases in every run.
        let mut state = 7_u64;
        let mut random = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for _ in 0..300 {
            let builds = 1 + random(12);
            let mut graph = Graph::default();
            for number in 0..builds {
                let needs: Vec<String> = (0..number)
                    .filter(|_| random(3) == 0)
                    .map(|need| format!("(\"/{need}.drv\",[\"out\"])"))
                    .collect();
                let text = format!(
                    r#"Derive([("out","/o","","")],[{}],[],"s","b",[],[])"#,
                    needs.join(",")
                );
                graph.add(
                    format!("/{number}.drv"),
                    &Derivation::parse(text.as_bytes()).unwrap(),
                );
            }
            let mut lines = vec![r#"@nix {"action":"start","id":1,"type":104}"#.to_owned()];
            let (mut begun, mut done) = (0, 0);
            while done < builds {
                match random(4) {
                    0 | 1 if begun < builds => {
                        lines.push(format!(
                            r#"@nix {{"action":"start","id":{},"type":105,"fields":["/{begun}.drv",""]}}"#,
                            begun + 10
                        ));
                        begun += 1;
                    }
                    2 if begun > 0 => lines.push(format!(
                        r#"@nix {{"action":"result","id":{},"type":101,"fields":["x"]}}"#,
                        random(begun) + 10
                    )),
                    3 if done < begun => {
                        done += 1;
                        lines.push(format!(r#"@nix {{"action":"result","id":1,"type":105,"fields":[{done},0,0,0]}}"#));
                    }
                    _ => {}
                }
            }
            let heard = || {
                let mut recorder = Recorder::default();
                for (number, line) in (0_u32..).zip(&lines) {
                    let moment = Moment {
                        at: f64::from(number),
                        line: number.into(),
                    };
                    recorder.take(moment, &read_event(line.as_bytes()));
                }
                recorder
            };
            let (mut sorted, mut tried) = (heard(), heard());
            infer(&mut sorted, &graph);
            by_all(&mut tried, &graph);
            let ends = |recorder: &Recorder| -> Vec<Option<Moment>> {
                recorder.builds.iter().map(|build| build.end).collect()
            };
            assert_eq!(ends(&sorted), ends(&tried), "{lines:#?}");
        }
    }
}
