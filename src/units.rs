//! Quantities with their unit in the type.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number of bytes.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Bytes(pub u64);

impl Bytes {
    /// 1024.
    pub const KIB: u64 = 1 << 10;
    /// 1024².
    pub const MIB: u64 = 1 << 20;
    /// 1024³.
    pub const GIB: u64 = 1 << 30;
    /// 1024⁴.
    pub const TIB: u64 = 1 << 40;

    /// `n` × 1024³ bytes; saturates.
    pub const fn from_gib(n: u64) -> Self {
        Self(n.saturating_mul(Self::GIB))
    }

    /// The largest unit of 1024ⁿ that divides the amount, with its count:
    /// `(10, "G")` for 10 GiB, `(3, "")` for 3 bytes.
    pub const fn whole_unit(self) -> (u64, &'static str) {
        if self.0 == 0 {
            (0, "")
        } else if self.0.is_multiple_of(Self::TIB) {
            (self.0 / Self::TIB, "T")
        } else if self.0.is_multiple_of(Self::GIB) {
            (self.0 / Self::GIB, "G")
        } else if self.0.is_multiple_of(Self::MIB) {
            (self.0 / Self::MIB, "M")
        } else if self.0.is_multiple_of(Self::KIB) {
            (self.0 / Self::KIB, "K")
        } else {
            (self.0, "")
        }
    }
}

impl fmt::Display for Bytes {
    /// At most one decimal: `512 MiB`, `1.5 GiB`, `17 B`.
    #[expect(clippy::cast_precision_loss, reason = "for display only")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [
            (Self::TIB, "TiB"),
            (Self::GIB, "GiB"),
            (Self::MIB, "MiB"),
            (Self::KIB, "KiB"),
        ];
        for (size, name) in units {
            if self.0 >= size {
                let amount = self.0 as f64 / size as f64;
                return if (amount - amount.round()).abs() < 0.05 {
                    write!(f, "{amount:.0} {name}")
                } else {
                    write!(f, "{amount:.1} {name}")
                };
            }
        }
        write!(f, "{} B", self.0)
    }
}

/// A number of hardware threads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Threads(pub u32);

impl fmt::Display for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} thread{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

/// A duration in whole seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0)
    }
}

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Date {
    /// 2026
    pub year: i32,
    /// 1 to 12
    pub month: u32,
    /// 1 to 31
    pub day: u32,
}

impl Date {
    /// The day of a moment that is given in seconds since the beginning of 1970, UTC; `None` for one
    /// that no calendar holds.
    pub fn of_unix_secs(secs: u64) -> Option<Self> {
        // Days to a date, with years that begin in March, so that the leap day is the last one
        // (H. Hinnant, "chrono-compatible low-level date algorithms").
        let days = i64::try_from(secs / 86_400).ok()?.checked_add(719_468)?;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Some(Self {
            year: i32::try_from(year).ok()?,
            month: u32::try_from(month).ok()?,
            day: u32::try_from(day).ok()?,
        })
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_a_day() {
        let day = |secs: u64| Date::of_unix_secs(secs).map(|date| date.to_string());
        assert_eq!(day(0).as_deref(), Some("1970-01-01"));
        assert_eq!(day(951_782_400).as_deref(), Some("2000-02-29"));
        assert_eq!(day(1_789_900_000).as_deref(), Some("2026-09-20"));
        assert_eq!(day(4_107_542_399).as_deref(), Some("2100-02-28"));
        assert_eq!(day(4_107_542_400).as_deref(), Some("2100-03-01"));
        assert_eq!(day(u64::MAX), None);
    }

    #[test]
    fn bytes_are_shown_in_the_largest_fitting_unit() {
        assert_eq!(Bytes(17).to_string(), "17 B");
        assert_eq!(Bytes(512 * Bytes::MIB).to_string(), "512 MiB");
        assert_eq!(Bytes(3 * Bytes::GIB / 2).to_string(), "1.5 GiB");
        assert_eq!(Bytes::from_gib(2048).to_string(), "2 TiB");
    }

    #[test]
    fn whole_units_never_round() {
        assert_eq!(Bytes::from_gib(10).whole_unit(), (10, "G"));
        assert_eq!(Bytes(1_000_000).whole_unit(), (1_000_000, ""));
        assert_eq!(Bytes(0).whole_unit(), (0, ""));
    }
}
