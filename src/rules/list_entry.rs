//! The words of list settings as rules see them: one entry per word, with the place to underline
//! and, where it can be changed alone, the place to edit.

use std::sync::Arc;

use super::RuleCx;
use crate::diagnostic::{Change, Confidence};
use crate::eval::Value;
use crate::facts::How;
use crate::model::{Condition, Definition, Effective, Form, Items, OptionPath};
use crate::syntax::words;
use crate::text::Place;

/// One word of a list setting. A list element that holds several words gives several entries:
/// Nix sees the rendered line only.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    /// The word.
    pub text: Arc<str>,
    /// What to underline.
    pub place: Place,
    /// The element or word that stands for this entry alone; `None` when there is no such text.
    pub site: Option<Place>,
    /// Its definition.
    pub definition: &'a Definition,
    /// True when nothing undecided stands between the entry and Nix.
    pub unconditional: bool,
}

impl Entry<'_> {
    /// How sure a diagnostic about this entry can be.
    pub fn confidence(&self) -> Confidence {
        if self.unconditional {
            Confidence::Certain
        } else {
            Confidence::Likely
        }
    }

    /// True when the entry is written inside its definition's own statement, so that editing it
    /// changes no other option.
    pub fn is_in_place(&self) -> bool {
        match (self.site, self.definition.statement) {
            (Some(site), Some(statement)) => {
                site.file == statement.file && statement.span.contains(site.span)
            }
            _ => false,
        }
    }

    /// True when no choice that is not decided stands between the entry and its definition, and
    /// the definition itself counts whatever happens. Its priority may be beaten all the same.
    pub fn is_in_force(&self) -> bool {
        let holds = |value: &Value| {
            value
                .as_str()
                .is_some_and(|text| words(text).any(|word| text.get(word) == Some(&self.text)))
        };
        let chosen = match &self.definition.value.value {
            Value::List(elements) => elements.iter().any(|element| holds(&element.value)),
            value => holds(value),
        };
        chosen && self.definition.condition == Condition::Always
    }

    /// Replaces the entry; `None` when no text stands for it alone.
    pub fn replace(&self, with: impl Into<String>) -> Option<Change> {
        Some(Change::ListReplace {
            definition: self.definition.id,
            item: self.site?,
            with: with.into(),
        })
    }

    /// Takes the entry out, with its definition when nothing else is in it.
    pub fn remove(&self) -> Option<Change> {
        let site = self.site?;
        if self.is_alone() && is_written(self.definition) {
            return Some(Change::Remove {
                definition: self.definition.id,
            });
        }
        Some(Change::ListRemove {
            definition: self.definition.id,
            items: vec![site],
        })
    }

    fn is_alone(&self) -> bool {
        match &self.definition.value.value {
            Value::List(elements) => elements.len() == 1,
            Value::Str(text) => words(text).count() == 1,
            _ => false,
        }
    }
}

/// True for a line of text, which has a key instead of an option path and replaces what was set
/// before it.
pub(super) fn is_line(definition: &Definition) -> bool {
    matches!(definition.form, Form::ConfLine | Form::TextLine)
}

/// The option `name` in the set, file or text that a definition stands in.
pub(super) fn beside(definition: &Definition, name: &str) -> OptionPath {
    if is_line(definition) {
        OptionPath::new([name])
    } else {
        definition.option.parent().join(name)
    }
}

/// True when a text stands for the definition, so that it can be renamed or taken out.
pub(super) fn is_written(definition: &Definition) -> bool {
    definition.statement.is_some() && definition.form != Form::Computed
}

/// The best place for a diagnostic about a definition's value.
pub(super) fn value_place(definition: &Definition) -> Option<Place> {
    definition
        .value
        .site
        .or(definition.name)
        .or(definition.statement)
        .or(definition.value.origin)
}

/// The best place for a diagnostic about a definition's name.
pub(super) fn name_place(definition: &Definition) -> Option<Place> {
    definition
        .name
        .or(definition.statement)
        .or(definition.value.site)
        .or(definition.value.origin)
}

/// How sure a diagnostic about one value of a setting can be.
pub(super) fn value_confidence(cx: &RuleCx<'_>, value: &Effective<'_>) -> Confidence {
    if value.value.value == value.definition.value.value {
        cx.confidence(value.definition)
    } else {
        // One branch of a condition that is not decided.
        Confidence::Possible
    }
}

/// The entries of a list setting, in the order in which Nix sees them.
pub(super) fn entries<'a>(items: &Items<'a>) -> Vec<Entry<'a>> {
    let mut out = Vec::new();
    for item in &items.items {
        let Some(place) = item.site.or_else(|| value_place(item.definition)) else {
            continue;
        };
        let several = words(&item.text).count() > 1;
        for range in words(&item.text) {
            out.push(Entry {
                text: item.text.get(range).unwrap_or("").into(),
                place,
                site: item.site.filter(|_| !several),
                definition: item.definition,
                unconditional: item.unconditional,
            });
        }
    }
    out
}

/// True when the module system is only a guess.
pub(super) fn system_is_assumed(cx: &RuleCx<'_>) -> bool {
    cx.target()
        .module_system
        .as_ref()
        .is_some_and(|fact| fact.how == How::Assumed)
}

/// True when only this machine reads the definition, or every machine that does satisfies `fits`.
pub(super) fn fits_every_machine(
    cx: &RuleCx<'_>,
    definition: &Definition,
    fits: impl Fn(&crate::model::Machine) -> bool,
) -> bool {
    cx.workspace().machines_of(definition.id).all(fits)
}

/// True when `later` and `earlier` come from one list that is a list whatever happens, so that
/// they are in force together or not at all.
pub(super) fn same_list(earlier: &Entry<'_>, later: &Entry<'_>) -> bool {
    earlier.definition.id == later.definition.id
        && matches!(later.definition.value.value, Value::List(_) | Value::Str(_))
        && earlier.unconditional == later.unconditional
}
