//! What Nix knows: settings, options, features and caches, as data.

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

/// One setting.
#[derive(Debug)]
pub struct SettingInfo {
    /// Its canonical name.
    pub name: String,
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
#[derive(Debug, Default)]
pub struct Catalog {
    settings: Vec<SettingInfo>,
}

impl Catalog {
    /// What `key` stands for; `None` for a key that no implementation knows.
    pub fn resolve(&self, key: &str) -> Option<Resolved<'_>> {
        self.settings
            .iter()
            .find(|setting| setting.name == key)
            .map(|setting| Resolved {
                setting,
                spelling: Spelling::Canonical,
            })
    }
}
