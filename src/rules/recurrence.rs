//! What a schedule means: how often it comes back, what it leaves open, how far two are apart.

use super::RuleCx;
use super::schedule::Schedule;
use crate::diagnostic::{Change, NewValue};
use crate::eval::Value;
use crate::facts::ModuleSystem;
use crate::model::Effective;

/// How often something is meant to run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Period {
    /// Once an hour.
    Hourly,
    /// Once a day.
    Daily,
    /// Once a week.
    Weekly,
    /// Once a month.
    Monthly,
}

impl Period {
    /// The adverb.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    /// The one period that a comment names; `None` when it names none, or several.
    pub fn in_words(comment: &str) -> Option<Self> {
        const WORDS: [(&str, Period); 16] = [
            ("hourly", Period::Hourly),
            ("every hour", Period::Hourly),
            ("each hour", Period::Hourly),
            ("daily", Period::Daily),
            ("nightly", Period::Daily),
            ("every day", Period::Daily),
            ("each day", Period::Daily),
            ("every night", Period::Daily),
            ("once a day", Period::Daily),
            ("weekly", Period::Weekly),
            ("every week", Period::Weekly),
            ("each week", Period::Weekly),
            ("once a week", Period::Weekly),
            ("monthly", Period::Monthly),
            ("every month", Period::Monthly),
            ("once a month", Period::Monthly),
        ];
        let lower = comment.to_lowercase();
        let mut found = None;
        for (word, period) in WORDS {
            if has_word(&lower, word) && found.replace(period).is_some_and(|old| old != period) {
                return None;
            }
        }
        found
    }
}

/// True when `phrase` stands in `text` as whole words, and no "not" goes before it.
fn has_word(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(at, _)| {
        let before = text.get(..at).unwrap_or("");
        let after = text.get(at + phrase.len()..).unwrap_or("");
        let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '-');
        let negated = before
            .split_whitespace()
            .next_back()
            .is_some_and(|word| ["not", "never", "than", "bi"].contains(&word));
        !inside(before.chars().next_back()) && !inside(after.chars().next()) && !negated
    })
}

impl Schedule {
    /// True when it leaves out a field that is smaller than one it gives, so that it matches
    /// many minutes of a span instead of one moment. Without any field it matches every minute.
    pub const fn has_wildcard(self) -> bool {
        let given_day = self.day.is_some() || self.weekday.is_some();
        if self.minute.is_none() {
            return true;
        }
        if self.hour.is_none() && (given_day || self.month.is_some()) {
            return true;
        }
        self.month.is_some() && !given_day
    }

    /// The fields that are missing below the largest one given, smallest first.
    pub fn missing(self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        let given_day = self.day.is_some() || self.weekday.is_some();
        if self.minute.is_none() {
            missing.push("Minute");
        }
        if self.hour.is_none() && (given_day || self.month.is_some()) {
            missing.push("Hour");
        }
        if self.month.is_some() && !given_day {
            missing.push("Day");
        }
        missing
    }

    /// How often an entry without wildcards runs; `None` for one with them, and for yearly ones.
    pub const fn period(self) -> Option<Period> {
        if self.has_wildcard() || self.month.is_some() {
            return None;
        }
        Some(match (self.hour, self.day, self.weekday) {
            (None, _, _) => Period::Hourly,
            (_, Some(_), _) => Period::Monthly,
            (_, None, Some(_)) => Period::Weekly,
            (_, None, None) => Period::Daily,
        })
    }

    /// When it runs, in words: "every minute of the 1st of each month".
    pub fn in_words(self) -> String {
        let span = self.span(if self.minute.is_some() && self.hour.is_some() {
            "on"
        } else {
            "of"
        });
        let hours = self
            .hour
            .map(|hour| format!("{hour:02}:00 and {hour:02}:59"));
        match (self.minute, hours) {
            (None, None) => format!("every minute of {span}"),
            (None, Some(hours)) => format!("every minute between {hours} of {span}"),
            (Some(minute), None) => format!("at minute {minute} of every hour of {span}"),
            (Some(minute), Some(_)) => {
                format!("at {:02}:{minute:02} on {span}", self.hour.unwrap_or(0))
            }
        }
    }

    /// The days, behind the preposition `joint`.
    fn span(self, joint: &str) -> String {
        let month = match self.month {
            Some(month) => month_name(month).to_owned(),
            None => "each month".to_owned(),
        };
        match (self.day, self.weekday) {
            (Some(day), Some(weekday)) => {
                format!(
                    "the {} of {month} and {joint} every {}",
                    ordinal(day),
                    weekday_name(weekday)
                )
            }
            (Some(day), None) => format!("the {} of {month}", ordinal(day)),
            (None, Some(weekday)) if self.month.is_some() => {
                format!("every {} in {month}", weekday_name(weekday))
            }
            (None, Some(weekday)) => format!("every {}", weekday_name(weekday)),
            (None, None) if self.month.is_some() => format!("every day in {month}"),
            (None, None) => "every day".to_owned(),
        }
    }

    /// As Nix text: `{ Day = 1; }`.
    pub fn in_nix(self) -> String {
        let fields: Vec<String> = self
            .fields()
            .into_iter()
            .map(|(name, value)| format!("{name} = {value};"))
            .collect();
        if fields.is_empty() {
            "{ }".to_owned()
        } else {
            format!("{{ {} }}", fields.join(" "))
        }
    }

    /// The given fields, largest first.
    pub fn fields(self) -> Vec<(&'static str, u8)> {
        [
            ("Month", self.month),
            ("Day", self.day),
            ("Weekday", self.weekday),
            ("Hour", self.hour),
            ("Minute", self.minute),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

/// The entries of a launchd schedule: one set, or a list of sets. `None` when one of them is not
/// known.
pub(super) fn launchd_entries(value: &Value) -> Option<Vec<Schedule>> {
    match value {
        Value::Attrs(_) => Some(vec![Schedule::from_launchd(value)?]),
        Value::List(items) => items
            .iter()
            .map(|item| {
                item.value
                    .as_attrs()
                    .and_then(|_| Schedule::from_launchd(&item.value))
            })
            .collect(),
        _ => None,
    }
}

/// The one schedule that several definitions of fields make up: the module system joins sets by
/// their keys. `None` when there is one definition, or one of them is no set.
pub(super) fn joined(candidates: &[Effective<'_>]) -> Option<Schedule> {
    let (first, rest) = candidates.split_first()?;
    let several = rest
        .iter()
        .any(|other| other.definition.id != first.definition.id);
    let sets: Option<Vec<Schedule>> = candidates
        .iter()
        .map(|effective| {
            effective
                .value
                .value
                .as_attrs()
                .and_then(|_| Schedule::from_launchd(&effective.value.value))
        })
        .collect();
    let sets = sets.filter(|_| several)?;
    Some(
        sets.into_iter()
            .fold(Schedule::default(), |all, set| Schedule {
                month: all.month.or(set.month),
                day: all.day.or(set.day),
                weekday: all.weekday.or(set.weekday),
                hour: all.hour.or(set.hour),
                minute: all.minute.or(set.minute),
            }),
    )
}

/// The options that hold launchd schedules.
pub(super) const LAUNCHD_OPTIONS: [&str; 2] = ["nix.gc.interval", "nix.optimise.interval"];

/// False where those options do not exist, which another rule says.
pub(super) fn is_launchd(cx: &RuleCx<'_>) -> bool {
    let system = cx.target().system();
    system.is_none_or(|system| system == ModuleSystem::NixDarwin)
}

/// A launchd schedule as a machine has it.
pub(super) struct Launchd<'a> {
    /// The definition that gives it; the first, where several give parts of it.
    pub effective: Effective<'a>,
    /// Its entries.
    pub entries: Vec<Schedule>,
    /// True when several definitions make it up, so that none can be changed alone.
    pub joined: bool,
}

/// The schedules that an option may have, as far as they are known.
pub(super) fn launchd_schedules<'a>(cx: &RuleCx<'a>, option: &str) -> Vec<Launchd<'a>> {
    let candidates = cx.option(option).candidates();
    if let (Some(whole), Some(first)) = (joined(&candidates), candidates.first()) {
        return vec![Launchd {
            effective: *first,
            entries: vec![whole],
            joined: true,
        }];
    }
    candidates
        .into_iter()
        .filter_map(|effective| {
            Some(Launchd {
                entries: launchd_entries(&effective.value.value)?,
                effective,
                joined: false,
            })
        })
        .collect()
}

impl Launchd<'_> {
    /// The change that gives the definition other entries; `None` when it does not hold the whole
    /// schedule.
    pub fn with(&self, entries: &[Schedule]) -> Option<Change> {
        let definition = self.effective.definition;
        let is_whole = !self.joined
            && self.effective.is_whole()
            && LAUNCHD_OPTIONS
                .iter()
                .any(|option| definition.option.is(option));
        is_whole.then(|| Change::Set {
            definition: definition.id,
            value: launchd_value(entries, &self.effective.value.value),
        })
    }
}

/// Entries as Nix text.
pub(super) fn entries_in_nix(entries: &[Schedule]) -> String {
    match entries {
        [only] => only.in_nix(),
        several => {
            let sets: Vec<String> = several.iter().map(|entry| entry.in_nix()).collect();
            format!("[ {} ]", sets.join(" "))
        }
    }
}

/// True when two entries are the same, which nix-darwin refuses.
pub(super) fn has_duplicates(entries: &[Schedule]) -> bool {
    let mut rest = entries;
    while let Some((first, others)) = rest.split_first() {
        if others.contains(first) {
            return true;
        }
        rest = others;
    }
    false
}

/// Entries in the shape of an old value: a set, or a list of sets.
pub(super) fn launchd_value(entries: &[Schedule], old: &Value) -> NewValue {
    match (old, entries) {
        (Value::List(_), _) | (_, [] | [_, _, ..]) => {
            NewValue::List(entries.iter().map(|entry| entry.to_launchd()).collect())
        }
        (_, [only]) => only.to_launchd(),
    }
}

pub(super) fn ordinal(day: u8) -> String {
    let ending = match (day % 10, day % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    format!("{day}{ending}")
}

fn month_name(month: u8) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    usize::from(month)
        .checked_sub(1)
        .and_then(|index| NAMES.get(index).copied())
        .unwrap_or("that month")
}

fn weekday_name(weekday: u8) -> &'static str {
    const NAMES: [&str; 8] = [
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    NAMES
        .get(usize::from(weekday))
        .copied()
        .unwrap_or("that weekday")
}

const MINUTES_OF_DAY: u16 = 24 * 60;

impl Schedule {
    /// Minutes since midnight of its one time of day; `None` when hour or minute is open.
    pub fn minutes(self) -> Option<u16> {
        Some(u16::from(self.hour?) * 60 + u16::from(self.minute?))
    }

    /// Minutes between two times of day on a day that both surely have in common; `None` when
    /// there need be no such day, or one of the times is open.
    pub fn minutes_apart(self, other: Self) -> Option<u16> {
        let weekday = |schedule: Self| schedule.weekday.map(|day| day % 7);
        let meets = |a: Option<u8>, b: Option<u8>| a.is_none() || b.is_none() || a == b;
        // A day of the month and a weekday meet only now and then.
        let crossed = (self.day.is_some() && other.weekday.is_some())
            || (self.weekday.is_some() && other.day.is_some());
        let same_day = meets(self.month, other.month)
            && meets(self.day, other.day)
            && meets(weekday(self), weekday(other));
        if crossed || !same_day {
            return None;
        }
        Some(self.minutes()?.abs_diff(other.minutes()?))
    }

    /// The same days at a time of day `minutes` later; earlier where that would be the next day.
    pub fn moved_by(self, minutes: u16) -> Option<Self> {
        let now = self.minutes()?;
        let then = match now + minutes {
            later if later < MINUTES_OF_DAY => later,
            _ => now.checked_sub(minutes)?,
        };
        Some(Self {
            hour: Some(u8::try_from(then / 60).ok()?),
            minute: Some(u8::try_from(then % 60).ok()?),
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(fields: &[(&str, u8)]) -> Schedule {
        let mut entry = Schedule::default();
        for (name, value) in fields {
            match *name {
                "Month" => entry.month = Some(*value),
                "Day" => entry.day = Some(*value),
                "Weekday" => entry.weekday = Some(*value),
                "Hour" => entry.hour = Some(*value),
                _ => entry.minute = Some(*value),
            }
        }
        entry
    }

    #[test]
    fn a_missing_smaller_field_is_a_wildcard() {
        for (fields, missing) in [
            (&[("Day", 1)][..], &["Minute", "Hour"][..]),
            (&[("Hour", 3)], &["Minute"]),
            (&[("Weekday", 7)], &["Minute", "Hour"]),
            (&[("Day", 1), ("Minute", 0)], &["Hour"]),
            (&[("Month", 1), ("Hour", 3), ("Minute", 0)], &["Day"]),
            (&[], &["Minute"]),
        ] {
            assert!(entry(fields).has_wildcard(), "{fields:?}");
            assert_eq!(entry(fields).missing(), missing);
        }
        for fields in [
            &[("Minute", 0)][..],
            &[("Hour", 3), ("Minute", 15)],
            &[("Weekday", 0), ("Hour", 3), ("Minute", 15)],
            &[("Day", 1), ("Hour", 3), ("Minute", 15)],
        ] {
            assert!(!entry(fields).has_wildcard(), "{fields:?}");
            assert!(entry(fields).missing().is_empty());
        }
    }

    #[test]
    fn spans_are_put_in_words() {
        for (fields, words) in [
            (&[("Day", 1)][..], "every minute of the 1st of each month"),
            (
                &[("Hour", 3)],
                "every minute between 03:00 and 03:59 of every day",
            ),
            (&[("Weekday", 7)], "every minute of every Sunday"),
            (&[], "every minute of every day"),
            (
                &[("Day", 22), ("Minute", 5)],
                "at minute 5 of every hour of the 22nd of each month",
            ),
        ] {
            assert_eq!(entry(fields).in_words(), words);
        }
    }

    #[test]
    fn comments_name_one_period_or_none() {
        assert_eq!(
            Period::in_words("Daily garbage collection"),
            Some(Period::Daily)
        );
        assert_eq!(Period::in_words("runs every week"), Some(Period::Weekly));
        assert_eq!(Period::in_words("weekly, not daily"), Some(Period::Weekly));
        assert_eq!(Period::in_words("daily or weekly"), None);
        assert_eq!(Period::in_words("bi-weekly"), None);
        assert_eq!(Period::in_words("keep 7 days"), None);
    }

    #[test]
    fn times_meet_only_on_common_days() {
        let at = |text: &str| Schedule::from_systemd(text).unwrap();
        assert_eq!(at("03:15").minutes_apart(at("Sun 03:20")), Some(5));
        assert_eq!(at("Sun 03:15").minutes_apart(at("Mon 03:15")), None);
        assert_eq!(at("weekly").minutes_apart(at("monthly")), None);
        assert_eq!(at("hourly").minutes_apart(at("03:00")), None);
        let zero = entry(&[("Weekday", 0), ("Hour", 3), ("Minute", 15)]);
        assert_eq!(at("Sun 03:15").minutes_apart(zero), Some(0));
        assert_eq!(at("23:30").moved_by(60).unwrap().hour, Some(22));
        assert_eq!(at("03:15").moved_by(60).unwrap().hour, Some(4));
    }
}
