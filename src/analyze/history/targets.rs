//! What metrics should be, and what helps where they are not.

use super::metric::Metric;

/// What metrics are held against; `[targets]` of `nixtune.toml` says others.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Targets {
    /// The longest evaluation, in seconds.
    pub evaluation_secs: f64,
    /// The least cache hit rate, in percent.
    pub hit_rate_percent: f64,
    /// The longest small rebuild, in seconds.
    pub small_rebuild_secs: f64,
    /// The most that the store may grow in a week, in percent of its disk.
    pub store_growth_percent_per_week: f64,
    /// The least days until the disk is full.
    pub full_days: f64,
    /// The most of the store that may be dead, in percent.
    pub dead_percent: f64,
    /// The longest time to learn that caches do not have a thousand paths, in seconds.
    pub misses_secs: f64,
}

impl Default for Targets {
    fn default() -> Self {
        Self {
            evaluation_secs: 5.0,
            hit_rate_percent: 80.0,
            small_rebuild_secs: 30.0,
            store_growth_percent_per_week: 5.0,
            full_days: 14.0,
            dead_percent: 20.0,
            misses_secs: 5.0,
        }
    }
}

impl Targets {
    /// The same with another number under the name that `nixtune.toml` has for it; a name that is none
    /// changes nothing.
    #[must_use]
    pub fn with(mut self, name: &str, value: f64) -> Self {
        let place = match name {
            "evaluation_secs" => &mut self.evaluation_secs,
            "hit_rate_percent" => &mut self.hit_rate_percent,
            "small_rebuild_secs" => &mut self.small_rebuild_secs,
            "store_growth_percent_per_week" => &mut self.store_growth_percent_per_week,
            "full_days" => &mut self.full_days,
            "dead_percent" => &mut self.dead_percent,
            "misses_secs" => &mut self.misses_secs,
            _ => return self,
        };
        *place = value;
        self
    }

    /// What a metric of runs is held against; `None` for those that are only followed.
    pub const fn of(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::Evaluation => Some(self.evaluation_secs),
            Metric::HitRate => Some(self.hit_rate_percent),
            Metric::SmallRebuild => Some(self.small_rebuild_secs),
            Metric::Wall | Metric::PeakMemory => None,
        }
    }
}

/// What helps where a target is missed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Help {
    /// The name of the target.
    pub target: &'static str,
    /// What to do, in a sentence.
    pub words: &'static str,
    /// The command of nixtune that says more.
    pub command: &'static str,
    /// Settings that decide.
    pub settings: &'static [&'static str],
    /// Rules that look at it.
    pub rules: &'static [&'static str],
}

/// What helps, by target.
pub static HELPS: [Help; 7] = [
    Help {
        target: "evaluation_secs",
        words: "keep `eval-cache` on, evaluate a clean tree without `--impure`, and use a newer Nix",
        command: "nixtune analyze profile",
        settings: &["eval-cache"],
        rules: &["eval-cache-disabled", "nix-package-eol"],
    },
    Help {
        target: "hit_rate_percent",
        words: "see which caches lack what was built here, and trust the keys of those that have it",
        command: "nixtune analyze cache --closure .#default",
        settings: &["substituters", "trusted-public-keys"],
        rules: &["substituter-without-key", "substitute-disabled"],
    },
    Help {
        target: "small_rebuild_secs",
        words: "see whether slots, caches or one build decide, and what other slots would do",
        command: "nixtune simulate",
        settings: &["max-jobs", "cores"],
        rules: &["build-slots-oversubscribed", "build-slots-underused"],
    },
    Help {
        target: "store_growth_percent_per_week",
        words: "remove old generations by a schedule, and see who keeps what",
        command: "nixtune analyze store",
        settings: &["keep-outputs", "keep-derivations"],
        rules: &["gc-absent", "keep-outputs-growth"],
    },
    Help {
        target: "full_days",
        words: "free what is dead, and let Nix collect by itself before the disk is full",
        command: "nixtune analyze store",
        settings: &["min-free", "max-free"],
        rules: &["min-free-unset", "gc-absent"],
    },
    Help {
        target: "dead_percent",
        words: "collect garbage by a schedule",
        command: "nixtune generate maintenance",
        settings: &["min-free", "max-free"],
        rules: &["gc-absent"],
    },
    Help {
        target: "misses_secs",
        words: "drop caches that give nothing, and ask more at once",
        command: "nixtune analyze cache",
        settings: &["substituters", "http-connections"],
        rules: &["too-many-substituters", "dead-substituter"],
    },
];

/// What helps when the target of this name is missed.
pub fn help(target: &str) -> Option<&'static Help> {
    HELPS.iter().find(|help| help.target == target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_number_and_help() {
        for one in &HELPS {
            let changed = Targets::default().with(one.target, -1.0);
            assert_ne!(changed, Targets::default(), "{}", one.target);
        }
        for metric in Metric::ALL {
            let has_target = Targets::default().of(metric).is_some();
            assert_eq!(has_target, help(metric.name()).is_some(), "{metric:?}");
        }
        assert_eq!(Targets::default().with("x", 1.0), Targets::default());
    }
}
