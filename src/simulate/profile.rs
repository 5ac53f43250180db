//! Graphs from what `nixtune analyze profile --format json` measured.
//!
//! A profile has durations and no dependencies: those stand in the derivations.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::closure::{Work, job, name_of};
use super::graph::{Graph, GraphError, Job, JobId};
use super::input::InputError;
use crate::units::Bytes;

/// The version of profiles that is read.
pub const PROFILE_VERSION: u32 = 1;

/// A profile, as far as it says what was done and how long it took.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct RunProfile {
    version: u32,
    builds: Vec<ProfiledBuild>,
    #[serde(default)]
    substitutions: Vec<ProfiledDownload>,
    #[serde(default)]
    settings: Option<ProfiledSettings>,
}

#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
struct ProfiledSettings {
    max_jobs: u32,
    cores: u32,
}

#[derive(Clone, PartialEq, Debug, Deserialize)]
struct ProfiledBuild {
    derivation: Arc<str>,
    start_secs: Option<f64>,
    end_secs: Option<f64>,
}

#[derive(Clone, PartialEq, Debug, Deserialize)]
struct ProfiledDownload {
    path: Arc<str>,
    start_secs: Option<f64>,
    end_secs: Option<f64>,
    download_bytes: Option<u64>,
}

fn duration(start: Option<f64>, end: Option<f64>) -> Option<f64> {
    Some((end? - start?).max(0.0))
}

/// Reads a profile; `None` for a document that is none.
///
/// # Errors
/// A profile of another version, or without times.
pub fn read_profile(bytes: &[u8]) -> Result<Option<RunProfile>, InputError> {
    #[derive(Deserialize)]
    struct Glance {
        version: u32,
        #[serde(rename = "builds")]
        _builds: serde::de::IgnoredAny,
    }
    let Ok(glance) = serde_json::from_slice::<Glance>(bytes) else {
        return Ok(None);
    };
    if glance.version != PROFILE_VERSION {
        return Err(InputError::ProfileVersion(glance.version));
    }
    let profile: RunProfile =
        serde_json::from_slice(bytes).map_err(|error| InputError::Json(error.to_string()))?;
    let is_timed = |build: &ProfiledBuild| duration(build.start_secs, build.end_secs).is_some();
    match profile.builds.iter().find(|build| !is_timed(build)) {
        Some(build) => Err(InputError::NoTime(Arc::clone(&build.derivation))),
        None => Ok(Some(profile)),
    }
}

impl RunProfile {
    /// Paths of the derivations that were built.
    pub fn derivations(&self) -> impl Iterator<Item = &Arc<str>> {
        self.builds.iter().map(|build| &build.derivation)
    }

    /// `max-jobs` and `cores` that were in force; `None` when the profile does not say.
    pub fn settings(&self) -> Option<(u32, u32)> {
        self.settings
            .map(|settings| (settings.max_jobs, settings.cores))
    }

    /// The graph. `known` are the derivations that were built and those that they need, by path:
    /// what was neither built nor fetched was there before. `threads` is what each build was
    /// given: what several threads did together is told apart by an assumption.
    ///
    /// # Errors
    /// Derivations that are no graph.
    pub fn graph(
        &self,
        known: &FxHashMap<Arc<str>, Work>,
        threads: u32,
    ) -> Result<Graph, GraphError> {
        let mut ids: FxHashMap<&str, JobId> = FxHashMap::default();
        for (id, build) in (0u32..).map(JobId).zip(&self.builds) {
            ids.insert(&build.derivation, id);
        }
        let first = u32::try_from(self.builds.len()).unwrap_or(u32::MAX);
        for (id, download) in (first..).map(JobId).zip(&self.substitutions) {
            ids.insert(&download.path, id);
        }
        let outputs = |path: &Arc<str>| known.get(path).map_or(&[][..], |found| &found.outputs);
        let mut jobs = Vec::with_capacity(ids.len());
        for build in &self.builds {
            let secs = duration(build.start_secs, build.end_secs).unwrap_or(0.0);
            let mut needs = Vec::new();
            let derivation = known.get(&build.derivation);
            for need in derivation.into_iter().flat_map(|found| &found.needs) {
                needs.extend(ids.get(need.as_ref()));
                let fetched = outputs(need).iter();
                needs.extend(fetched.filter_map(|output| ids.get(output.as_ref())));
            }
            jobs.push(job(&build.derivation, derivation, needs, secs, threads));
        }
        for download in &self.substitutions {
            let secs = duration(download.start_secs, download.end_secs).unwrap_or(0.0);
            let mut job = Job::download(name_of(&download.path), secs);
            job.path = Arc::clone(&download.path);
            job.download = Bytes(download.download_bytes.unwrap_or(0));
            jobs.push(job);
        }
        Graph::new(jobs)
    }
}

#[cfg(test)]
mod tests {
    use super::super::graph::JobKind;
    use super::*;
    use crate::syntax::Derivation;

    const PROFILE: &str = r#"{"version": 1, "wall_secs": 20.0, "builds": [
        {"derivation": "/s/a-lib.drv", "name": "lib", "start_secs": 3.0, "end_secs": 9.0, "phases": []},
        {"derivation": "/s/b-top.drv", "name": "top", "start_secs": 9.0, "end_secs": 11.5}],
        "substitutions": [{"path": "/s/o-cc", "cache": "x", "start_secs": 1.0, "end_secs": 3.0, "download_bytes": 7}]}"#;

    fn derivation(output: &str, needs: &str, environment: &str) -> Work {
        let text = format!(
            r#"Derive([("out","{output}","","")],[{needs}],[],"x","/bin/sh",[],[{environment}])"#
        );
        Work::from(&Derivation::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn durations_come_from_the_run_and_needs_from_derivations() {
        let profile = read_profile(PROFILE.as_bytes()).unwrap().unwrap();
        let parallel = r#"("enableParallelBuilding","1")"#;
        let known = FxHashMap::from_iter([
            (
                "/s/a-lib.drv".into(),
                derivation("/s/o-lib", r#"("/s/c-cc.drv",["out"])"#, parallel),
            ),
            (
                "/s/b-top.drv".into(),
                derivation(
                    "/s/o-top",
                    r#"("/s/a-lib.drv",["out"]),("/s/d-old.drv",["out"])"#,
                    "",
                ),
            ),
            ("/s/c-cc.drv".into(), derivation("/s/o-cc", "", "")),
            ("/s/d-old.drv".into(), derivation("/s/o-old", "", "")),
        ]);
        let graph = profile.graph(&known, 4).unwrap();
        let [lib, top, cc] = graph.jobs() else {
            panic!()
        };
        assert_eq!(
            (lib.name.as_ref(), &lib.needs[..]),
            ("lib.drv", &[JobId(2)][..])
        );
        // With the threads of the run it takes what it took.
        assert!((lib.alone_secs(4) - 6.0).abs() < 1e-9);
        assert!((lib.alone_secs(1) - 15.0).abs() < 1e-9);
        assert_eq!((&top.needs[..], top.serial_secs), (&[JobId(0)][..], 2.5));
        assert_eq!(
            (cc.kind, cc.waiting_secs, cc.download),
            (JobKind::Download, 2.0, Bytes(7))
        );
    }

    #[test]
    fn what_is_no_profile_is_told_apart() {
        let graph = br#"{"version": 1, "jobs": []}"#;
        assert_eq!(read_profile(graph).unwrap(), None);
        let newer = PROFILE.replace("\"version\": 1", "\"version\": 2");
        let error = read_profile(newer.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("version 2"), "{error}");
        let untimed = PROFILE.replace("11.5", "null");
        let error = read_profile(untimed.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("/s/b-top.drv"), "{error}");
    }
}
