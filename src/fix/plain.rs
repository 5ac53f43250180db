//! Values without the places that made them, and what changes make of them.

use std::collections::BTreeMap;

use crate::diagnostic::NewValue;
use crate::eval::{Traced, Value};
use crate::model::parse_amount;
use crate::syntax::words;

/// A value without the places that made it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Plain {
    Null,
    Bool(bool),
    Int(i64),
    /// Only declared: an integer, or a text with a unit letter, of this many bytes.
    Amount(u64),
    Float(u64),
    Str(String),
    Path(std::path::PathBuf),
    List(Vec<Plain>),
    Attrs(BTreeMap<String, Plain>),
    OneOf(Vec<Plain>),
    Unknown(String),
}

impl Plain {
    pub fn of(value: &Value) -> Self {
        let all = |items: &[Traced]| items.iter().map(|item| Self::of(&item.value)).collect();
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(value) => Self::Int(*value),
            Value::Float(value) => Self::Float(value.to_bits()),
            Value::Str(text) => Self::Str(text.to_string()),
            Value::Path(path) => Self::Path(path.clone()),
            Value::List(items) => Self::List(all(items)),
            Value::Attrs(attrs) => Self::Attrs(
                attrs
                    .iter()
                    .map(|(name, value)| (name.to_string(), Self::of(&value.value)))
                    .collect(),
            ),
            Value::OneOf(branches) => Self::OneOf(all(branches)),
            Value::Unknown(why) => Self::Unknown(why.to_string()),
        }
    }

    pub fn new(value: &NewValue) -> Self {
        match value {
            NewValue::Null => Self::Null,
            NewValue::Bool(value) => Self::Bool(*value),
            NewValue::Int(value) => Self::Int(*value),
            NewValue::Bytes(bytes) => Self::Int(i64::try_from(*bytes).unwrap_or(i64::MAX)),
            NewValue::Size(bytes) => Self::Amount(*bytes),
            NewValue::Str(text) => Self::Str(text.clone()),
            NewValue::List(items) => Self::List(items.iter().map(Self::new).collect()),
            NewValue::Attrs(attrs) => Self::Attrs(
                attrs
                    .iter()
                    .map(|(name, value)| (name.clone(), Self::new(value)))
                    .collect(),
            ),
        }
    }

    /// True when a value that was found is this declared one.
    pub fn admits(&self, found: &Self) -> bool {
        match (self, found) {
            (Self::Amount(bytes), Self::Int(number)) => u64::try_from(*number) == Ok(*bytes),
            (Self::Amount(bytes), Self::Str(text)) => parse_amount(text) == Some(*bytes),
            _ => self == found,
        }
    }

    /// Lists and words in a fixed order, for changes that do not say where in the list they act.
    pub fn sorted(self) -> Self {
        match self {
            // A list of which nothing else is known is an unknown one.
            Self::List(items) if matches!(items.as_slice(), [Self::Unknown(_)]) => {
                items.into_iter().next().unwrap_or(Self::Null)
            }
            Self::List(mut items) => {
                items.sort();
                Self::List(items)
            }
            Self::Str(text) => {
                let mut parts: Vec<_> = words(&text)
                    .filter_map(|range| text.get(range))
                    .map(str::to_owned)
                    .collect();
                parts.sort();
                Self::Str(parts.join(" "))
            }
            Self::OneOf(branches) => Self::OneOf(branches.into_iter().map(Self::sorted).collect()),
            other => other,
        }
    }

    /// Adds elements or words at the end; in every branch.
    pub fn add(&mut self, items: &[String]) {
        match self {
            Self::List(list) => list.extend(items.iter().cloned().map(Self::Str)),
            Self::Str(text) => {
                for item in items {
                    text.push(' ');
                    text.push_str(item);
                }
            }
            Self::OneOf(branches) => {
                for branch in branches {
                    branch.add(items);
                }
            }
            _ => {}
        }
    }

    /// Replaces one element, or word, that equals `old`; in every branch that has it.
    pub fn replace(&mut self, old: &Self, new: Option<&Self>) -> bool {
        match self {
            Self::List(items) => {
                let Some(index) = items.iter().position(|item| item == old) else {
                    return items.iter_mut().any(|item| item.replace(old, new));
                };
                match new {
                    Some(new) => {
                        if let Some(item) = items.get_mut(index) {
                            *item = new.clone();
                        }
                    }
                    None => {
                        items.remove(index);
                    }
                }
                true
            }
            Self::Str(text) => {
                let Self::Str(old) = old else { return false };
                let mut parts: Vec<String> = words(text)
                    .filter_map(|range| text.get(range))
                    .map(str::to_owned)
                    .collect();
                let Some(index) = parts.iter().position(|part| part == old) else {
                    return false;
                };
                match new {
                    Some(Self::Str(new)) => {
                        if let Some(part) = parts.get_mut(index) {
                            part.clone_from(new);
                        }
                    }
                    _ => {
                        parts.remove(index);
                    }
                }
                *text = parts.join(" ");
                true
            }
            Self::OneOf(branches) => {
                let mut found = false;
                for branch in branches {
                    found |= branch.replace(old, new);
                }
                found
            }
            _ => false,
        }
    }
}
