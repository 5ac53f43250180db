//! Values without the places that made them, and what changes make of them.

use std::collections::BTreeMap;

use crate::diagnostic::NewValue;
use crate::eval::{Traced, Value};
use crate::model::parse_amount;
use crate::syntax::words;
use crate::text::Place;

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
}

/// Takes out the element or word that is written at a place, or writes another one there. What is
/// written once may be read several times, as by each branch of a choice: every reading changes.
/// False where nothing is read from the place.
pub(super) fn edit_at(value: &mut Traced, item: Place, word: &str, with: Option<&str>) -> bool {
    let site = value.site;
    let new = |with: &str| Value::Str(with.into());
    match &mut value.value {
        Value::List(elements) => {
            let before = elements.len();
            if with.is_none() {
                elements.retain(|element| element.site != Some(item));
            }
            let mut found = elements.len() != before;
            for element in elements {
                match with {
                    Some(with) if element.site == Some(item) => {
                        element.value = new(with);
                        found = true;
                    }
                    _ => found |= edit_at(element, item, word, with),
                }
            }
            found
        }
        Value::OneOf(branches) => {
            let mut found = false;
            for branch in branches {
                match with {
                    Some(with) if branch.site == Some(item) => {
                        branch.value = new(with);
                        found = true;
                    }
                    _ => found |= edit_at(branch, item, word, with),
                }
            }
            found
        }
        Value::Str(text) => {
            let holds =
                site.is_some_and(|site| site.file == item.file && site.span.contains(item.span));
            let mut parts: Vec<&str> = words(text).filter_map(|range| text.get(range)).collect();
            let Some(index) = parts.iter().position(|part| *part == word) else {
                return false;
            };
            if !holds {
                return false;
            }
            parts.splice(index..=index, with);
            let edited = parts.join(" ");
            value.value = new(&edited);
            true
        }
        _ => false,
    }
}
