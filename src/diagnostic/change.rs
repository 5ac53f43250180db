//! Intended differences of the configuration. Changes name definitions, never text; `fix`
//! turns them into edits.

use std::fmt;

use serde::Serialize;

use crate::model::{DefId, OptionPath};
use crate::text::Place;

/// Who may make a change. Ordered: verification may only lower it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// Shown, never written.
    Manual,
    /// Written on `--unsafe`: behaviour that someone may rely on changes, trust widens, or a
    /// fact was assumed.
    Unsafe,
    /// Written by `apply --write`.
    Safe,
}

impl fmt::Display for Applicability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Manual => "manual",
            Self::Unsafe => "unsafe",
            Self::Safe => "safe",
        })
    }
}

/// A value to write.
#[derive(Clone, PartialEq, Debug)]
pub enum NewValue {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A plain integer.
    Int(i64),
    /// An amount of bytes: written as the file writes amounts (`10 * 1024 * 1024 * 1024`,
    /// `10737418240`), as a plain number in `nix.conf`.
    Bytes(u64),
    /// As [`NewValue::Bytes`] for a Nix that reads unit letters, so that it may be `"10G"` where
    /// the file writes amounts like this.
    Size(u64),
    /// A string.
    Str(String),
    /// A list.
    List(Vec<NewValue>),
    /// An attribute set, in this order.
    Attrs(Vec<(String, NewValue)>),
}

/// One intended difference.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// Gives a definition another value; its wrappers (`mkDefault` …) stay.
    Set {
        /// Which.
        definition: DefId,
        /// The value.
        value: NewValue,
    },
    /// Takes a definition out. A set that it leaves empty goes too.
    Remove {
        /// Which.
        definition: DefId,
    },
    /// Moves a definition to another option, its value and comments kept.
    Rename {
        /// Which.
        definition: DefId,
        /// The new option.
        to: OptionPath,
    },
    /// Adds a definition near an existing one, in the spelling of that file.
    Insert {
        /// A definition in the file and machine that shall have it; its kin decide the place.
        near: DefId,
        /// The new option.
        option: OptionPath,
        /// Its value.
        value: NewValue,
        /// A short comment to stand with it.
        comment: Option<String>,
    },
    /// Adds elements at the end of a list, or words at the end of a list written as a string.
    ListAdd {
        /// Which definition.
        definition: DefId,
        /// What to add.
        items: Vec<String>,
    },
    /// Takes elements out of a list, or words out of a list written as a string.
    ListRemove {
        /// Which definition.
        definition: DefId,
        /// The elements' places, as [`crate::model::Item::site`] gives them.
        items: Vec<Place>,
    },
    /// Replaces one element of a list, or one word of a list written as a string.
    ListReplace {
        /// Which definition.
        definition: DefId,
        /// The element's place.
        item: Place,
        /// The new element.
        with: String,
    },
}

impl Change {
    /// The definition that it changes, or that a new one will stand near.
    pub fn definition(&self) -> DefId {
        match self {
            Self::Set { definition, .. }
            | Self::Remove { definition }
            | Self::Rename { definition, .. }
            | Self::ListAdd { definition, .. }
            | Self::ListRemove { definition, .. }
            | Self::ListReplace { definition, .. } => *definition,
            Self::Insert { near, .. } => *near,
        }
    }
}

/// Changes that belong together: all are made, or none.
#[derive(Clone, PartialEq, Debug)]
pub struct Fix {
    /// What it does, in the imperative: "set `max-jobs` to 4".
    pub title: String,
    /// Who may make it.
    pub applicability: Applicability,
    /// What changes.
    pub changes: Vec<Change>,
}
