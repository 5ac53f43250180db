//! A launchd schedule with a day of the month and a weekday.

use super::recurrence::{LAUNCHD_OPTIONS, is_launchd, launchd_schedules};
use super::{RuleCx, Sink, declare_rule};

declare_rule! {
    /// A launchd schedule gives both a day of the month and a weekday, which are joined by "or".
    ///
    /// ## Why it matters
    ///
    /// `{ Day = 1; Weekday = 7; … }` reads like "on the first, if it is a Sunday". launchd takes
    /// the two as alternatives, as crontab does: the job runs on every first of a month and on
    /// every Sunday as well. In systemd's calendar events the same two are joined by "and".
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     interval = { Day = 1; Weekday = 7; Hour = 3; Minute = 15; };
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     interval = { Weekday = 7; Hour = 3; Minute = 15; };
    ///   };
    /// }
    /// ```
    ///
    /// There is no fix: which of the two was meant, only the author knows.
    ///
    /// ## When not to act
    ///
    /// When both kinds of days are meant. Two entries in a list say that more clearly.
    ///
    /// ## Source
    ///
    /// `launchd.plist(5)`, StartCalendarInterval: the semantics are those of `crontab(5)`, where
    /// a command runs when either of the two day fields matches. The last open source of launchd
    /// (`src/core.c`) takes whichever comes first. Every version of nix-darwin.
    pub LAUNCHD_DAY_AND_WEEKDAY {
        id: "launchd-day-and-weekday",
        since: "0.1.0",
        applies: "nix-darwin",
        settings: &["nix.gc.interval", "nix.optimise.interval"],
        category: Correctness,
        severity: Warning,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !is_launchd(cx) {
        return;
    }
    for option in LAUNCHD_OPTIONS {
        for schedule in launchd_schedules(cx, option) {
            let both = schedule
                .entries
                .iter()
                .find(|entry| entry.day.is_some() && entry.weekday.is_some());
            let (Some(entry), Some(place)) = (both, schedule.effective.definition.place()) else {
                continue;
            };
            out.report(
                place,
                format!("`{option}` `{}` runs {}", entry.in_nix(), entry.in_words()),
            )
            .confidence(cx.confidence_in(&schedule.effective))
            .why(
                "launchd joins `Day` and `Weekday` by \"or\": the job runs on each of the two, not \
                 only where they meet",
            )
            .help("keep one of the two, or write two entries if both are meant");
        }
    }
}
