//! `auto` where Nix wants a number.

use std::collections::BTreeSet;

use super::list_entry::{is_written, value_confidence, value_place};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::SettingKind;
use crate::diagnostic::{Applicability, Change, NewValue};
use crate::eval::Value;

declare_rule! {
    /// A number is written as `auto`.
    ///
    /// ## Why it matters
    ///
    /// Only `max-jobs` takes the word, in lower case. For every other number it is a fatal error:
    /// once the file is in place every `nix` command fails with "setting 'cores' has invalid value
    /// 'auto'", the one that would repair it included. NixOS and nix-darwin refuse `cores =
    /// "auto"` already at evaluation.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     max-jobs = "auto";
    ///     cores = "auto";
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     max-jobs = "auto";
    ///     cores = 0; # every build may use all cores
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never: no release of any implementation accepts it.
    ///
    /// ## Source
    ///
    /// Nix, `src/libstore/globals.cc` and `src/libutil/configuration.cc`; tried with Nix 2.8 and
    /// 2.34. The same in Lix and Determinate Nix.
    pub INTEGER_AUTO_INVALID {
        id: "integer-auto-invalid",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["cores", "max-jobs", "max-substitution-jobs", "http-connections"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Safe, Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for name in numbers(cx) {
        let Some(setting) = cx.catalog().setting(name) else {
            continue;
        };
        let takes_auto = *setting.kind() == SettingKind::MaxJobs;
        for value in cx.setting(name).candidates() {
            let Value::Str(text) = &value.value.value else {
                continue;
            };
            let word = text.trim();
            if !word.eq_ignore_ascii_case("auto") || takes_auto && word == "auto" {
                continue;
            }
            let definition = value.definition;
            let Some(place) = value.value.site.or_else(|| value_place(definition)) else {
                continue;
            };
            let whole = value.value.value == definition.value.value;
            let (help, fix) = if takes_auto {
                (
                    "write `auto` in lower case".to_owned(),
                    Some((Applicability::Safe, NewValue::Str("auto".to_owned()))),
                )
            } else if name == "cores" {
                (
                    "write `0`: every build may use all cores".to_owned(),
                    Some((Applicability::Safe, NewValue::Int(0))),
                )
            } else {
                (
                    "write a number, or take it out to get the default".to_owned(),
                    None,
                )
            };
            let report = out
                .report(
                    place,
                    format!("`{name}` is set to `{word}`, which is not a number"),
                )
                .why(if takes_auto {
                    "the word is `auto` in lower case; every other spelling makes every nix command fail"
                } else {
                    "only `max-jobs` takes the word; for other numbers it makes every nix command fail"
                })
                .help(help)
                .confidence(value_confidence(cx, &value));
            match fix {
                Some((applicability, new)) if whole => {
                    let title = match &new {
                        NewValue::Int(number) => format!("set `{name}` to {number}"),
                        _ => format!("set `{name}` to `auto`"),
                    };
                    report.fix(
                        applicability,
                        title,
                        vec![Change::Set {
                            definition: definition.id,
                            value: new,
                        }],
                    );
                }
                None if whole && is_written(definition) => {
                    report.fix(
                        Applicability::Unsafe,
                        format!("take `{name}` out"),
                        vec![Change::Remove {
                            definition: definition.id,
                        }],
                    );
                }
                _ => {}
            }
        }
    }
}

/// The canonical names of the numeric settings that the machine sets.
pub(super) fn numbers<'a>(cx: &RuleCx<'a>) -> BTreeSet<&'a str> {
    cx.all_definitions()
        .filter_map(|definition| {
            let resolved = cx.catalog().resolve(definition.setting.as_deref()?)?;
            let kind = resolved.setting.kind();
            (resolved.setting.is_number() || *kind == SettingKind::MaxJobs)
                .then_some(resolved.setting.name)
        })
        .collect()
}
