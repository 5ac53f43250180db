//! Schedules that systemd, or home-manager on macOS, cannot read.

use super::calendar::Event;
use super::recurrence::Period;
use super::schedule::Schedule;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence, NewValue, Severity};
use crate::eval::{Traced, Value};
use crate::facts::{ModuleSystem, Os};
use crate::model::Effective;

declare_rule! {
    /// A schedule cannot be read, so that its job never runs.
    ///
    /// ## Why it matters
    ///
    /// On Linux the value goes into a timer as it is. An event that systemd cannot read is
    /// ignored with a line in the journal, and a timer without events is refused: nothing is ever
    /// collected or optimised, and `nixos-rebuild switch` ends with a failed unit. Common are
    /// lines of crontab (`0 3 * * *`), words that do not exist (`bi-weekly`, `every day`), a word
    /// and a time together (`daily 03:00`), and a repetition of everything (`*/6:00`), which is
    /// written `0/6:00`.
    ///
    /// On macOS home-manager takes exactly one of the words hourly, daily, weekly, monthly,
    /// semiannually, annually, and refuses everything else when it evaluates.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     dates = "0 3 * * *";
    ///     options = "--delete-older-than 30d";
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     dates = "*-*-* 03:00:00";
    ///     options = "--delete-older-than 30d";
    ///   };
    /// }
    /// ```
    ///
    /// The fix writes what was meant where that can be read off. It is unsafe, because it is a
    /// reading. An event that names a time zone is not judged: which zones exist, only the machine
    /// knows.
    ///
    /// ## When not to act
    ///
    /// Always act; `systemd-analyze calendar` says when an event runs.
    ///
    /// ## Source
    ///
    /// systemd.time(7), and `systemd-analyze calendar` of systemd 252. home-manager
    /// `modules/lib/darwin.nix` (`assertInterval`) and `modules/services/nix-gc.nix`. NixOS does
    /// not check the value (`nixos/modules/services/misc/nix-gc.nix`).
    pub CALENDAR_EXPRESSION_INVALID {
        id: "calendar-expression-invalid",
        since: "0.1.0",
        applies: "NixOS, home-manager",
        settings: &["nix.gc.dates", "nix.optimise.dates", "programs.nh.clean.dates"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Unsafe),
    }
}

/// A scheduled job.
struct Job {
    dates: &'static str,
    switch: &'static str,
    system: Option<ModuleSystem>,
}

const JOBS: [Job; 4] = [
    Job {
        dates: "nix.gc.dates",
        switch: "nix.gc.automatic",
        system: None,
    },
    Job {
        dates: "nix.gc.frequency",
        switch: "nix.gc.automatic",
        system: Some(ModuleSystem::HomeManager),
    },
    Job {
        dates: "nix.optimise.dates",
        switch: "nix.optimise.automatic",
        system: Some(ModuleSystem::Nixos),
    },
    Job {
        dates: "programs.nh.clean.dates",
        switch: "programs.nh.clean.enable",
        system: None,
    },
];

/// Who reads a schedule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reader {
    /// systemd.
    Systemd,
    /// home-manager, for launchd.
    Words,
    /// One of the two.
    Either,
}

/// The words that home-manager knows on macOS.
const WORDS: [&str; 6] = [
    "hourly",
    "daily",
    "weekly",
    "monthly",
    "semiannually",
    "annually",
];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let system = cx.target().system();
    let reader = match (system, cx.os()) {
        (Some(ModuleSystem::Nixos), _) | (Some(ModuleSystem::HomeManager), Some(Os::Linux)) => {
            Reader::Systemd
        }
        (Some(ModuleSystem::HomeManager), Some(Os::Darwin)) => Reader::Words,
        (Some(ModuleSystem::HomeManager), None) => Reader::Either,
        _ => return,
    };
    for job in &JOBS {
        if job.system.is_some() && job.system != system {
            continue;
        }
        // Off, the schedule is of no use.
        let Some(switch) = cx.confidence_that_on(job.switch) else {
            continue;
        };
        for effective in cx.option(job.dates).candidates() {
            report(cx, job, reader, switch, &effective, out);
        }
    }
}

fn report(
    cx: &RuleCx<'_>,
    job: &Job,
    reader: Reader,
    switch: Confidence,
    effective: &Effective<'_>,
    out: &mut Sink<'_>,
) {
    let definition = effective.definition;
    let items: Vec<&Traced> = match &effective.value.value {
        Value::List(items) => items.iter().collect(),
        _ => vec![effective.value],
    };
    let wrong = |item: &Traced| {
        item.value
            .as_str()
            .is_some_and(|text| !is_read(reader, text))
    };
    let faults: Vec<&Traced> = items.iter().copied().filter(|item| wrong(item)).collect();
    let all_wrong = faults.len() == items.len();
    for item in faults {
        let (Some(text), Some(place)) = (item.value.as_str(), item.site.or(definition.place()))
        else {
            continue;
        };
        let (who, why) = match reader {
            Reader::Systemd if all_wrong => (
                "systemd",
                "the timer ignores it, and a timer without an event is refused: the job never runs",
            ),
            Reader::Systemd => (
                "systemd",
                "the timer ignores it and runs at the other times only",
            ),
            Reader::Words => (
                "home-manager",
                "on macOS home-manager takes one of its own words only, and refuses everything \
                 else when it evaluates",
            ),
            Reader::Either => (
                "home-manager",
                "systemd ignores it, so that the job never runs, and on macOS home-manager refuses it",
            ),
        };
        let report = out
            .report(place, format!("{who} cannot read `{}` `{text}`", job.dates))
            .severity(if all_wrong || reader != Reader::Systemd {
                Severity::Error
            } else {
                Severity::Warning
            })
            .confidence(switch.min(cx.confidence_in(effective)))
            .why(why);
        let report = match reader {
            Reader::Systemd => report,
            Reader::Words => report.applies("home-manager on macOS"),
            Reader::Either => report.applies("home-manager"),
        };
        let Some(instead) = meant(reader, text) else {
            report.help(match reader {
                Reader::Systemd => {
                    "write a calendar event such as `daily`, `03:15` or `Sun *-*-* 03:15:00`"
                        .to_owned()
                }
                _ => format!("write one of {}", WORDS.join(", ")),
            });
            continue;
        };
        let title = format!("write `{instead}`");
        let report = report.help(title.clone());
        let change = match (&effective.value.value, item.site) {
            (Value::List(_), Some(site)) => Some(Change::ListReplace {
                definition: definition.id,
                item: site,
                with: instead,
            }),
            (Value::List(_), None) => None,
            _ => Some(Change::Set {
                definition: definition.id,
                value: NewValue::Str(instead),
            }),
        };
        if effective.is_whole() {
            report.fix(Applicability::Unsafe, title, change.into_iter().collect());
        }
    }
}

/// False when it surely is not.
fn is_read(reader: Reader, text: &str) -> bool {
    let by_systemd = Event::read(text) != Event::Unreadable;
    match reader {
        Reader::Systemd | Reader::Either => by_systemd,
        Reader::Words => WORDS.contains(&text),
    }
}

/// What the text surely was meant to be.
fn meant(reader: Reader, text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    if reader == Reader::Words {
        if let Some(word) = WORDS.iter().find(|word| **word == lower) {
            return Some((*word).to_owned());
        }
        if lower == "yearly" {
            return Some("annually".to_owned());
        }
    }
    let event = if reader == Reader::Words {
        Schedule::from_systemd(text)
            .and_then(Schedule::period)
            .map(|period| period.name().to_owned())
    } else {
        word_and_time(&lower)
            .or_else(|| without_spaces(text))
            .or_else(|| repeated(text))
            .or_else(|| of_crontab(text))
    };
    event
        .or_else(|| {
            // Words alone: with a number in it, it says more.
            let plain = !lower.contains(|c: char| c.is_ascii_digit());
            let period = Period::in_words(&lower).filter(|_| plain)?;
            Some(period.name().to_owned())
        })
        .filter(|event| is_read(reader, event))
}

/// `daily 03:00`, `weekly 03:00`.
fn word_and_time(text: &str) -> Option<String> {
    let (word, time) = text.split_once(' ')?;
    let is_time = time.contains(':') && !time.contains(' ');
    let days = match word {
        "daily" => "*-*-*",
        "weekly" => "Mon *-*-*",
        "monthly" => "*-*-01",
        _ => return None,
    };
    is_time.then(|| format!("{days} {time}"))
}

/// `Mon, Tue 03:00`, `Mon .. Fri 03:00`.
fn without_spaces(text: &str) -> Option<String> {
    let joined = text
        .replace(", ", ",")
        .replace(" .. ", "..")
        .replace(" - ", "..");
    (joined != text).then_some(joined)
}

/// `*/6:00`, `*-*-* *:*/15:00`: repetitions of everything.
fn repeated(text: &str) -> Option<String> {
    let (date, time) = match text.rsplit_once(' ') {
        Some((date, time)) => (Some(date), time),
        None => (None, text),
    };
    if !time.contains("*/") || date.is_some_and(|date| date.contains("*/")) {
        return None;
    }
    let time = time.replace("*/", "0/");
    Some(match date {
        Some(date) => format!("{date} {time}"),
        None => time,
    })
}

/// The five fields of a line of crontab, where each is a number, `*`, or a repetition.
fn of_crontab(text: &str) -> Option<String> {
    const DAYS: [&str; 8] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        return None;
    };
    let number = |field: &str| field.parse::<u8>().ok();
    let time = |field: &str| match field.strip_prefix("*/") {
        Some(step) => Some(format!("0/{}", number(step)?)),
        None if field == "*" => Some("*".to_owned()),
        None => Some(format!("{:02}", number(field)?)),
    };
    let date = |field: &str| match field {
        "*" => Some("*".to_owned()),
        field => Some(format!("{:02}", number(field)?)),
    };
    let days = match *weekday {
        "*" => String::new(),
        // crontab joins the two kinds of days by "or", which one event cannot say.
        _ if *day != "*" => return None,
        field => format!("{} ", DAYS.get(usize::from(number(field)?))?),
    };
    Some(format!(
        "{days}*-{}-{} {}:{}:00",
        date(month)?,
        date(day)?,
        time(hour)?,
        time(minute)?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_read_off() {
        for (text, event) in [
            ("0 3 * * *", Some("*-*-* 03:00:00")),
            ("*/30 */2 * * 0", Some("Sun *-*-* 0/2:0/30:00")),
            ("0 3 1 * 0", None),
            ("0 25 * * *", None),
            ("every day", Some("daily")),
            ("bi-weekly", None),
            ("daily 03:00", Some("*-*-* 03:00")),
            ("Weekly 3:15", Some("Mon *-*-* 3:15")),
            ("Mon, Fri 03:00", Some("Mon,Fri 03:00")),
            ("*/6:00", Some("0/6:00")),
            ("*-*-* */6:00:00", Some("*-*-* 0/6:00:00")),
            ("25:00", None),
        ] {
            assert_eq!(meant(Reader::Systemd, text).as_deref(), event, "{text}");
        }
        for (text, word) in [
            ("Daily", Some("daily")),
            ("Sun 03:15", Some("weekly")),
            ("03:15", Some("daily")),
            ("yearly", Some("annually")),
            ("quarterly", None),
        ] {
            assert_eq!(meant(Reader::Words, text).as_deref(), word, "{text}");
        }
    }
}
