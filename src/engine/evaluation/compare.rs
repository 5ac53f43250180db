//! Two answers of Nix about one machine, held against what was declared.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::question::{Answer, Question};
use crate::model::OptionPath;

/// What is wrong, with the option that Nix can be asked about for its own words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Difference {
    pub text: String,
    /// An option that has no value.
    pub fails: Option<OptionPath>,
    /// True when it has none before the change either, so that nothing can be said about it.
    pub as_before: bool,
}

impl Difference {
    pub fn new(text: String) -> Self {
        Self {
            text,
            fails: None,
            as_before: false,
        }
    }

    pub fn failing(path: &OptionPath) -> Self {
        Self {
            fails: Some(path.clone()),
            ..Self::new(format!("`{path}` has no value any more"))
        }
    }
}

/// The value at a path, out of an answer, or the failure of a set around it; `None` for what is not
/// there.
pub(super) fn value_at<'a>(
    question: &Question,
    answer: &'a Answer,
    path: &OptionPath,
) -> Option<&'a Json> {
    let (asked, mut value) = question
        .paths
        .iter()
        .zip(&answer.values)
        .filter(|(asked, _)| path.starts_with(asked))
        .max_by_key(|(asked, _)| asked.names().len())?;
    for name in path.names().iter().skip(asked.names().len()) {
        if fails(value) {
            break;
        }
        value = value.get("set")?.get(&**name)?;
    }
    (!has(value, "missing")).then_some(value)
}

pub(super) fn fails(value: &Json) -> bool {
    has(value, "fails")
}

fn has(value: &Json, mark: &str) -> bool {
    value.as_object().is_some_and(|map| map.contains_key(mark))
}

/// The first option that changes although nobody declared it, and the first assertion that breaks.
pub(super) fn undeclared(
    question: &Question,
    before: &Answer,
    after: &Answer,
    declared: &BTreeSet<OptionPath>,
) -> Option<Difference> {
    if let Some(message) = after.broken.difference(&before.broken).next() {
        return Some(Difference::new(format!(
            "an assertion of the configuration does not hold any more: {message}"
        )));
    }
    let pairs = before.values.iter().zip(&after.values);
    question
        .paths
        .iter()
        .zip(pairs)
        .find_map(|(path, (before, after))| different(path, before, after, declared))
}

fn different(
    path: &OptionPath,
    before: &Json,
    after: &Json,
    declared: &BTreeSet<OptionPath>,
) -> Option<Difference> {
    let is_declared = || declared.iter().any(|option| path.starts_with(option));
    // What had no value has none to lose: what kept it from having one is mended.
    if before == after || fails(before) || is_declared() {
        return None;
    }
    let holds_declared = declared.iter().any(|option| option.starts_with(path));
    let empty = Map::new();
    let set = |value: &'_ Json| -> Option<Map<String, Json>> {
        match value.get("set") {
            Some(Json::Object(set)) => Some(set.clone()),
            // A set that holds nothing but what is declared comes and goes with it.
            _ if has(value, "missing") && holds_declared => Some(empty.clone()),
            _ => None,
        }
    };
    if let (Some(old), Some(new)) = (set(before), set(after)) {
        let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let missing = serde_json::json!({ "missing": true });
        return names.into_iter().find_map(|name| {
            different(
                &path.join(name.as_str()),
                old.get(name).unwrap_or(&missing),
                new.get(name).unwrap_or(&missing),
                declared,
            )
        });
    }
    if fails(after) {
        return Some(Difference::failing(path));
    }
    Some(Difference::new(format!(
        "`{path}` changes from {} to {}",
        shown(before),
        shown(after)
    )))
}

/// A value of an answer in a few words.
pub(super) fn shown(value: &Json) -> String {
    const MOST_CHARS: usize = 120;
    let text = match value {
        Json::Object(map) => match map
            .iter()
            .next()
            .map(|(mark, inner)| (mark.as_str(), inner))
        {
            Some(("set", _)) => "a set".to_owned(),
            Some(("missing", _)) => "nothing".to_owned(),
            Some(("fails", _)) => "an error".to_owned(),
            Some(("function", _)) => "a function".to_owned(),
            Some((_, Json::String(text))) => text.clone(),
            _ => "something".to_owned(),
        },
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            format!("[ {} ]", items.join(" "))
        }
        other => other.to_string(),
    };
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(&text)),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn difference(before: &Json, after: &Json, declared: &[&str]) -> Option<String> {
        let declared = declared
            .iter()
            .map(|path| OptionPath::dotted(path))
            .collect();
        different(&OptionPath::dotted("nix"), before, after, &declared).map(|found| found.text)
    }

    #[test]
    fn only_what_is_declared_may_change() {
        let old = json!({ "set": { "settings": { "set": { "a": 1, "b": [2] } }, "gc": null } });
        let new = json!({ "set": { "settings": { "set": { "a": 5, "b": [2] } }, "gc": null } });
        assert_eq!(difference(&old, &new, &["nix.settings.a"]), None);
        assert_eq!(difference(&old, &new, &["nix.settings"]), None);
        let text = difference(&old, &new, &["nix.settings.b"]).unwrap();
        assert_eq!(text, "`nix.settings.a` changes from 1 to 5");
    }

    #[test]
    fn a_set_comes_and_goes_with_what_is_declared_in_it() {
        let none = json!({ "set": {} });
        let one = json!({ "set": { "settings": { "set": { "a": 1 } } } });
        let two = json!({ "set": { "settings": { "set": { "a": 1, "b": 2 } } } });
        assert_eq!(difference(&none, &one, &["nix.settings.a"]), None);
        assert_eq!(difference(&one, &none, &["nix.settings.a"]), None);
        let text = difference(&none, &two, &["nix.settings.a"]).unwrap();
        assert_eq!(text, "`nix.settings.b` changes from nothing to 2");
        let text = difference(&one, &none, &["nix.gc"]).unwrap();
        assert_eq!(text, "`nix.settings` changes from a set to nothing");
    }

    #[test]
    fn a_value_that_could_not_be_had_is_none_to_lose() {
        let fails = json!({ "set": { "x": { "fails": true } } });
        let has = json!({ "set": { "x": 1 } });
        assert_eq!(difference(&fails, &has, &[]), None);
        assert!(
            difference(&has, &fails, &[])
                .unwrap()
                .contains("no value any more")
        );
    }
}
