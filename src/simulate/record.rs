//! What simulations of measured builds said, kept for later: which `max-jobs` and `cores` the builds of
//! a machine's past take least time with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::input::Durations;
use super::machine::Machine;
use super::search::{Alone, Comparison, LEAST_GAIN, VALIDATED_ERROR};
use crate::facts::BuildSlotsSeen;

/// The version of a line.
const VERSION: u32 = 1;
/// Runs that count: the last ones.
const MOST_RUNS: usize = 50;

/// One simulation, as a line of a file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SimulationRecord {
    version: u32,
    /// The day, as in `2026-11-26`.
    pub day: String,
    /// The machine's name.
    pub host: String,
    /// Its threads.
    pub threads: u32,
    /// The Nix in words; `None` when it was not known.
    pub nix: Option<String>,
    /// Settings that fit into memory.
    settings: Vec<RecordedSetting>,
}

#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
struct RecordedSetting {
    max_jobs: u32,
    /// Never 0.
    cores: u32,
    secs: f64,
}

/// Where and when something was simulated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Occasion {
    /// The day, as in `2026-11-26`.
    pub day: String,
    /// The machine's name.
    pub host: String,
    /// The Nix in words; `None` when it is not known.
    pub nix: Option<String>,
}

impl SimulationRecord {
    /// What is worth keeping of a simulation: times without builders, of settings that fit into
    /// memory, and as far as they rest on what was measured. `None` when nothing was.
    pub fn of(
        comparison: &Comparison,
        durations: Durations,
        machine: &Machine,
        occasion: Occasion,
    ) -> Option<Self> {
        let predictions = match &comparison.alone {
            None => &comparison.predictions,
            Some(Alone::Possible { predictions, .. }) => predictions,
            Some(Alone::Impossible) => return None,
        };
        let present = machine.threads_of(comparison.present.slots.cores);
        let settings = predictions.iter().filter_map(|found| {
            let cores = machine.threads_of(found.slots.cores);
            let is_measured = match durations {
                Durations::Measured => true,
                // What another number of threads does was not.
                Durations::Profiled => cores == present,
                Durations::Assumed => false,
            };
            let is_usable = found.slots.max_jobs > 0 && found.fits_memory != Some(false);
            (is_measured && is_usable).then_some(RecordedSetting {
                max_jobs: found.slots.max_jobs,
                cores,
                secs: found.makespan_secs,
            })
        });
        let settings: Vec<RecordedSetting> = settings.collect();
        (!settings.is_empty()).then_some(Self {
            version: VERSION,
            day: occasion.day,
            host: occasion.host,
            threads: machine.threads(),
            nix: occasion.nix,
            settings,
        })
    }

    /// Reads the lines of a file; what is no record of this version is left out.
    pub fn read(text: &str) -> Vec<Self> {
        let records = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Self>(line).ok());
        records.filter(|record| record.version == VERSION).collect()
    }
}

/// The setting with which all these runs together take least time, among those that `fits` allows.
/// `None` unless it gains more over `present` than predictions may be off: more than 5 % and more
/// than twice the mean error. Runs that did not look at `present` do not count.
pub fn best_of_records(
    records: &[SimulationRecord],
    present: (u32, u32),
    fits: impl Fn(u32, u32) -> bool,
) -> Option<BuildSlotsSeen> {
    let mut runs: u32 = 0;
    let mut day = "";
    let mut totals: BTreeMap<(u32, u32), (u32, f64)> = BTreeMap::new();
    let last = records.len().saturating_sub(MOST_RUNS);
    for record in records.iter().skip(last) {
        let of = |setting: &RecordedSetting| (setting.max_jobs, setting.cores);
        let is_sound = |setting: &RecordedSetting| setting.secs.is_finite() && setting.secs >= 0.0;
        if !record
            .settings
            .iter()
            .any(|it| of(it) == present && is_sound(it))
        {
            continue;
        }
        runs += 1;
        day = day.max(record.day.as_str());
        for setting in record.settings.iter().filter(|it| is_sound(it)) {
            let total = totals.entry(of(setting)).or_default();
            total.0 += 1;
            total.1 += setting.secs;
        }
    }
    let in_all = |(_, (count, _)): &(&(u32, u32), &(u32, f64))| *count == runs;
    let (_, present_secs) = totals.get(&present).copied()?;
    let allowed = totals
        .iter()
        .filter(in_all)
        .filter(|((max_jobs, cores), _)| fits(*max_jobs, *cores));
    let ((max_jobs, cores), (_, secs)) = allowed.min_by(|one, other| {
        let total = |(max_jobs, cores): (u32, u32)| u64::from(max_jobs) * u64::from(cores);
        let faster = one.1.1.total_cmp(&other.1.1);
        faster.then_with(|| total(*one.0).cmp(&total(*other.0)))
    })?;
    let required = LEAST_GAIN.max(2.0 * VALIDATED_ERROR);
    let is_sure = present_secs > 0.0 && 1.0 - secs / present_secs > required;
    is_sure.then(|| BuildSlotsSeen {
        max_jobs: *max_jobs,
        cores: *cores,
        runs,
        day: day.to_owned(),
    })
}

/// What another setting gains over the present one.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordedGain {
    /// The share of the time that it saves, from 0 to 1; below 0 when it takes longer.
    pub share: f64,
    /// How many runs were simulated with both.
    pub runs: u32,
    /// The day of the last, as in `2026-11-26`.
    pub day: String,
}

/// What `other` gains over `present` in all runs that were simulated with both; `None` without such.
pub fn gain_of_records(
    records: &[SimulationRecord],
    present: (u32, u32),
    other: (u32, u32),
) -> Option<RecordedGain> {
    let last = records.len().saturating_sub(MOST_RUNS);
    let mut found = RecordedGain {
        share: 0.0,
        runs: 0,
        day: String::new(),
    };
    let (mut before, mut after) = (0.0, 0.0);
    for record in records.iter().skip(last) {
        let secs = |wanted: (u32, u32)| {
            let setting = record
                .settings
                .iter()
                .find(|setting| (setting.max_jobs, setting.cores) == wanted)?;
            (setting.secs.is_finite() && setting.secs >= 0.0).then_some(setting.secs)
        };
        let (Some(present_secs), Some(other_secs)) = (secs(present), secs(other)) else {
            continue;
        };
        before += present_secs;
        after += other_secs;
        found.runs += 1;
        found.day = found.day.max(record.day.clone());
    }
    if before <= 0.0 {
        return None;
    }
    found.share = 1.0 - after / before;
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(day: &str, settings: &[(u32, u32, f64)]) -> SimulationRecord {
        SimulationRecord {
            version: VERSION,
            day: day.to_owned(),
            host: "laptop".to_owned(),
            threads: 8,
            nix: None,
            settings: settings
                .iter()
                .map(|(max_jobs, cores, secs)| RecordedSetting {
                    max_jobs: *max_jobs,
                    cores: *cores,
                    secs: *secs,
                })
                .collect(),
        }
    }

    #[test]
    fn a_gain_is_that_of_all_runs_with_both_settings() {
        let records = [
            record("2026-09-03", &[(4, 2, 100.0), (8, 1, 40.0)]),
            record("2026-09-01", &[(4, 2, 100.0), (8, 1, 90.0)]),
            record("2026-09-09", &[(8, 1, 1.0)]),
            record("2026-09-09", &[(4, 2, f64::NAN), (8, 1, 1.0)]),
        ];
        let gain = gain_of_records(&records, (4, 2), (8, 1)).unwrap();
        assert_eq!((gain.runs, &*gain.day), (2, "2026-09-03"));
        assert!((gain.share - 0.35).abs() < 1e-9);
        let loss = gain_of_records(&records, (8, 1), (4, 2)).unwrap();
        assert!(loss.share < 0.0);
        assert_eq!(gain_of_records(&records, (4, 2), (2, 2)), None);
    }

    #[test]
    fn the_best_of_all_runs_is_taken_when_it_is_sure() {
        let records = [
            record("2026-09-01", &[(4, 2, 100.0), (8, 1, 40.0), (1, 8, 50.0)]),
            record("2026-09-03", &[(4, 2, 100.0), (8, 1, 90.0), (1, 8, 50.0)]),
            // It did not look at what is compared with.
            record("2026-09-09", &[(8, 1, 1.0)]),
            // One run alone looked at this.
            record(
                "2026-09-02",
                &[(4, 2, 9.0), (8, 1, 9.0), (1, 8, 9.0), (2, 4, 1.0)],
            ),
        ];
        let best = best_of_records(&records, (4, 2), |_, _| true).unwrap();
        assert_eq!((best.max_jobs, best.cores, best.runs), (1, 8, 3));
        assert_eq!(best.day, "2026-09-03");
        // Bounds leave 8×1, which gains a third; what gains less than predictions may be off does
        // not count.
        let bounded = best_of_records(&records, (4, 2), |_, cores| cores < 8).unwrap();
        assert_eq!((bounded.max_jobs, bounded.cores), (8, 1));
        let little = [record("2026-09-01", &[(4, 2, 100.0), (8, 1, 89.0)])];
        assert_eq!(best_of_records(&little, (4, 2), |_, _| true), None);
        assert_eq!(best_of_records(&little, (3, 3), |_, _| true), None);
        assert_eq!(best_of_records(&[], (4, 2), |_, _| true), None);
    }

    #[test]
    fn lines_that_are_torn_or_of_another_version_are_left_out() {
        let line = serde_json::to_string(&record("2026-09-01", &[(1, 1, 2.0)])).unwrap();
        let newer = line.replace("\"version\":1", "\"version\":2");
        let torn = line.get(..20).unwrap();
        let text = format!("{line}\n{torn}\n{newer}\n{line}\n");
        assert_eq!(SimulationRecord::read(&text).len(), 2);
    }
}
