//! Lines of the rendered `nix.conf` that a later line makes void: what is written first, what
//! comes after it, and what Nix is left with.

use std::rc::Rc;
use std::sync::Arc;

use super::RuleCx;
use super::conflict::belong_together;
use super::list_entry::is_line;
use crate::catalog::{SettingInfo, Spelling, normalize_url};
use crate::model::{Condition, Definition, Form, LostWhy, Source, Text};
use crate::syntax::words;

/// A value of one setting that does not reach Nix, because a later line replaces it.
#[derive(Debug)]
pub(super) struct Overwritten<'a> {
    /// The setting.
    pub setting: &'a SettingInfo,
    /// Where the value comes from: a definition, or the module system itself.
    pub earlier: Source<'a>,
    /// The key that it was meant for, `extra-` included.
    pub earlier_key: Arc<str>,
    /// The value, as `nix.conf` spells it.
    pub earlier_text: String,
    /// The definition that replaces it.
    pub later: &'a Definition,
    /// The key of that definition.
    pub later_key: Arc<str>,
    /// What Nix has in the end; `None` when that is not known.
    pub effective: Option<String>,
}

impl<'a> Overwritten<'a> {
    /// The definition that is void; `None` for a value of the module's own.
    pub fn definition(&self) -> Option<&'a Definition> {
        match self.earlier {
            Source::Definition(definition) => Some(definition),
            _ => None,
        }
    }

    /// True when the void value was to be appended.
    pub fn appends(&self, cx: &RuleCx<'_>) -> bool {
        is_append(cx, &self.earlier_key)
    }

    /// True when both keys are the setting's under one name, `extra-` left aside.
    pub fn has_one_name(&self) -> bool {
        bare(&self.earlier_key) == bare(&self.later_key)
    }

    /// True when an option is replaced by a line of `nix.extraOptions`.
    pub fn is_option_before_text(&self) -> bool {
        let option = self
            .definition()
            .is_none_or(|definition| !is_line(definition));
        option && self.later.form == Form::TextLine
    }

    /// The words of the void value that Nix does not have in the end either; all of them when that
    /// is not known.
    pub fn missing(&self) -> Vec<&str> {
        let effective: Vec<&str> = self
            .effective
            .as_deref()
            .map(|text| split(text).collect())
            .unwrap_or_default();
        let is_url = ["substituters", "trusted-substituters"].contains(&self.setting.name);
        let is_same = |one: &str, other: &str| {
            one == other || is_url && normalize_url(one) == normalize_url(other)
        };
        split(&self.earlier_text)
            .filter(|word| !effective.iter().any(|other| is_same(word, other)))
            .collect()
    }

    /// True when the value that counts is the void one again: for lists the same words.
    pub fn changes_nothing(&self) -> bool {
        let Some(effective) = &self.effective else {
            return false;
        };
        if !self.setting.is_list() {
            return *effective == self.earlier_text;
        }
        let mut earlier: Vec<&str> = split(&self.earlier_text).collect();
        let mut later: Vec<&str> = split(effective).collect();
        earlier.sort_unstable();
        later.sort_unstable();
        earlier.dedup();
        later.dedup();
        earlier == later
    }
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    words(text).filter_map(|range| text.get(range))
}

fn bare(key: &str) -> &str {
    key.strip_prefix("extra-").unwrap_or(key)
}

fn is_append(cx: &RuleCx<'_>, key: &str) -> bool {
    cx.catalog()
        .resolve_for(key, cx.target())
        .is_some_and(|resolved| resolved.spelling == Spelling::Append)
}

/// All values of the machine that a later definition makes void, by setting.
pub(super) fn overwritten<'a>(cx: &RuleCx<'a>) -> Rc<Vec<Overwritten<'a>>> {
    cx.remembered(|memo| &memo.overwritten, || find(cx))
}

fn find<'a>(cx: &RuleCx<'a>) -> Vec<Overwritten<'a>> {
    if !may_overwrite(cx) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for outcome in cx.rendered().settings {
        let Some(setting) = cx.catalog().setting(&outcome.name) else {
            continue;
        };
        let effective = match &outcome.text {
            Some(Text::Known(text)) => Some(text.clone()),
            _ => None,
        };
        for lost in outcome.lost {
            let LostWhy::Later {
                by: Source::Definition(later),
                key,
            } = lost.why
            else {
                continue;
            };
            let one = Overwritten {
                setting,
                earlier: lost.source,
                earlier_key: lost.key,
                earlier_text: lost.text,
                later,
                later_key: key,
                effective: effective.clone(),
            };
            let pair: Vec<&Definition> = one.definition().into_iter().chain([later]).collect();
            if belong_together(cx, &pair) {
                found.push(one);
            }
        }
    }
    found
}

/// Whether it is worth to write the file: two definitions of one setting, or a plain line of text,
/// which the module's own values stand before.
fn may_overwrite(cx: &RuleCx<'_>) -> bool {
    let mut names: Vec<&str> = Vec::new();
    cx.all_definitions().any(|definition| {
        let Some(key) = definition.setting.as_deref() else {
            return false;
        };
        let Some(resolved) = cx.catalog().resolve_for(key, cx.target()) else {
            return false;
        };
        if names.contains(&resolved.setting.name) {
            return true;
        }
        names.push(resolved.setting.name);
        definition.form == Form::TextLine && resolved.spelling != Spelling::Append
    })
}

/// True when both definitions count whatever happens.
pub(super) fn both_hold(one: &Overwritten<'_>) -> bool {
    let holds = |definition: &Definition| definition.condition == Condition::Always;
    holds(one.later) && one.definition().is_none_or(holds)
}

/// Some words for a message: the first few, and how many more there are.
pub(super) fn some_of(words: &[&str]) -> String {
    const MOST_WORDS: usize = 3;
    let shown: Vec<&str> = words.iter().take(MOST_WORDS).copied().collect();
    match words.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The option or key as files write it: `nix.settings.max-jobs`, or the key of a line.
pub(super) fn written_name(definition: &Definition, key: &str) -> String {
    match definition.form {
        Form::TextLine => format!("{key} in {}", definition.option),
        Form::ConfLine => key.to_owned(),
        _ => definition.option.to_string(),
    }
}
