//! The `nix.conf` that a machine's module system writes, and what Nix makes of it.
//!
//! Three steps: `merge` does what the module system does with the definitions of one key, its
//! own among them; `file` puts the results in the order of the file, and `text` what someone
//! wrote as lines behind them; `reading` reads the file as Nix does. What does not get through
//! is kept, with the reason.

mod file;
mod merge;
mod reading;
mod text;
mod value;

pub use value::text_of;

use std::sync::Arc;

use super::{Definition, MachineView, Priority};
use crate::catalog::{Catalog, ModuleDefault, Untrusted};
use crate::eval::Why;
use crate::text::Place;

/// Where a value comes from.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Source<'m> {
    /// A definition in a file.
    Definition(&'m Definition),
    /// The module system itself.
    Module(&'m ModuleDefault),
    /// Nix, which has a default for what no line sets.
    Nix,
    /// Another file, which Nix reads first; in words.
    Elsewhere(&'static str),
}

impl Source<'_> {
    /// Its priority in the module system; `None` for what does not go through it.
    pub fn priority(&self) -> Option<Priority> {
        match self {
            Self::Definition(definition) => Some(definition.priority),
            Self::Module(default) => Some(Priority(default.priority)),
            Self::Nix | Self::Elsewhere(_) => None,
        }
    }
}

/// What is known about a value, as text of `nix.conf`.
#[derive(Clone, PartialEq, Debug)]
pub enum Text {
    /// All of it.
    Known(String),
    /// One of a few, depending on what is not known; `None` where nothing is set.
    OneOf(Vec<Option<String>>),
    /// Not known, or not wholly.
    Unknown {
        /// Why not, in words that follow `it`.
        why: String,
        /// The words of a list that are known; empty for everything else.
        known: String,
    },
    /// Evaluation fails: in words, what contradicts what.
    Conflict(String),
}

/// A value, or one word of a list, with its source.
#[derive(Clone, PartialEq, Debug)]
pub struct Part<'m> {
    /// As written to the file; words in angle brackets where it is not known.
    pub text: String,
    /// Where it comes from.
    pub source: Source<'m>,
    /// False where `text` only says why it is not known.
    pub known: bool,
    /// False under a condition that is not decided.
    pub unconditional: bool,
}

/// One line of the file.
#[derive(Clone, PartialEq, Debug)]
pub struct Line<'m> {
    /// The key as written, `extra-` included.
    pub key: Arc<str>,
    /// The value.
    pub text: Text,
    /// What the value is made of.
    pub parts: Vec<Part<'m>>,
    /// False when a later line has the last word on the setting, or Nix ignores the key.
    pub reaches_nix: bool,
}

/// Why a definition has no effect on what Nix does.
#[derive(Clone, PartialEq, Debug)]
pub enum LostWhy<'m> {
    /// Another one has a stronger priority.
    Weaker {
        /// That one.
        than: Source<'m>,
    },
    /// The set of settings that holds it is weaker than another one as a whole.
    WeakerSet,
    /// The module system writes no file.
    Disabled {
        /// What switches it off.
        by: &'m Definition,
    },
    /// A later line sets the same setting, under this name or another one.
    Later {
        /// What the later line comes from.
        by: Source<'m>,
        /// Its key.
        key: Arc<str>,
    },
    /// The module system leaves out empty values.
    LeftOut,
    /// The module system has no option of this former name: evaluation fails.
    NoOption,
    /// Nix does not know the key.
    UnknownKey,
    /// Nix ignores the line while an experimental feature is off.
    Gated {
        /// The feature.
        feature: &'static str,
    },
}

/// A definition without effect.
#[derive(Clone, PartialEq, Debug)]
pub struct Lost<'m> {
    /// The definition, or the module's own value.
    pub source: Source<'m>,
    /// The key that it was meant for.
    pub key: Arc<str>,
    /// Its value.
    pub text: String,
    /// What became of it.
    pub why: LostWhy<'m>,
}

/// Who has to agree before Nix acts on a setting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Nobody: the system's own file says it.
    Full,
    /// It stands in a user's own file: what the daemon does with it there.
    User(Untrusted),
    /// It stands in a flake: the user is asked, and then as for a user's own file.
    Flake {
        /// True when nobody is asked.
        unasked: bool,
        /// What the daemon does.
        then: Untrusted,
    },
}

/// What a setting is after Nix has read the file.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome<'m> {
    /// The canonical name; the key itself where Nix does not know it.
    pub name: Arc<str>,
    /// The value; `None` when no line gets through.
    pub text: Option<Text>,
    /// What the value is made of.
    pub parts: Vec<Part<'m>>,
    /// True when no file that was not read and no condition can change it.
    pub certain: bool,
    /// The lines that make it up, by position in [`Rendered::lines`].
    pub lines: Vec<usize>,
    /// What does not get through, in the order in which it is lost.
    pub lost: Vec<Lost<'m>>,
    /// Who has to agree.
    pub reach: Reach,
}

/// Content of unknown names: any setting may be among it.
#[derive(Clone, PartialEq, Debug)]
pub struct Open {
    /// The option: `nix.settings`, `nix.extraOptions`.
    pub option: String,
    /// Why it is not known.
    pub why: Why,
    /// The expression.
    pub at: Option<Place>,
}

/// The file that a machine's module system writes, and what Nix reads in it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Rendered<'m> {
    /// Where the file lies on the machine; `None` when that is not known, or when there is none.
    pub path: Option<&'static str>,
    /// What keeps the module system from writing it.
    pub disabled_by: Option<&'m Definition>,
    /// Who decides about what the file does not set, where that is not Nix with its defaults:
    /// in words that follow `it is left to`.
    pub left_to: Option<&'static str>,
    /// Its lines in order; comments and blank lines are left out.
    pub lines: Vec<Line<'m>>,
    /// Files that it includes, as written, each with the position of the line that follows.
    pub includes: Vec<(usize, String)>,
    /// Every setting that is spoken of, by name.
    pub settings: Vec<Outcome<'m>>,
    /// What may hold any setting.
    pub open: Vec<Open>,
}

impl<'m> Rendered<'m> {
    /// The setting with this canonical name.
    pub fn setting(&self, name: &str) -> Option<&Outcome<'m>> {
        self.settings
            .iter()
            .find(|setting| setting.name.as_ref() == name)
    }
}

impl<'a> MachineView<'a> {
    /// The file that the machine's module system writes for Nix, and what Nix makes of it.
    pub fn rendered(&self, catalog: &'a Catalog) -> Rendered<'a> {
        let written = file::write(self, catalog);
        reading::read(self, catalog, written)
    }
}
