//! Since when a number is otherwise: the last change point of a series that holds.
//!
//! Where a series is cut in two, ranks decide whether the parts differ more than chance explains
//! (Mann and Whitney, exactly, one-sided for the direction seen). The best of all cuts is looked for, so
//! that the chance of each counts as often as one looks (Bonferroni). What follows a change is
//! looked at again, so that an outlier or a change that was taken back is not the last word.

use crate::analyze::verify::{CHANCE, LEAST_RUNS, chance, median};

/// Smaller changes are not worth a word, however sure.
const LEAST_SHARE: f64 = 0.1;
/// So many of the last values are looked at, one after the other: where a series went up and down again,
/// all of it shows less than its end. Older values say nothing about now.
const WINDOWS: [usize; 3] = [40, 24, 12];

/// A change that holds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Change {
    /// The first value after it, as an index.
    pub at: usize,
    /// Median of the values before it, since the change before.
    pub before: f64,
    /// Median from it on.
    pub after: f64,
    /// The chance to see as clear a cut anywhere when nothing changed.
    pub chance: f64,
}

/// The last change of a series; `None` when chance explains all of it.
pub fn last_change(values: &[f64]) -> Option<Change> {
    let mut windows: Vec<&[f64]> = WINDOWS
        .iter()
        .filter_map(|most| values.get(values.len().saturating_sub(*most)..))
        .collect();
    windows.dedup_by_key(|window| window.len());
    let looks = windows.len();
    let shifted = |from: usize, change: Change| Change {
        at: from + change.at,
        ..change
    };
    let mut last = windows.iter().find_map(|window| {
        let change = best_cut(window, looks)?;
        Some(shifted(values.len() - window.len(), change))
    })?;
    while let Some(change) = values
        .get(last.at..)
        .and_then(|after| best_cut(after, looks))
    {
        last = shifted(last.at, change);
    }
    Some(last)
}

/// The clearest cut, if chance does not explain it; `looks` is how many times one looks.
fn best_cut(values: &[f64], looks: usize) -> Option<Change> {
    let most = values.len().checked_sub(LEAST_RUNS)?;
    let cuts = (most + 1).saturating_sub(LEAST_RUNS);
    let best = (LEAST_RUNS..=most)
        .map(|at| {
            let (before, after) = values.split_at(at);
            let (low, high) = (median(before), median(after));
            let chance = match low <= high {
                true => chance(before, after),
                false => chance(after, before),
            };
            Change {
                at,
                before: low,
                after: high,
                chance,
            }
        })
        .min_by(|one, other| one.chance.total_cmp(&other.chance))?;
    #[expect(clippy::cast_precision_loss, reason = "at most a hundred")]
    let chance = (best.chance * (cuts * looks) as f64).min(1.0);
    let share = (best.after - best.before).abs() / best.before.abs().max(f64::MIN_POSITIVE);
    (chance <= CHANCE && share >= LEAST_SHARE).then_some(Change { chance, ..best })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(values: &[f64]) -> Option<usize> {
        last_change(values).map(|change| change.at)
    }

    #[test]
    fn a_change_that_holds_has_its_place() {
        let values = [3.0, 3.1, 3.2, 3.05, 3.15, 4.9, 4.8, 5.0, 4.95];
        let change = last_change(&values).unwrap();
        assert_eq!(change.at, 5);
        assert_eq!(change.before, 3.1);
        assert!((change.after - 4.925).abs() < 1e-9);
        // One way of C(9, 4) = 126, for each of the four cuts.
        assert!((change.chance - 4.0 / 126.0).abs() < 1e-9);
    }

    #[test]
    fn noise_outliers_and_too_little_are_no_change() {
        let noise = [3.0, 3.4, 2.9, 3.3, 3.1, 3.5, 2.8, 3.2, 3.05, 3.25];
        assert_eq!(at(&noise), None);
        let outlier = [3.0, 3.1, 3.2, 9.0, 3.05, 3.15, 3.0, 3.1];
        assert_eq!(at(&outlier), None);
        // The last two may be chance.
        assert_eq!(at(&[3.0, 3.1, 3.2, 3.0, 3.1, 3.2, 5.0, 5.1]), None);
        assert_eq!(at(&[1.0, 1.0, 9.0, 9.0]), None);
        assert_eq!(at(&[]), None);
        // Sure, but 5 % only.
        let small = [3.0, 3.01, 3.0, 3.02, 3.0, 3.15, 3.16, 3.15, 3.17, 3.15];
        assert_eq!(at(&small), None);
        assert_eq!(at(&[2.0; 30]), None);
    }

    #[test]
    fn what_came_back_is_told_by_its_return() {
        let mut values = vec![3.0, 3.1, 3.2, 3.05, 3.15, 3.12];
        values.extend([6.0, 6.1, 6.2, 6.05, 6.15, 6.12]);
        values.extend([3.0, 3.1, 3.2, 3.05, 3.15, 3.12]);
        let change = last_change(&values).unwrap();
        assert_eq!(change.at, 12);
        assert!(change.after < change.before);
    }

    #[test]
    fn series_without_a_change_seldom_have_one() {
        // A generator of random numbers (Knuth's MMIX constants); no seed of a machine.
        let mut state = 7_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1_u32 << 31)
        };
        const SERIES: usize = 1000;
        let found = (0..SERIES)
            .filter(|_| {
                let values: Vec<f64> = (0..20).map(|_| 1.0 + next()).collect();
                last_change(&values).is_some()
            })
            .count();
        // Both directions are looked at, so that twice the chance is the bound.
        assert!(found <= SERIES / 10, "{found}");
    }
}
