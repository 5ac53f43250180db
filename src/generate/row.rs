//! How values and their reasons become lines of a file.

use serde::Serialize;

use super::Row;
use super::template::nix_list;
use crate::facts::How;
use crate::tune::Recommendation;
use crate::units::Bytes;

/// Columns of a comment's text.
const COLUMNS: usize = 84;

impl Row {
    /// A value that was worked out.
    pub(super) fn found<T>(
        name: &str,
        value: String,
        reason: &str,
        from: &Recommendation<T>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            value,
            reason: reason.to_owned(),
            source: from.source,
            assumed: from.weakest == How::Assumed,
        }
    }

    /// A value whose reason says it all.
    pub(super) fn plain(name: &str, value: &str, reason: String) -> Self {
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
            reason,
            source: "",
            assumed: false,
        }
    }

    /// The reason as lines of a comment; none without `explain`.
    pub(super) fn comment(&self, explain: bool) -> Vec<String> {
        self.comment_within(explain, COLUMNS)
    }

    /// The same with up to `columns` columns of text.
    pub(super) fn comment_within(&self, explain: bool, columns: usize) -> Vec<String> {
        let assumed = if self.assumed { "assumed: " } else { "" };
        wrapped(&format!("{assumed}{}", self.reason), explain, columns)
    }
}

/// A text as lines of a comment; none without `explain`.
pub(super) fn lines(text: &str, explain: bool) -> Vec<String> {
    wrapped(text, explain, COLUMNS)
}

fn wrapped(text: &str, explain: bool, columns: usize) -> Vec<String> {
    if !explain {
        return Vec::new();
    }
    textwrap::wrap(text, columns)
        .into_iter()
        .map(std::borrow::Cow::into_owned)
        .collect()
}

/// A setting in both languages.
#[derive(Serialize)]
pub(super) struct Entry {
    pub name: &'static str,
    /// As a Nix expression; lists have a line for each element.
    pub nix: String,
    /// As a value of `nix.conf`.
    pub conf: String,
    /// Lines of a comment; empty without `explain`.
    pub comment: Vec<String>,
}

impl Entry {
    /// A line of `nix.conf` alone, with the reason of its row.
    pub fn conf(name: &'static str, value: String, row: &Row, explain: bool) -> Self {
        Self {
            name,
            nix: String::new(),
            conf: value,
            comment: row.comment(explain),
        }
    }
}

/// `25 * 1024 * 1024 * 1024`.
pub(super) fn bytes_in_nix(amount: Bytes) -> String {
    let (count, letter) = amount.whole_unit();
    let factors = ["", "K", "M", "G", "T"]
        .iter()
        .position(|unit| *unit == letter)
        .unwrap_or(0);
    format!("{count}{}", " * 1024".repeat(factors))
}

/// A list inside of `nix.settings`.
pub(super) fn list(name: &str, items: &[&str]) -> String {
    nix_list(name, items, "    ".len())
}
