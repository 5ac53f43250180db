//! A boolean in a spelling that Nix does not read.

use super::given::given;
use super::list_entry::is_line;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::SettingKind;
use crate::diagnostic::{Applicability, Change, NewValue};
use crate::eval::Value;
use crate::model::Form;

declare_rule! {
    /// A boolean is spelled in a way that Nix does not read.
    ///
    /// ## Why it matters
    ///
    /// Nix reads `true`, `yes`, `1`, `false`, `no` and `0`, in lower case. `on`, `enabled` or `True`
    /// are fatal: once the file is in place every `nix` command fails, the one that would repair it
    /// included.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.extraOptions = ''
    ///     keep-outputs = on
    ///   '';
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.extraOptions = ''
    ///     keep-outputs = true
    ///   '';
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never: no release of any implementation accepts it. The fix writes the boolean that the word
    /// means and is safe.
    ///
    /// ## Source
    ///
    /// Nix, `BaseSetting<bool>::parse` in `src/libutil/configuration.cc`; tried with Nix 2.8
    /// and 2.34.
    pub BOOL_SPELLING {
        id: "bool-spelling",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["keep-outputs", "keep-derivations", "builders-use-substitutes", "fallback"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Safe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for one in given(cx) {
        let is_bool = one
            .setting
            .kind_for(cx.target())
            .unwrap_or(one.setting.kind());
        let Value::Str(_) = one.value.value else {
            continue;
        };
        let Some(meant) = meant(&one.text).filter(|_| *is_bool == SettingKind::Bool) else {
            continue;
        };
        let name = one.setting.name;
        let value = if is_line(one.definition) {
            NewValue::Str(meant.to_string())
        } else {
            NewValue::Bool(meant)
        };
        let changes = if one.is_whole() && one.definition.form != Form::Computed {
            vec![Change::Set {
                definition: one.definition.id,
                value,
            }]
        } else {
            Vec::new()
        };
        out.report(
            one.place,
            format!("`{name}` is `{}`, which nix does not read as a boolean", one.text),
        )
        .confidence(one.confidence)
        .why("nix reads `true`, `yes`, `1`, `false`, `no` and `0`; anything else makes every nix command fail")
        .help(format!("write `{meant}`"))
        .fix(
            Applicability::Safe,
            format!("set `{name}` to {meant}"),
            changes,
        );
    }
}

/// What a word that Nix refuses means; `None` for words that it reads, and for others.
pub(super) fn meant(text: &str) -> Option<bool> {
    if matches!(text, "true" | "yes" | "1" | "false" | "no" | "0") {
        return None;
    }
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "enable" | "enabled" | "y" | "t" => Some(true),
        "false" | "no" | "off" | "disable" | "disabled" | "n" | "f" => Some(false),
        _ => None,
    }
}
