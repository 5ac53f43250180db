//! Collection and optimisation of the store at the same time.

use super::recurrence::launchd_entries;
use super::schedule::Schedule;
use super::store_upkeep::turned_on;
use super::{Report, RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence, NewValue, Severity};
use crate::eval::Value;
use crate::facts::ModuleSystem;
use crate::model::{Definition, OptionPath, Setting};

declare_rule! {
    /// Garbage collection and store optimisation start at the same time.
    ///
    /// ## Why it matters
    ///
    /// Both jobs read and change the whole store. Started within a quarter of an hour they fight
    /// for the disk, and the optimisation hashes and links files that the collection is about to
    /// delete. Collected first, there is less to optimise.
    ///
    /// The modules' own defaults leave room: an hour on nix-darwin (Sundays, 03:15 and 04:15),
    /// half an hour on NixOS (daily, 03:15 and 03:45). On NixOS the optimisation also waits for a
    /// random delay of up to half an hour, so the two need not really meet; there this is only
    /// worth a word.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     interval = { Weekday = 0; Hour = 2; Minute = 0; };
    ///   };
    ///   nix.optimise = {
    ///     automatic = true;
    ///     interval = { Weekday = 0; Hour = 2; Minute = 0; };
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     interval = { Weekday = 0; Hour = 2; Minute = 0; };
    ///   };
    ///   nix.optimise = {
    ///     automatic = true;
    ///     interval = { Weekday = 0; Hour = 3; Minute = 0; };
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the store is small enough for both to end in a minute. A comment that gives a reason
    /// lowers the severity by one level.
    ///
    /// ## Source
    ///
    /// nix-darwin `modules/services/nix-gc/default.nix` and `nix-optimise/default.nix`; NixOS
    /// `nixos/modules/services/misc/nix-gc.nix` and `nix-optimise.nix`. Both jobs run as root and
    /// directly on the store.
    pub GC_OPTIMISE_SAME_TIME {
        id: "gc-optimise-same-time",
        since: "0.1.0",
        applies: "NixOS, nix-darwin",
        settings: &["nix.gc.interval", "nix.optimise.interval", "nix.gc.dates", "nix.optimise.dates"],
        category: Performance,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

/// Closer than this is the same time.
const CLOSE: u16 = 15;
/// How far apart the fix puts the two.
const APART: u16 = 60;

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let (Some(gc), Some(optimise)) = (
        turned_on(cx, "nix.gc.automatic"),
        turned_on(cx, "nix.optimise.automatic"),
    ) else {
        return;
    };
    let both_on = [gc, optimise]
        .iter()
        .map(|effective| {
            if effective.unconditional {
                Confidence::Certain
            } else {
                Confidence::Likely
            }
        })
        .min()
        .unwrap_or(Confidence::Likely);
    match cx.target().system() {
        Some(ModuleSystem::NixDarwin) => darwin(cx, both_on, out),
        Some(ModuleSystem::Nixos) => nixos(cx, both_on, out),
        _ => {}
    }
}

/// A job's schedule with the definition that gives it; `None` for the module's default.
struct Job<'a> {
    times: Vec<Schedule>,
    set: Option<&'a Definition>,
    confidence: Confidence,
}

fn job<'a>(
    cx: &RuleCx<'a>,
    path: &str,
    read: impl Fn(&Value) -> Option<Vec<Schedule>>,
    default: &str,
) -> Option<Job<'a>> {
    match cx.option(path) {
        Setting::Known(effective) => Some(Job {
            times: read(&effective.value.value)?,
            set: Some(effective.definition),
            confidence: if effective.unconditional {
                Confidence::Certain
            } else {
                Confidence::Likely
            },
        }),
        Setting::Unset { .. } if cx.option_may_be_set_elsewhere(path) => None,
        Setting::Unset { assured } => Some(Job {
            times: vec![Schedule::from_systemd(default)?],
            set: None,
            confidence: if assured {
                Confidence::Certain
            } else {
                Confidence::Possible
            },
        }),
        Setting::OneOf(_) | Setting::Unknown { .. } => None,
    }
}

/// Reports that the jobs meet, at the definition that is the easier one to move; `None` when no
/// file gives either schedule, or a comment gives the reason.
fn meeting<'a, 's>(
    cx: &RuleCx<'a>,
    (gc, optimise): (&Job<'a>, &Job<'a>),
    both_on: Confidence,
    severity: Severity,
    minutes: u16,
    out: &'s mut Sink<'_>,
) -> Option<(&'a Definition, Report<'s>)> {
    let speak_at = optimise.set.or(gc.set)?;
    let severity = cx.eased(severity, speak_at)?;
    let confidence = both_on.min(gc.confidence).min(optimise.confidence);
    let report = out
        .report(speak_at.place()?, message(minutes))
        .severity(if confidence == Confidence::Possible {
            Severity::Info
        } else {
            severity
        })
        .confidence(confidence)
        .label(
            gc.set
                .filter(|definition| definition.id != speak_at.id)
                .and_then(Definition::place),
            "the collection's schedule",
        )
        .why(WHY);
    Some((speak_at, report))
}

fn darwin(cx: &RuleCx<'_>, both_on: Confidence, out: &mut Sink<'_>) {
    let (Some(gc), Some(optimise)) = (
        job(cx, "nix.gc.interval", launchd_entries, "Sun 03:15"),
        job(cx, "nix.optimise.interval", launchd_entries, "Sun 04:15"),
    ) else {
        return;
    };
    let equal = gc.times == optimise.times;
    let near = closest(&gc.times, &optimise.times);
    if !equal && near.is_none_or(|minutes| minutes >= CLOSE) {
        return;
    }
    let Some((speak_at, report)) = meeting(
        cx,
        (&gc, &optimise),
        both_on,
        Severity::Warning,
        near.unwrap_or(0),
        out,
    ) else {
        return;
    };
    // With fields left out there is no moment to move.
    let moved = match (gc.times.as_slice(), optimise.times.as_slice()) {
        ([gc], [optimise]) if !gc.has_wildcard() && !optimise.has_wildcard() => {
            gc.moved_by(APART).map(|moved| Schedule {
                hour: moved.hour,
                minute: moved.minute,
                ..*optimise
            })
        }
        _ => None,
    };
    let Some(moved) = moved else {
        report
            .help("give each an hour and a minute, the optimisation an hour after the collection");
        return;
    };
    let title = format!("set `nix.optimise.interval` to `{}`", moved.in_nix());
    let change = change(
        optimise.set,
        speak_at,
        "nix.optimise.interval",
        moved.to_launchd(),
    );
    report
        .help(title.clone())
        .fix(Applicability::Unsafe, title, change.into_iter().collect());
}

fn nixos(cx: &RuleCx<'_>, both_on: Confidence, out: &mut Sink<'_>) {
    if !cx.option("nix.gc.randomizedDelaySec").is_unset() {
        return; // then they hardly meet
    }
    let (Some(gc), Some(optimise)) = (
        job(cx, "nix.gc.dates", dates, "03:15"),
        job(cx, "nix.optimise.dates", dates, "03:45"),
    ) else {
        return;
    };
    let Some(minutes) = closest(&gc.times, &optimise.times).filter(|minutes| *minutes < CLOSE)
    else {
        return;
    };
    let Some((speak_at, report)) =
        meeting(cx, (&gc, &optimise), both_on, Severity::Info, minutes, out)
    else {
        return;
    };
    let ([gc_time], [_]) = (gc.times.as_slice(), optimise.times.as_slice()) else {
        report.help("let the optimisation start an hour after the collection");
        return;
    };
    let Some(text) = gc_time.moved_by(APART).and_then(in_systemd) else {
        report.help("let the optimisation start an hour after the collection");
        return;
    };
    let title = format!("set `nix.optimise.dates` to `{text}`");
    let change = change(
        optimise.set,
        speak_at,
        "nix.optimise.dates",
        NewValue::List(vec![NewValue::Str(text)]),
    );
    report
        .help(title.clone())
        .fix(Applicability::Unsafe, title, change.into_iter().collect());
}

const WHY: &str = "both work through the whole store: together they wait for the disk, and files are \
                   linked that are deleted a moment later";

fn message(minutes: u16) -> String {
    if minutes == 0 {
        "garbage collection and store optimisation start at the same time".to_owned()
    } else {
        format!("garbage collection and store optimisation start {minutes} minutes apart")
    }
}

fn change(
    set: Option<&Definition>,
    near: &Definition,
    path: &str,
    value: NewValue,
) -> Option<Change> {
    match set {
        // One field of a schedule cannot take the whole of it.
        Some(definition) if definition.option.is(path) => Some(Change::Set {
            definition: definition.id,
            value,
        }),
        Some(_) => None,
        None => Some(Change::Insert {
            near: near.id,
            option: OptionPath::dotted(path),
            value,
            comment: None,
        }),
    }
}

/// The smallest distance between any two times.
fn closest(gc: &[Schedule], optimise: &[Schedule]) -> Option<u16> {
    gc.iter()
        .flat_map(|a| optimise.iter().filter_map(|b| a.minutes_apart(*b)))
        .min()
}

/// One calendar expression or a list of them; `None` when one of them cannot be read.
fn dates(value: &Value) -> Option<Vec<Schedule>> {
    match value {
        Value::Str(text) => Some(vec![Schedule::from_systemd(text)?]),
        Value::List(items) => items
            .iter()
            .map(|item| Schedule::from_systemd(item.value.as_str()?))
            .collect(),
        _ => None,
    }
}

/// As people write it: `04:15` for a daily time.
fn in_systemd(schedule: Schedule) -> Option<String> {
    let every_day = Schedule {
        hour: schedule.hour,
        minute: schedule.minute,
        ..Schedule::default()
    };
    if schedule == every_day {
        return Some(format!("{:02}:{:02}", schedule.hour?, schedule.minute?));
    }
    schedule.to_systemd()
}
