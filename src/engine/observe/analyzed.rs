//! What the analyses of caches and of the store see of the running machine.

use std::collections::BTreeMap;

use super::super::analyze::{
    CachesRequest, Effective, Unwatched, analyze_caches, effective_of_machine, old_roots,
    read_history,
};
use super::super::recorded;
use super::PATIENCE;
use crate::analyze::cache::{CacheFinding, Reach};
use crate::catalog::{CacheUrl, Catalog, Network};
use crate::facts::{CacheSeen, ImportSeen, Observations, cache_key};
use crate::model::{Machine, Workspace};
use crate::probe;
use crate::system::{FetchLimits, System};
use crate::tune::Profile;
use crate::units::Date;

/// Older runs say nothing about now.
const LAST_RUNS: usize = 10;
/// So many paths of the store show whose signature stands on what a cache serves.
const SAMPLED_PATHS: usize = 12;

/// The caches that the machines use, what old links keep in the store, and what was recorded about this
/// machine.
pub(super) fn look(
    system: &dyn System,
    catalog: &Catalog,
    workspace: &Workspace,
    machines: &[&Machine],
) -> Observations {
    let together = machines
        .iter()
        .map(|machine| effective_of_machine(workspace, catalog, machine))
        .reduce(|mut all, own| {
            all.substituters.extend(own.substituters);
            all.trusted_public_keys.extend(own.trusted_public_keys);
            all.require_sigs &= own.require_sigs;
            all
        });
    let Some(mut effective) = together else {
        return Default::default();
    };
    effective.store_dir = probe::store_folder(system).to_string_lossy().into_owned();
    let host = probe::host(system);
    let profile = Profile::of(&host);
    Observations {
        build_slots: recorded::build_slots(system, &host, &probe::target(system), profile),
        old_roots: old_roots(system, effective.keep).ok(),
        import: longest_import(system),
        caches: caches(system, effective),
        ..Observations::default()
    }
}

/// Of the last runs that were recorded here, the one in which evaluation waited longest for builds.
fn longest_import(system: &dyn System) -> Option<ImportSeen> {
    let here = probe::host_name(system).unwrap_or_default();
    let records = read_history(system).ok()?;
    let runs = records.runs.iter().rev().filter(|run| run.host == here);
    let (run, secs) = runs
        .take(LAST_RUNS)
        .filter_map(|run| Some((run, run.import_secs?)))
        .max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    let day = Date::of_unix_secs(run.at_secs)?;
    Some(ImportSeen {
        run: run.name().to_owned(),
        day: day.to_string(),
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a time; what is none becomes 0"
        )]
        millis: (secs * 1000.0) as u64,
    })
}

fn caches(system: &dyn System, effective: Effective) -> BTreeMap<String, CacheSeen> {
    let plain: Vec<String> = effective
        .substituters
        .iter()
        .filter(|address| {
            CacheUrl::parse(address).is_some_and(|url| {
                url.scheme == "http"
                    && url.credential().is_none()
                    && url.network() != Network::ThisMachine
            })
        })
        .map(|address| address.replacen("http://", "https://", 1))
        .collect();
    let encrypted = Effective {
        substituters: plain,
        ..effective.clone()
    };
    let mut seen: BTreeMap<String, CacheSeen> = asked(system, effective, SAMPLED_PATHS)
        .iter()
        .filter(|finding| !matches!(finding.reach, Reach::NotAsked(_)))
        .map(|finding| (cache_key(&finding.url), cache_seen(finding)))
        .collect();
    for finding in asked(system, encrypted, 0) {
        let plain = finding.url.replacen("https://", "http://", 1);
        if let Some(cache) = seen.get_mut(&cache_key(&plain)) {
            cache.answers_encrypted = Some(finding.reach == Reach::Reached);
        }
    }
    seen
}

fn asked(system: &dyn System, effective: Effective, sample: usize) -> Vec<CacheFinding> {
    let request = CachesRequest {
        effective,
        sample,
        closure: Vec::new(),
        cold: false,
        limits: FetchLimits {
            connect: PATIENCE,
            whole: PATIENCE,
            ..FetchLimits::default()
        },
    };
    // The only error without a closure is that there are no caches.
    analyze_caches(system, &request, &Unwatched)
        .map(|report| report.finding.caches)
        .unwrap_or_default()
}

fn cache_seen(finding: &CacheFinding) -> CacheSeen {
    CacheSeen {
        fault: finding.fault().unwrap_or_default(),
        latency_micros: finding
            .latency
            .and_then(|latency| u64::try_from(latency.as_micros()).ok()),
        priority: finding
            .manifest
            .as_ref()
            .and_then(|manifest| manifest.priority),
        refused: finding.refusal().unwrap_or_default(),
        answers_encrypted: None,
    }
}
