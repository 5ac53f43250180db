//! Where each moment of a run went: every moment is told once, so that the shares add up.

use serde::Serialize;

use crate::analyze::log::Moment;

/// What went on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    Hook,
    Build,
    Substitution,
    Query,
    Fetch,
    Waiting,
    Optimise,
    /// A worker was there; what it did is told by the others.
    Realise,
    /// Files were evaluated.
    Evaluation,
}

/// A time in which something went on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Span {
    pub kind: Kind,
    pub start: Moment,
    pub end: Moment,
}

impl Span {
    /// Something that is told when it happens.
    pub fn point(kind: Kind, moment: Moment) -> Self {
        Self {
            kind,
            start: moment,
            end: moment,
        }
    }
}

/// A part of the wall-clock time.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Share {
    /// `evaluation`, `fetch`, `query`, `substitution`, `build`, `build-and-substitution`, `hook`,
    /// `waiting`, `optimise`, `realise` or `other`.
    pub kind: &'static str,
    /// How long.
    pub secs: f64,
}

/// A time of the run.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Interval {
    /// What went on.
    pub kind: &'static str,
    /// Seconds from the begin of the run.
    pub start_secs: f64,
    /// Seconds from the begin of the run.
    pub end_secs: f64,
}

const KINDS: [&str; 11] = [
    "evaluation",
    "fetch",
    "query",
    "substitution",
    "build-and-substitution",
    "build",
    "hook",
    "waiting",
    "optimise",
    "realise",
    "other",
];

/// The shares of the time from 0 to `end`, in the order of [`KINDS`]; those of no time are left out.
pub(super) fn shares(spans: &[Span], end: f64) -> Vec<Share> {
    /// Number of kinds that are told by spans.
    const COUNTED: usize = Kind::Evaluation as usize + 1;
    let mut borders: Vec<(f64, usize, i64)> = Vec::with_capacity(spans.len() * 2);
    for span in spans.iter().filter(|span| span.kind != Kind::Evaluation) {
        borders.push((span.start.at.min(end), span.kind as usize, 1));
        borders.push((span.end.at.min(end), span.kind as usize, -1));
    }
    borders.sort_by(|one, other| one.0.total_cmp(&other.0));
    let evaluations = evaluations(spans, end);
    let mut secs = [0.0_f64; KINDS.len()];
    let mut add = |kind: &str, duration: f64| {
        if let Some(index) = KINDS.iter().position(|name| *name == kind)
            && let Some(total) = secs.get_mut(index)
        {
            *total += duration;
        }
    };
    let mut running = [0_i64; COUNTED];
    let mut from = 0.0;
    let last = (end, Kind::Realise as usize, 0);
    for (at, kind, step) in borders.into_iter().chain([last]) {
        if at > from {
            let is = |kind: Kind| running.get(kind as usize).is_some_and(|count| *count > 0);
            let told = match () {
                () if is(Kind::Hook) => Some("hook"),
                () if is(Kind::Build) && is(Kind::Substitution) => Some("build-and-substitution"),
                () if is(Kind::Build) => Some("build"),
                () if is(Kind::Substitution) => Some("substitution"),
                () if is(Kind::Query) => Some("query"),
                () if is(Kind::Fetch) => Some("fetch"),
                () if is(Kind::Waiting) => Some("waiting"),
                () if is(Kind::Optimise) => Some("optimise"),
                () if is(Kind::Realise) => Some("realise"),
                () => None,
            };
            match told {
                Some(kind) => add(kind, at - from),
                None => {
                    let evaluated: f64 = evaluations
                        .iter()
                        .map(|(start, end)| (end.min(at) - start.max(from)).max(0.0))
                        .sum();
                    add("evaluation", evaluated);
                    add("other", (at - from - evaluated).max(0.0));
                }
            }
            from = at;
        }
        if let Some(count) = running.get_mut(kind) {
            *count += step;
        }
    }
    KINDS
        .iter()
        .zip(secs)
        .filter(|(_, secs)| *secs > 0.0)
        .map(|(kind, secs)| Share { kind, secs })
        .collect()
}

/// When Nix evaluated: from the begin of the run, or from the end of a worker's time, to the next
/// question or worker. What follows the last worker is evaluation only as far as files are read.
fn evaluations(spans: &[Span], end: f64) -> Vec<(f64, f64)> {
    let mut starts: Vec<(f64, bool)> = Vec::new();
    for span in spans {
        match span.kind {
            Kind::Realise | Kind::Query | Kind::Build | Kind::Substitution => {
                starts.push((span.start.at, false));
            }
            Kind::Evaluation => starts.push((span.end.at, true)),
            _ => {}
        }
    }
    starts.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut workers: Vec<f64> = spans
        .iter()
        .filter(|span| span.kind == Kind::Realise)
        .map(|span| span.end.at)
        .collect();
    workers.push(0.0);
    workers.sort_by(f64::total_cmp);
    let mut out: Vec<(f64, f64)> = Vec::new();
    for from in workers {
        if out.last().is_some_and(|(_, until)| *until > from) {
            continue;
        }
        let next = starts.partition_point(|(at, _)| *at < from);
        let after = starts.get(next..).unwrap_or_default();
        let until = match after.iter().find(|(_, is_evaluation)| !is_evaluation) {
            Some((at, _)) => *at,
            // Nothing follows: an evaluation alone lasts as long as the run, as `nix eval` does.
            None if from == 0.0 && spans.iter().any(|span| span.kind == Kind::Evaluation) => end,
            None => match after.last() {
                Some((at, true)) => *at,
                _ => continue,
            },
        };
        out.push((from, until));
    }
    out
}

/// How long at least one of these times lasted.
pub(super) fn union_secs(times: &[(Moment, Moment)]) -> f64 {
    let times = times.iter().map(|(start, end)| (start.at, end.at));
    union(times.collect())
        .iter()
        .map(|(start, end)| end - start)
        .sum()
}

/// The times in which at least one of these lasted, in their order.
fn union(mut times: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    times.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut out: Vec<(f64, f64)> = Vec::new();
    for (start, end) in times {
        match out.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => out.push((start, end.max(start))),
        }
    }
    out
}

/// When what went on beside builds and substitutions, each kind without overlaps.
pub(super) fn activities(spans: &[Span], end: f64) -> Vec<Interval> {
    const TOLD: [(Kind, &str); 5] = [
        (Kind::Query, "query"),
        (Kind::Fetch, "fetch"),
        (Kind::Hook, "hook"),
        (Kind::Waiting, "waiting"),
        (Kind::Optimise, "optimise"),
    ];
    let interval = |kind: &'static str| {
        move |(start, until): (f64, f64)| Interval {
            kind,
            start_secs: start.min(end),
            end_secs: until.min(end),
        }
    };
    let mut out: Vec<Interval> = evaluations(spans, end)
        .into_iter()
        .map(interval("evaluation"))
        .collect();
    for (kind, name) in TOLD {
        let times = spans.iter().filter(|span| span.kind == kind);
        let times = times.map(|span| (span.start.at, span.end.at));
        out.extend(union(times.collect()).into_iter().map(interval(name)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(kind: Kind, start: f64, end: f64) -> Span {
        let moment = |at: f64| Moment { at, line: 0 };
        Span {
            kind,
            start: moment(start),
            end: moment(end),
        }
    }

    fn table(spans: &[Span], end: f64) -> Vec<(&'static str, f64)> {
        let shares = shares(spans, end);
        let total: f64 = shares.iter().map(|share| share.secs).sum();
        assert!((total - end).abs() < 1e-9, "{shares:?}");
        shares
            .iter()
            .map(|share| (share.kind, share.secs))
            .collect()
    }

    #[test]
    fn shares_add_up_and_the_nearer_cause_wins() {
        let spans = [
            span(Kind::Evaluation, 0.5, 1.0),
            span(Kind::Query, 2.0, 3.0),
            span(Kind::Realise, 3.0, 10.0),
            span(Kind::Build, 4.0, 8.0),
            span(Kind::Substitution, 3.5, 5.0),
            span(Kind::Hook, 8.0, 9.0),
        ];
        assert_eq!(
            table(&spans, 11.0),
            [
                ("evaluation", 2.0),
                ("query", 1.0),
                ("substitution", 0.5),
                ("build-and-substitution", 1.0),
                ("build", 3.0),
                ("hook", 1.0),
                ("realise", 1.5),
                ("other", 1.0),
            ]
        );
    }

    #[test]
    fn builds_that_evaluation_waits_for_are_no_evaluation() {
        let spans = [
            span(Kind::Realise, 1.0, 3.0),
            span(Kind::Build, 1.0, 3.0),
            span(Kind::Evaluation, 4.0, 4.0),
            span(Kind::Realise, 5.0, 6.0),
            span(Kind::Build, 5.0, 6.0),
        ];
        assert_eq!(table(&spans, 6.0), [("evaluation", 3.0), ("build", 3.0)]);
    }

    #[test]
    fn an_evaluation_alone_lasts_as_long_as_the_run() {
        let spans = [span(Kind::Evaluation, 0.1, 0.2)];
        assert_eq!(table(&spans, 2.0), [("evaluation", 2.0)]);
        assert_eq!(table(&[], 2.0), [("other", 2.0)]);
    }

    #[test]
    fn overlapping_times_count_once() {
        let moment = |at: f64| Moment { at, line: 0 };
        let times = [(0.0, 2.0), (1.0, 3.0), (5.0, 6.0), (5.5, 5.6)]
            .map(|(start, end)| (moment(start), moment(end)));
        assert_eq!(union_secs(&times), 4.0);
        let spans = [
            span(Kind::Query, 1.0, 2.0),
            span(Kind::Query, 1.5, 9.0),
            span(Kind::Hook, 3.0, 3.5),
        ];
        let found = activities(&spans, 8.0);
        let found: Vec<_> = found
            .iter()
            .map(|interval| (interval.kind, interval.start_secs, interval.end_secs))
            .collect();
        assert_eq!(
            found,
            [
                ("evaluation", 0.0, 1.0),
                ("query", 1.0, 8.0),
                ("hook", 3.0, 3.5)
            ]
        );
    }
}
