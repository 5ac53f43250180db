//! Schedules in the spellings of systemd and launchd, and the way from one to the other.

use crate::diagnostic::NewValue;
use crate::eval::Value;

/// A point in time that comes back. `None` is a wildcard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Schedule {
    /// 1 to 12.
    pub month: Option<u8>,
    /// Day of the month, 1 to 31.
    pub day: Option<u8>,
    /// 0 and 7 are Sunday.
    pub weekday: Option<u8>,
    /// 0 to 23.
    pub hour: Option<u8>,
    /// 0 to 59.
    pub minute: Option<u8>,
}

const WEEKDAYS: [&str; 8] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl Schedule {
    /// Reads the common forms of a systemd calendar event (systemd.time(7)): the words, `03:15`,
    /// `Sun 03:15`, `*-*-* 03:15:00`, `Mon *-*-01 03:15`. `None` for every other form, which may
    /// be valid all the same.
    pub fn from_systemd(text: &str) -> Option<Self> {
        let midnight = Self {
            hour: Some(0),
            minute: Some(0),
            ..Self::default()
        };
        match text.trim() {
            "hourly" => {
                return Some(Self {
                    hour: None,
                    ..midnight
                });
            }
            "daily" => return Some(midnight),
            "weekly" => {
                return Some(Self {
                    weekday: Some(1),
                    ..midnight
                });
            }
            "monthly" => {
                return Some(Self {
                    day: Some(1),
                    ..midnight
                });
            }
            "yearly" | "annually" => {
                return Some(Self {
                    month: Some(1),
                    day: Some(1),
                    ..midnight
                });
            }
            _ => {}
        }
        let mut out = midnight;
        let mut parts = text.split_whitespace().peekable();
        if let Some(day) = parts.peek().and_then(|part| weekday(part)) {
            out.weekday = Some(day);
            parts.next();
        }
        if let Some(date) = parts.peek().filter(|part| part.contains('-')) {
            let mut fields = date.split('-');
            if fields.next()? != "*" {
                return None;
            }
            out.month = field(fields.next()?, 1, 12)?;
            out.day = field(fields.next()?, 1, 31)?;
            if fields.next().is_some() {
                return None;
            }
            parts.next();
        }
        if let Some(time) = parts.next() {
            let mut fields = time.split(':');
            out.hour = field(fields.next()?, 0, 23)?;
            out.minute = field(fields.next()?, 0, 59)?;
            if !matches!(fields.next(), None | Some("0" | "00")) || fields.next().is_some() {
                return None;
            }
        } else if out.weekday.is_none() && out.day.is_none() {
            return None;
        }
        (parts.next().is_none() && !text.trim().is_empty()).then_some(out)
    }

    /// Reads one launchd calendar entry; `None` when it is not fully known or holds other keys.
    pub fn from_launchd(value: &Value) -> Option<Self> {
        let attrs = match value {
            Value::Attrs(attrs) => attrs,
            Value::List(entries) => match entries.as_slice() {
                [only] => only.value.as_attrs()?,
                _ => return None,
            },
            _ => return None,
        };
        let mut out = Self::default();
        for (key, entry) in attrs {
            let number = match &entry.value {
                Value::Null => None,
                Value::Int(number) => Some(u8::try_from(*number).ok()?),
                _ => return None,
            };
            match &**key {
                "Month" => out.month = number,
                "Day" => out.day = number,
                "Weekday" => out.weekday = number,
                "Hour" => out.hour = number,
                "Minute" => out.minute = number,
                _ => return None,
            }
        }
        Some(out)
    }

    /// As a launchd calendar entry, in the order in which people write it.
    pub fn to_launchd(self) -> NewValue {
        let fields = [
            ("Month", self.month),
            ("Day", self.day),
            ("Weekday", self.weekday),
            ("Hour", self.hour),
            ("Minute", self.minute),
        ];
        NewValue::Attrs(
            fields
                .into_iter()
                .filter_map(|(name, value)| {
                    Some((name.to_owned(), NewValue::Int(i64::from(value?))))
                })
                .collect(),
        )
    }

    /// As a systemd calendar event; `None` for a wildcard minute, or for a day of the month and a
    /// weekday together, which launchd joins by *or* and systemd by *and*.
    pub fn to_systemd(self) -> Option<String> {
        let minute = self.minute?;
        if self.weekday.is_some() && (self.day.is_some() || self.month.is_some()) {
            return None;
        }
        let any = |value: Option<u8>| value.map_or("*".to_owned(), |v| format!("{v:02}"));
        let date = format!("*-{}-{}", any(self.month), any(self.day));
        let time = format!("{}:{minute:02}:00", any(self.hour));
        Some(match self.weekday {
            Some(day) => format!("{} {date} {time}", WEEKDAYS.get(usize::from(day))?),
            None => format!("{date} {time}"),
        })
    }
}

/// The number of a weekday's English name, as systemd reads it.
fn weekday(text: &str) -> Option<u8> {
    let text = text.trim_end_matches(',').to_ascii_lowercase();
    let full = [
        "sunday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
    ];
    let index = full
        .iter()
        .position(|name| *name == text || name.get(..3) == Some(text.as_str()))?;
    // launchd knows Sunday as 0 and as 7; nix-darwin's own default says 7.
    u8::try_from(if index == 0 { 7 } else { index }).ok()
}

/// `*` or a number in range.
#[expect(
    clippy::option_option,
    reason = "the outer one is failure, the inner one the wildcard"
)]
fn field(text: &str, min: u8, max: u8) -> Option<Option<u8>> {
    if text == "*" {
        return Some(None);
    }
    let number = text.parse::<u8>().ok()?;
    (min..=max).contains(&number).then_some(Some(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendar_events_become_entries_without_wildcards() {
        let weekly = Schedule::from_systemd("weekly").unwrap();
        assert_eq!(
            (weekly.weekday, weekly.hour, weekly.minute),
            (Some(1), Some(0), Some(0))
        );
        let sunday = Schedule::from_systemd("Sun *-*-* 03:15:00").unwrap();
        assert_eq!(
            (sunday.weekday, sunday.hour, sunday.minute),
            (Some(7), Some(3), Some(15))
        );
        assert_eq!(Schedule::from_systemd("03:15").unwrap().hour, Some(3));
        assert_eq!(Schedule::from_systemd("Mon").unwrap().minute, Some(0));
        for other in [
            "",
            "Mon..Fri 03:15",
            "*:0/15",
            "2026-*-* 03:00",
            "03:15:30",
            "25:00",
        ] {
            assert_eq!(Schedule::from_systemd(other), None, "{other}");
        }
    }

    #[test]
    fn both_spellings_say_the_same() {
        for text in [
            "Sun *-*-* 03:15:00",
            "*-*-* 04:00:00",
            "*-*-01 00:30:00",
            "*-*-* *:00:00",
        ] {
            assert_eq!(
                Schedule::from_systemd(text).unwrap().to_systemd().unwrap(),
                text
            );
        }
        let wildcard = Schedule {
            day: Some(1),
            ..Schedule::default()
        };
        assert_eq!(wildcard.to_systemd(), None);
    }
}
