//! `nix.gc.interval` and `nix.optimise.interval` that nix-darwin refuses.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::recurrence::{
    LAUNCHD_OPTIONS, entries_in_nix, has_duplicates, is_launchd, launchd_entries, launchd_value,
};
use super::schedule::Schedule;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change};
use crate::eval::{Traced, Value};
use crate::model::Effective;

declare_rule! {
    /// A launchd schedule has a field or a value that does not exist.
    ///
    /// ## Why it matters
    ///
    /// A schedule of nix-darwin is a set, or a list of different sets, with the fields `Minute`
    /// (0 to 59), `Hour` (0 to 23), `Day` (1 to 31), `Weekday` (0 to 7) and `Month` (1 to 12),
    /// spelled exactly so. Anything else, such as `hour`, `Hours`, `Hour = 24` or the word
    /// `"daily"` of systemd, is an evaluation error: the whole configuration cannot be built.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     interval = { hour = 3; minute = 15; };
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     interval = { Hour = 3; Minute = 15; };
    ///   };
    /// }
    /// ```
    ///
    /// A field that is only spelled differently gets its name, a number written as text becomes a
    /// number, and a word or calendar event of systemd becomes the fields that say the same. These
    /// fixes are unsafe, because they read what was meant. A value out of range is left to its
    /// author.
    ///
    /// ## When not to act
    ///
    /// Always act, unless nix-darwin is older than June 2024: until then it checked nothing, and
    /// launchd ignored what it did not know.
    ///
    /// ## Source
    ///
    /// nix-darwin `modules/launchd/types.nix` (`StartCalendarInterval`), since 2024-06-15
    /// (nix-darwin#716).
    pub LAUNCHD_INTERVAL_INVALID {
        id: "launchd-interval-invalid",
        since: "0.1.0",
        applies: "nix-darwin since June 2024",
        settings: &["nix.gc.interval", "nix.optimise.interval"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Unsafe),
    }
}

/// The fields with their bounds.
const FIELDS: [(&str, i64, i64); 5] = [
    ("Minute", 0, 59),
    ("Hour", 0, 23),
    ("Day", 1, 31),
    ("Weekday", 0, 7),
    ("Month", 1, 12),
];

/// What is wrong with a schedule, with the value that was meant, if that is clear.
struct Fault {
    message: String,
    help: String,
    mended: Option<Vec<Schedule>>,
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !is_launchd(cx) {
        return;
    }
    for option in LAUNCHD_OPTIONS {
        for effective in cx.option(option).candidates() {
            // One field alone is a definition of another path.
            if !effective.definition.option.is(option) {
                continue;
            }
            if let Some(fault) = fault(option, &effective.value.value) {
                report(cx, &effective, fault, out);
            }
        }
    }
}

fn report(cx: &RuleCx<'_>, effective: &Effective<'_>, fault: Fault, out: &mut Sink<'_>) {
    let definition = effective.definition;
    let Some(place) = definition.place() else {
        return;
    };
    let changes = fault
        .mended
        .as_ref()
        .filter(|entries| effective.is_whole() && !has_duplicates(entries))
        .map(|entries| Change::Set {
            definition: definition.id,
            value: launchd_value(entries, &effective.value.value),
        });
    let title = fault.mended.as_ref().map_or_else(String::new, |entries| {
        format!("write `{}`", entries_in_nix(entries))
    });
    out.report(place, fault.message)
        .confidence(cx.confidence_in(effective))
        .why("nix-darwin refuses the value, so that the configuration does not evaluate")
        .help(fault.help)
        .fix(Applicability::Unsafe, title, changes.into_iter().collect());
}

/// What is wrong with the value; `None` when nothing is, or it is not known.
fn fault(option: &str, value: &Value) -> Option<Fault> {
    let sets: Vec<&BTreeMap<Arc<str>, Traced>> = match value {
        Value::Attrs(attrs) => vec![attrs],
        Value::List(items) if items.is_empty() => {
            return Some(Fault {
                message: format!("`{option}` is an empty list"),
                help: "give at least one entry, such as `{ Hour = 3; Minute = 15; }`".to_owned(),
                mended: None,
            });
        }
        Value::List(items) => items
            .iter()
            .filter_map(|item| item.value.as_attrs())
            .collect(),
        Value::Str(text) => return Some(of_text(option, text)),
        Value::Int(_) | Value::Bool(_) | Value::Float(_) => {
            return Some(Fault {
                message: format!("`{option}` is no set of fields"),
                help: "write the time as fields: `{ Hour = 3; Minute = 15; }`".to_owned(),
                mended: None,
            });
        }
        _ => return None,
    };
    let faults: Vec<(String, String)> = sets.iter().flat_map(|attrs| of_entry(attrs)).collect();
    if let Some((what, help)) = faults.first() {
        let known = match value {
            Value::List(items) => items.len() == sets.len(),
            _ => true,
        };
        let mended: Option<Vec<Schedule>> = sets.iter().map(|attrs| mended(attrs)).collect();
        return Some(Fault {
            message: format!("`{option}` has {what}"),
            help: help.clone(),
            mended: mended.filter(|_| known),
        });
    }
    let entries = launchd_entries(value)?;
    has_duplicates(&entries).then(|| Fault {
        message: format!("`{option}` holds the same entry twice"),
        help: "take one of them out".to_owned(),
        mended: None,
    })
}

fn of_text(option: &str, text: &str) -> Fault {
    let mended = Schedule::from_systemd(&text.to_ascii_lowercase());
    Fault {
        message: format!("`{option}` is a text, `{text}`, and no set of fields"),
        help: mended.map_or_else(
            || "write the time as fields: `{ Hour = 3; Minute = 15; }`".to_owned(),
            |entry| format!("write `{}`", entry.in_nix()),
        ),
        mended: mended.map(|entry| vec![entry]),
    }
}

/// What is wrong with each field of an entry, and what to do about it.
fn of_entry(attrs: &BTreeMap<Arc<str>, Traced>) -> Vec<(String, String)> {
    // Made by `mkIf` and its like.
    if attrs.contains_key("_type") {
        return Vec::new();
    }
    let names = FIELDS.map(|(name, ..)| format!("`{name}`")).join(", ");
    attrs
        .iter()
        .filter_map(|(key, traced)| {
            let Some((name, least, most)) = FIELDS.iter().find(|(name, ..)| *name == &**key) else {
                let help = nearest(key).map_or_else(
                    || format!("the fields are {names}"),
                    |name| format!("write `{name}`"),
                );
                return Some((format!("no field `{key}`"), help));
            };
            let (shown, wrong) = match &traced.value {
                Value::Int(number) if !(*least..=*most).contains(number) => {
                    (number.to_string(), "is out of range")
                }
                Value::Str(text) => (format!("\"{text}\""), "is no number"),
                Value::Bool(value) => (value.to_string(), "is no number"),
                Value::Float(value) => (value.to_string(), "is no whole number"),
                _ => return None,
            };
            let help = match number(traced).filter(|number| (*least..=*most).contains(number)) {
                Some(number) => format!("write the number: `{name} = {number};`"),
                None => format!("`{name}` takes {least} to {most}"),
            };
            Some((format!("`{name}` `{shown}`, which {wrong}"), help))
        })
        .collect()
}

/// The field that a name was surely meant to be.
fn nearest(key: &str) -> Option<&'static str> {
    let plain = key.to_ascii_lowercase().replace(['-', '_'], "");
    let singular = plain.strip_suffix('s').unwrap_or(&plain);
    let singular = match singular {
        "min" => "minute",
        "dayofweek" => "weekday",
        "dayofmonth" => "day",
        other => other,
    };
    FIELDS
        .iter()
        .map(|(name, ..)| *name)
        .find(|name| name.to_ascii_lowercase() == singular)
}

fn number(traced: &Traced) -> Option<i64> {
    match &traced.value {
        Value::Int(number) => Some(*number),
        Value::Str(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The entry with the names and numbers that were meant; `None` when that is not clear.
fn mended(attrs: &BTreeMap<Arc<str>, Traced>) -> Option<Schedule> {
    let mut out = Schedule::default();
    for (key, traced) in attrs {
        let name = nearest(key)?;
        let (_, least, most) = FIELDS.iter().find(|(field, ..)| *field == name)?;
        let number = match &traced.value {
            Value::Null => continue,
            _ => number(traced).filter(|number| (*least..=*most).contains(number))?,
        };
        let slot = match name {
            "Minute" => &mut out.minute,
            "Hour" => &mut out.hour,
            "Day" => &mut out.day,
            "Weekday" => &mut out.weekday,
            _ => &mut out.month,
        };
        if slot.replace(u8::try_from(number).ok()?).is_some() {
            return None; // two spellings of one field
        }
    }
    Some(out)
}
