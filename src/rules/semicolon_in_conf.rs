//! A semicolon at the end of a line of `nix.conf`.

use super::given::given;
use super::list_entry::is_line;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::SettingKind;
use crate::diagnostic::{Applicability, Change, Confidence, NewValue, Severity};
use crate::eval::Value;

declare_rule! {
    /// A line of `nix.conf` ends with a semicolon.
    ///
    /// ## Why it matters
    ///
    /// Nix expressions end bindings with `;`, lines of `nix.conf` and of `nix.extraOptions` do not.
    /// There the semicolon is part of the value: `keep-outputs = true;` is fatal for every `nix`
    /// command, and the last word of a list is another one.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.extraOptions = ''
    ///     keep-outputs = true;
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
    /// Never for booleans, numbers and fixed words. `builders` separates machines by `;`, and text
    /// such as a prompt may hold it: nixtune does not report those. The fix is safe where the value
    /// could not be read with the semicolon.
    ///
    /// ## Source
    ///
    /// Nix, `src/libutil/configuration.cc`, tried with Nix 2.8 and 2.34; NixOS/nixpkgs#21576,
    /// NixOS/nixpkgs#29592.
    pub SEMICOLON_IN_CONF {
        id: "semicolon-in-conf",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &[],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Safe, Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for one in given(cx) {
        let Value::Str(_) = one.value.value else {
            continue;
        };
        if !is_line(one.definition) || !one.text.ends_with(';') {
            continue;
        }
        let name = one.setting.name;
        let certain = match one.setting.kind() {
            SettingKind::Str | SettingKind::Json => continue,
            SettingKind::StringList | SettingKind::StringSet | SettingKind::StringMap => false,
            SettingKind::Path | SettingKind::OptionalPath => false,
            _ => true,
        };
        let bare = one.text.trim_end_matches([';', ' ']).to_owned();
        out.report(one.place, format!("the line of `{name}` ends with `;`"))
            .severity(if certain {
                Severity::Error
            } else {
                Severity::Warning
            })
            .confidence(if certain {
                one.confidence
            } else {
                one.confidence.min(Confidence::Likely)
            })
            .why(if certain {
                "a line of nix.conf has no end mark: the semicolon is part of the value, which makes \
                 every nix command fail"
            } else {
                "a line of nix.conf has no end mark: the semicolon is part of the last word"
            })
            .help("take the semicolon out")
            .fix(
                if certain {
                    Applicability::Safe
                } else {
                    Applicability::Unsafe
                },
                "take the semicolon out",
                if one.is_whole() {
                    vec![Change::Set {
                        definition: one.definition.id,
                        value: NewValue::Str(bare),
                    }]
                } else {
                    Vec::new()
                },
            );
    }
}
