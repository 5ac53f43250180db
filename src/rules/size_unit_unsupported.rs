//! A unit letter that this Nix does not read yet.

use super::integer_auto_invalid::numbers;
use super::list_entry::{value_confidence, value_place};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::{SettingKind, Unit};
use crate::diagnostic::{Applicability, Change, Confidence, NewValue};
use crate::eval::Value;
use crate::facts::Implementation;
use crate::model::parse_amount;
use crate::units::Bytes;

declare_rule! {
    /// A number has a unit letter that the Nix in use does not read.
    ///
    /// ## Why it matters
    ///
    /// `5G` is five times 1024³ since Nix 2.23 and in all releases of Determinate Nix. Older
    /// releases and every Lix refuse it, and then every `nix` command fails, the one that would
    /// repair it included. A plain number works everywhere.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.lix;
    ///   nix.settings.min-free = "5G";
    /// }
    /// ```
    ///
    /// ```nix,good
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.lix;
    ///   nix.settings.min-free = 5 * 1024 * 1024 * 1024;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the profile names an older release than the one in use. Without a known implementation
    /// and version nothing is reported.
    ///
    /// ## Source
    ///
    /// Nix, `string2IntWithUnitPrefix` in `src/libutil`, in `config-impl.hh` of 2.23.0 and later
    /// (the release note is that of 2.23); refused by Nix 2.8, accepted by 2.34. Lix 2.90 to 2.95
    /// read plain integers only.
    pub SIZE_UNIT_UNSUPPORTED {
        id: "size-unit-unsupported",
        since: "0.1.0",
        applies: "Nix before 2.23, Lix",
        settings: &["min-free", "max-free", "download-buffer-size", "max-build-log-size"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Safe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let target = cx.target();
    for name in numbers(cx) {
        let Some(setting) = cx.catalog().setting(name) else {
            continue;
        };
        if *setting.kind() == SettingKind::MaxJobs || setting.accepts_suffix(target) != Some(false)
        {
            continue;
        }
        for value in cx.setting(name).candidates() {
            let Value::Str(text) = &value.value.value else {
                continue;
            };
            let text = text.trim();
            if !text.ends_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            let Some(amount) = parse_amount(text) else {
                continue;
            };
            let definition = value.definition;
            let Some(place) = value.value.site.or_else(|| value_place(definition)) else {
                continue;
            };
            let nix = target
                .nix_in_words()
                .unwrap_or_else(|| "this Nix".to_owned());
            let sure = !target.nix_is_assumed();
            let Ok(plain) = i64::try_from(amount) else {
                continue;
            };
            let counts_bytes = setting.unit == Some(Unit::Bytes);
            let mut report = out
                .report(
                    place,
                    format!("`{name}` is `{text}`, and {nix} does not read unit letters"),
                )
                .why(
                    "nix reads them from 2.23 on, Lix never does; a value that is not read makes \
                     every nix command fail",
                )
                .help(if counts_bytes {
                    format!("write {amount} ({})", Bytes(amount))
                } else {
                    format!("write {amount}")
                })
                .confidence(if sure {
                    value_confidence(cx, &value)
                } else {
                    value_confidence(cx, &value).min(Confidence::Likely)
                });
            if let Some(fact) = &target.implementation {
                report = report.fact("implementation", fact, fact.value);
            }
            if let Some(fact) = target
                .version
                .as_ref()
                .or(target.series.as_ref())
                .filter(|_| !is_lix(target.implementation.as_ref().map(|fact| fact.value)))
            {
                report = report.fact("version", fact, fact.value);
            }
            if value.value.value == definition.value.value {
                report.fix(
                    if sure {
                        Applicability::Safe
                    } else {
                        Applicability::Unsafe
                    },
                    format!("set `{name}` to {amount}"),
                    vec![Change::Set {
                        definition: definition.id,
                        value: if counts_bytes {
                            NewValue::Bytes(amount)
                        } else {
                            NewValue::Int(plain)
                        },
                    }],
                );
            }
        }
    }
}

fn is_lix(implementation: Option<Implementation>) -> bool {
    implementation == Some(Implementation::Lix)
}
