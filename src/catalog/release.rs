//! Releases of NixOS and of Nix: which Nix comes with which nixpkgs, what is still looked after,
//! and which security faults were mended where.

use serde::Deserialize;

use super::range::{self, ByImplementation, Since};
use crate::facts::{Implementation, Os, Version};

/// A release of NixOS.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NixosRelease {
    /// `25.05`, which `nixos-25.05`, `nixpkgs-25.05-darwin` and their like are branches of.
    pub release: &'static str,
    /// The series of Nix that `pkgs.nix` is there.
    #[serde(deserialize_with = "range::version")]
    pub nix: Version,
    /// Evidence.
    pub source: &'static str,
}

/// What an implementation no longer looks after.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unsupported {
    /// Series before this one get no fixes.
    #[serde(deserialize_with = "range::version")]
    pub before: Version,
    /// Year and month of the last security fixes, which those series did not get.
    pub last_fixes: &'static str,
    /// Evidence.
    pub source: &'static str,
}

/// A security fault of Nix.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advisory {
    /// `GHSA-…`, or the CVE number where there is none.
    pub id: &'static str,
    /// `CVE-…`
    pub cve: &'static str,
    /// The day on which it became known: `2026-05-04`.
    pub published: &'static str,
    /// What somebody can do with it.
    pub what: &'static str,
    /// The one operating system that has it; `None` for all.
    #[serde(default)]
    pub os: Option<Os>,
    #[serde(default)]
    since: ByImplementation<Since>,
    fixed: ByImplementation<Vec<Since>>,
    /// Evidence.
    pub source: &'static str,
}

/// A package attribute of nixpkgs that is gone, or goes by another name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageAttr {
    /// Below `pkgs`: `nixVersions.unstable`.
    pub attr: &'static str,
    /// The NixOS release from which evaluating it fails; `None` while it still works.
    #[serde(default)]
    pub gone_in: Option<&'static str>,
    /// The NixOS release from which it warns.
    #[serde(default)]
    pub renamed_in: Option<&'static str>,
    /// What to use instead.
    pub r#use: &'static str,
    /// Evidence.
    pub source: &'static str,
}

impl Advisory {
    /// The release that mends the fault in the series of this one, when this one has the fault
    /// and the series got a release without it.
    pub fn fix_for(&self, implementation: Implementation, version: Version) -> Option<Version> {
        if self
            .since
            .get(implementation)
            .is_some_and(|since| version < since.0)
        {
            return None;
        }
        let fixed = self.fixed.get(implementation)?;
        let of_series = fixed
            .iter()
            .map(|since| since.0)
            .find(|fix| (fix.major, fix.minor) == (version.major, version.minor))?;
        (version < of_series).then_some(of_series)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleasesData {
    pub as_of: &'static str,
    pub nixos: Vec<NixosRelease>,
    pub unsupported: ByImplementation<Unsupported>,
    pub advisories: Vec<Advisory>,
    pub packages: Vec<PackageAttr>,
}
