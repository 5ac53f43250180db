//! Hardware: what a build can use of the machine.

use serde::{Deserialize, Serialize};

use super::{Fact, Platform};
use crate::units::{Bytes, Threads};

/// One machine's hardware. `None` means that it could not be found out, never zero.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host {
    /// How messages call it: a profile's name or "this machine".
    pub name: String,
    /// Operating system and architecture.
    pub platform: Option<Fact<Platform>>,
    /// Threads that a build may use: CPU affinity and cgroup quota are taken into account.
    pub threads: Option<Fact<Threads>>,
    /// Physical cores by performance level, best first; empty when the machine has one kind only
    /// or it is not known.
    pub core_levels: Vec<Fact<CoreLevel>>,
    /// Memory that a build may use: the cgroup limit when that is lower.
    pub memory: Option<Fact<Bytes>>,
    /// Swap, zram included.
    pub swap: Option<Fact<Bytes>>,
    /// The file system that holds the store.
    pub store: Option<StoreDisk>,
}

/// What a group of cores is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CoreRole {
    /// Every level that is not named for efficiency.
    Performance,
    /// The level that the system names "Efficiency" (macOS) or runs at a lower capacity (Linux).
    Efficiency,
}

/// A group of equal cores.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CoreLevel {
    /// The system's own name: `Performance`, `Efficiency`, `Super`, `capacity 1024`.
    pub name: String,
    /// What it counts as.
    pub role: CoreRole,
    /// Physical cores of this level.
    pub cores: u32,
}

/// The file system that holds `/nix/store`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreDisk {
    /// Size of the file system; on APFS, of the container.
    pub size: Option<Fact<Bytes>>,
    /// Free space for an ordinary user.
    pub free: Option<Fact<Bytes>>,
    /// `apfs`, `ext4`, `btrfs`, `zfs` …
    pub kind: Option<Fact<String>>,
}

impl Host {
    /// A machine of which nothing is known.
    pub fn unknown(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            platform: None,
            threads: None,
            core_levels: Vec::new(),
            memory: None,
            swap: None,
            store: None,
        }
    }

    /// Cores in levels that are not for efficiency; `None` when the levels are not known.
    pub fn performance_cores(&self) -> Option<u32> {
        self.cores_of(CoreRole::Performance)
    }

    /// Cores in levels that are for efficiency; `None` when the levels are not known.
    pub fn efficiency_cores(&self) -> Option<u32> {
        self.cores_of(CoreRole::Efficiency)
    }

    fn cores_of(&self, role: CoreRole) -> Option<u32> {
        if self.core_levels.is_empty() {
            return None;
        }
        Some(
            self.core_levels
                .iter()
                .filter(|level| level.value.role == role)
                .map(|level| level.value.cores)
                .sum(),
        )
    }
}
