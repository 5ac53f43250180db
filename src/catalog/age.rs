//! How old data is. Caches move, releases end, faults become known: what rests on such data says
//! when it was gathered, and when that is long ago.

use std::fmt;

use crate::units::Date;

/// A month of a year.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Month {
    /// 2026
    pub year: i32,
    /// 1 to 12
    pub month: u32,
}

/// Data that is older than so many months is called old.
const OLD_AFTER_MONTHS: i32 = 6;

impl Month {
    /// The month that a moment lies in, given in seconds since the beginning of 1970, UTC.
    pub fn of_unix_secs(secs: u64) -> Option<Self> {
        let date = Date::of_unix_secs(secs)?;
        Some(Self {
            year: date.year,
            month: date.month,
        })
    }

    /// Reads `2026-08`, with or without a day.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let year = parts.next()?.parse().ok()?;
        let month = parts.next()?.parse().ok()?;
        (1..=12).contains(&month).then_some(Self { year, month })
    }

    fn count(self) -> i32 {
        self.year * 12 + i32::try_from(self.month).unwrap_or(0)
    }
}

/// The date of data, as reports show it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DataDate {
    /// Year and month in which it was gathered.
    pub as_of: &'static str,
    /// True when that is more than half a year ago; false also when nobody knows what day it is.
    pub is_old: bool,
}

impl DataDate {
    /// The date `as_of` as seen in the month `now`.
    pub fn seen(as_of: &'static str, now: Option<Month>) -> Self {
        let is_old = match (Month::read(as_of), now) {
            (Some(then), Some(now)) => now.count() - then.count() > OLD_AFTER_MONTHS,
            _ => false,
        };
        Self { as_of, is_old }
    }
}

impl fmt::Display for DataDate {
    /// `2026-08`, or `2026-08, more than half a year ago`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_of)?;
        if self.is_old {
            f.write_str(", more than half a year ago")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_fall_into_months() {
        for (secs, year, month) in [
            (0, 1970, 1),
            (951_782_399, 2000, 2),
            (951_868_800, 2000, 3),
            (1_767_225_599, 2025, 12),
            (1_767_225_600, 2026, 1),
        ] {
            assert_eq!(Month::of_unix_secs(secs), Some(Month { year, month }));
        }
    }

    #[test]
    fn data_is_old_after_half_a_year() {
        let seen = |now: &str| DataDate::seen("2026-08", Month::read(now)).to_string();
        assert_eq!(seen("2026-07"), "2026-08");
        assert_eq!(seen("2027-02"), "2026-08");
        assert_eq!(seen("2027-03"), "2026-08, more than half a year ago");
        assert!(!DataDate::seen("2026-08", None).is_old);
        assert_eq!(Month::read("2026-13"), None);
    }
}
