//! What Nix knows: settings, options, features and caches, as data.
//!
//! The data lies in `data/*.json` and is part of the binary. Settings are parsed when a catalog
//! is made, the rest when it is first asked for. `as_of` says when the data was gathered; it was
//! read from the sources of every release and compared with real binaries, and the tests compare
//! it again with each Nix that they find.

mod age;
mod cache;
mod cache_network;
mod cache_url;
mod ci;
mod default;
mod feature;
mod history;
mod option;
mod public_key;
mod range;
mod release;
mod setting;

pub use age::{DataDate, Month};
pub use cache::{CacheConfidence, CacheInfo, CacheStatus, normalize_url};
pub use cache_network::Network;
pub use cache_url::CacheUrl;
pub use ci::{ActionInfo, RunnerInfo};
pub use default::{ModuleDefault, When};
pub use feature::FeatureInfo;
pub use history::HistoryEntry;
pub use option::{OptionDefault, OptionInfo, OptionStatus};
pub use public_key::{KeyFault, PublicKey};
pub use range::{ByImplementation, IMPLEMENTATIONS, Since, Step, Timeline, VersionRange};
pub use release::{Advisory, NixosRelease, PackageAttr, Unsupported};
pub use setting::{
    AliasInfo, Deprecation, Gate, GateWhen, SettingDefault, SettingInfo, SettingKind, Unit,
    Untrusted,
};

use rustc_hash::FxHashMap;
use std::sync::OnceLock;

use serde::Deserialize;

use ci::CiData;
use release::ReleasesData;

use crate::facts::{Implementation, ModuleSystem, Target, Version};

/// How a `nix.conf` key names its setting.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Spelling {
    /// By its own name.
    Canonical,
    /// By an older or alternative name.
    Alias,
    /// By `extra-NAME`: appends to the value so far.
    Append,
}

/// What a key stands for.
#[derive(Clone, Copy, Debug)]
pub struct Resolved<'a> {
    /// The setting.
    pub setting: &'a SettingInfo,
    /// How the key names it.
    pub spelling: Spelling,
}

/// The embedded data.
#[derive(Clone, Debug)]
pub struct Catalog {
    settings: SettingsData,
    /// Every key, and what it may stand for: the setting's own name first.
    keys: FxHashMap<Box<str>, Vec<(usize, Spelling)>>,
    options: OnceLock<Vec<OptionInfo>>,
    option_index: OnceLock<OptionIndex>,
    features: OnceLock<Vec<FeatureInfo>>,
    caches: OnceLock<Caches>,
    ci: OnceLock<CiData>,
    history: OnceLock<Vec<HistoryEntry>>,
    module_defaults: OnceLock<Vec<ModuleDefault>>,
    releases: OnceLock<ReleasesData>,
    /// The month in which the data is used; `None` when nobody said.
    today: Option<Month>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsData {
    as_of: &'static str,
    newest: ByImplementation<Since>,
    settings: Vec<SettingInfo>,
}

#[derive(Clone, Debug, Default)]
struct Caches {
    as_of: &'static str,
    list: Vec<CacheInfo>,
    by_url: FxHashMap<Box<str>, usize>,
    /// The cache, and which of its keys.
    by_key_name: FxHashMap<Box<str>, (usize, usize)>,
}

impl Caches {
    fn new(as_of: &'static str, list: Vec<CacheInfo>) -> Self {
        let mut caches = Self {
            as_of,
            ..Self::default()
        };
        for (index, cache) in list.iter().enumerate() {
            caches
                .by_url
                .entry(cache.url.as_ref().into())
                .or_insert(index);
            for (number, key) in cache.public_keys.iter().enumerate() {
                let name = key.split(':').next().unwrap_or(key);
                caches
                    .by_key_name
                    .entry(name.into())
                    .or_insert((index, number));
            }
        }
        caches.list = list;
        caches
    }
}

impl Default for Catalog {
    fn default() -> Self {
        Self::embedded()
    }
}

/// Positions of options, by exact path and of those whose path is a pattern by its [`beginning`].
#[derive(Clone, Debug, Default)]
struct OptionIndex {
    exact: FxHashMap<&'static str, Vec<usize>>,
    patterns: FxHashMap<&'static str, Vec<usize>>,
}

/// The names that a pattern begins with, two at most, joined by a dot.
fn beginning(pattern: &str) -> &str {
    let is_name = |segment: &&str| *segment != "*" && !segment.starts_with('<');
    let names = pattern.split('.').take(2).take_while(is_name);
    let length = names.map(|name| name.len() + 1).sum::<usize>();
    pattern.get(..length.saturating_sub(1)).unwrap_or("")
}

impl Catalog {
    /// The catalog that is part of the binary.
    pub fn embedded() -> Self {
        // The data cannot fail to parse: a test below parses every file.
        let mut settings: SettingsData =
            serde_json::from_str(include_str!("data/settings.json")).unwrap_or_default();
        let mut keys: FxHashMap<Box<str>, Vec<(usize, Spelling)>> =
            FxHashMap::with_capacity_and_hasher(2 * settings.settings.len(), Default::default());
        for (index, setting) in settings.settings.iter_mut().enumerate() {
            setting.finish();
            let mut add = |key: &str, spelling| {
                keys.entry(key.into()).or_default().push((index, spelling));
            };
            add(setting.name, Spelling::Canonical);
            for alias in &setting.aliases {
                add(alias.name, Spelling::Alias);
                if setting.append_key().is_some() {
                    add(&format!("extra-{}", alias.name), Spelling::Append);
                }
            }
            if let Some(key) = setting.append_key() {
                add(key, Spelling::Append);
            }
        }
        // A name of its own counts as long as some implementation keeps it: `extra-substituters`
        // was a setting in Nix 2.3 and is the appending form ever since.
        for uses in keys.values_mut() {
            uses.sort_by_key(|(index, spelling)| {
                let current = settings
                    .settings
                    .get(*index)
                    .is_some_and(SettingInfo::is_current);
                (!current, *spelling != Spelling::Canonical)
            });
        }
        Self {
            settings,
            keys,
            options: OnceLock::new(),
            option_index: OnceLock::new(),
            features: OnceLock::new(),
            caches: OnceLock::new(),
            ci: OnceLock::new(),
            history: OnceLock::new(),
            module_defaults: OnceLock::new(),
            releases: OnceLock::new(),
            today: None,
        }
    }

    /// The catalog as it is used in this month, so that it can say that it is old.
    #[must_use]
    pub fn used_in(self, today: Option<Month>) -> Self {
        Self { today, ..self }
    }

    /// When the data on settings, options and features was gathered.
    pub fn as_of(&self) -> DataDate {
        DataDate::seen(self.settings.as_of, self.today)
    }

    /// When the data on caches was gathered.
    pub fn caches_as_of(&self) -> DataDate {
        DataDate::seen(self.cache_data().as_of, self.today)
    }

    /// When the data on releases and security faults was gathered.
    pub fn releases_as_of(&self) -> DataDate {
        DataDate::seen(self.release_data().as_of, self.today)
    }

    /// When the data on continuous integration was gathered.
    pub fn ci_as_of(&self) -> DataDate {
        DataDate::seen(self.ci_data().as_of, self.today)
    }

    /// The action that nixtune calls by this name.
    pub fn action(&self, name: &str) -> Option<&ActionInfo> {
        let mut actions = self.ci_data().actions.iter();
        actions.find(|action| action.name == name)
    }

    /// The machines that services lend; a service's default for a platform first.
    pub fn runners(&self) -> &[RunnerInfo] {
        &self.ci_data().runners
    }

    fn ci_data(&self) -> &CiData {
        self.ci.get_or_init(|| list(include_str!("data/ci.json")))
    }

    /// The release of NixOS with this number: `25.05`.
    pub fn nixos_release(&self, number: &str) -> Option<&NixosRelease> {
        let mut releases = self.release_data().nixos.iter();
        releases.find(|release| release.release == number)
    }

    /// What an implementation no longer looks after; `None` when that is not known.
    pub fn unsupported(&self, implementation: Implementation) -> Option<&Unsupported> {
        self.release_data().unsupported.get(implementation)
    }

    /// Security faults of Nix, the latest first.
    pub fn advisories(&self) -> &[Advisory] {
        &self.release_data().advisories
    }

    /// What became of a package attribute of nixpkgs; `None` when it is in use.
    pub fn package_attr(&self, attr: &str) -> Option<&PackageAttr> {
        let mut packages = self.release_data().packages.iter();
        packages.find(|package| package.attr == attr)
    }

    fn release_data(&self) -> &ReleasesData {
        self.releases
            .get_or_init(|| list(include_str!("data/releases.json")))
    }

    /// The newest release that the data covers.
    pub fn newest(&self, implementation: Implementation) -> Option<Version> {
        self.settings
            .newest
            .get(implementation)
            .map(|since| since.0)
    }

    /// What `key` stands for, whatever the target; `None` for a key that no release of any
    /// implementation knows. Settings that are gone are found too: ask them for their range.
    pub fn resolve(&self, key: &str) -> Option<Resolved<'_>> {
        self.keys
            .get(key)?
            .iter()
            .find_map(|(index, spelling)| self.resolved(*index, *spelling))
    }

    /// What `key` stands for on this target. Differs from [`Catalog::resolve`] for the few names
    /// that are a setting in one implementation and an alias in another, such as
    /// `connect-timeout`.
    pub fn resolve_for(&self, key: &str, target: &Target) -> Option<Resolved<'_>> {
        let uses = self.keys.get(key)?;
        uses.iter()
            .filter_map(|(index, spelling)| self.resolved(*index, *spelling))
            .find(|resolved| resolved.is_known_to(key, target) == Some(true))
            .or_else(|| self.resolve(key))
    }

    /// Everything that `key` stands for in some release of some implementation.
    pub fn uses(&self, key: &str) -> impl Iterator<Item = Resolved<'_>> {
        let uses = self.keys.get(key).into_iter().flatten();
        uses.filter_map(|(index, spelling)| self.resolved(*index, *spelling))
    }

    fn resolved(&self, index: usize, spelling: Spelling) -> Option<Resolved<'_>> {
        let setting = self.settings.settings.get(index)?;
        Some(Resolved { setting, spelling })
    }

    /// The setting with this canonical name.
    pub fn setting(&self, name: &str) -> Option<&SettingInfo> {
        self.keys
            .get(name)?
            .iter()
            .find(|(_, spelling)| *spelling == Spelling::Canonical)
            .and_then(|(index, _)| self.settings.settings.get(*index))
    }

    /// All settings that ever were, sorted by name.
    pub fn settings(&self) -> &[SettingInfo] {
        &self.settings.settings
    }

    /// The key that someone who wrote the unknown `name` meant: a current setting or its
    /// `extra-` form. `None` when nothing is close or several are equally close.
    pub fn nearest_setting(&self, name: &str) -> Option<&str> {
        let wanted = name.to_ascii_lowercase().replace('_', "-");
        let limit = match wanted.len() {
            0..=3 => return None,
            4..=6 => 1,
            7..=12 => 2,
            _ => 3,
        };
        let mut best: Option<(usize, &str)> = None;
        let mut tied = false;
        for setting in self.settings().iter().filter(|s| s.is_current()) {
            let spellings = [Some((setting.name, setting.name))]
                .into_iter()
                .chain([setting.append_key().map(|key| (key, key))])
                .flatten()
                .chain(
                    setting
                        .aliases
                        .iter()
                        .map(|alias| (alias.name, setting.name)),
                );
            for (spelling, suggestion) in spellings {
                if spelling.len().abs_diff(wanted.len()) > limit {
                    continue;
                }
                let distance = strsim::damerau_levenshtein(spelling, &wanted);
                match best {
                    _ if distance > limit => {}
                    Some((nearest, _)) if distance > nearest => {}
                    Some((nearest, found)) if distance == nearest => tied |= found != suggestion,
                    _ => {
                        best = Some((distance, suggestion));
                        tied = false;
                    }
                }
            }
        }
        best.filter(|_| !tied).map(|(_, suggestion)| suggestion)
    }

    /// The option of a module system that the dotted `path` names, old names included.
    pub fn option(&self, system: ModuleSystem, path: &str) -> Option<&OptionInfo> {
        let index = self.option_index.get_or_init(|| {
            let mut index = OptionIndex::default();
            for (position, option) in self.all_options().iter().enumerate() {
                if option.path.contains(['*', '<']) {
                    let known = beginning(option.path);
                    index.patterns.entry(known).or_default().push(position);
                } else {
                    index.exact.entry(option.path).or_default().push(position);
                }
            }
            index
        });
        // An exact path before a pattern.
        let exact = index.exact.get(path).into_iter().flatten();
        let mut segments = path.split('.');
        let first = segments.next().unwrap_or(path);
        let known = segments.next().map(|second| first.len() + 1 + second.len());
        let beginnings = [known.and_then(|end| path.get(..end)), Some(first), Some("")];
        let patterns = beginnings.into_iter().flatten();
        let patterns = patterns.filter_map(|known| index.patterns.get(known));
        let found = exact.chain(patterns.flatten());
        found
            .filter_map(|position| self.all_options().get(*position))
            .find(|option| option.system == system && option.is(path))
    }

    /// All catalogued options of a module system.
    pub fn options(&self, system: ModuleSystem) -> impl Iterator<Item = &OptionInfo> {
        self.all_options()
            .iter()
            .filter(move |option| option.system == system)
    }

    /// The module systems that have the dotted `path` as an option in use.
    pub fn systems_with(&self, path: &str) -> Vec<ModuleSystem> {
        let mut systems: Vec<_> = self
            .all_options()
            .iter()
            .filter(|option| option.is_current() && option.is(path))
            .map(|option| option.system)
            .collect();
        systems.sort();
        systems.dedup();
        systems
    }

    fn all_options(&self) -> &[OptionInfo] {
        self.options
            .get_or_init(|| list::<OptionsData>(include_str!("data/options.json")).options)
    }

    /// The feature with this name.
    pub fn feature(&self, name: &str) -> Option<&FeatureInfo> {
        self.features().iter().find(|feature| feature.name == name)
    }

    /// All features that ever were, sorted by name.
    pub fn features(&self) -> &[FeatureInfo] {
        self.features
            .get_or_init(|| list::<FeaturesData>(include_str!("data/features.json")).features)
    }

    /// The known cache at this address, however it is spelled.
    pub fn cache(&self, url: &str) -> Option<&CacheInfo> {
        let caches = self.cache_data();
        let index = caches.by_url.get(normalize_url(url).as_str())?;
        caches.list.get(*index)
    }

    /// The known cache whose key has this name (the part before the colon), with the full key.
    pub fn cache_of_key(&self, key_name: &str) -> Option<(&CacheInfo, &str)> {
        let caches = self.cache_data();
        let (index, number) = caches.by_key_name.get(key_name)?;
        let cache = caches.list.get(*index)?;
        Some((cache, cache.public_keys.get(*number)?))
    }

    /// All known caches.
    pub fn caches(&self) -> &[CacheInfo] {
        &self.cache_data().list
    }

    fn cache_data(&self) -> &Caches {
        self.caches.get_or_init(|| {
            let CachesData {
                as_of,
                caches: list,
            } = list(include_str!("data/caches.json"));
            Caches::new(as_of, list)
        })
    }

    /// This catalog with caches that the user names. What they say of an address or a key counts
    /// before the embedded data.
    #[must_use]
    pub fn with_caches(mut self, own: Vec<CacheInfo>) -> Self {
        let known = self.cache_data();
        let (as_of, mut list) = (known.as_of, own);
        list.extend(known.list.iter().cloned());
        self.caches = OnceLock::from(Caches::new(as_of, list));
        self
    }

    /// What a module system gives to settings by itself, sorted by key.
    pub fn module_defaults(&self, system: ModuleSystem) -> impl Iterator<Item = &ModuleDefault> {
        self.module_defaults
            .get_or_init(|| {
                list::<ModuleDefaultsData>(include_str!("data/module-defaults.json")).defaults
            })
            .iter()
            .filter(move |default| default.system == system)
    }

    /// What changed about a setting: by implementation, oldest release first.
    pub fn history(&self, setting: &str) -> impl Iterator<Item = &HistoryEntry> {
        self.history
            .get_or_init(|| list::<HistoryData>(include_str!("data/history.json")).history)
            .iter()
            .filter(move |entry| entry.concerns(setting))
    }
}

impl<'a> Resolved<'a> {
    /// The releases of an implementation that know `key`, the key that was resolved, in this
    /// meaning, whatever the operating system; `None` when none ever did.
    pub fn range(&self, key: &str, implementation: Implementation) -> Option<&'a VersionRange> {
        match self.spelling {
            Spelling::Canonical => self.setting.range(implementation),
            Spelling::Append => self.setting.append_range(implementation),
            Spelling::Alias => self.setting.alias(key)?.ranges.get(implementation),
        }
    }

    /// Whether the target's Nix knows `key`, the key that was resolved, in this meaning; `None`
    /// when the releases that it may be differ.
    pub fn is_known_to(&self, key: &str, target: &Target) -> Option<bool> {
        match self.spelling {
            Spelling::Canonical => self.setting.is_known_to(target),
            Spelling::Append => match self.setting.appends_in(target)? {
                true => self.setting.is_known_to(target),
                false => Some(false),
            },
            Spelling::Alias => self.setting.alias(key)?.is_known_to(target),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
struct OptionsData {
    options: Vec<OptionInfo>,
}

#[derive(Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
struct FeaturesData {
    features: Vec<FeatureInfo>,
}

#[derive(Default, Deserialize)]
struct CachesData {
    as_of: &'static str,
    caches: Vec<CacheInfo>,
}

#[derive(Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
struct HistoryData {
    history: Vec<HistoryEntry>,
}

#[derive(Default, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
struct ModuleDefaultsData {
    defaults: Vec<ModuleDefault>,
}

/// Parses one data file. It cannot fail: a test parses every file.
fn list<T: Default + Deserialize<'static>>(text: &'static str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests;
