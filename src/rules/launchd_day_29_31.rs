//! A launchd schedule for a day that not every month has.

use super::recurrence::{
    LAUNCHD_OPTIONS, Launchd, has_duplicates, is_launchd, launchd_schedules, ordinal,
};
use super::schedule::Schedule;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};

declare_rule! {
    /// A launchd schedule names a day that some months do not have.
    ///
    /// ## Why it matters
    ///
    /// What launchd does with `Day = 31` in a month of 30 days is not documented. Its last open
    /// source counts on into the next month, so that the job of April 31st runs on May 1st;
    /// crontab, whose semantics the manual refers to, skips such a month. Day 28 is the last one that
    /// every month has.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     interval = { Day = 31; Hour = 3; Minute = 15; };
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     interval = { Day = 28; Hour = 3; Minute = 15; };
    ///   };
    /// }
    /// ```
    ///
    /// The fix takes the 28th. It is unsafe, because the job moves to another day.
    ///
    /// ## When not to act
    ///
    /// When it does not matter whether the job runs in short months.
    ///
    /// ## Source
    ///
    /// `launchd.plist(5)`, StartCalendarInterval; launchd's last open source, `src/core.c`.
    /// nix-darwin accepts 1 to 31 (`modules/launchd/types.nix`). Every version of nix-darwin.
    pub LAUNCHD_DAY_29_31 {
        id: "launchd-day-29-31",
        since: "0.1.0",
        applies: "nix-darwin",
        settings: &["nix.gc.interval", "nix.optimise.interval"],
        category: Reliability,
        severity: Info,
        fixes: Sometimes(Unsafe),
    }
}

/// The last day that every month has.
const LAST: u8 = 28;

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !is_launchd(cx) {
        return;
    }
    for option in LAUNCHD_OPTIONS {
        for schedule in launchd_schedules(cx, option) {
            report(cx, option, &schedule, out);
        }
    }
}

fn report(cx: &RuleCx<'_>, option: &str, schedule: &Launchd<'_>, out: &mut Sink<'_>) {
    let late = schedule.entries.iter().find(|entry| is_missing(**entry));
    let (Some(entry), Some(place)) = (late, schedule.effective.definition.place()) else {
        return;
    };
    let day = entry.day.unwrap_or(0);
    let mended: Vec<Schedule> = schedule
        .entries
        .iter()
        .map(|entry| Schedule {
            day: if is_missing(*entry) {
                Some(LAST)
            } else {
                entry.day
            },
            ..*entry
        })
        .collect();
    let title = format!("set `Day` to {LAST}");
    // Entries that become one are refused as duplicates.
    let changes = schedule.with(&mended).filter(|_| !has_duplicates(&mended));
    out.report(
        place,
        format!(
            "`{option}` names day {day}, which {}",
            match (entry.month, day) {
                (None, _) => "not every month has",
                (Some(_), 29) => "only leap years have",
                (Some(_), _) => "that month does not have",
            }
        ),
    )
    .severity(Severity::Info)
    .confidence(cx.confidence_in(&schedule.effective))
    .why(format!(
        "what launchd does in a month without a {} is not documented: it may skip the month or run \
         in the next one",
        ordinal(day)
    ))
    .help(format!("take a day up to {LAST}"))
    .fix(Applicability::Unsafe, title, changes.into_iter().collect());
}

/// True when the day does not come in every month, or not in every year in the month given.
const fn is_missing(entry: Schedule) -> bool {
    match (entry.day, entry.month) {
        (Some(day), None | Some(2)) => day > LAST,
        (Some(day), Some(4 | 6 | 9 | 11)) => day > 30,
        _ => false,
    }
}
