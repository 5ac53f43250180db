//! Baselines: diagnostics that are known and not reported again.
//!
//! An entry is found again by its rule, the option that it is about and the text that it
//! underlines, with runs of white space as one blank: moving, reindenting and renaming files does
//! not matter. A text that is long, or that must not be repeated, is replaced by its hash.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::diagnostic::Diagnostic;
use crate::model::Workspace;

/// The version of the file's shape.
const VERSION: u32 = 1;

/// Longer texts are hashed.
const LONGEST_TEXT_BYTES: usize = 120;

/// A baseline file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    version: u32,
    /// What is known.
    pub diagnostics: Vec<BaselineEntry>,
}

/// Diagnostics that are known.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineEntry {
    /// The file where it was last seen, from the folder of the baseline; for readers, and to know
    /// whether it was looked at.
    pub file: String,
    /// The rule.
    pub rule: String,
    /// The option of the definition; empty where there is none.
    pub option: String,
    /// The text, or its hash.
    pub text: String,
    /// How many there are.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub count: usize,
}

fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_one(count: &usize) -> bool {
    *count == 1
}

/// Why a baseline cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BaselineError {
    /// It is not the JSON that nixtune writes.
    #[error("{file} is no baseline: {message}; `nixtune lint --write-baseline` writes one")]
    Malformed {
        /// How reports call the file.
        file: String,
        /// What is wrong, with its line.
        message: String,
    },
    /// It was written by a newer nixtune.
    #[error("{file} has version {version}, and this nixtune knows version {VERSION}")]
    Version {
        /// How reports call the file.
        file: String,
        /// Its version.
        version: u32,
    },
}

/// What a diagnostic is known by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct BaselineKey {
    /// The rule.
    pub rule: &'static str,
    /// The option; empty where there is none.
    pub option: String,
    /// The text as it stands, white space joined.
    text: String,
}

impl BaselineKey {
    /// The key of a diagnostic about `workspace`.
    pub fn new(workspace: &Workspace, diagnostic: &Diagnostic) -> Self {
        let place = diagnostic.place;
        let around = workspace
            .definitions()
            .iter()
            .filter_map(|definition| {
                let whole = definition.place()?;
                let is_around = whole.file == place.file && whole.span.contains(place.span);
                is_around.then_some((whole.span.len(), definition))
            })
            .min_by_key(|(length, _)| *length);
        let words = workspace.text(place).split_whitespace();
        Self {
            rule: diagnostic.rule,
            option: around
                .map_or_else(String::new, |(_, definition)| definition.option.to_string()),
            text: words.collect::<Vec<_>>().join(" "),
        }
    }

    /// The text as a baseline holds it: hashed when it is long or `must_hide` says so.
    pub fn written(&self, must_hide: impl Fn(&str) -> bool) -> String {
        if self.text.len() > LONGEST_TEXT_BYTES || must_hide(&self.text) {
            self.hash()
        } else {
            self.text.clone()
        }
    }

    fn hash(&self) -> String {
        let digest = Sha256::digest(self.text.as_bytes());
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }
}

impl BaselineEntry {
    /// True when the entry stands for the diagnostic.
    fn is_of(&self, key: &BaselineKey) -> bool {
        self.rule == key.rule
            && self.option == key.option
            && (self.text == key.text || self.text == key.hash())
    }
}

impl Baseline {
    /// A baseline of these entries; equal ones are counted.
    pub fn new(mut entries: Vec<BaselineEntry>) -> Self {
        entries.sort();
        entries.dedup_by(|later, first| {
            let is_same = (&later.file, &later.rule, &later.option, &later.text)
                == (&first.file, &first.rule, &first.option, &first.text);
            if is_same {
                first.count += later.count;
            }
            is_same
        });
        Self {
            version: VERSION,
            diagnostics: entries,
        }
    }

    /// Reads a baseline that reports call `file`.
    ///
    /// # Errors
    /// When it is not one, or of a newer version.
    pub fn parse(text: &str, file: &str) -> Result<Self, BaselineError> {
        let baseline: Self =
            serde_json::from_str(text).map_err(|error| BaselineError::Malformed {
                file: file.to_owned(),
                message: error.to_string(),
            })?;
        if baseline.version > VERSION {
            return Err(BaselineError::Version {
                file: file.to_owned(),
                version: baseline.version,
            });
        }
        Ok(baseline)
    }

    /// As text, newline at the end.
    pub fn render(&self) -> String {
        // Strings and numbers always serialize.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Takes one diagnostic off; false when it is not, or no longer, held.
    pub fn take(&mut self, key: &BaselineKey) -> bool {
        let entry = self
            .diagnostics
            .iter_mut()
            .find(|entry| entry.count > 0 && entry.is_of(key));
        match entry {
            Some(entry) => {
                entry.count -= 1;
                true
            }
            None => false,
        }
    }

    /// True when a diagnostic of this kind is held.
    pub fn holds(&self, key: &BaselineKey) -> bool {
        self.diagnostics.iter().any(|entry| entry.is_of(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> BaselineKey {
        BaselineKey {
            rule: "gc-absent",
            option: "nix.gc".to_owned(),
            text: text.to_owned(),
        }
    }

    fn entry(text: String) -> BaselineEntry {
        BaselineEntry {
            file: "a.nix".to_owned(),
            rule: "gc-absent".to_owned(),
            option: "nix.gc".to_owned(),
            text,
            count: 1,
        }
    }

    #[test]
    fn entries_are_counted_and_taken_one_by_one() {
        let secret = key("token");
        let mut entries = vec![entry("x".into()), entry("x".into())];
        entries.push(entry(secret.written(|_| true)));
        let text = Baseline::new(entries).render();
        assert!(!text.contains("token"), "{text}");
        let mut baseline = Baseline::parse(&text, "b.json").unwrap();
        assert_eq!(baseline.diagnostics.len(), 2);
        assert!(baseline.holds(&secret));
        assert!(baseline.take(&secret) && !baseline.take(&secret));
        assert!(baseline.take(&key("x")) && baseline.take(&key("x")));
        assert!(!baseline.take(&key("x")));
        assert!(!baseline.take(&key("y")));
    }

    #[test]
    fn other_files_are_refused_with_a_reason() {
        let error = Baseline::parse("{}", "b.json").unwrap_err().to_string();
        assert!(
            error.starts_with("b.json is no baseline: missing field"),
            "{error}"
        );
        let newer = "{\"version\": 9, \"diagnostics\": []}";
        assert!(Baseline::parse(newer, "b.json").is_err());
    }
}
