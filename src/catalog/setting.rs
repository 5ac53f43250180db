//! Settings: the keys of `nix.conf`.

use std::fmt;

use serde::Deserialize;

use super::range::{self, ByImplementation, Since, Timeline, VersionRange};
use crate::facts::{Implementation, Os, Target, Version};

/// What values a setting takes.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", bound(deserialize = "'de: 'static"))]
pub enum SettingKind {
    /// `true`, `yes`, `1`, `false`, `no`, `0`; nothing else.
    Bool,
    /// A decimal number from 0.
    #[serde(rename = "uint")]
    UInt,
    /// A decimal number that may be negative.
    Int,
    /// An amount of data in the setting's unit.
    Size,
    /// Any text.
    #[serde(rename = "str")]
    Str,
    /// A path.
    Path,
    /// A path, or empty.
    OptionalPath,
    /// One of these words.
    Enum(Vec<&'static str>),
    /// Words; order counts.
    StringList,
    /// Words; order does not count.
    StringSet,
    /// `NAME=VALUE` words.
    StringMap,
    /// `auto` or a number from 0.
    MaxJobs,
    /// JSON text.
    Json,
}

/// What a number counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub enum Unit {
    /// Bytes.
    #[serde(rename = "bytes")]
    Bytes,
    /// KiB per second.
    #[serde(rename = "kib/s")]
    KibPerSecond,
    /// Seconds.
    #[serde(rename = "seconds")]
    Seconds,
    /// Milliseconds.
    #[serde(rename = "milliseconds")]
    Milliseconds,
    /// Hertz.
    #[serde(rename = "hertz")]
    Hertz,
    /// Things.
    #[serde(rename = "count")]
    Count,
}

/// What a setting is when nobody sets it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingDefault {
    /// As written in `nix.conf`; empty means empty.
    Value(&'static str),
    /// Worked out by Nix, in words.
    Computed(&'static str),
    /// It depends on the operating system.
    ByOs {
        /// On Linux.
        linux: &'static str,
        /// On macOS.
        darwin: &'static str,
    },
}

/// What happens when a user whom the daemon does not trust sets a setting: in a user's own
/// `nix.conf`, in a flake's `nixConfig`, on the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Untrusted {
    /// The daemon honours it.
    Applied,
    /// The daemon honours it when the value is empty.
    AppliedIfEmpty,
    /// The daemon keeps the items that it already trusts.
    Filtered,
    /// The daemon ignores it.
    Ignored,
    /// It never leaves the client and acts there.
    ClientOnly,
    /// The daemon reads it from its own configuration only.
    DaemonConfigOnly,
}

/// An experimental feature that a setting needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The feature.
    pub feature: &'static str,
    /// When it is needed.
    pub when: GateWhen,
}

/// When a gate acts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateWhen {
    /// Without the feature the line is ignored with a warning; its value is not even parsed.
    OnSet,
    /// The line is accepted, but acting on it fails or does nothing.
    OnUse,
}

/// Another name of a setting.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AliasInfo {
    /// The name.
    pub name: &'static str,
    /// The releases that accept it.
    #[serde(rename = "in")]
    pub ranges: ByImplementation<VersionRange>,
}

/// That a name is on its way out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deprecation {
    /// The release that says so.
    #[serde(deserialize_with = "range::version")]
    pub since: Version,
    /// What to write instead: a setting, or a whole line. `None` when there is nothing.
    #[serde(default)]
    pub replacement: Option<&'static str>,
}

/// One setting.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingInfo {
    /// Its canonical name.
    pub name: &'static str,
    /// Older and alternative names, sorted.
    #[serde(default)]
    pub aliases: Vec<AliasInfo>,
    #[serde(rename = "kind")]
    kinds: Timeline<SettingKind>,
    #[serde(rename = "default")]
    defaults: Timeline<SettingDefault>,
    /// What the default means, when its text does not say it.
    #[serde(default)]
    pub default_note: Option<&'static str>,
    /// What a number counts; `None` for other kinds.
    #[serde(default)]
    pub unit: Option<Unit>,
    /// Width of a number on 64-bit systems; `None` for other kinds.
    #[serde(default)]
    pub bits: Option<u8>,
    /// True when a number may be negative.
    #[serde(default)]
    pub signed: bool,
    #[serde(rename = "in")]
    ranges: ByImplementation<VersionRange>,
    #[serde(default)]
    append: Option<ByImplementation<VersionRange>>,
    #[serde(default)]
    os: Option<Timeline<Vec<Os>>>,
    #[serde(default)]
    effective_os: Option<Vec<Os>>,
    #[serde(default)]
    suffix: Option<Timeline<bool>>,
    #[serde(default)]
    gate: Option<Timeline<Option<Gate>>>,
    untrusted: Timeline<Untrusted>,
    /// True for a setting that the daemon ignores from untrusted clients, while it still does
    /// something in the client itself: downloads of flakes, the search for caches.
    #[serde(default)]
    pub acts_in_client: bool,
    /// True when a flake's `nixConfig` may set it without asking the user.
    #[serde(default)]
    pub flake_safe: bool,
    #[serde(default)]
    deprecated: ByImplementation<Deprecation>,
    #[serde(default)]
    absolute_since: ByImplementation<Since>,
    /// What the value looks like, where the kind does not say it.
    #[serde(default)]
    pub syntax: Option<&'static str>,
    /// What does the job of a removed setting: another setting's name.
    #[serde(default)]
    pub replacement: Option<&'static str>,
    /// A remark about its end.
    #[serde(default)]
    pub note: Option<&'static str>,
    /// Evidence: `REPOSITORY: FILE` of the newest release that has it.
    #[serde(default)]
    pub source: Option<&'static str>,
    #[serde(skip)]
    append_key: String,
}

impl SettingInfo {
    /// Fills what is derived from the data.
    pub(super) fn finish(&mut self) {
        if self.append.is_some() {
            self.append_key = format!("extra-{}", self.name);
        }
    }

    /// The kind in the newest release.
    pub fn kind(&self) -> &SettingKind {
        self.kinds.newest().unwrap_or(&SettingKind::Str)
    }

    /// The kind for a target; `None` when the releases that it may be differ.
    pub fn kind_for(&self, target: &Target) -> Option<&SettingKind> {
        self.kinds.for_target(&self.ranges, target)
    }

    /// True when the value is words that `extra-` could append to: lists, sets and maps.
    pub fn is_list(&self) -> bool {
        matches!(
            self.kind(),
            SettingKind::StringList | SettingKind::StringSet | SettingKind::StringMap
        )
    }

    /// True for every kind of number, `max-jobs` included.
    pub fn is_number(&self) -> bool {
        matches!(
            self.kind(),
            SettingKind::UInt | SettingKind::Int | SettingKind::Size | SettingKind::MaxJobs
        )
    }

    /// The default, release by release.
    pub fn defaults(&self) -> &Timeline<SettingDefault> {
        &self.defaults
    }

    /// The default for a target, as written in `nix.conf`. `None` when the releases or
    /// operating systems that it may be differ, or when Nix works it out.
    pub fn default_for(&self, target: &Target) -> Option<&'static str> {
        match self.defaults.for_target(&self.ranges, target)? {
            SettingDefault::Value(text) => Some(text),
            SettingDefault::Computed(_) => None,
            SettingDefault::ByOs { linux, darwin } => match target.os()? {
                Os::Linux => Some(linux),
                Os::Darwin => Some(darwin),
            },
        }
    }

    /// Whether a number may carry `K`, `M`, `G` or `T`. `None` when the releases that the
    /// target may be differ. `max-jobs` and all of Lix never accept it.
    pub fn accepts_suffix(&self, target: &Target) -> Option<bool> {
        match &self.suffix {
            None => Some(false),
            Some(suffix) => suffix.for_target(&self.ranges, target).copied(),
        }
    }

    /// The release that brought the suffix to an implementation; `None` when it never did, or
    /// when all of its releases have it.
    pub fn suffix_since(&self, implementation: Implementation) -> Option<Version> {
        self.suffix
            .as_ref()?
            .steps(implementation)
            .iter()
            .find(|step| step.1)?
            .0
    }

    /// Whether the name is known to the target's Nix. `None` when the releases or operating
    /// systems that it may be differ. A name that another system has is unknown on this one.
    pub fn is_known_to(&self, target: &Target) -> Option<bool> {
        let known = range::known_to(&self.ranges, target);
        if known == Some(false) {
            return known;
        }
        let Some(os) = &self.os else { return known };
        let listed = os.for_target(&self.ranges, target)?;
        let mut answers = range::systems(target).map(|os| listed.contains(&os));
        let first = answers.next()?;
        if !answers.all(|answer| answer == first) {
            return None;
        }
        if first { known } else { Some(false) }
    }

    /// True when the newest release knows the name on this system.
    pub fn known_on(&self, os: Os) -> bool {
        self.os
            .as_ref()
            .and_then(Timeline::newest)
            .is_none_or(|listed| listed.contains(&os))
    }

    /// True when it does something on this system; some names are accepted and do nothing.
    pub fn acts_on(&self, os: Os) -> bool {
        self.known_on(os)
            && self
                .effective_os
                .as_ref()
                .is_none_or(|listed| listed.contains(&os))
    }

    /// The releases of an implementation that have it; `None` when it never did.
    pub fn range(&self, implementation: Implementation) -> Option<&VersionRange> {
        self.ranges.get(implementation)
    }

    /// All ranges.
    pub fn ranges(&self) -> &ByImplementation<VersionRange> {
        &self.ranges
    }

    /// True when the newest release of some implementation has it.
    pub fn is_current(&self) -> bool {
        self.ranges.iter().any(|(_, range)| range.is_current())
    }

    /// `extra-NAME`, for settings that have this form.
    pub fn append_key(&self) -> Option<&str> {
        self.append.as_ref().map(|_| self.append_key.as_str())
    }

    /// Whether the target's Nix has the `extra-` form; `None` when the releases that it may be
    /// differ.
    pub fn appends_in(&self, target: &Target) -> Option<bool> {
        match &self.append {
            None => Some(false),
            Some(ranges) => range::known_to(ranges, target),
        }
    }

    /// The releases of an implementation that have the `extra-` form; `None` when none ever did.
    pub fn append_range(&self, implementation: Implementation) -> Option<&VersionRange> {
        self.append.as_ref()?.get(implementation)
    }

    /// The alias with this name.
    pub fn alias(&self, name: &str) -> Option<&AliasInfo> {
        self.aliases.iter().find(|alias| alias.name == name)
    }

    /// The experimental feature that it needs on the target. `None` when the releases that the
    /// target may be differ; `Some(None)` when it needs none.
    pub fn gate(&self, target: &Target) -> Option<Option<Gate>> {
        match &self.gate {
            None => Some(None),
            Some(gate) => gate.for_target(&self.ranges, target).copied(),
        }
    }

    /// The experimental features that it needed, release by release; `None` when it never
    /// needed one.
    pub fn gates(&self) -> Option<&Timeline<Option<Gate>>> {
        self.gate.as_ref()
    }

    /// What an untrusted user achieves with it on the target; `None` when the releases that it
    /// may be differ.
    pub fn untrusted(&self, target: &Target) -> Option<Untrusted> {
        self.untrusted.for_target(&self.ranges, target).copied()
    }

    /// What an untrusted user achieves with it in the newest release.
    pub fn untrusted_newest(&self) -> Option<Untrusted> {
        self.untrusted.newest().copied()
    }

    /// That an implementation calls the name old.
    pub fn deprecated(&self, implementation: Implementation) -> Option<&Deprecation> {
        self.deprecated.get(implementation)
    }

    /// The release from which a relative path is a fatal error; `None` when it never is.
    pub fn absolute_since(&self, implementation: Implementation) -> Option<Version> {
        self.absolute_since.get(implementation).map(|since| since.0)
    }
}

impl AliasInfo {
    /// Whether the target's Nix accepts it; `None` when the releases that it may be differ.
    pub fn is_known_to(&self, target: &Target) -> Option<bool> {
        range::known_to(&self.ranges, target)
    }
}

impl fmt::Display for SettingKind {
    /// In words, for messages: `a number`, `true or false`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("true or false"),
            Self::UInt => f.write_str("a whole number from 0"),
            Self::Int => f.write_str("a whole number"),
            Self::Size => f.write_str("an amount of data"),
            Self::Str => f.write_str("text"),
            Self::Path => f.write_str("a path"),
            Self::OptionalPath => f.write_str("a path, or empty"),
            Self::Enum(values) => write!(f, "one of {}", values.join(", ")),
            Self::StringList => f.write_str("a list of words"),
            Self::StringSet => f.write_str("a set of words"),
            Self::StringMap => f.write_str("words of the form NAME=VALUE"),
            Self::MaxJobs => f.write_str("auto, or a whole number from 0"),
            Self::Json => f.write_str("JSON"),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::KibPerSecond => "KiB/s",
            Self::Seconds => "seconds",
            Self::Milliseconds => "milliseconds",
            Self::Hertz => "hertz",
            Self::Count => "count",
        })
    }
}
