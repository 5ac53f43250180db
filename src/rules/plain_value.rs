//! Settings with one value, such as a switch or a number: the definitions whose value a rule is
//! looking for, and the usual ways to change them.

use super::RuleCx;
use super::list_entry::value_confidence;
use crate::catalog::SettingDefault;
use crate::diagnostic::{Change, Confidence, NewValue};
use crate::model::{Definition, Effective};
use crate::text::Place;

/// A definition that gives a setting a value that a rule speaks of.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    /// The value.
    pub value: Effective<'a>,
    /// The text to underline.
    pub place: Place,
    /// How sure a diagnostic about it can be.
    pub confidence: Confidence,
}

impl<'a> Found<'a> {
    /// The definition.
    pub fn definition(&self) -> &'a Definition {
        self.value.definition
    }

    /// Taking the definition out; nothing when no text stands for it alone.
    pub fn removal(&self) -> Vec<Change> {
        self.change(|definition| Change::Remove {
            definition: definition.id,
        })
    }

    /// Another value; nothing when no text stands for the definition alone.
    pub fn setting_to(&self, value: NewValue) -> Vec<Change> {
        self.change(|definition| Change::Set {
            definition: definition.id,
            value,
        })
    }

    fn change(&self, change: impl FnOnce(&Definition) -> Change) -> Vec<Change> {
        let definition = self.definition();
        let alone = definition.stands_alone();
        alone.then(|| change(definition)).into_iter().collect()
    }
}

/// The values that a setting may have and that `is_wanted` picks, each with its place. One branch of
/// a choice in the value itself is left out: whoever writes a condition has thought of both.
pub(super) fn found<'a>(
    cx: &RuleCx<'a>,
    setting: &str,
    is_wanted: impl Fn(&Effective<'a>) -> bool,
) -> Vec<Found<'a>> {
    let candidates = cx.setting(setting).candidates();
    let wanted = candidates
        .into_iter()
        .filter(|value| value.is_whole() && is_wanted(value));
    wanted
        .filter_map(|value| {
            let sure = value_confidence(cx, &value);
            Some(Found {
                value,
                place: value.definition.place()?,
                confidence: if value.unconditional {
                    sure
                } else {
                    sure.min(Confidence::Likely)
                },
            })
        })
        .collect()
}

/// [`found`] for a switch that is `on` or off.
pub(super) fn switched<'a>(cx: &RuleCx<'a>, setting: &str, on: bool) -> Vec<Found<'a>> {
    found(cx, setting, |value| value.as_bool() == Some(on))
}

/// The number that the newest release gives a setting.
pub(super) fn newest_default(cx: &RuleCx<'_>, setting: &str) -> Option<u64> {
    match cx.catalog().setting(setting)?.defaults().newest()? {
        SettingDefault::Value(text) => text.parse().ok(),
        _ => None,
    }
}

/// True unless the machine's Nix certainly lacks the setting; what is not there is another rule's.
pub(super) fn may_exist(cx: &RuleCx<'_>, setting: &str) -> bool {
    cx.catalog()
        .setting(setting)
        .is_some_and(|setting| setting.is_known_to(cx.target()) != Some(false))
}
