//! Which releases have something, and what it was in each of them.

use serde::{Deserialize, Deserializer};

use crate::facts::{Implementation, Os, Target, Version};

/// One value per implementation; `None` where it never had the thing.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByImplementation<T> {
    #[serde(default = "none")]
    cppnix: Option<T>,
    #[serde(default = "none")]
    lix: Option<T>,
    #[serde(default = "none")]
    determinate: Option<T>,
}

fn none<T>() -> Option<T> {
    None
}

fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// All implementations, in the order of the data.
pub const IMPLEMENTATIONS: [Implementation; 3] = [
    Implementation::Cppnix,
    Implementation::Lix,
    Implementation::Determinate,
];

impl<T> Default for ByImplementation<T> {
    fn default() -> Self {
        Self {
            cppnix: None,
            lix: None,
            determinate: None,
        }
    }
}

impl<T> ByImplementation<T> {
    /// The value for one implementation.
    pub fn get(&self, implementation: Implementation) -> Option<&T> {
        match implementation {
            Implementation::Cppnix => self.cppnix.as_ref(),
            Implementation::Lix => self.lix.as_ref(),
            Implementation::Determinate => self.determinate.as_ref(),
        }
    }

    /// The implementations that have a value, with it.
    pub fn iter(&self) -> impl Iterator<Item = (Implementation, &T)> {
        IMPLEMENTATIONS
            .into_iter()
            .filter_map(|implementation| Some((implementation, self.get(implementation)?)))
    }
}

/// The releases that have a name.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionRange {
    /// The first release, patch level included; `None` when the oldest release that the
    /// catalog covers has it already.
    #[serde(default, deserialize_with = "optional_version")]
    pub since: Option<Version>,
    /// The last series (`2.33`: every 2.33.x); `None` while it is still there.
    #[serde(default, deserialize_with = "optional_version")]
    pub until: Option<Version>,
    /// Releases after `since` that lack it: it came to older series by backports.
    #[serde(default, deserialize_with = "versions")]
    pub missing: Vec<Version>,
    /// True when only a development version has it.
    #[serde(default)]
    pub unreleased: bool,
}

impl VersionRange {
    /// True when this release has it.
    pub fn contains(&self, version: Version) -> bool {
        self.since.is_none_or(|since| since <= version)
            && self
                .until
                .is_none_or(|until| series(version) <= series(until))
            && !self.missing.contains(&version)
    }

    /// Whether the releases of a series have it; `None` when some do and others do not.
    pub fn contains_series(&self, of: Version) -> Option<bool> {
        let first = Version::new(of.major, of.minor, 0);
        if self.until.is_some_and(|until| series(until) < series(of)) {
            return Some(false);
        }
        match self.since {
            Some(since) if series(since) > series(of) => return Some(false),
            Some(since) if since > first => return None,
            _ => {}
        }
        let lacks = |release: &Version| series(*release) == series(of);
        if self.missing.iter().any(lacks) {
            return None;
        }
        Some(true)
    }

    /// The first series without it; `None` while it is still there.
    pub fn removed_in(&self) -> Option<Version> {
        self.until
            .map(|until| Version::new(until.major, until.minor + 1, 0))
    }

    /// True when the newest release that the catalog covers has it.
    pub fn is_current(&self) -> bool {
        self.until.is_none() && !self.unreleased
    }
}

const fn series(version: Version) -> (u32, u32) {
    (version.major, version.minor)
}

/// True or false when every release that the target may be agrees; `None` when they do not.
pub(super) fn known_to(ranges: &ByImplementation<VersionRange>, target: &Target) -> Option<bool> {
    let version = target.version.as_ref().map(|fact| fact.value);
    let mut answers = implementations(target).map(|implementation| {
        let Some(range) = ranges.get(implementation) else {
            return Some(false);
        };
        if let (None, Some(series)) = (version, &target.series) {
            return range.contains_series(series.value);
        }
        match version {
            Some(version) => Some(range.contains(version)),
            None if range.since == first_release(implementation)
                && range.is_current()
                && range.missing.is_empty() =>
            {
                Some(true)
            }
            None => None,
        }
    });
    let first = answers.next()??;
    answers.all(|answer| answer == Some(first)).then_some(first)
}

/// The oldest release as a range's `since` gives it.
const fn first_release(implementation: Implementation) -> Option<Version> {
    match implementation {
        Implementation::Cppnix => None,
        Implementation::Lix => Some(Version::new(2, 90, 0)),
        Implementation::Determinate => Some(Version::new(3, 0, 0)),
    }
}

/// The implementations that a target may be. A version alone often decides: Lix counts from
/// 2.90 and Determinate Nix from 3.0.
fn implementations(target: &Target) -> impl Iterator<Item = Implementation> {
    let said = target.implementation.as_ref().map(|fact| fact.value);
    let by_number = target
        .version
        .as_ref()
        .or(target.series.as_ref())
        .map(|fact| match series(fact.value) {
            (3.., _) => Implementation::Determinate,
            (2, 90..) => Implementation::Lix,
            _ => Implementation::Cppnix,
        });
    let only = said.or(by_number);
    IMPLEMENTATIONS
        .into_iter()
        .filter(move |implementation| only.is_none_or(|only| only == *implementation))
}

/// What something was, release by release.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeline<T> {
    /// For implementations without steps of their own. `null` in the data is a value here
    /// ("no gate"), not an absence.
    #[serde(
        default = "none",
        deserialize_with = "present",
        bound(deserialize = "T: Deserialize<'de>")
    )]
    all: Option<T>,
    #[serde(default = "Vec::new")]
    cppnix: Vec<Step<T>>,
    #[serde(default = "Vec::new")]
    lix: Vec<Step<T>>,
    #[serde(default = "Vec::new")]
    determinate: Vec<Step<T>>,
}

/// From a release on, until the next step.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Step<T>(
    /// The first release; `None` is the oldest that has the thing at all.
    #[serde(deserialize_with = "optional_version")]
    pub Option<Version>,
    /// What it was from then on.
    pub T,
);

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self {
            all: None,
            cppnix: Vec::new(),
            lix: Vec::new(),
            determinate: Vec::new(),
        }
    }
}

impl<T: PartialEq> Timeline<T> {
    /// The steps of one implementation, oldest first; empty when nothing ever changed.
    pub fn steps(&self, implementation: Implementation) -> &[Step<T>] {
        match implementation {
            Implementation::Cppnix => &self.cppnix,
            Implementation::Lix => &self.lix,
            Implementation::Determinate => &self.determinate,
        }
    }

    /// What it was in one release.
    pub fn at(&self, implementation: Implementation, version: Version) -> Option<&T> {
        self.steps(implementation)
            .iter()
            .rev()
            .find(|step| step.0.is_none_or(|since| since <= version))
            .map(|step| &step.1)
            .or(self.all.as_ref())
    }

    /// What it is in the newest release of the first implementation that has it.
    pub fn newest(&self) -> Option<&T> {
        IMPLEMENTATIONS
            .into_iter()
            .find_map(|implementation| self.newest_in(implementation))
    }

    /// What it is in the newest release of one implementation.
    pub fn newest_in(&self, implementation: Implementation) -> Option<&T> {
        self.steps(implementation)
            .last()
            .map(|step| &step.1)
            .or(self.all.as_ref())
    }

    /// What it is for a target: `None` when the releases that the target may be do not agree.
    /// `ranges` says which implementations count.
    pub(super) fn for_target(
        &self,
        ranges: &ByImplementation<VersionRange>,
        target: &Target,
    ) -> Option<&T> {
        let version = target.version.as_ref().map(|fact| fact.value);
        let of_series = target.series.as_ref().map(|fact| fact.value);
        let mut found: Option<&T> = None;
        for implementation in implementations(target) {
            let Some(range) = ranges.get(implementation) else {
                continue;
            };
            let steps = self.steps(implementation);
            let (single, steps): (_, &[Step<T>]) = match (version, of_series) {
                (Some(version), _) if !range.contains(version) => continue,
                (Some(version), _) => (self.at(implementation, version), &[]),
                (None, Some(of)) if range.contains_series(of) == Some(false) => continue,
                (None, Some(of)) => {
                    let first = Version::new(of.major, of.minor, 0);
                    let within = |step: &Step<T>| {
                        step.0
                            .is_some_and(|since| since > first && series(since) == series(of))
                    };
                    let from = steps.iter().position(within).unwrap_or(steps.len());
                    let count = steps.iter().filter(|step| within(step)).count();
                    (
                        self.at(implementation, first),
                        steps.get(from..from + count).unwrap_or(&[]),
                    )
                }
                (None, None) if steps.is_empty() => (self.all.as_ref(), &[]),
                (None, None) => (None, steps),
            };
            for value in single.into_iter().chain(steps.iter().map(|step| &step.1)) {
                if **found.get_or_insert(value) != *value {
                    return None;
                }
            }
        }
        found
    }
}

/// The operating systems that a target may be.
pub(super) fn systems(target: &Target) -> impl Iterator<Item = Os> {
    let only = target.os();
    [Os::Linux, Os::Darwin]
        .into_iter()
        .filter(move |os| only.is_none_or(|only| only == *os))
}

/// Reads a version or `null`.
pub(super) fn optional_version<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Version>, D::Error> {
    Option::<&str>::deserialize(deserializer)?
        .map(|text| text.parse().map_err(serde::de::Error::custom))
        .transpose()
}

/// Reads a version.
pub(super) fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Version, D::Error> {
    <&str>::deserialize(deserializer)?
        .parse()
        .map_err(serde::de::Error::custom)
}

fn versions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Version>, D::Error> {
    Vec::<&str>::deserialize(deserializer)?
        .into_iter()
        .map(|text| text.parse().map_err(serde::de::Error::custom))
        .collect()
}

/// A version inside another container, which `deserialize_with` does not reach.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Deserialize)]
#[serde(transparent)]
pub struct Since(#[serde(deserialize_with = "version")] pub Version);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Fact;

    fn target(implementation: Option<Implementation>, version: Option<&str>) -> Target {
        Target {
            implementation: implementation.map(|value| Fact::declared(value, "test")),
            version: version.map(|text| Fact::declared(text.parse().unwrap(), "test")),
            ..Target::default()
        }
    }

    #[test]
    fn a_backported_name_is_missing_where_the_backport_did_not_reach() {
        let range: VersionRange =
            serde_json::from_str(r#"{"since": "2.21.5", "missing": ["2.22.0", "2.22.1"]}"#)
                .unwrap();
        let has = |text: &str| range.contains(text.parse().unwrap());
        assert!(!has("2.21.4"));
        assert!(has("2.21.5"));
        assert!(!has("2.22.1"));
        assert!(has("2.22.2"));
    }

    #[test]
    fn the_last_series_counts_with_all_its_patch_levels() {
        let range: VersionRange = serde_json::from_str(r#"{"until": "2.33"}"#).unwrap();
        assert!(range.contains("2.33.7".parse().unwrap()));
        assert!(!range.contains("2.34".parse().unwrap()));
        assert_eq!(range.removed_in(), Some(Version::new(2, 34, 0)));
    }

    #[test]
    fn a_version_alone_tells_the_forks_apart() {
        let ranges: ByImplementation<VersionRange> =
            serde_json::from_str(r#"{"lix": {"since": "2.90"}}"#).unwrap();
        assert_eq!(known_to(&ranges, &target(None, Some("2.93"))), Some(true));
        assert_eq!(known_to(&ranges, &target(None, Some("2.31"))), Some(false));
        assert_eq!(known_to(&ranges, &target(None, Some("3.5"))), Some(false));
        assert_eq!(known_to(&ranges, &target(None, None)), None);
        assert_eq!(
            known_to(&ranges, &target(Some(Implementation::Lix), None)),
            Some(true)
        );
    }

    #[test]
    fn a_series_answers_only_what_its_releases_agree_on() {
        let ranges: ByImplementation<VersionRange> =
            serde_json::from_str(r#"{"cppnix": {"since": "2.21.5", "missing": ["2.22.0"]}}"#)
                .unwrap();
        let of = |text: &str| Target {
            implementation: Some(Fact::declared(Implementation::Cppnix, "test")),
            series: Some(Fact::declared(text.parse().unwrap(), "test")),
            ..Target::default()
        };
        let known = |text: &str| known_to(&ranges, &of(text));
        assert_eq!(known("2.20"), Some(false));
        assert_eq!(known("2.21"), None);
        assert_eq!(known("2.22"), None);
        assert_eq!(known("2.23"), Some(true));
        let line: Timeline<u32> =
            serde_json::from_str(r#"{"cppnix": [[null, 0], ["2.29", 5], ["2.31.2", 15]]}"#)
                .unwrap();
        let everywhere: ByImplementation<VersionRange> =
            serde_json::from_str(r#"{"cppnix": {}}"#).unwrap();
        let value = |text: &str| line.for_target(&everywhere, &of(text)).copied();
        assert_eq!(value("2.28"), Some(0));
        assert_eq!(value("2.30"), Some(5));
        assert_eq!(value("2.31"), None);
        assert_eq!(value("2.32"), Some(15));
    }

    #[test]
    fn a_timeline_answers_only_what_all_possible_releases_agree_on() {
        let line: Timeline<u32> =
            serde_json::from_str(r#"{"all": 5, "cppnix": [[null, 0], ["2.31.2", 15]]}"#).unwrap();
        let everywhere: ByImplementation<VersionRange> =
            serde_json::from_str(r#"{"cppnix": {}, "lix": {"since": "2.90"}}"#).unwrap();
        let value = |implementation, version| {
            line.for_target(&everywhere, &target(implementation, version))
                .copied()
        };
        assert_eq!(value(Some(Implementation::Cppnix), Some("2.31.1")), Some(0));
        assert_eq!(value(None, Some("2.31.2")), Some(15));
        assert_eq!(value(Some(Implementation::Lix), None), Some(5));
        assert_eq!(value(Some(Implementation::Cppnix), None), None);
        assert_eq!(value(None, None), None);
    }
}
