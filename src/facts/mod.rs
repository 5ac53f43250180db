//! What is known about the hardware and about the Nix that the files are for.
//!
//! Every fact says how it is known, because a fix that rests on an assumption is never safe.

mod host;
mod observations;
pub mod profile;
mod target;

pub use host::{CoreLevel, CoreRole, Host, StoreDisk};
pub use observations::{
    BuildSlotsSeen, CacheSeen, FileSystemSeen, ImportSeen, NixSeen, Observations, OldRoot,
    cache_key,
};
pub use target::{Arch, Implementation, ModuleSystem, Os, Platform, Target, Version, VersionError};

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a fact came to be known, from the weakest to the strongest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// A default that stands in because nothing said otherwise.
    Assumed,
    /// Written by a person: a profile, `nixtune.toml`, a flag, the linted files.
    Declared,
    /// Measured on this machine.
    Probed,
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Assumed => "assumed",
            Self::Declared => "declared",
            Self::Probed => "probed",
        })
    }
}

/// A value with its evidence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fact<T> {
    /// The value.
    pub value: T,
    /// How it is known.
    pub how: How,
    /// Where it was read, in words a person can check: `hw.memsize`, `hosts/mbp.toml`,
    /// `/proc/meminfo`.
    pub source: String,
}

impl<T> Fact<T> {
    /// Measured here.
    pub fn probed(value: T, source: impl Into<String>) -> Self {
        Self {
            value,
            how: How::Probed,
            source: source.into(),
        }
    }

    /// Said by a person.
    pub fn declared(value: T, source: impl Into<String>) -> Self {
        Self {
            value,
            how: How::Declared,
            source: source.into(),
        }
    }

    /// Taken for granted.
    pub fn assumed(value: T, source: impl Into<String>) -> Self {
        Self {
            value,
            how: How::Assumed,
            source: source.into(),
        }
    }

    /// The same evidence for a value derived from this one.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Fact<U> {
        Fact {
            value: f(self.value),
            how: self.how,
            source: self.source,
        }
    }
}
