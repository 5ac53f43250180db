//! Which rules speak, how loudly, and what makes a run fail.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::{BUILTIN_IDS, suggestion};
use crate::diagnostic::Severity;
use crate::rules::{self, Category, Rule, Stage};

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

/// The rules that a selector stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Selected {
    /// Their ids.
    pub ids: Vec<&'static str>,
    /// How they were named.
    pub by: By,
}

/// How a rule was named. What is named by itself wins over what is named with others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum By {
    /// By its category, `all` or `default`.
    Group,
    /// By its id.
    Id,
}

/// Selector for every rule.
pub(super) const ALL: &str = "all";

/// Selector for the rules that speak when nothing is selected.
pub(super) const DEFAULT: &str = "default";

/// Resolves a rule's id, a category, `all` or `default`.
///
/// # Errors
/// When there is no such rule or category.
pub(super) fn resolve(selector: &str, rules: &[&'static Rule]) -> Result<Selected, SelectorError> {
    if let Some(id) = known_ids(rules).find(|id| *id == selector) {
        return Ok(Selected {
            ids: vec![id],
            by: By::Id,
        });
    }
    let category = Category::ALL
        .into_iter()
        .find(|category| category.name() == selector);
    let is_meant = |rule: &Rule| match category {
        Some(category) => rule.category == category,
        None => selector == ALL || rule.stage == Stage::Default,
    };
    if category.is_some() || selector == ALL || selector == DEFAULT {
        let meant = rules.iter().filter(|rule| is_meant(rule));
        return Ok(Selected {
            ids: meant.map(|rule| rule.id).collect(),
            by: By::Group,
        });
    }
    Err(UnknownWord {
        what: "unknown rule",
        word: selector.to_owned(),
        suggestion: suggestion(selector, selectors(rules)),
    })
}

/// Every word that selects: ids, categories, `all`, `default`.
pub(super) fn selectors<'a>(
    rules: &'a [&'static Rule],
) -> impl Iterator<Item = &'static str> + Clone + use<'a> {
    let categories = Category::ALL.into_iter().map(Category::name);
    known_ids(rules).chain(categories).chain([ALL, DEFAULT])
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
    /// Only these; `None` selects the default set.
    only: Option<BTreeMap<&'static str, By>>,
    ignored: BTreeMap<&'static str, By>,
    severities: BTreeMap<&'static str, Severity>,
    /// Whether preview rules speak without being named; `None` leaves it open.
    preview: Option<bool>,
}

fn add(set: &mut BTreeMap<&'static str, By>, selected: Selected) {
    for id in selected.ids {
        let by = set.entry(id).or_insert(selected.by);
        *by = selected.by.max(*by);
    }
}

impl Selection {
    /// From selectors: ids of rules, names of categories, `all`, `default`.
    ///
    /// # Errors
    /// The first selector that stands for nothing.
    pub fn new(
        select: &[String],
        ignore: &[String],
        rules: &[&'static Rule],
    ) -> Result<Self, SelectorError> {
        let mut selection = Self::default();
        for selector in select {
            selection.select(resolve(selector, rules)?);
        }
        for selector in ignore {
            selection.ignore(resolve(selector, rules)?);
        }
        Ok(selection)
    }

    /// This selection with preview rules on or off; `None` leaves it to a lower layer.
    #[must_use]
    pub fn with_preview(mut self, preview: Option<bool>) -> Self {
        self.preview = preview;
        self
    }

    pub(super) fn select(&mut self, selected: Selected) {
        add(self.only.get_or_insert_default(), selected);
    }

    pub(super) fn ignore(&mut self, selected: Selected) {
        add(&mut self.ignored, selected);
    }

    pub(super) fn set_severity(&mut self, id: &'static str, severity: Severity) {
        self.severities.insert(id, severity);
    }

    /// This selection with `flags` laid over it: their `select` replaces, their `ignore` adds.
    /// A rule that flags select speaks although the file ignores it.
    #[must_use]
    pub fn overlaid(mut self, flags: &Selection) -> Self {
        if let Some(only) = &flags.only {
            self.ignored.retain(|id, _| !only.contains_key(id));
            self.only = Some(only.clone());
        }
        self.ignored.extend(flags.ignored.clone());
        self.severities.extend(flags.severities.clone());
        self.preview = flags.preview.or(self.preview);
        self
    }

    /// This selection for the files of a path: what `path` selects speaks as well, what it ignores
    /// does not.
    #[must_use]
    pub fn narrowed(mut self, path: &Selection) -> Self {
        if let Some(more) = &path.only {
            self.ignored.retain(|id, _| !more.contains_key(id));
            for (id, by) in more {
                add(
                    self.only.get_or_insert_with(default_set),
                    Selected {
                        ids: vec![id],
                        by: *by,
                    },
                );
            }
        }
        for (id, by) in &path.ignored {
            // A path is closer than any list for all files.
            if let Some(only) = &mut self.only {
                only.remove(id);
            }
            self.ignored.insert(id, *by);
        }
        self.severities.extend(path.severities.clone());
        self
    }

    /// True when the rule speaks.
    pub fn is_on(&self, id: &str) -> bool {
        let ignored = self.ignored.get(id);
        let selected = self.only.as_ref().and_then(|only| only.get(id));
        if let Some(ignored) = ignored {
            return selected > Some(ignored);
        }
        if BUILTIN_IDS.contains(&id) {
            // A broken file is no matter of taste: only `ignore` silences it.
            return true;
        }
        let is_preview = rules::find(id).is_some_and(|rule| rule.stage == Stage::Preview);
        match (&self.only, selected) {
            (_, Some(By::Id)) => true,
            (Some(_), None) => false,
            (_, Some(By::Group)) => !is_preview || self.preview == Some(true),
            (None, None) => match rules::find(id).map(|rule| rule.stage) {
                Some(Stage::OptIn) => false,
                Some(Stage::Preview) => self.preview == Some(true),
                Some(Stage::Default) | None => true,
            },
        }
    }

    /// The severity that the user gives to a rule's diagnostics, if any.
    pub fn severity(&self, id: &str) -> Option<Severity> {
        self.severities.get(id).copied()
    }
}

/// The rules that speak when nothing is selected. Preview rules are among them: whether they do
/// is decided apart.
fn default_set() -> BTreeMap<&'static str, By> {
    let rules = rules::ALL.iter();
    rules
        .filter(|rule| rule.stage != Stage::OptIn)
        .map(|rule| (rule.id, By::Group))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON: Rule = Rule {
        id: "on",
        docs: "Something is wrong.\n",
        since: "0.1.0",
        applies: "everything",
        settings: &[],
        category: Category::Reliability,
        severity: Severity::Info,
        fixes: crate::rules::Fixes::Never,
        safety: &[],
        needs_host: false,
        live: crate::rules::Live::Never,
        stage: Stage::Default,
        options: &[],
        check: |_, _| {},
    };
    const TASTE: Rule = Rule {
        id: "taste",
        stage: Stage::OptIn,
        ..ON
    };
    const RULES: &[&Rule] = &[&ON, &TASTE];

    fn selection(select: &[&str], ignore: &[&str]) -> Selection {
        let words = |words: &[&str]| words.iter().map(|&word| word.into()).collect::<Vec<_>>();
        Selection::new(&words(select), &words(ignore), RULES).unwrap()
    }

    #[test]
    fn groups_hold_what_they_say() {
        assert!(selection(&["all"], &[]).is_on("taste"));
        assert!(selection(&["reliability"], &[]).is_on("taste"));
        assert!(!selection(&["default"], &[]).is_on("taste"));
        assert!(selection(&["default", "taste"], &[]).is_on("taste"));
        assert!(!selection(&["security"], &[]).is_on("on"));
    }

    #[test]
    fn a_rule_named_by_itself_wins_over_its_group() {
        assert!(selection(&["on"], &["reliability"]).is_on("on"));
        assert!(!selection(&["reliability"], &["on"]).is_on("on"));
        assert!(!selection(&["reliability"], &["reliability"]).is_on("on"));
        assert!(!selection(&["on"], &["on"]).is_on("on"));
    }

    #[test]
    fn flags_win_over_the_file_and_paths_over_both() {
        let file = selection(&[], &["reliability"]);
        let flags = selection(&["on"], &[]);
        let both = file.clone().overlaid(&flags);
        assert!(!file.is_on("on"));
        assert!(both.is_on("on"));
        assert!(!both.narrowed(&selection(&[], &["on"])).is_on("on"));
        assert!(file.narrowed(&selection(&["on"], &[])).is_on("on"));
    }

    #[test]
    fn a_path_adds_to_the_default_set() {
        let here = Selection::default().narrowed(&selection(&["taste"], &[]));
        assert!(here.is_on("taste"));
        assert!(here.is_on("gc-absent"));
    }

    #[test]
    fn a_broken_file_is_reported_whatever_is_selected() {
        assert!(selection(&["on"], &[]).is_on("syntax-error"));
        assert!(!selection(&[], &["syntax-error"]).is_on("syntax-error"));
    }
}
