//! What a history shows: the last runs, each metric against its target, and since when it is otherwise.

use std::collections::BTreeMap;

use super::change::{Change, last_change};
use super::metric::Metric;
use super::record::{Commit, Records, RunRecord};
use super::targets::Targets;
use crate::analyze::verify::median;

/// The last values of a metric whose median is held against its target: one slow run is no trend.
const JUDGED: usize = 5;
/// What did not run for longer before the last run of all is not held against targets any more.
const CURRENT_SECS: u64 = 30 * 24 * 60 * 60;

/// Which runs count.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choice {
    /// How many of the last ones are told.
    pub most: usize,
    /// Those from this moment on, in seconds since the beginning of 1970.
    pub since_secs: Option<u64>,
    /// Those of this label or command.
    pub label: Option<String>,
}

/// What was found.
#[derive(Clone, PartialEq, Debug)]
pub struct History {
    /// The last runs, the newest last.
    pub runs: Vec<RunRecord>,
    /// How many there are of the kind that was asked for.
    pub all_runs: usize,
    /// How each metric of them went; metrics that no run has are left out.
    pub followed: Vec<Followed>,
    /// Changes that hold, for the worse first.
    pub changes: Vec<Series>,
    /// Lines that a newer release wrote.
    pub newer: u64,
    /// Lines that are torn or none of a history.
    pub broken: u64,
}

impl History {
    /// True when a target is missed.
    pub fn misses_a_target(&self) -> bool {
        self.followed.iter().any(|one| one.met == Some(false))
    }
}

/// A metric of a command, over time. Of several commands it is the one that is farthest from the target;
/// without a target, the last that ran.
#[derive(Clone, PartialEq, Debug)]
pub struct Followed {
    /// Which number.
    pub metric: Metric,
    /// The label or the command.
    pub name: String,
    /// All values, the newest last; never empty.
    pub values: Vec<f64>,
    /// The median of the last ones, which counts.
    pub current: f64,
    /// What it is held against.
    pub target: Option<f64>,
    /// Whether it is met.
    pub met: Option<bool>,
}

/// A change of a metric that holds.
#[derive(Clone, PartialEq, Debug)]
pub struct Series {
    /// Which number.
    pub metric: Metric,
    /// The label or the command.
    pub name: String,
    /// From what to what.
    pub change: Change,
    /// When the first run after it was.
    pub at_secs: u64,
    /// What the repository stood at in that run.
    pub commit: Option<Commit>,
    /// What else was otherwise between the last run before and the first after it.
    pub differences: Vec<String>,
    /// True when it became worse.
    pub is_worse: bool,
}

/// Examines what was read.
pub fn examine(records: &Records, targets: &Targets, choice: &Choice) -> History {
    let chosen: Vec<&RunRecord> = records
        .runs
        .iter()
        .filter(|run| choice.since_secs.is_none_or(|since| run.at_secs >= since))
        .filter(|run| {
            let label = choice.label.as_deref();
            label.is_none_or(|label| run.name() == label || run.command == label)
        })
        .collect();
    let mut groups: BTreeMap<(&str, &str), Vec<&RunRecord>> = BTreeMap::new();
    for run in &chosen {
        groups.entry((&run.host, run.name())).or_default().push(run);
    }
    let groups: Vec<Vec<&RunRecord>> = groups.into_values().collect();
    let mut changes: Vec<Series> = Metric::ALL
        .iter()
        .flat_map(|metric| groups.iter().filter_map(|group| series(*metric, group)))
        .collect();
    changes.sort_by_key(|series| !series.is_worse);
    History {
        runs: chosen
            .iter()
            .skip(chosen.len().saturating_sub(choice.most))
            .map(|run| (*run).clone())
            .collect(),
        all_runs: chosen.len(),
        followed: Metric::ALL
            .iter()
            .filter_map(|metric| followed(*metric, &groups, targets))
            .collect(),
        changes,
        newer: records.newer,
        broken: records.broken,
    }
}

fn followed(metric: Metric, groups: &[Vec<&RunRecord>], targets: &Targets) -> Option<Followed> {
    let last = |group: &[&RunRecord]| group.last().map_or(0, |run| run.at_secs);
    let newest = groups.iter().map(|group| last(group)).max()?;
    let target = targets.of(metric);
    let sign = if metric.is_better_when_larger() {
        -1.0
    } else {
        1.0
    };
    groups
        .iter()
        .filter(|group| last(group) + CURRENT_SECS >= newest)
        .filter_map(|group| {
            let values: Vec<f64> = group.iter().filter_map(|run| metric.of(run)).collect();
            let counted = values.get(values.len().saturating_sub(JUDGED)..)?;
            if counted.is_empty() {
                return None;
            }
            let current = median(counted);
            let found = Followed {
                metric,
                name: group.last()?.name().to_owned(),
                current,
                target,
                met: target.map(|target| sign * current <= sign * target),
                values,
            };
            Some((last(group), found))
        })
        .max_by(|(one_at, one), (other_at, other)| match target {
            Some(_) => (sign * one.current).total_cmp(&(sign * other.current)),
            None => one_at.cmp(other_at),
        })
        .map(|(_, found)| found)
}

fn series(metric: Metric, group: &[&RunRecord]) -> Option<Series> {
    let (runs, values): (Vec<&RunRecord>, Vec<f64>) = group
        .iter()
        .filter_map(|run| Some((*run, metric.of(run)?)))
        .unzip();
    let change = last_change(&values)?;
    let first = runs.get(change.at)?;
    let before = runs.get(change.at.checked_sub(1)?)?;
    Some(Series {
        metric,
        name: first.name().to_owned(),
        at_secs: first.at_secs,
        commit: first.commit.clone(),
        differences: differences(before, first),
        is_worse: (change.after > change.before) != metric.is_better_when_larger(),
        change,
    })
}

/// What was otherwise: the commit, Nix, settings.
fn differences(before: &RunRecord, after: &RunRecord) -> Vec<String> {
    let mut all = Vec::new();
    match (&before.commit, &after.commit) {
        (Some(one), Some(other)) if one.id != other.id => {
            all.push(format!("commit {} -> {}", short(&one.id), short(&other.id)));
        }
        (Some(one), Some(other))
            if one.is_dirty != other.is_dirty || other.is_dirty == Some(true) =>
        {
            all.push("changes that are not committed".to_owned());
        }
        _ => {}
    }
    if let (Some(one), Some(other)) = (&before.nix, &after.nix)
        && one != other
    {
        all.push(format!(
            "{} {} -> {} {}",
            one.implementation, one.version, other.implementation, other.version
        ));
    }
    for (name, value) in &after.settings {
        if let Some(old) = before.settings.get(name).filter(|old| *old != value) {
            all.push(format!("{name} {old} -> {value}"));
        }
    }
    all
}

/// As much of a commit's name as people use.
fn short(id: &str) -> String {
    id.chars().take(7).collect()
}

impl Commit {
    /// As much of its name as people use, with a `+` for changes that are not committed.
    pub fn short(&self) -> String {
        let dirty = if self.is_dirty == Some(true) { "+" } else { "" };
        format!("{}{dirty}", short(&self.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(at_secs: u64, command: &str, evaluation: f64, commit: &str) -> RunRecord {
        RunRecord {
            at_secs,
            command: command.to_owned(),
            shares_secs: [("evaluation".to_owned(), evaluation)].into(),
            commit: Some(Commit {
                id: commit.repeat(20),
                is_dirty: Some(false),
            }),
            settings: [("max-jobs".to_owned(), at_secs / 5)].into(),
            ..RunRecord::default()
        }
    }

    fn records() -> Records {
        let mut runs: Vec<_> = (0..5)
            .map(|at| {
                run(
                    at,
                    "nix build .#a",
                    3.0 + f64::from(u32::try_from(at).unwrap()) / 50.0,
                    "ab",
                )
            })
            .collect();
        runs.extend((5..10).map(|at| run(at, "nix build .#a", 6.0, "cd")));
        runs.push(run(10, "nix build .#b", 0.5, "cd"));
        Records {
            runs,
            ..Records::default()
        }
    }

    #[test]
    fn a_regression_names_the_first_commit_that_has_it() {
        let found = examine(
            &records(),
            &Targets::default(),
            &Choice {
                most: 3,
                ..Choice::default()
            },
        );
        assert_eq!((found.runs.len(), found.all_runs), (3, 11));
        let [change] = found.changes.as_slice() else {
            panic!("{:?}", found.changes);
        };
        assert_eq!((change.at_secs, change.is_worse), (5, true));
        assert_eq!(change.commit.as_ref().unwrap().short(), "cdcdcdc");
        let differences = ["commit abababa -> cdcdcdc", "max-jobs 0 -> 1"];
        assert_eq!(change.differences, differences);
        assert_eq!((change.change.before, change.change.after), (3.04, 6.0));
    }

    #[test]
    fn the_command_that_is_farthest_from_the_target_is_held_against_it() {
        let choice = Choice::default();
        let found = examine(&records(), &Targets::default(), &choice);
        let evaluation = &found.followed[0];
        assert_eq!(evaluation.name, "nix build .#a");
        assert_eq!((evaluation.current, evaluation.met), (6.0, Some(false)));
        assert!(found.misses_a_target());
        // A month later it does not count any more.
        let mut records = records();
        records.runs[10].at_secs = CURRENT_SECS + 10;
        let found = examine(&records, &Targets::default(), &choice);
        assert_eq!(found.followed[0].name, "nix build .#b");
        assert!(!found.misses_a_target());
        // Nor does it when something else was asked for.
        let choice = Choice {
            label: Some("nix build .#b".to_owned()),
            ..choice
        };
        let found = examine(&records, &Targets::default(), &choice);
        assert_eq!((found.all_runs, found.changes.len()), (1, 0));
        let lax = Targets::default().with("evaluation_secs", 6.0);
        let found = examine(&self::records(), &lax, &Choice::default());
        assert!(!found.misses_a_target());
    }
}
