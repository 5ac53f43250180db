//! Values as the modules write them into `nix.conf`.
//!
//! All modules share these rules (`mkValueString` in nix-darwin `modules/nix/default.nix`, NixOS
//! `nixos/modules/config/nix.nix`, home-manager `modules/misc/nix/default.nix`): `null` is an
//! empty value, lists are `toString`, which writes `true` as `1` and `false` as nothing.

use std::fmt;

use super::Text;
use crate::eval::{Traced, Value};

/// A whole value.
pub(super) fn text(value: &Value) -> Text {
    match value {
        Value::Null => Text::Known(String::new()),
        Value::Bool(value) => Text::Known(value.to_string()),
        Value::Int(value) => Text::Known(value.to_string()),
        // `toString` of a float has six digits.
        Value::Float(value) => Text::Known(format!("{value:.6}")),
        Value::Str(text) => Text::Known(text.to_string()),
        Value::Path(path) => Text::Known(path.to_string_lossy().into_owned()),
        Value::List(elements) => joined(elements),
        Value::Attrs(_) => Text::Conflict("a set is no value of a setting".to_owned()),
        Value::OneOf(branches) => one_of(branches.iter().map(|branch| text(&branch.value))),
        Value::Unknown(why) => Text::Unknown {
            why: why.to_string(),
            known: String::new(),
        },
    }
}

/// The text of a value that is fully known, runs of blanks as one, as Nix reads it; `None` when it
/// is not known, or has no text.
pub fn text_of(value: &Value) -> Option<String> {
    match text(value) {
        Text::Known(text) => Some(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        _ => None,
    }
}

/// One element of a list.
pub(super) fn element(value: &Value) -> Text {
    match value {
        Value::Bool(true) => Text::Known("1".to_owned()),
        Value::Bool(false) => Text::Known(String::new()),
        other => text(other),
    }
}

fn joined(elements: &[Traced]) -> Text {
    let mut known = Vec::new();
    let mut unknown = None;
    for one in elements {
        match element(&one.value) {
            Text::Known(text) => known.push(text),
            other => {
                unknown.get_or_insert(why(&other));
            }
        }
    }
    let known = known.join(" ");
    match unknown {
        Some(why) => Text::Unknown { why, known },
        None => Text::Known(known),
    }
}

impl fmt::Display for Text {
    /// For people: words in angle brackets where it is not known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(text) => f.write_str(text),
            Self::OneOf(candidates) => write!(f, "<one of: {}>", several(candidates)),
            Self::Unknown { why, known } if known.is_empty() => write!(f, "<unknown: {why}>"),
            Self::Unknown { why, known } => write!(f, "{known} <unknown: {why}>"),
            Self::Conflict(words) => write!(f, "<fails: {words}>"),
        }
    }
}

fn several(candidates: &[Option<String>]) -> String {
    let named: Vec<&str> = candidates
        .iter()
        .map(|one| match one.as_deref() {
            None => "unset",
            Some("") => "empty",
            Some(text) => text,
        })
        .collect();
    named.join(" | ")
}

/// Several possible values as one text; equal ones count once.
pub(super) fn one_of(texts: impl IntoIterator<Item = Text>) -> Text {
    let mut candidates: Vec<Option<String>> = Vec::new();
    for text in texts {
        let more = match text {
            Text::Known(text) => vec![Some(text)],
            Text::OneOf(several) => several,
            other => return other,
        };
        for one in more {
            if !candidates.contains(&one) {
                candidates.push(one);
            }
        }
    }
    match candidates.as_slice() {
        [Some(only)] => Text::Known(only.clone()),
        _ => Text::OneOf(candidates),
    }
}

/// Why a text is not known, in words that follow `it`; empty for one that is.
pub(super) fn why(text: &Text) -> String {
    match text {
        Text::Known(_) => String::new(),
        Text::OneOf(candidates) => format!("is one of {}", several(candidates)),
        Text::Unknown { why, .. } => why.clone(),
        Text::Conflict(words) => format!("fails to evaluate: {words}"),
    }
}

/// Whether a value is of the type that the module declares for an option, in the catalog's
/// words; true for what is not known, and for options of any type.
pub(super) fn fits(kind: &str, value: &Value) -> bool {
    match value {
        Value::Unknown(_) => true,
        Value::OneOf(branches) => branches.iter().any(|branch| fits(kind, &branch.value)),
        _ => match kind {
            "bool" => matches!(value, Value::Bool(_)),
            "int" => matches!(value, Value::Int(_)),
            "int or 'auto'" => matches!(value, Value::Int(_)) || value.as_str() == Some("auto"),
            "bool or 'relaxed'" => {
                matches!(value, Value::Bool(_)) || value.as_str() == Some("relaxed")
            }
            "list of str" => value
                .as_list()
                .is_some_and(|elements| elements.iter().all(|one| is_text(&one.value))),
            _ => true,
        },
    }
}

fn is_text(value: &Value) -> bool {
    match value {
        Value::Unknown(_) | Value::Str(_) => true,
        Value::OneOf(branches) => branches.iter().any(|branch| is_text(&branch.value)),
        _ => false,
    }
}
