//! Module options: what nix-darwin, NixOS and home-manager call things.

use serde::Deserialize;
use serde_json::Value as Json;

use crate::facts::ModuleSystem;

/// What became of an option.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptionStatus {
    /// In use.
    Current,
    /// The value is forwarded to another option.
    Renamed {
        /// The other option.
        to: &'static str,
    },
    /// Using it fails.
    Removed {
        /// What does the job now; `None` when nothing does.
        to: Option<&'static str>,
    },
}

/// An option's own default.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptionDefault {
    /// A plain value.
    Json(Json),
    /// Worked out by the module, in words.
    Computed(&'static str),
}

/// One option of one module system.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionInfo {
    /// Its path; `*` stands for a list element and `<name>` for any name.
    pub path: &'static str,
    /// The module system.
    pub system: ModuleSystem,
    /// True when it comes with the module of Determinate Nix.
    #[serde(default)]
    pub determinate: bool,
    /// What became of it.
    pub status: OptionStatus,
    /// The type in words; `None` for old names.
    #[serde(rename = "type", default)]
    pub kind: Option<&'static str>,
    /// Its own default; `None` when it has none or it is not catalogued.
    #[serde(default)]
    pub default: Option<OptionDefault>,
    /// Commit date or release that brought it or its status; `None` when not known.
    #[serde(default)]
    pub since: Option<&'static str>,
    /// What a user should know.
    #[serde(default)]
    pub note: Option<&'static str>,
    /// True when a module refuses to have it on while `nix.enable` is off.
    #[serde(default)]
    pub needs_nix_enable: bool,
    /// For a set of settings: the keys that the module refuses in it.
    #[serde(default)]
    pub refuses: Vec<&'static str>,
    /// For old names: true when using it is an error, false when it is a warning.
    #[serde(default)]
    pub fails: bool,
}

impl OptionInfo {
    /// True when the dotted `path` names this option.
    pub fn is(&self, path: &str) -> bool {
        let mut ours = self.path.split('.');
        let mut theirs = path.split('.');
        loop {
            match (ours.next(), theirs.next()) {
                (None, None) => return true,
                (Some(pattern), Some(name))
                    if pattern == name || pattern == "*" || pattern.starts_with('<') => {}
                _ => return false,
            }
        }
    }

    /// True when the module system has it under this name.
    pub fn is_current(&self) -> bool {
        self.status == OptionStatus::Current
    }
}
