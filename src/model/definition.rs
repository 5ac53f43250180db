//! Definitions: the places in files that give an option a value.

use std::fmt;
use std::sync::Arc;

use crate::eval::{Traced, Why};
use crate::text::Place;

/// A module path such as `nix.settings.max-jobs`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OptionPath(Arc<[Arc<str>]>);

impl OptionPath {
    /// From names in order.
    pub fn new(names: impl IntoIterator<Item = impl Into<Arc<str>>>) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }

    /// From dotted text without quoting: `nix.gc.automatic`.
    pub fn dotted(text: &str) -> Self {
        Self::new(text.split('.'))
    }

    /// The names in order.
    pub fn names(&self) -> &[Arc<str>] {
        &self.0
    }

    /// The last name; empty for the empty path.
    pub fn leaf(&self) -> &str {
        self.0.last().map_or("", |name| name)
    }

    /// This path with one more name.
    pub fn join(&self, name: impl Into<Arc<str>>) -> Self {
        Self(self.0.iter().cloned().chain([name.into()]).collect())
    }

    /// The path without its last name.
    pub fn parent(&self) -> Self {
        Self(
            self.0
                .iter()
                .take(self.0.len().saturating_sub(1))
                .cloned()
                .collect(),
        )
    }

    /// True when `prefix` is this path or a set that holds it.
    pub fn starts_with(&self, prefix: &OptionPath) -> bool {
        self.0.len() >= prefix.0.len() && self.0.iter().zip(prefix.0.iter()).all(|(a, b)| a == b)
    }

    /// True when the dotted `text` names this path.
    pub fn is(&self, text: &str) -> bool {
        self.0.iter().map(AsRef::as_ref).eq(text.split('.'))
    }
}

impl fmt::Display for OptionPath {
    /// As Nix writes it: names that are no identifiers are quoted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            if crate::syntax::is_plain_name(name) {
                f.write_str(name)?;
            } else {
                write!(f, "{}", crate::syntax::quote(name))?;
            }
        }
        Ok(())
    }
}

/// Index of a definition in its workspace.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DefId(pub u32);

impl DefId {
    /// The number of a definition that is not in a workspace yet.
    pub const NONE: Self = Self(u32::MAX);
}

/// Module-system priority: the lowest number wins (`lib/modules.nix`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Priority(pub i64);

impl Priority {
    /// `mkForce`.
    pub const FORCE: Self = Self(50);
    /// A plain definition.
    pub const NORMAL: Self = Self(100);
    /// `mkDefault`.
    pub const DEFAULT: Self = Self(1000);
    /// `mkOptionDefault`, and an option's own default.
    pub const OPTION_DEFAULT: Self = Self(1500);
}

/// Position among the definitions of a list option: `mkBefore` 500, plain 1000, `mkAfter` 1500.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Order(pub i64);

impl Order {
    /// A plain definition.
    pub const NORMAL: Self = Self(1000);
}

/// Whether a definition counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    /// Without condition, or under one that is known to hold.
    Always,
    /// Under a condition (the expression at `at`) that cannot be decided.
    Unknown {
        /// Why not.
        why: Why,
        /// The condition.
        at: Option<Place>,
    },
}

/// How a definition is written, which decides how it can be changed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Form {
    /// `a.b = value;`
    Binding,
    /// A name in `inherit x;` or `inherit (y) x;`.
    Inherit,
    /// A line of `nix.conf`.
    ConfLine,
    /// A line inside a string, such as `nix.extraOptions`, that maps byte for byte to the file.
    TextLine,
    /// Made by code; no text stands for this definition alone.
    Computed,
}

/// One place in a file that gives an option a value.
#[derive(Clone, PartialEq, Debug)]
pub struct Definition {
    /// Its number.
    pub id: DefId,
    /// The option as written: `nix.settings.max-jobs`, `nix.maxJobs`. A line of `nix.conf` is
    /// the one-name path of its key.
    pub option: OptionPath,
    /// The `nix.conf` key that it sets, `extra-` included, aliases not resolved; `None` for
    /// options that are no setting.
    pub setting: Option<Arc<str>>,
    /// The value without its `mkIf`, `mkForce` and other wrappers.
    pub value: Traced,
    /// From `mkForce`, `mkDefault`, `mkOverride`.
    pub priority: Priority,
    /// From `mkBefore`, `mkAfter`, `mkOrder`.
    pub order: Order,
    /// Priority of the set of settings that holds it (`nix.settings = mkForce { … }`), which
    /// decides over whole sets before the priorities within them count.
    pub set_priority: Priority,
    /// From `mkIf`, `optionalAttrs`, `if`.
    pub condition: Condition,
    /// How it is written.
    pub form: Form,
    /// The whole binding or line, `;` included, line ending excluded.
    pub statement: Option<Place>,
    /// The name in it: the last part of `nix.settings.max-jobs`, the key of a line.
    pub name: Option<Place>,
}

impl Definition {
    /// The text to show for this definition: its statement, or as much of it as has a place.
    /// `None` for a definition that no text stands for.
    pub fn place(&self) -> Option<Place> {
        self.statement
            .or(self.name)
            .or(self.value.site)
            .or(self.value.origin)
    }

    /// True when it is written by itself, so that it can be taken out or given another value
    /// without touching another one.
    pub fn stands_alone(&self) -> bool {
        self.statement.is_some()
            && matches!(self.form, Form::Binding | Form::ConfLine | Form::TextLine)
    }

    /// True for another binding that always gives the same option the same single value. The
    /// module system takes both, as long as they agree or one has more weight.
    pub fn is_twin_of(&self, other: &Self) -> bool {
        let always = |one: &Self| {
            one.condition == Condition::Always && matches!(one.form, Form::Binding | Form::Inherit)
        };
        self.option == other.option
            && self.statement != other.statement
            && self.value.value == other.value.value
            && self.value.value.is_scalar()
            && always(self)
            && always(other)
    }

    /// True for another line of text that gives the same key the same value: where one is taken out,
    /// the other one counts.
    pub fn repeats(&self, other: &Self) -> bool {
        let is_line = |one: &Self| matches!(one.form, Form::ConfLine | Form::TextLine);
        is_line(self)
            && is_line(other)
            && self.setting == other.setting
            && self.statement != other.statement
            && self.value.value == other.value.value
    }

    /// Where another setting would be written next to this one: in the same set, in
    /// `nix.settings` for a line of `nix.extraOptions` or an old option, on a line of its own in
    /// `nix.conf`.
    pub fn sibling_setting(&self, name: &str) -> OptionPath {
        let set = self.option.parent();
        let is_set = ["settings", "customSettings", "nixConfig"].contains(&set.leaf());
        if self.form == Form::ConfLine || is_set {
            set.join(name)
        } else {
            OptionPath::dotted("nix.settings").join(name)
        }
    }
}
