//! What was seen of a running machine: what no file shows, and what changes without one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Implementation, Version};

/// What was seen. `None`, and what is left out of a list or a map, was not looked at or could not be
/// seen; it is never a "no".
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Observations {
    /// Caches by their address, as [`cache_key`] writes it.
    pub caches: BTreeMap<String, CacheSeen>,
    /// The Nix that is installed.
    pub nix: Option<NixSeen>,
    /// The file system of the store.
    pub store: Option<FileSystemSeen>,
    /// Those of the folders in which builds may work, by the folder.
    pub work_folders: BTreeMap<String, FileSystemSeen>,
    /// Whether the kernel offers virtual machines to builds (`/dev/kvm`).
    pub has_kvm: Option<bool>,
    /// What shows that Determinate's daemon is installed, a path; empty when nothing does.
    pub determinate_daemon: Option<String>,
    /// A recorded run of the last ones in which evaluation waited longest for builds.
    pub import: Option<ImportSeen>,
    /// Links that keep paths of the store and that nothing touched for long; those first that keep
    /// most. `None` when the store was not read.
    pub old_roots: Option<Vec<OldRoot>>,
    /// With which build slots the builds of the past take least time, by simulation; `None` when none
    /// were recorded, and when what that gains is not sure.
    pub build_slots: Option<BuildSlotsSeen>,
}

/// Build slots that recorded simulations speak for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildSlotsSeen {
    /// `max-jobs`; at least 1.
    pub max_jobs: u32,
    /// `cores`; at least 1.
    pub cores: u32,
    /// How many runs were simulated.
    pub runs: u32,
    /// The day of the last, as in `2026-11-26`.
    pub day: String,
}

/// A cache, asked a moment ago.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct CacheSeen {
    /// Why it is of no use: it does not answer, or not as a cache; empty when it is one.
    pub fault: String,
    /// The middle one of some answers on a connection that stood.
    pub latency_micros: Option<u64>,
    /// The priority that it announces.
    pub priority: Option<u64>,
    /// Why Nix would refuse what it serves; empty when it would not, or when nothing shows.
    pub refused: String,
    /// For an address of plain HTTP: whether the same cache answers over TLS.
    pub answers_encrypted: Option<bool>,
}

/// An installed Nix.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NixSeen {
    /// Whose it is.
    pub implementation: Implementation,
    /// Its release.
    pub version: Version,
}

/// A file system.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct FileSystemSeen {
    /// Its kind as the kernel names it: `ext4`, `tmpfs`.
    pub kind: Option<String>,
    /// Its size in bytes.
    pub size_bytes: Option<u64>,
    /// Bytes free for an ordinary user.
    pub free_bytes: Option<u64>,
    /// How many files it can hold; `None` where there is no such bound, as on btrfs.
    pub inodes: Option<u64>,
    /// How many more.
    pub free_inodes: Option<u64>,
}

/// A run in which evaluation waited for builds (import from derivation).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ImportSeen {
    /// What the run is called.
    pub run: String,
    /// On which day it began, as in `2026-11-26`.
    pub day: String,
    /// How long evaluation stood still.
    pub millis: u64,
}

/// A link that keeps paths of the store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OldRoot {
    /// The link.
    pub link: String,
    /// How long ago it was made.
    pub age_days: u64,
    /// What would be dead without it, because no other root reaches it.
    pub only_bytes: u64,
}

impl Observations {
    /// What was seen of the cache at this address.
    pub fn cache(&self, address: &str) -> Option<&CacheSeen> {
        self.caches.get(&cache_key(address))
    }
}

/// The address of a cache without parameters and without a slash at its end: how it is known here.
pub fn cache_key(address: &str) -> String {
    let base = address.split('?').next().unwrap_or(address);
    base.trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_is_found_however_it_is_written() {
        let mut seen = Observations::default();
        let cache = CacheSeen {
            priority: Some(41),
            ..CacheSeen::default()
        };
        seen.caches
            .insert(cache_key("https://c.example/?priority=3"), cache);
        assert!(seen.cache("https://c.example").is_some());
        assert!(seen.cache("https://other.example").is_none());
    }
}
