//! Whether a setting makes a command faster: from times of runs with and without it.
//!
//! Runs alternate (ABBA), so that what changes slowly, such as caches and other load, falls on both
//! alike. Times of builds have outliers and no known distribution, so that medians are compared and
//! ranks decide (Mann and Whitney 1947), exactly and one-sided: the question is whether the one
//! that seems faster is.

/// A difference that is smaller is not worth a setting, however sure.
pub const LEAST_GAIN: f64 = 0.05;
/// The chance that is accepted to find a difference where there is none. Three runs of each can
/// reach it: one of the twenty ways to order them has all of one kind first.
pub const CHANCE: f64 = 0.05;
/// Fewer runs of each prove nothing.
pub const LEAST_RUNS: usize = 3;

/// Which of the two a run is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// As it is.
    Present,
    /// With the setting.
    Other,
}

/// The order in which `pairs` of runs are made: ABBAAB…
pub fn order(pairs: usize) -> Vec<Side> {
    let pair = |index: usize| match index % 2 {
        0 => [Side::Present, Side::Other],
        _ => [Side::Other, Side::Present],
    };
    (0..pairs).flat_map(pair).collect()
}

/// What became of a comparison.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Proof {
    /// Median of the runs as it is, in seconds.
    pub present_secs: f64,
    /// Median of the runs with the setting, in seconds.
    pub other_secs: f64,
    /// What the setting gains: a fraction of the present median; negative when it costs.
    pub gain: f64,
    /// The chance to find the two ordered as clearly when the setting does nothing.
    pub chance: f64,
    /// What follows.
    pub verdict: Verdict,
}

/// What follows from a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The setting is faster.
    Faster,
    /// It is slower.
    Slower,
    /// Neither is proven.
    NotProven,
}

impl Verdict {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::NotProven => "not-proven",
        }
    }
}

/// Compares times in seconds. `None` when there are fewer than [`LEAST_RUNS`] of either, or one of
/// them is no time.
pub fn judge(present: &[f64], other: &[f64]) -> Option<Proof> {
    let is_time = |secs: &f64| secs.is_finite() && *secs > 0.0;
    let enough = present.len() >= LEAST_RUNS && other.len() >= LEAST_RUNS;
    if !enough || !present.iter().chain(other).all(is_time) {
        return None;
    }
    let (present_secs, other_secs) = (median(present), median(other));
    let gain = 1.0 - other_secs / present_secs;
    let (faster, slower) = if gain >= 0.0 {
        (other, present)
    } else {
        (present, other)
    };
    let chance = chance(faster, slower);
    let is_sure = chance <= CHANCE && gain.abs() >= LEAST_GAIN;
    let verdict = match (is_sure, gain > 0.0) {
        (false, _) => Verdict::NotProven,
        (true, true) => Verdict::Faster,
        (true, false) => Verdict::Slower,
    };
    Some(Proof {
        present_secs,
        other_secs,
        gain,
        chance,
        verdict,
    })
}

/// The middle value, or the mean of the two that lie there; 0 for none.
pub(super) fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let at = |index: usize| sorted.get(index).copied().unwrap_or(0.0);
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(at(middle.saturating_sub(1)), at(middle))
    } else {
        at(middle)
    }
}

/// The chance that runs of one kind are ordered as `faster` before `slower`, or more clearly. Equal
/// times count against it.
pub(super) fn chance(faster: &[f64], slower: &[f64]) -> f64 {
    let inversions = faster
        .iter()
        .flat_map(|one| slower.iter().map(move |other| one >= other))
        .filter(|is_inverted| *is_inverted)
        .count();
    let ways = ways(faster.len(), slower.len());
    let all: f64 = ways.iter().sum();
    ways.iter().take(inversions + 1).sum::<f64>() / all
}

/// In how many ways `few` and `many` things can be ordered with 0, 1, 2 … inversions: the
/// coefficients of the Gaussian binomial, by the last of the ordered things.
fn ways(few: usize, many: usize) -> Vec<f64> {
    // `row[n]` is the answer for as many of the first kind as the loop has seen, and `n`.
    let mut row: Vec<Vec<f64>> = vec![vec![1.0]; many + 1];
    for count in 1..=few {
        let mut next: Vec<Vec<f64>> = vec![vec![1.0]];
        for (others, above) in (1..=many).zip(row.iter().skip(1)) {
            let mut sum = vec![0.0; count * others + 1];
            // The last is of the first kind: it stands behind all the others.
            for (slot, ways) in sum.iter_mut().skip(others).zip(above) {
                *slot += ways;
            }
            // Or of the second.
            if let Some(before) = next.last() {
                for (slot, ways) in sum.iter_mut().zip(before) {
                    *slot += ways;
                }
            }
            next.push(sum);
        }
        row = next;
    }
    row.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_alternate() {
        use Side::{Other, Present};
        let expected = [Present, Other, Other, Present, Present, Other];
        assert_eq!(order(3), expected);
    }

    #[test]
    fn ways_to_order_are_counted_exactly() {
        assert_eq!(ways(1, 3), [1.0, 1.0, 1.0, 1.0]);
        assert_eq!(ways(2, 2), [1.0, 1.0, 2.0, 1.0, 1.0]);
        let three = ways(3, 3);
        assert_eq!(three, [1.0, 1.0, 2.0, 3.0, 3.0, 3.0, 3.0, 2.0, 1.0, 1.0]);
        assert_eq!(ways(5, 5).iter().sum::<f64>(), 252.0);
        // Tables of Mann and Whitney: U = 4 of 5 and 5 has 0.048, U = 5 0.075.
        let chance = |most: usize| ways(5, 5).iter().take(most + 1).sum::<f64>() / 252.0;
        assert!((chance(4) - 0.0476).abs() < 1e-4);
        assert!((chance(5) - 0.0754).abs() < 1e-4);
    }

    #[test]
    fn a_clear_gain_is_proven_with_three_runs() {
        let proof = judge(&[10.0, 11.0, 10.5], &[8.0, 8.5, 9.9]).unwrap();
        assert_eq!((proof.present_secs, proof.other_secs), (10.5, 8.5));
        assert!((proof.gain - 2.0 / 10.5).abs() < 1e-9);
        assert_eq!(proof.chance, 0.05);
        assert_eq!(proof.verdict, Verdict::Faster);
        let turned = judge(&[8.0, 8.5, 9.9], &[10.0, 11.0, 10.5]).unwrap();
        assert_eq!(turned.verdict, Verdict::Slower);
        assert!(turned.gain < 0.0);
    }

    #[test]
    fn what_overlaps_or_is_small_is_not_proven() {
        let verdict = |present: &[f64], other: &[f64]| judge(present, other).unwrap().verdict;
        // One run with the setting was slower than one without.
        assert_eq!(
            verdict(&[10.0, 11.0, 10.5], &[8.0, 8.5, 10.1]),
            Verdict::NotProven
        );
        // All are faster, but by 2 %.
        assert_eq!(
            verdict(&[10.0, 10.01, 10.02], &[9.8, 9.81, 9.82]),
            Verdict::NotProven
        );
        assert_eq!(verdict(&[1.0; 3], &[1.0; 3]), Verdict::NotProven);
        // Six runs of each allow some overlap.
        let present = [10.0, 10.2, 10.4, 10.6, 10.8, 11.0];
        let other = [9.0, 9.1, 9.2, 9.3, 9.4, 10.3];
        assert_eq!(verdict(&present, &other), Verdict::Faster);
    }

    #[test]
    fn too_little_is_no_proof() {
        assert_eq!(judge(&[1.0, 2.0], &[1.0, 2.0, 3.0]), None);
        assert_eq!(judge(&[1.0, 2.0, 0.0], &[1.0, 2.0, 3.0]), None);
        assert_eq!(judge(&[1.0, 2.0, f64::NAN], &[1.0, 2.0, 3.0]), None);
    }
}
