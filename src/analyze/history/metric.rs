//! The numbers of a run that are followed over time.

use super::record::RunRecord;

/// A rebuild is small up to so many builds that a cache could have had.
const SMALL_BUILDS: u64 = 20;
/// And below so many transferred bytes.
const SMALL_DOWNLOAD_BYTES: u64 = 100_000_000;

/// A number of a run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Metric {
    /// Seconds of evaluation, of a run that evaluated: what came from Nix's cache of evaluations took
    /// no time to speak of.
    Evaluation,
    /// Percent of what caches could have had that came from them.
    HitRate,
    /// Seconds of a run with at most 20 builds that a cache could have had, and less than 100 MB to
    /// transfer.
    SmallRebuild,
    /// Seconds of any run.
    Wall,
    /// Bytes of memory of the command's own process.
    PeakMemory,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Evaluation,
        Self::HitRate,
        Self::SmallRebuild,
        Self::Wall,
        Self::PeakMemory,
    ];

    /// How programs know it; its unit is in the name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Evaluation => "evaluation_secs",
            Self::HitRate => "hit_rate_percent",
            Self::SmallRebuild => "small_rebuild_secs",
            Self::Wall => "wall_secs",
            Self::PeakMemory => "peak_memory_bytes",
        }
    }

    /// How people know it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Evaluation => "evaluation",
            Self::HitRate => "cache hit rate",
            Self::SmallRebuild => "small rebuild",
            Self::Wall => "whole run",
            Self::PeakMemory => "peak memory",
        }
    }

    /// Whether a larger number is the better one.
    pub const fn is_better_when_larger(self) -> bool {
        matches!(self, Self::HitRate)
    }

    /// The number of a run; `None` when the run has none, or failed.
    pub fn of(self, run: &RunRecord) -> Option<f64> {
        if run.exit_code != 0 {
            return None;
        }
        let value = match self {
            Self::Evaluation if run.evaluation_is_cached == Some(true) => None,
            Self::Evaluation => run.share_secs(&["evaluation"]),
            Self::HitRate => run.hit_rate.map(|rate| rate * 100.0),
            Self::SmallRebuild => {
                let could_come = run.built.saturating_sub(run.local_only);
                let is_rebuild = run.built + run.substituted > 0;
                let is_small =
                    could_come <= SMALL_BUILDS && run.download_bytes < SMALL_DOWNLOAD_BYTES;
                run.wall_secs.filter(|_| is_rebuild && is_small)
            }
            Self::Wall => run.wall_secs,
            #[expect(clippy::cast_precision_loss, reason = "far below what a float holds")]
            Self::PeakMemory => run.peak_memory_bytes.map(|bytes| bytes as f64),
        };
        value.filter(|value| value.is_finite() && *value >= 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_rebuilds_build_little_and_fetch_little() {
        let small = RunRecord {
            wall_secs: Some(12.0),
            built: 90,
            local_only: 70,
            download_bytes: 99_999_999,
            ..RunRecord::default()
        };
        let of = |change: &dyn Fn(&mut RunRecord)| {
            let mut run = small.clone();
            change(&mut run);
            Metric::SmallRebuild.of(&run)
        };
        assert_eq!(of(&|_| {}), Some(12.0));
        assert_eq!(of(&|run| run.built = 91), None);
        assert_eq!(of(&|run| run.download_bytes += 1), None);
        assert_eq!(of(&|run| run.exit_code = 1), None);
        // Nothing was rebuilt.
        assert_eq!(of(&|run| (run.built, run.local_only) = (0, 0)), None);
    }

    #[test]
    fn an_evaluation_from_the_cache_is_none() {
        let mut run = RunRecord {
            shares_secs: [("evaluation".to_owned(), 3.0)].into(),
            ..RunRecord::default()
        };
        assert_eq!(Metric::Evaluation.of(&run), Some(3.0));
        run.evaluation_is_cached = Some(false);
        assert_eq!(Metric::Evaluation.of(&run), Some(3.0));
        run.evaluation_is_cached = Some(true);
        assert_eq!(Metric::Evaluation.of(&run), None);
        run.hit_rate = Some(0.5);
        assert_eq!(Metric::HitRate.of(&run), Some(50.0));
    }
}
