//! What the module systems put into `nix.conf` by themselves.

use serde::Deserialize;

use super::OptionDefault;
use crate::facts::{Arch, ModuleSystem};

/// A value that a module system gives a setting without being asked: the default of an option,
/// or a definition of its own that the user's are merged with.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleDefault {
    /// The key of `nix.conf`, `extra-` included.
    pub key: &'static str,
    /// The module system.
    pub system: ModuleSystem,
    /// True when the module of Determinate Nix gives it to `determinateNix.customSettings`.
    #[serde(default)]
    pub determinate: bool,
    /// The value.
    pub value: OptionDefault,
    /// Its priority in the module system: 1500 for the default of an option, 1000 for
    /// `mkDefault`, 100 for a plain definition.
    pub priority: i64,
    /// Its order among the elements of a list: 1500 for `mkAfter`.
    #[serde(default = "plain_order")]
    pub order: i64,
    /// All of these hold where it is given.
    #[serde(default)]
    pub when: Vec<When>,
    /// What a user should know.
    #[serde(default)]
    pub note: Option<&'static str>,
    /// Evidence: `REPOSITORY: FILE`.
    pub source: &'static str,
}

/// A condition on an option of the same module system, or on the machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum When {
    /// The option is on or off; its own default counts.
    Is {
        /// The option.
        option: &'static str,
        /// The value that it must have.
        is: bool,
    },
    /// The option is, or is not, given a value.
    Defined {
        /// The option.
        option: &'static str,
        /// Whether it must be.
        defined: bool,
    },
    /// The machine is of this architecture; what it then is depends on the processors that its
    /// platform may be tuned for.
    Arch {
        /// The architecture.
        arch: Arch,
    },
}

impl ModuleDefault {
    /// The option that it is the value of.
    pub fn option(&self) -> String {
        let set = if self.determinate {
            "determinateNix.customSettings"
        } else {
            "nix.settings"
        };
        format!("{set}.{}", self.key)
    }
}

fn plain_order() -> i64 {
    1000
}
