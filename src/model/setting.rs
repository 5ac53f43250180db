//! The value that an option or setting has on a machine, as far as it is known.

use std::sync::Arc;

use super::Definition;
use crate::eval::{Traced, Value, Why};
use crate::text::Place;

/// The value of an option or setting on one machine.
#[derive(Clone, Debug)]
pub enum Setting<'m> {
    /// No file sets it.
    Unset {
        /// True when every file of the machine was read, so that nothing else can set it.
        /// False when a definition may sit in a file or input that was not read.
        assured: bool,
    },
    /// One value wins.
    Known(Effective<'m>),
    /// One of a few values, depending on a condition that is not known.
    OneOf(Vec<Effective<'m>>),
    /// Set, or perhaps set, to something that is not known.
    Unknown {
        /// Why not.
        why: Why,
        /// The expression that is not known.
        at: Option<Place>,
    },
}

/// A value that wins, with the definition that gives it.
#[derive(Clone, Copy, Debug)]
pub struct Effective<'m> {
    /// The winning definition; for merged lists the first.
    pub definition: &'m Definition,
    /// Its value; for merged lists only this definition's part.
    pub value: &'m Traced,
    /// True when nothing undecided stands between the definition and Nix.
    pub unconditional: bool,
}

impl<'m> Setting<'m> {
    /// The one known value.
    pub fn known(&self) -> Option<Effective<'m>> {
        match self {
            Self::Known(effective) => Some(*effective),
            _ => None,
        }
    }

    /// Every value that it may have, as far as they are known: one for `Known`, the branches of
    /// `OneOf`, nothing otherwise.
    pub fn candidates(&self) -> Vec<Effective<'m>> {
        match self {
            Self::Known(effective) => vec![*effective],
            Self::OneOf(several) => several.clone(),
            Self::Unset { .. } | Self::Unknown { .. } => Vec::new(),
        }
    }

    /// True when no file that was read sets it and no file that was not read can.
    pub fn is_certainly_unset(&self) -> bool {
        matches!(self, Self::Unset { assured: true })
    }

    /// True when no file that was read sets it; another one may.
    pub fn is_unset(&self) -> bool {
        matches!(self, Self::Unset { .. })
    }
}

impl Effective<'_> {
    /// True when this is all that its definition says, not one branch of a choice in it.
    pub fn is_whole(&self) -> bool {
        !matches!(self.definition.value.value, Value::OneOf(_))
    }

    /// The boolean; text is read as Nix reads it (`true yes 1 false no 0`).
    pub fn as_bool(&self) -> Option<bool> {
        match &self.value.value {
            Value::Bool(value) => Some(*value),
            Value::Str(text) => match text.trim() {
                "true" | "yes" | "1" => Some(true),
                "false" | "no" | "0" => Some(false),
                _ => None,
            },
            Value::Int(1) => Some(true),
            Value::Int(0) => Some(false),
            _ => None,
        }
    }

    /// The non-negative integer; text may be decimal with an optional K, M, G or T
    /// (powers of 1024), as Nix reads sizes since 2.23.
    pub fn as_amount(&self) -> Option<u64> {
        match &self.value.value {
            Value::Int(value) => u64::try_from(*value).ok(),
            Value::Str(text) => parse_amount(text.trim()),
            _ => None,
        }
    }

    /// The text of a string, or of a number or boolean as nix.conf shows it.
    pub fn as_text(&self) -> Option<Arc<str>> {
        match &self.value.value {
            Value::Str(text) => Some(Arc::clone(text)),
            Value::Int(value) => Some(value.to_string().into()),
            Value::Bool(value) => Some(value.to_string().into()),
            _ => None,
        }
    }
}

/// Reads `5G`, `+5`, `1024` as Nix does (`src/libutil/util.cc`, `string2IntWithUnitPrefix`).
/// `None` for anything that Nix refuses, or that overflows.
pub fn parse_amount(text: &str) -> Option<u64> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let (digits, shift) = match text.chars().last()?.to_ascii_uppercase() {
        'K' => (text.get(..text.len() - 1)?, 10),
        'M' => (text.get(..text.len() - 1)?, 20),
        'G' => (text.get(..text.len() - 1)?, 30),
        'T' => (text.get(..text.len() - 1)?, 40),
        _ => (text, 0),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(1 << shift)
}

/// The elements of a list setting over all its definitions.
#[derive(Clone, Debug, Default)]
pub struct Items<'m> {
    /// The elements that files wrote, in the order in which Nix will see them.
    pub items: Vec<Item<'m>>,
    /// True when there can be no further element: every definition is fully known, and every
    /// file of the machine was read.
    pub complete: bool,
    /// The definitions, those that are unknown or empty included.
    pub definitions: Vec<&'m Definition>,
}

/// One element of a list setting: a list element, or a word of a string.
#[derive(Clone, Debug)]
pub struct Item<'m> {
    /// The element.
    pub text: Arc<str>,
    /// The list element's expression, or the word in its string or line; `None` when no text
    /// stands for this element alone.
    pub site: Option<Place>,
    /// Its definition.
    pub definition: &'m Definition,
    /// True when nothing undecided stands between the element and Nix.
    pub unconditional: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_nix_reads_them() {
        assert_eq!(parse_amount("5G"), Some(5 << 30));
        assert_eq!(parse_amount("+7"), Some(7));
        assert_eq!(parse_amount("2k"), Some(2048));
        for refused in ["", "G", "5GB", "5 G", "5.5G", "-1", "0x10", "1_000"] {
            assert_eq!(parse_amount(refused), None, "{refused}");
        }
    }
}
