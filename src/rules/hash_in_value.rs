//! `#` within a value.

use std::sync::Arc;

use super::given::reaching;
use super::list_entry::{is_line, value_place};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Confidence;
use crate::eval::{Traced, Value};
use crate::facts::ModuleSystem;
use crate::model::Oddity;

declare_rule! {
    /// A value holds a `#`, which ends it.
    ///
    /// ## Why it matters
    ///
    /// In `nix.conf` everything from a `#` to the end of the line is a comment, within a word too,
    /// and there is no way to quote it. What stands behind it is lost without a word: a prompt
    /// loses its end, a list its last elements.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.bash-prompt-prefix = "(dev#1) ";
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.bash-prompt-prefix = "(dev 1) ";
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never for `nix.settings` and lines of text. A flake's `nixConfig` is not written to a file,
    /// so that a `#` there is read. There is no fix: only the author knows what can do without it.
    ///
    /// ## Source
    ///
    /// Nix, `src/libutil/configuration.cc`, `parseConfigFiles`; tried with Nix 2.8 and 2.34.
    pub HASH_IN_VALUE {
        id: "hash-in-value",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &[],
        category: Correctness,
        severity: Warning,
        fixes: Never,
    }
}

const WHY: &str = "in nix.conf a `#` begins a comment wherever it stands, and nothing quotes it";
const HELP: &str = "write the value without `#`, or set a blank before it if it is a comment";

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for line in cx.odd_lines() {
        let (Oddity::Cut { key, lost }, Some(place)) = (&line.what, line.place) else {
            continue;
        };
        out.report(
            place,
            format!(
                "`{key}` ends at a `#`: {} behind it {} lost",
                characters(lost),
                are(lost)
            ),
        )
        .why(WHY)
        .help(HELP)
        .confidence(if line.certain {
            Confidence::Certain
        } else {
            Confidence::Likely
        });
    }
    if cx.target().system() == Some(ModuleSystem::FlakeConfig) {
        return;
    }
    for definition in reaching(cx) {
        let Some(key) = definition.setting.as_deref() else {
            continue;
        };
        let of_flake = definition.option.names().first();
        if is_line(definition) || of_flake.is_some_and(|name| &**name == "nixConfig") {
            continue;
        }
        for (text, site) in texts(&definition.value) {
            let Some((_, lost)) = text.split_once('#') else {
                continue;
            };
            let Some(place) = site.or_else(|| value_place(definition)) else {
                continue;
            };
            out.report(
                place,
                format!(
                    "`{key}` ends at a `#`: {} behind it {} lost",
                    characters(lost),
                    are(lost)
                ),
            )
            .why(WHY)
            .help("write the value without `#`")
            .confidence(cx.confidence(definition));
        }
    }
}

/// The strings in a value, each with its place.
fn texts(value: &Traced) -> Vec<(Arc<str>, Option<crate::text::Place>)> {
    match &value.value {
        Value::Str(text) => vec![(Arc::clone(text), value.site)],
        Value::List(items) | Value::OneOf(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// How much it is; the text itself may be part of a secret.
fn characters(lost: &str) -> String {
    match lost.trim_start_matches('#').chars().count() {
        0 => "nothing".to_owned(),
        1 => "1 character".to_owned(),
        count => format!("{count} characters"),
    }
}

fn are(lost: &str) -> &'static str {
    match lost.trim_start_matches('#').chars().count() {
        0 | 1 => "is",
        _ => "are",
    }
}
