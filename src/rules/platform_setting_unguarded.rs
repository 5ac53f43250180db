//! A setting for another operating system.

use super::list_entry::{entries, name_place, system_is_assumed};
use super::unknown_setting::is_gated;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Confidence, Severity};
use crate::facts::{Os, Platform};
use crate::model::Condition;

declare_rule! {
    /// A setting is for another operating system than the machine's.
    ///
    /// ## Why it matters
    ///
    /// A module that Linux and macOS machines share is easily written for one of them.
    /// `extra-platforms` with a system of the other kernel makes Nix accept builds that it cannot
    /// run, and some settings are read and do nothing.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   boot.loader.systemd-boot.enable = true;
    ///   nix.settings.extra-platforms = [ "x86_64-darwin" ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   boot.loader.systemd-boot.enable = true;
    ///   nix.settings.extra-platforms = [ "aarch64-linux" ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When an external builder runs the other kernel (`external-builders`): nixtune is silent then.
    /// A setting whose name the system does not even know is told by other rules. There is no fix:
    /// which condition the module should use, only its author knows.
    ///
    /// ## Source
    ///
    /// Nix, `src/libstore/globals.cc` and `src/libstore/unix/build`: a build runs where its system is
    /// one of `system` and `extra-platforms`.
    pub PLATFORM_SETTING_UNGUARDED {
        id: "platform-setting-unguarded",
        since: "0.1.0",
        applies: "NixOS, nix-darwin",
        settings: &["extra-platforms"],
        category: Correctness,
        severity: Warning,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(os) = cx.os() else { return };
    let here = match os {
        Os::Darwin => "macOS",
        Os::Linux => "Linux",
    };
    let assumed = system_is_assumed(cx);
    let at_most = |confidence: Confidence| {
        if assumed {
            confidence.min(Confidence::Likely)
        } else {
            confidence
        }
    };
    if cx.setting("external-builders").is_unset() {
        for entry in entries(&cx.items("extra-platforms")) {
            let Ok(platform) = entry.text.parse::<Platform>() else {
                continue;
            };
            if platform.os == os || platform.arch.is_none() || !entry.is_in_force() {
                continue;
            }
            out.report(
                entry.place,
                format!(
                    "`extra-platforms` lists `{}`, and this is {here}",
                    entry.text
                ),
            )
            .confidence(at_most(entry.confidence()))
            .why("nix accepts builds for that system here and cannot run them")
            .help("take it out, or list it for machines of that system's kin only");
        }
    }
    for name in super::given::names(cx) {
        let Some(setting) = cx.catalog().setting(name) else {
            continue;
        };
        if setting.acts_on(os) || !setting.known_on(os) || is_gated(cx, setting) {
            continue;
        }
        for definition in cx.definitions(name) {
            let Some(place) = name_place(definition) else {
                continue;
            };
            if definition.condition != Condition::Always {
                continue;
            }
            out.report(place, format!("`{name}` does nothing on {here}"))
                .severity(Severity::Info)
                .confidence(at_most(cx.confidence(definition)))
                .why("nix reads the setting on this system and never looks at it")
                .help("set it for the other system only");
        }
    }
}
