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

#[cfg(test)]
mod tests {
    use super::*;

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
