//! A line of the history: one JSON object with a version.
//!
//! What a line says beyond the known is left alone, lines of newer versions and broken ones are
//! counted and skipped: several releases of nixtune may write one history.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::analyze::profile::{EndQuality, Profile};

/// The version of the lines that are written; it grows when a number changes its meaning.
pub const VERSION: u32 = 1;

/// What a line holds.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Record {
    /// A run of Nix.
    Run(Box<RunRecord>),
    /// What a store held.
    Store(StoreRecord),
}

/// A run of Nix. Times are in seconds; `None` is what nobody knew.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunRecord {
    /// When it began, in seconds since the beginning of 1970, UTC.
    pub at_secs: u64,
    /// The name of the machine.
    pub host: String,
    /// What the user called it.
    pub label: Option<String>,
    /// Program, subcommand and what was built, without what only says how.
    pub command: String,
    /// The folder of the configuration, or the working directory.
    pub folder: String,
    /// What the repository around that folder stood at.
    pub commit: Option<Commit>,
    /// The Nix that ran.
    pub nix: Option<NixUsed>,
    /// Settings whose values are numbers and that decide how fast a run is.
    pub settings: BTreeMap<String, u64>,
    /// What the command ended with.
    pub exit_code: u8,
    /// From its begin to its end.
    pub wall_secs: Option<f64>,
    /// The parts of `wall_secs` by what went on, as `analyze profile` names them.
    pub shares_secs: BTreeMap<String, f64>,
    /// True when Nix took the evaluation from its cache: it evaluated, and read no file for it.
    pub evaluation_is_cached: Option<bool>,
    /// How long evaluation stood still for builds (import from derivation).
    pub import_secs: Option<f64>,
    /// Derivations that were built.
    pub built: u64,
    /// Of these, those that no cache is asked for.
    pub local_only: u64,
    /// Paths that came from caches.
    pub substituted: u64,
    /// Derivations that failed.
    pub failed: u64,
    /// Bytes that were transferred from caches.
    pub download_bytes: u64,
    /// The share that came from caches, from 0 to 1; without what no cache is asked for.
    pub hit_rate: Option<f64>,
    /// The largest resident set of the command's own process.
    pub peak_memory_bytes: Option<u64>,
}

/// What a repository stood at.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Commit {
    /// Its name in hexadecimal.
    pub id: String,
    /// True when tracked files differed from it; `None` when nobody could tell.
    pub is_dirty: Option<bool>,
}

/// A Nix.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NixUsed {
    /// Who made it: `cppnix`, `lix`, `determinate`.
    pub implementation: String,
    /// Its version.
    pub version: String,
}

/// What a store held.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StoreRecord {
    /// When, in seconds since the beginning of 1970, UTC.
    pub at_secs: u64,
    /// The name of the machine.
    pub host: String,
    /// The store's folder.
    pub store_dir: String,
    /// Valid paths.
    pub paths: u64,
    /// Bytes of what roots reach, as Nix counts them (NAR sizes).
    pub live_bytes: u64,
    /// Bytes of what they do not reach.
    pub dead_bytes: u64,
    /// Free bytes of its file system.
    pub free_bytes: Option<u64>,
    /// Bytes of its file system that are in use, by whatever.
    pub disk_used_bytes: Option<u64>,
}

impl RunRecord {
    /// The record of a profile, without what only the machine knows.
    pub fn of_profile(profile: &Profile) -> Self {
        let built = |is_wanted: &dyn Fn(Option<bool>) -> bool| {
            let builds = profile.builds.iter();
            let finished = builds
                .filter(|build| build.has_succeeded && build.end_quality != EndQuality::Open)
                .filter(|build| is_wanted(build.is_local_only));
            finished.count() as u64
        };
        let shares_secs: BTreeMap<String, f64> = profile
            .shares
            .iter()
            .map(|share| (share.kind.to_owned(), share.secs))
            .collect();
        Self {
            wall_secs: profile.wall_secs,
            evaluation_is_cached: shares_secs
                .contains_key("evaluation")
                .then_some(profile.evaluated_files == 0),
            shares_secs,
            import_secs: profile.import_from_derivation.map(|waited| waited.secs),
            built: built(&|_| true),
            local_only: built(&|is_local_only| is_local_only == Some(true)),
            substituted: profile.substitutions.len() as u64,
            failed: profile
                .builds
                .iter()
                .filter(|build| !build.has_succeeded && build.end_quality != EndQuality::Open)
                .count() as u64,
            download_bytes: profile.caches.iter().map(|used| used.bytes).sum(),
            hit_rate: profile.hit_rate.as_ref().map(|hits| hits.rate),
            peak_memory_bytes: profile.peak_memory_bytes,
            ..Self::default()
        }
    }

    /// How people know the run again: its label, else its command.
    pub fn name(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.command)
    }

    /// How much of the run went on with one of these kinds.
    pub fn share_secs(&self, kinds: &[&str]) -> Option<f64> {
        let found = kinds.iter().filter_map(|kind| self.shares_secs.get(*kind));
        found.copied().reduce(|one, other| one + other)
    }
}

impl Record {
    /// The line, without a line break.
    pub fn line(&self) -> String {
        #[derive(Serialize)]
        struct Line<'r> {
            version: u32,
            #[serde(flatten)]
            record: &'r Record,
        }
        let line = Line {
            version: VERSION,
            record: self,
        };
        // Maps of strings and numbers always serialize.
        serde_json::to_string(&line).unwrap_or_default()
    }
}

/// What was read of a history.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Records {
    /// Runs, in the order of their begin.
    pub runs: Vec<RunRecord>,
    /// Stores, in the order of time.
    pub stores: Vec<StoreRecord>,
    /// Lines of a version or kind that this release does not know.
    pub newer: u64,
    /// Lines that are torn or none of a history.
    pub broken: u64,
}

impl Records {
    /// Takes the lines of a file; `is_cut` when it begins in the middle of one.
    pub fn take(&mut self, bytes: &[u8], is_cut: bool) {
        for line in bytes
            .split(|byte| *byte == b'\n')
            .skip(usize::from(is_cut))
            .filter(|line| !line.trim_ascii().is_empty())
        {
            self.take_line(line);
        }
    }

    /// Orders what was taken by time.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.runs.sort_by_key(|run| run.at_secs);
        self.stores.sort_by_key(|store| store.at_secs);
        self
    }

    fn take_line(&mut self, line: &[u8]) {
        let Ok(Json::Object(mut line)) = serde_json::from_slice::<Json>(line) else {
            self.broken += 1;
            return;
        };
        let version = line.get("version").and_then(Json::as_u64);
        let kind = line.remove("kind");
        let (version, kind) = match (version, kind.as_ref().and_then(Json::as_str)) {
            (Some(version), Some(kind)) => (version, kind),
            _ => {
                self.broken += 1;
                return;
            }
        };
        if version > u64::from(VERSION) {
            self.newer += 1;
            return;
        }
        let line = Json::Object(line);
        let is_read = match kind {
            "run" => serde_json::from_value(line).map(|run| self.runs.push(run)),
            "store" => serde_json::from_value(line).map(|store| self.stores.push(store)),
            _ => {
                self.newer += 1;
                return;
            }
        };
        if is_read.is_err() {
            self.broken += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_they_were_written() {
        let run = RunRecord {
            at_secs: 7,
            command: "nix build .#x".to_owned(),
            shares_secs: BTreeMap::from([("evaluation".to_owned(), 1.5)]),
            hit_rate: Some(0.25),
            ..RunRecord::default()
        };
        let store = StoreRecord {
            at_secs: 3,
            live_bytes: u64::MAX,
            ..StoreRecord::default()
        };
        let lines = format!(
            "{}\n{}\n",
            Record::Run(Box::new(run.clone())).line(),
            Record::Store(store.clone()).line()
        );
        let mut records = Records::default();
        records.take(lines.as_bytes(), false);
        assert_eq!(records.runs, [run]);
        assert_eq!(records.stores, [store]);
        assert_eq!((records.newer, records.broken), (0, 0));
    }

    #[test]
    fn what_is_not_known_is_skipped_and_counted() {
        let lines = [
            r#"un","at_secs":1}"#,
            r#"{"version":1,"kind":"run","at_secs":9,"brightness":{"a":[1]},"command":"nix build"}"#,
            r#"{"version":2,"kind":"run","at_secs":"soon"}"#,
            r#"{"version":1,"kind":"battery","at_secs":1}"#,
            r#"{"version":1,"kind":"run","at_secs":-1}"#,
            r#"{"kind":"run"}"#,
            "[1]",
            "",
            r#"{"version":1,"kind":"run","at_secs":4}"#,
            r#"{"version":1,"kind":"ru"#,
        ];
        let mut records = Records::default();
        records.take(lines.join("\n").as_bytes(), true);
        let records = records.sorted();
        let times: Vec<u64> = records.runs.iter().map(|run| run.at_secs).collect();
        assert_eq!(times, [4, 9]);
        assert_eq!(records.runs[1].command, "nix build");
        assert_eq!((records.newer, records.broken), (2, 4));
    }
}
