//! What changed about settings and features, release by release, with evidence.

use serde::Deserialize;

/// One change of Nix itself.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryEntry {
    /// The settings that it is about, separated by `, `; in parentheses when it is about a
    /// whole class of them.
    pub name: &'static str,
    /// What kind of change: `default-changed`, `removed`, `meaning-changed` …
    pub kind: &'static str,
    /// `cppnix`, `lix`, `determinate` or `all`.
    #[serde(rename = "in")]
    pub implementation: &'static str,
    /// The release.
    pub at: &'static str,
    /// The value that it is about, for settings that hold names.
    #[serde(default)]
    pub value: Option<&'static str>,
    /// What it was.
    #[serde(default)]
    pub from: Option<&'static str>,
    /// What it became.
    #[serde(default)]
    pub to: Option<&'static str>,
    /// What to use instead.
    #[serde(default)]
    pub replacement: Option<&'static str>,
    /// What it means for a user.
    #[serde(default)]
    pub note: Option<&'static str>,
    /// Evidence: a release note, a commit or a source file.
    #[serde(default)]
    pub source: Option<&'static str>,
}

impl HistoryEntry {
    /// True when it is about this setting.
    pub fn concerns(&self, setting: &str) -> bool {
        self.name.split(", ").any(|name| name == setting)
    }
}
