//! Values of `experimental-features`, and of Lix's `deprecated-features`.

use serde::Deserialize;

use super::range::{self, ByImplementation, Since, VersionRange};
use crate::facts::{Implementation, Os, Target, Version};

/// One feature.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureInfo {
    /// Its name.
    pub name: &'static str,
    /// The setting that takes it.
    pub setting: &'static str,
    #[serde(rename = "in")]
    ranges: ByImplementation<VersionRange>,
    #[serde(default)]
    always_on: Vec<Implementation>,
    #[serde(default)]
    stable: ByImplementation<Since>,
    #[serde(default)]
    removed: ByImplementation<Since>,
    #[serde(default)]
    unneeded: ByImplementation<Since>,
    #[serde(default)]
    os: Option<Vec<Os>>,
    /// What to use instead, in words or as a name; `None` when there is nothing.
    #[serde(default)]
    pub replacement: Option<&'static str>,
    /// What a user should know.
    #[serde(default)]
    pub note: Option<&'static str>,
    /// Evidence.
    #[serde(default)]
    pub source: Option<&'static str>,
}

impl FeatureInfo {
    /// The releases of an implementation that know the name; `None` when it never did.
    pub fn range(&self, implementation: Implementation) -> Option<&VersionRange> {
        self.ranges.get(implementation)
    }

    /// All ranges.
    pub fn ranges(&self) -> &ByImplementation<VersionRange> {
        &self.ranges
    }

    /// Whether the target's Nix knows the name; `None` when the releases that it may be differ.
    pub fn is_known_to(&self, target: &Target) -> Option<bool> {
        range::known_to(&self.ranges, target)
    }

    /// The release that made it available without the feature.
    pub fn stable_in(&self, implementation: Implementation) -> Option<Version> {
        self.stable.get(implementation).map(|since| since.0)
    }

    /// The release that no longer knows the name.
    pub fn removed_in(&self, implementation: Implementation) -> Option<Version> {
        self.removed.get(implementation).map(|since| since.0)
    }

    /// The release from which other features cover it.
    pub fn unneeded_since(&self, implementation: Implementation) -> Option<Version> {
        self.unneeded.get(implementation).map(|since| since.0)
    }

    /// True when the implementation has it always on and accepts the name silently.
    pub fn is_always_on(&self, implementation: Implementation) -> bool {
        self.always_on.contains(&implementation)
    }

    /// True when it can do something on this system. The name itself is known everywhere.
    pub fn acts_on(&self, os: Os) -> bool {
        self.os.as_ref().is_none_or(|listed| listed.contains(&os))
    }
}
