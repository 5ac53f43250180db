//! An alias and the name itself, both set.

use super::list_entry::{is_written, name_place};
use super::overwritten::{both_hold, overwritten, written_name};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Severity};
use crate::model::Form;

declare_rule! {
    /// A setting is given under its name and under an alias.
    ///
    /// ## Why it matters
    ///
    /// To Nix both are one setting, and the later line wins. The module systems write keys in
    /// alphabetical order, so the spelling decides: `build-timeout` loses against `timeout`,
    /// `gc-keep-outputs` against `keep-outputs`, and `trusted-binary-caches` against
    /// `trusted-substituters`. Neither the module system nor Nix says a word.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     timeout = 3600;
    ///     build-timeout = 7200;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     timeout = 7200;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never; but look which of the two was meant. The fix takes the one out that has no effect, so
    /// that nothing changes for Nix. It is safe where both say the same.
    ///
    /// ## Source
    ///
    /// The aliases of Nix 2.3 to 2.35, Lix 2.90 to 2.95 and Determinate Nix 3.0 to 3.22; Nix
    /// `src/libutil/configuration.cc`: an alias and its name are one setting (tried with 2.8 and
    /// 2.34).
    pub ALIAS_AND_CANONICAL {
        id: "alias-and-canonical",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["timeout", "keep-outputs", "max-jobs", "cores", "substituters"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Safe, Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for one in overwritten(cx).iter() {
        let Some(earlier) = one.definition() else {
            continue;
        };
        let (Some(place), false) = (name_place(earlier), one.has_one_name()) else {
            continue;
        };
        // What `extra-` loses, and what a line of text drops, are other rules'.
        if one.appends(cx) || (one.is_option_before_text() && one.setting.is_list()) {
            continue;
        }
        let same = one.changes_nothing();
        // Where all words are there in the end, the order of lines does not matter.
        if one.setting.is_list() && one.missing().is_empty() && !same {
            continue;
        }
        let changes = if is_written(earlier) && earlier.form != Form::Inherit && both_hold(one) {
            vec![Change::Remove {
                definition: earlier.id,
            }]
        } else {
            Vec::new()
        };
        out.report(
            place,
            format!(
                "`{}` and `{}` are one setting, and {}",
                one.earlier_key,
                one.later_key,
                if same {
                    "both say the same".to_owned()
                } else {
                    format!("`{}` has no effect", one.earlier_text)
                }
            ),
        )
        .severity(if same {
            Severity::Info
        } else {
            Severity::Warning
        })
        .why(format!(
            "Nix takes the later line of the file, which is that of `{}`",
            one.later_key
        ))
        .help(format!("keep one, under the name `{}`", one.setting.name))
        .label(name_place(one.later), "this one counts")
        .confidence(cx.confidence(earlier).min(cx.confidence(one.later)))
        .fix(
            if same {
                Applicability::Safe
            } else {
                Applicability::Unsafe
            },
            format!("take `{}` out", written_name(earlier, &one.earlier_key)),
            changes,
        );
    }
}
