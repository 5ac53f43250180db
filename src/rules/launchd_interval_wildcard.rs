//! `nix.gc.interval` and `nix.optimise.interval` with fields left out.

use super::recurrence::{
    Period, entries_in_nix, is_launchd, joined, launchd_entries, launchd_value,
};
use super::schedule::Schedule;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence};
use crate::model::{Definition, Effective};

declare_rule! {
    /// A launchd schedule leaves out the hour or the minute, which then match every one.
    ///
    /// ## Why it matters
    ///
    /// A field that a launchd calendar entry leaves out is a wildcard, as `*` in crontab.
    /// `{ Day = 1; }` is neither daily nor once a month: it is every minute of the first day of
    /// the month, and no other day. A collection that takes longer than a minute starts again as
    /// soon as it ends, all day long. A laptop that is off on that day runs none at all.
    ///
    /// | entry | runs |
    /// | --- | --- |
    /// | `{ Day = 1; }` | every minute of the 1st of each month |
    /// | `{ Weekday = 7; }` | every minute of every Sunday |
    /// | `{ Hour = 3; }` | every minute from 03:00 to 03:59 |
    /// | `{ Minute = 0; }` | every hour: nothing is missing |
    /// | `{ Hour = 3; Minute = 15; }` | daily at 03:15 |
    /// | `{ Weekday = 7; Hour = 3; Minute = 15; }` | Sundays at 03:15 |
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     interval = { Day = 1; }; # daily
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     interval = { Hour = 3; Minute = 15; }; # daily
    ///   };
    /// }
    /// ```
    ///
    /// The fix takes what was meant from a comment beside the schedule ("daily", "weekly"), or
    /// from the other of the two schedules, and is unsafe because that is a reading, not a fact.
    /// Without either it is only shown: the entry with the missing fields added.
    ///
    /// ## When not to act
    ///
    /// Always act; nobody wants a collection every minute.
    ///
    /// ## Source
    ///
    /// `launchd.plist(5)`, StartCalendarInterval: missing keys are wildcards. In the last open
    /// source of launchd (`src/core.c`) a missing field is -1, the next run is the next minute
    /// that matches, and a run that is due while the job runs starts right after it. nix-darwin
    /// `modules/launchd/types.nix`, `modules/services/nix-gc/default.nix`. Every version of
    /// nix-darwin.
    pub LAUNCHD_INTERVAL_WILDCARD {
        id: "launchd-interval-wildcard",
        since: "0.1.0",
        applies: "nix-darwin",
        settings: &[
            "nix.gc.interval",
            "nix.gc.automatic",
            "nix.optimise.interval",
            "nix.optimise.automatic",
        ],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe, Manual),
    }
}

/// A scheduled job of nix-darwin.
struct Job {
    option: &'static str,
    other: &'static str,
    /// What turns the job on.
    switch: &'static str,
    /// nix-darwin's own time: Sunday, an hour apart.
    hour: u8,
}

const SUNDAY: u8 = 7;
const MINUTE: u8 = 15;
const JOBS: [Job; 2] = [
    Job {
        option: "nix.gc.interval",
        other: "nix.optimise.interval",
        switch: "nix.gc.automatic",
        hour: 3,
    },
    Job {
        option: "nix.optimise.interval",
        other: "nix.gc.interval",
        switch: "nix.optimise.automatic",
        hour: 4,
    },
];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !is_launchd(cx) {
        return;
    }
    for job in &JOBS {
        // A job that is off has a schedule, but never runs.
        let Some(switch) = cx.confidence_that_on(job.switch) else {
            continue;
        };
        let candidates = cx.option(job.option).candidates();
        if let Some(whole) = joined(&candidates) {
            if whole.has_wildcard() {
                check_job(cx, job, &candidates, Some(whole), switch, out);
            }
            continue;
        }
        for effective in &candidates {
            check_job(cx, job, std::slice::from_ref(effective), None, switch, out);
        }
    }
}

/// Speaks of one definition, or of several that make up `whole`.
fn check_job(
    cx: &RuleCx<'_>,
    job: &Job,
    candidates: &[Effective<'_>],
    whole: Option<Schedule>,
    switch: Confidence,
    out: &mut Sink<'_>,
) {
    let Some(effective) = candidates.first() else {
        return;
    };
    let definition = effective.definition;
    let entries = match whole {
        Some(whole) => Some(vec![whole]),
        None => launchd_entries(&effective.value.value),
    };
    let Some(entries) = entries else {
        return;
    };
    let wild: Vec<Schedule> = entries
        .iter()
        .copied()
        .filter(|entry| entry.has_wildcard())
        .collect();
    let (Some(first), Some(place)) = (wild.first(), definition.place()) else {
        return;
    };
    let comment = cx.comment_near(Some(place)).unwrap_or_default();
    let said = Period::in_words(&comment);
    let beside = other_period(cx, job);
    let meant = said.or(beside);
    let mended: Vec<Schedule> = entries
        .iter()
        .map(|entry| {
            if entry.has_wildcard() {
                complete(*entry, job, meant)
            } else {
                *entry
            }
        })
        .collect();
    // Several entries are several times; one word cannot say which of them was meant.
    let clear = entries.len() == 1 && meant.is_some();
    let source = match (said, beside) {
        (Some(period), _) => format!(", as the comment says {}", period.name()),
        (None, Some(period)) => format!(", {} like `{}`", period.name(), job.other),
        (None, None) => String::new(),
    };
    let new = launchd_value(&mended, &effective.value.value);
    let title = format!("set `{}` to `{}`", job.option, entries_in_nix(&mended));
    let confidence = if effective.unconditional {
        Confidence::Certain
    } else {
        cx.confidence(definition).min(Confidence::Likely)
    };
    let report = out
        .report(
            place,
            format!(
                "`{}` `{}` runs {}",
                job.option,
                first.in_nix(),
                first.in_words()
            ),
        )
        .confidence(confidence.min(switch))
        .why(format!(
            "launchd takes a field that is left out ({}) as every value, and starts the job again \
             as soon as it ends while the time still matches",
            first
                .missing()
                .iter()
                .map(|field| format!("`{field}`"))
                .collect::<Vec<_>>()
                .join(", ")
        ))
        .help(format!(
            "{title}{}",
            if clear { source } else { String::new() }
        ));
    if whole.is_none() && effective.is_whole() && changeable(definition) {
        report.fix(
            if clear {
                Applicability::Unsafe
            } else {
                Applicability::Manual
            },
            title,
            vec![Change::Set {
                definition: definition.id,
                value: new,
            }],
        );
    }
}

/// True when the definition holds the whole schedule, not one field of it.
fn changeable(definition: &Definition) -> bool {
    definition.option.leaf() == "interval"
}

/// How often the other job runs, when a file says so without wildcards.
fn other_period(cx: &RuleCx<'_>, job: &Job) -> Option<Period> {
    let other = cx.option(job.other).known()?;
    match launchd_entries(&other.value.value)?.as_slice() {
        [entry] => entry.period(),
        _ => None,
    }
}

/// The entry with its missing fields; with the fields of `meant` when that is known.
fn complete(entry: Schedule, job: &Job, meant: Option<Period>) -> Schedule {
    let hour = entry.hour.unwrap_or(job.hour);
    let minute = entry
        .minute
        .unwrap_or(if entry.hour.is_some() { 0 } else { MINUTE });
    let daily = Schedule {
        hour: Some(hour),
        minute: Some(minute),
        ..Schedule::default()
    };
    match meant {
        Some(Period::Hourly) => Schedule {
            minute: Some(minute),
            ..Schedule::default()
        },
        Some(Period::Daily) => daily,
        Some(Period::Weekly) => Schedule {
            weekday: entry.weekday.or(Some(SUNDAY)),
            ..daily
        },
        Some(Period::Monthly) => Schedule {
            day: entry.day.or(Some(1)),
            ..daily
        },
        None => Schedule {
            hour: Some(hour),
            minute: Some(minute),
            day: match (entry.month, entry.day, entry.weekday) {
                (Some(_), None, None) => Some(1),
                _ => entry.day,
            },
            ..entry
        },
    }
}
