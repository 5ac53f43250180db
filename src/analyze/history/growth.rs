//! How a store grows, and when its disk is full.
//!
//! Snapshots tell it best: the median of the slopes between all pairs (Theil and Sen), which a
//! garbage collection now and then does not move. Without enough of them, what came in during the last
//! weeks and is still here tells the least that it grew.

use std::collections::BTreeMap;

use super::record::StoreRecord;
use crate::analyze::verify::median;

const DAY_SECS: u64 = 24 * 60 * 60;
const WEEK_SECS: i64 = 7 * 24 * 60 * 60;
/// Fewer days with a snapshot say nothing about a trend.
const LEAST_SNAPSHOTS: usize = 4;
/// Nor do snapshots of a shorter time.
const LEAST_DAYS: f64 = 7.0;
/// The last snapshots count, one a day.
const MOST_SNAPSHOTS: usize = 180;
/// The last whole weeks count.
const MOST_WEEKS: usize = 8;

/// How a store grows.
#[derive(Clone, PartialEq, Debug)]
pub struct Growth {
    /// Bytes that it grows in a day; negative when it shrinks.
    pub bytes_per_day: f64,
    /// How that is known.
    pub source: GrowthSource,
    /// When the disk is full if it goes on so; `None` when it does not grow, or free space is not
    /// known.
    pub days_until_full: Option<f64>,
}

/// How growth is known.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum GrowthSource {
    /// From snapshots.
    Snapshots {
        /// On how many days.
        days_with_one: usize,
        /// From the first to the last, in days.
        days: f64,
    },
    /// From what came in and is still here: what was collected since is missing, so that it is too low.
    Registered {
        /// Whole weeks that count.
        weeks: usize,
    },
}

impl Growth {
    /// Bytes in a week.
    pub fn bytes_per_week(&self) -> f64 {
        self.bytes_per_day * 7.0
    }

    /// The share of the disk that it takes in a week, in percent.
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub fn percent_per_week(&self, disk_bytes: u64) -> Option<f64> {
        (disk_bytes > 0).then(|| self.bytes_per_week() / disk_bytes as f64 * 100.0)
    }
}

/// The growth of a store of which there are `snapshots` in the order of time, and in which, by week's
/// first second, `weeks` bytes came and stayed. `None` when neither tells.
pub fn growth<'s>(
    snapshots: impl IntoIterator<Item = &'s StoreRecord>,
    weeks: &BTreeMap<i64, u64>,
    now_secs: u64,
    free_bytes: Option<u64>,
) -> Option<Growth> {
    let (bytes_per_day, source) =
        of_snapshots(snapshots).or_else(|| of_weeks(weeks, i64::try_from(now_secs).ok()?))?;
    #[expect(clippy::cast_precision_loss, reason = "a forecast")]
    let days_until_full = free_bytes
        .filter(|_| bytes_per_day > 0.0)
        .map(|free| free as f64 / bytes_per_day);
    Some(Growth {
        bytes_per_day,
        source,
        days_until_full,
    })
}

#[expect(clippy::cast_precision_loss, reason = "a slope")]
fn of_snapshots<'s>(
    snapshots: impl IntoIterator<Item = &'s StoreRecord>,
) -> Option<(f64, GrowthSource)> {
    // The last one of a day: several at once are one observation.
    let by_day: BTreeMap<u64, (f64, f64)> = snapshots
        .into_iter()
        .map(|one| {
            let bytes = one.live_bytes.saturating_add(one.dead_bytes);
            let days = one.at_secs as f64 / DAY_SECS as f64;
            (one.at_secs / DAY_SECS, (days, bytes as f64))
        })
        .collect();
    let skipped = by_day.len().saturating_sub(MOST_SNAPSHOTS);
    let points: Vec<(f64, f64)> = by_day.into_values().skip(skipped).collect();
    let days = points.last()?.0 - points.first()?.0;
    if points.len() < LEAST_SNAPSHOTS || days < LEAST_DAYS {
        return None;
    }
    let source = GrowthSource::Snapshots {
        days_with_one: points.len(),
        days,
    };
    Some((theil_sen(&points)?, source))
}

/// The first week is that of the installation, and the one that goes on is not whole.
#[expect(clippy::cast_precision_loss, reason = "a mean")]
fn of_weeks(weeks: &BTreeMap<i64, u64>, now_secs: i64) -> Option<(f64, GrowthSource)> {
    let (first, _) = weeks.first_key_value()?;
    let this = now_secs.div_euclid(WEEK_SECS) * WEEK_SECS;
    let whole = usize::try_from((this - first) / WEEK_SECS - 1).ok()?;
    let counted = whole.min(MOST_WEEKS);
    if counted < 2 {
        return None;
    }
    let from = this - WEEK_SECS * i64::try_from(counted).ok()?;
    let bytes: u64 = weeks.range(from..this).map(|(_, bytes)| bytes).sum();
    let per_day = bytes as f64 / (counted as f64 * 7.0);
    Some((per_day, GrowthSource::Registered { weeks: counted }))
}

/// The median of the slopes between all pairs of points with different places; `None` without any.
pub fn theil_sen(points: &[(f64, f64)]) -> Option<f64> {
    let slopes: Vec<f64> = points
        .iter()
        .enumerate()
        .flat_map(|(index, one)| {
            let later = points.iter().skip(index + 1);
            later.filter_map(move |other| {
                let run = other.0 - one.0;
                (run != 0.0).then(|| (other.1 - one.1) / run)
            })
        })
        .collect();
    (!slopes.is_empty()).then(|| median(&slopes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(day: u64, bytes: u64) -> StoreRecord {
        StoreRecord {
            at_secs: day * DAY_SECS + 3600,
            live_bytes: bytes / 2,
            dead_bytes: bytes - bytes / 2,
            ..StoreRecord::default()
        }
    }

    #[test]
    fn a_collection_does_not_hide_growth() {
        // 10 a day; on day 9 a collection takes 15, and two snapshots of a day are one.
        let mut all: Vec<_> = (0..16)
            .map(|day| snapshot(day, 1000 + 10 * day - if day >= 9 { 15 } else { 0 }))
            .collect();
        all.push(snapshot(15, 1135));
        let found = growth(&all, &BTreeMap::new(), 0, Some(500)).unwrap();
        // The slope of a line through the ends is 9.
        assert!((8.5..=10.0).contains(&found.bytes_per_day), "{found:?}");
        let full = found.days_until_full.unwrap();
        assert!((full - 500.0 / found.bytes_per_day).abs() < 1e-9);
        let source = GrowthSource::Snapshots {
            days_with_one: 16,
            days: 15.0,
        };
        assert_eq!(found.source, source);
        // Too few, or too close.
        assert_eq!(growth(&all[..3], &BTreeMap::new(), 0, None), None);
        assert_eq!(growth(&all[..7], &BTreeMap::new(), 0, None), None);
        assert!(growth(&all[..8], &BTreeMap::new(), 0, None).is_some());
    }

    #[test]
    fn weeks_tell_where_there_are_no_snapshots() {
        let week = |number: i64| number * WEEK_SECS;
        // The installation, a week with 70, an empty one, one with 140, and the one that goes on.
        let weeks = BTreeMap::from([
            (week(100), 9_000),
            (week(101), 70),
            (week(103), 140),
            (week(104), 999),
        ]);
        let now = u64::try_from(week(104)).unwrap() + 3 * DAY_SECS;
        let found = growth([], &weeks, now, Some(100)).unwrap();
        assert_eq!(found.bytes_per_day, 10.0);
        assert_eq!(found.source, GrowthSource::Registered { weeks: 3 });
        assert_eq!(found.days_until_full, Some(10.0));
        assert_eq!(found.percent_per_week(7_000), Some(1.0));
        let early = u64::try_from(week(102)).unwrap();
        assert_eq!(growth([], &weeks, early, None), None);
    }

    #[test]
    fn a_store_that_shrinks_is_never_full() {
        let all: Vec<_> = (0..10).map(|day| snapshot(day, 1000 - 10 * day)).collect();
        let found = growth(&all, &BTreeMap::new(), 0, Some(500)).unwrap();
        assert_eq!((found.bytes_per_day, found.days_until_full), (-10.0, None));
        assert_eq!(theil_sen(&[(1.0, 2.0), (1.0, 3.0)]), None);
    }
}
