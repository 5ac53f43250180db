//! Which rules speak, how loudly, and what makes a run fail.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use super::{BUILTIN_IDS, suggestion};
use crate::diagnostic::Severity;
use crate::rules::{Category, Rule};

/// From which severity on a run fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FailOn {
    /// At this severity or above.
    AtLeast(Severity),
    /// Whatever is reported, the run succeeds.
    Never,
}

impl Default for FailOn {
    /// A warning fails a run; an info does not.
    fn default() -> Self {
        Self::AtLeast(Severity::Warning)
    }
}

impl FailOn {
    /// True when a diagnostic of this severity makes the run fail.
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            Self::AtLeast(least) => severity >= least,
            Self::Never => false,
        }
    }
}

/// A word that stands for nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{what} `{word}`; {suggestion}")]
pub struct UnknownWord {
    /// What it should have been: "unknown rule".
    pub what: &'static str,
    /// The word.
    pub word: String,
    /// The nearest name, or all names.
    pub suggestion: String,
}

impl FromStr for FailOn {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        if text == "never" {
            return Ok(Self::Never);
        }
        severity(text)
            .map(Self::AtLeast)
            .ok_or_else(|| UnknownWord {
                what: "unknown severity",
                word: text.to_owned(),
                suggestion: suggestion(text, ["error", "warning", "info", "never"]),
            })
    }
}

/// Reads `error`, `warning` or `info`.
pub(super) fn severity(text: &str) -> Option<Severity> {
    match text {
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "info" => Some(Severity::Info),
        _ => None,
    }
}

/// A rule or category that does not exist.
pub type SelectorError = UnknownWord;

/// The ids that a selector stands for: a rule's own, or all of a category.
///
/// # Errors
/// When there is no such rule or category.
pub(super) fn resolve(
    selector: &str,
    rules: &[&'static Rule],
) -> Result<Vec<&'static str>, SelectorError> {
    if let Some(id) = known_ids(rules).find(|id| *id == selector) {
        return Ok(vec![id]);
    }
    if let Some(category) = Category::ALL
        .iter()
        .find(|category| category.name() == selector)
    {
        return Ok(rules
            .iter()
            .filter(|rule| rule.category == *category)
            .map(|rule| rule.id)
            .collect());
    }
    let names = known_ids(rules).chain(Category::ALL.iter().map(|category| category.name()));
    Err(UnknownWord {
        what: "unknown rule",
        word: selector.to_owned(),
        suggestion: suggestion(selector, names),
    })
}

/// Ids of all rules and of the diagnostics that come from no rule.
pub(super) fn known_ids<'a>(
    rules: &'a [&'static Rule],
) -> impl Iterator<Item = &'static str> + Clone + use<'a> {
    rules.iter().map(|rule| rule.id).chain(BUILTIN_IDS)
}

/// Which rules speak and how loudly.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Selection {
    /// Only these; `None` selects all.
    only: Option<BTreeSet<&'static str>>,
    ignored: BTreeSet<&'static str>,
    severities: BTreeMap<&'static str, Severity>,
}

impl Selection {
    /// From selectors: ids of rules, or names of categories.
    ///
    /// # Errors
    /// The first selector that stands for nothing.
    pub fn new(
        select: &[String],
        ignore: &[String],
        rules: &[&'static Rule],
    ) -> Result<Self, SelectorError> {
        let all = |selectors: &[String]| -> Result<BTreeSet<_>, SelectorError> {
            let mut ids = BTreeSet::new();
            for selector in selectors {
                ids.extend(resolve(selector, rules)?);
            }
            Ok(ids)
        };
        Ok(Self {
            only: if select.is_empty() {
                None
            } else {
                Some(all(select)?)
            },
            ignored: all(ignore)?,
            severities: BTreeMap::new(),
        })
    }

    pub(super) fn select(&mut self, ids: impl IntoIterator<Item = &'static str>) {
        self.only.get_or_insert_default().extend(ids);
    }

    pub(super) fn ignore(&mut self, ids: impl IntoIterator<Item = &'static str>) {
        self.ignored.extend(ids);
    }

    pub(super) fn set_severity(&mut self, id: &'static str, severity: Severity) {
        self.severities.insert(id, severity);
    }

    /// This selection with `flags` laid over it: their `select` replaces, their `ignore` adds.
    /// A rule that flags select speaks although the file ignores it.
    #[must_use]
    pub fn overlaid(mut self, flags: &Selection) -> Self {
        if let Some(only) = &flags.only {
            self.ignored.retain(|id| !only.contains(id));
            self.only = Some(only.clone());
        }
        self.ignored.extend(flags.ignored.iter().copied());
        self.severities.extend(flags.severities.clone());
        self
    }

    /// True when the rule speaks.
    pub fn is_on(&self, id: &str) -> bool {
        !self.ignored.contains(id)
            && (self.only.as_ref().is_none_or(|only| only.contains(id))
                // A broken file is no matter of taste: only `ignore` silences it.
                || BUILTIN_IDS.contains(&id))
    }

    /// The severity that the user gives to a rule's diagnostics, if any.
    pub fn severity(&self, id: &str) -> Option<Severity> {
        self.severities.get(id).copied()
    }
}
