//! What the user says about the Nix that the files are for.

use std::str::FromStr;

use super::selection::UnknownWord;
use super::suggestion;
use crate::facts::{Fact, Implementation, ModuleSystem, Platform, Target, Version};

/// A declared target; what is not said stays open.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TargetPolicy {
    /// What reads the files.
    pub module_system: Option<ModuleSystem>,
    /// Who made the Nix.
    pub implementation: Option<Implementation>,
    /// Its version.
    pub version: Option<Version>,
    /// Where it runs.
    pub platform: Option<Platform>,
}

/// A word of a target that stands for nothing.
pub type TargetError = UnknownWord;

/// Names of module systems, as flags, `nixtune.toml` and profiles write them.
pub(super) const MODULE_SYSTEMS: [ModuleSystem; 5] = [
    ModuleSystem::NixDarwin,
    ModuleSystem::Nixos,
    ModuleSystem::HomeManager,
    ModuleSystem::NixConf,
    ModuleSystem::FlakeConfig,
];

/// Implementations, by the names that flags, `nixtune.toml` and profiles use.
pub(super) const IMPLEMENTATIONS: [Implementation; 3] = [
    Implementation::Cppnix,
    Implementation::Lix,
    Implementation::Determinate,
];

/// The platforms that suggestions name.
pub(super) const PLATFORMS: [&str; 4] = [
    "aarch64-darwin",
    "x86_64-darwin",
    "aarch64-linux",
    "x86_64-linux",
];

pub(super) fn module_system(word: &str) -> Option<ModuleSystem> {
    MODULE_SYSTEMS
        .into_iter()
        .find(|system| system.name() == word)
}

pub(super) fn implementation(word: &str) -> Option<Implementation> {
    IMPLEMENTATIONS
        .into_iter()
        .find(|implementation| implementation.name() == word)
}

impl TargetPolicy {
    /// True when nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// This target with what `stronger` says in its place.
    #[must_use]
    pub fn overlaid(&self, stronger: &TargetPolicy) -> Self {
        Self {
            module_system: stronger.module_system.or(self.module_system),
            implementation: stronger.implementation.or(self.implementation),
            version: stronger.version.or(self.version),
            platform: stronger.platform.or(self.platform),
        }
    }

    /// As declared facts of `source`.
    pub fn as_target(&self, source: &str) -> Target {
        Target {
            implementation: self
                .implementation
                .map(|value| Fact::declared(value, source)),
            version: self.version.map(|value| Fact::declared(value, source)),
            series: None,
            platform: self.platform.map(|value| Fact::declared(value, source)),
            module_system: self
                .module_system
                .map(|value| Fact::declared(value, source)),
        }
    }
}

impl FromStr for TargetPolicy {
    type Err = TargetError;

    /// Reads words separated by commas, in any order: a module system (`nix-darwin`), an
    /// implementation with or without version (`lix`, `cppnix@2.31.2`), a version, a platform
    /// (`aarch64-darwin`, `linux`).
    fn from_str(text: &str) -> Result<Self, TargetError> {
        let mut target = Self::default();
        for word in text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
        {
            if let Some(system) = module_system(word) {
                target.module_system = Some(system);
            } else if let Ok(platform) = word.parse() {
                target.platform = Some(platform);
            } else if word.starts_with(|c: char| c.is_ascii_digit())
                && let Ok(version) = word.parse()
            {
                target.version = Some(version);
            } else {
                let (name, version) = match word.split_once('@') {
                    Some((name, version)) => (name, Some(version)),
                    None => (word, None),
                };
                target.implementation = Some(implementation(name).ok_or_else(|| unknown(name))?);
                if let Some(version) = version {
                    target.version = Some(version.parse().map_err(|_| UnknownWord {
                        what: "unknown version",
                        word: version.to_owned(),
                        suggestion: "write it like `2.31` or `2.31.3`".to_owned(),
                    })?);
                }
            }
        }
        Ok(target)
    }
}

fn unknown(word: &str) -> TargetError {
    let names = MODULE_SYSTEMS
        .iter()
        .map(|system| system.name())
        .chain(IMPLEMENTATIONS.iter().map(|made| made.name()))
        .chain(["aarch64-darwin", "x86_64-linux"]);
    UnknownWord {
        what: "unknown target",
        word: word.to_owned(),
        suggestion: suggestion(word, names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Arch, Os};

    #[test]
    fn words_are_read_in_any_order() {
        let target: TargetPolicy = "aarch64-darwin, lix@2.93, nix-darwin".parse().unwrap();
        assert_eq!(target.implementation, Some(Implementation::Lix));
        assert_eq!(target.version, Some(Version::new(2, 93, 0)));
        assert_eq!(target.module_system, Some(ModuleSystem::NixDarwin));
        let platform = target.platform.unwrap();
        assert_eq!(
            (platform.os, platform.arch),
            (Os::Darwin, Some(Arch::Aarch64))
        );
        assert_eq!(
            "2.31.2".parse::<TargetPolicy>().unwrap().version,
            Some(Version::new(2, 31, 2))
        );
    }

    #[test]
    fn an_unknown_word_names_its_neighbour() {
        let error = "nixdarwin".parse::<TargetPolicy>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown target `nixdarwin`; did you mean `nix-darwin`?"
        );
        assert!("lix@two".parse::<TargetPolicy>().is_err());
    }
}
