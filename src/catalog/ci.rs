//! What continuous integration offers: actions by their full version tags, and the machines that
//! services lend.

use serde::{Deserialize, Deserializer};

use crate::facts::Platform;
use crate::units::{Bytes, Threads};

/// An action of GitHub's kind.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionInfo {
    /// How nixtune calls it.
    pub name: &'static str,
    /// What stands behind `uses:`, with the full tag of a release.
    pub uses: &'static str,
    /// Evidence.
    pub source: &'static str,
}

/// A machine that a service lends for jobs.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunnerInfo {
    /// `github` or `gitlab`.
    pub service: &'static str,
    /// What a job asks for.
    pub label: &'static str,
    /// Operating system and architecture.
    #[serde(deserialize_with = "platform")]
    pub platform: Platform,
    /// Threads.
    pub threads: Threads,
    /// Memory in GiB.
    pub memory_gib: u64,
    /// The disk in GiB.
    pub disk_gib: u64,
    /// Evidence.
    pub source: &'static str,
}

impl RunnerInfo {
    /// Its memory.
    pub fn memory(&self) -> Bytes {
        Bytes::from_gib(self.memory_gib)
    }

    /// Its disk.
    pub fn disk(&self) -> Bytes {
        Bytes::from_gib(self.disk_gib)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CiData {
    pub as_of: &'static str,
    pub actions: Vec<ActionInfo>,
    pub runners: Vec<RunnerInfo>,
}

fn platform<'de, D: Deserializer<'de>>(from: D) -> Result<Platform, D::Error> {
    let text = <&str>::deserialize(from)?;
    text.parse()
        .map_err(|()| serde::de::Error::custom("no platform"))
}
