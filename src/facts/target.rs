//! The Nix that the files are for: implementation, version, platform, module system.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Fact, How};

/// Who made the Nix in use.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Implementation {
    /// NixOS/nix, the C++ original.
    Cppnix,
    /// Lix.
    Lix,
    /// Determinate Nix; its versions are its own (3.x), not those of its base.
    Determinate,
}

impl Implementation {
    /// The name in flags, profiles and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cppnix => "cppnix",
            Self::Lix => "lix",
            Self::Determinate => "determinate",
        }
    }
}

impl fmt::Display for Implementation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cppnix => "Nix",
            Self::Lix => "Lix",
            Self::Determinate => "Determinate Nix",
        })
    }
}

/// Operating system, with architecture where it is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Platform {
    /// True for macOS.
    pub os: Os,
    /// `None` when only the operating system is known.
    pub arch: Option<Arch>,
}

/// Operating systems that Nix configurations are written for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Os {
    /// macOS.
    Darwin,
    /// Linux.
    Linux,
}

/// Architectures by Nix's names.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Arch {
    /// `aarch64`.
    #[serde(rename = "aarch64")]
    Aarch64,
    /// `x86_64`.
    #[serde(rename = "x86_64")]
    X86_64,
}

impl Os {
    /// The name in catalog data and system doubles.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Darwin => "darwin",
            Self::Linux => "linux",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.arch {
            Some(Arch::Aarch64) => write!(f, "aarch64-{}", self.os.name()),
            Some(Arch::X86_64) => write!(f, "x86_64-{}", self.os.name()),
            None => f.write_str(self.os.name()),
        }
    }
}

impl FromStr for Platform {
    type Err = ();

    /// Reads a system double (`aarch64-darwin`) or a bare operating system (`linux`).
    fn from_str(text: &str) -> Result<Self, ()> {
        let (arch, os) = match text.rsplit_once('-') {
            Some((arch, os)) => (Some(arch), os),
            None => (None, text),
        };
        let os = match os {
            "darwin" | "macos" => Os::Darwin,
            "linux" => Os::Linux,
            _ => return Err(()),
        };
        let arch = match arch {
            None => None,
            Some("aarch64" | "arm64") => Some(Arch::Aarch64),
            Some("x86_64") => Some(Arch::X86_64),
            Some(_) => return Err(()),
        };
        Ok(Self { os, arch })
    }
}

/// Which module system, or none, reads a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModuleSystem {
    /// nix-darwin.
    NixDarwin,
    /// NixOS.
    Nixos,
    /// home-manager.
    HomeManager,
    /// A plain `nix.conf`.
    NixConf,
    /// `nixConfig` of a flake.
    FlakeConfig,
}

impl ModuleSystem {
    /// The name in flags, profiles and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NixDarwin => "nix-darwin",
            Self::Nixos => "nixos",
            Self::HomeManager => "home-manager",
            Self::NixConf => "nix-conf",
            Self::FlakeConfig => "flake-config",
        }
    }
}

impl fmt::Display for ModuleSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NixDarwin => "nix-darwin",
            Self::Nixos => "NixOS",
            Self::HomeManager => "home-manager",
            Self::NixConf => "nix.conf",
            Self::FlakeConfig => "flake nixConfig",
        })
    }
}

/// A release number; a missing patch level is the series as a whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    /// `2` in 2.31.3.
    pub major: u32,
    /// `31` in 2.31.3.
    pub minor: u32,
    /// `3` in 2.31.3; 0 when only the series is given.
    pub patch: u32,
}

impl Version {
    /// `major.minor.patch`.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }
}

/// A text that is not a release number.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{0}` is not a version; write it like 2.31 or 2.31.3")]
pub struct VersionError(pub String);

impl FromStr for Version {
    type Err = VersionError;

    /// Reads `2.31`, `2.31.3`, `2.35pre20260101_abc`, `2.36-dev`, `<=2.3`; what follows the
    /// numbers is ignored.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let fail = || VersionError(text.to_owned());
        let body = text.trim().trim_start_matches("<=");
        let mut numbers = body.split('.').map(|part| {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<u32>().map_err(|_| fail())
        });
        let major = numbers.next().ok_or_else(fail)??;
        let minor = numbers.next().ok_or_else(fail)??;
        let patch = match numbers.next() {
            Some(patch) => patch?,
            None => 0,
        };
        Ok(Self {
            major,
            minor,
            patch,
        })
    }
}

impl TryFrom<String> for Version {
    type Error = VersionError;

    fn try_from(text: String) -> Result<Self, VersionError> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch > 0 {
            write!(f, ".{}", self.patch)?;
        }
        Ok(())
    }
}

/// What a machine's files are for. `None` is "not known", which is not "any".
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Target {
    /// Who made the Nix.
    pub implementation: Option<Fact<Implementation>>,
    /// Its version.
    pub version: Option<Fact<Version>>,
    /// The series that its version belongs to, patch level 0, where the patch level is not known:
    /// `nixVersions.nix_2_28`. `None` when the version is known, or nothing is.
    pub series: Option<Fact<Version>>,
    /// Where it runs.
    pub platform: Option<Fact<Platform>>,
    /// What reads the files.
    pub module_system: Option<Fact<ModuleSystem>>,
}

impl Target {
    /// The operating system, when it is known: from the platform, or because nix-darwin means
    /// macOS and NixOS means Linux.
    pub fn os(&self) -> Option<Os> {
        if let Some(platform) = &self.platform {
            return Some(platform.value.os);
        }
        match self.module_system.as_ref()?.value {
            ModuleSystem::NixDarwin => Some(Os::Darwin),
            ModuleSystem::Nixos => Some(Os::Linux),
            _ => None,
        }
    }

    /// The Nix in words, as far as it is known: `Lix`, `Nix 2.31.2`, `Nix 2.28`.
    pub fn nix_in_words(&self) -> Option<String> {
        let version = self.version.as_ref().or(self.series.as_ref());
        match (&self.implementation, version) {
            (Some(implementation), Some(version)) => {
                Some(format!("{} {}", implementation.value, version.value))
            }
            (Some(implementation), None) => Some(implementation.value.to_string()),
            (None, Some(version)) => Some(format!("Nix {}", version.value)),
            (None, None) => None,
        }
    }

    /// True when something that is known of the Nix only stands in for what nobody said.
    pub fn nix_is_assumed(&self) -> bool {
        let versions = self.version.iter().chain(&self.series).map(|fact| fact.how);
        let implementations = self.implementation.iter().map(|fact| fact.how);
        implementations
            .chain(versions)
            .any(|how| how == How::Assumed)
    }

    /// Takes over what `weaker` knows of the Nix and this target does not. A version belongs to
    /// its implementation, and to its series: of another one nothing is taken over.
    pub fn fill_nix(&mut self, weaker: &Self) {
        // What only stands in gives way to whatever is known.
        let known = weaker.implementation.is_some() || weaker.version.is_some();
        if known && !weaker.nix_is_assumed() && self.nix_is_assumed() {
            let keeps = |how: How| how != How::Assumed;
            self.implementation = self.implementation.take().filter(|fact| keeps(fact.how));
            self.version = self.version.take().filter(|fact| keeps(fact.how));
            self.series = self.series.take().filter(|fact| keeps(fact.how));
        }
        if self.version.is_some() {
            return;
        }
        match (&self.implementation, &weaker.implementation) {
            (None, _) => self.implementation.clone_from(&weaker.implementation),
            (Some(own), Some(other)) if own.value == other.value => {}
            _ => return,
        }
        let is_of = |series: Version, version: Version| {
            (series.major, series.minor) == (version.major, version.minor)
        };
        let fits = |version: &Fact<Version>| {
            let series = self.series.as_ref().map(|fact| fact.value);
            series.is_none_or(|series| is_of(series, version.value))
        };
        if let Some(version) = weaker.version.as_ref().filter(|version| fits(version)) {
            self.version = Some(version.clone());
            self.series = None;
        } else if self.series.is_none() {
            self.series.clone_from(&weaker.series);
        }
    }

    /// The module system, when it is known.
    pub fn system(&self) -> Option<ModuleSystem> {
        self.module_system.as_ref().map(|fact| fact.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_order_by_number() {
        let parse = |text: &str| text.parse::<Version>().unwrap();
        assert!(parse("2.9") < parse("2.31"));
        assert!(parse("2.31") < parse("2.31.3"));
        assert_eq!(parse("2.35pre20260101_abc"), Version::new(2, 35, 0));
        assert_eq!(parse("<=2.3"), Version::new(2, 3, 0));
        assert!("two".parse::<Version>().is_err());
    }

    #[test]
    fn platforms_read_doubles_and_bare_systems() {
        let mac: Platform = "aarch64-darwin".parse().unwrap();
        assert_eq!(
            mac,
            Platform {
                os: Os::Darwin,
                arch: Some(Arch::Aarch64)
            }
        );
        assert_eq!(mac.to_string(), "aarch64-darwin");
        assert_eq!("linux".parse::<Platform>().unwrap().arch, None);
        assert!("riscv64-plan9".parse::<Platform>().is_err());
    }
}
