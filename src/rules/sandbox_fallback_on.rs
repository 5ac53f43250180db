//! `sandbox-fallback = true`.

use super::list_entry::is_line;
use super::plain_value::{found, switched};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, NewValue, Severity};
use crate::facts::{ModuleSystem, Os};
use crate::model::Priority;

declare_rule! {
    /// Builds run in the open when the sandbox cannot be made.
    ///
    /// ## Why it matters
    ///
    /// When the kernel refuses a namespace, Nix with `sandbox-fallback = true` builds without a
    /// sandbox and says so in a line that nobody reads. What was meant to be isolated is not, and the
    /// results look the same. NixOS sets it to false, so that such a build fails and the reason is
    /// seen.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// { lib, ... }:
    /// {
    ///   networking.hostName = "box";
    ///   boot.loader.systemd-boot.enable = true;
    ///   nix.settings.sandbox-fallback = lib.mkForce true;
    ///   nix.settings.fallback = true;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   networking.hostName = "box";
    ///   boot.loader.systemd-boot.enable = true;
    ///   nix.settings.fallback = true;
    /// }
    /// ```
    ///
    /// The fix takes the line out. Without NixOS true is Nix's own default: there the line is only
    /// worth a word, and to change anything it has to say false.
    ///
    /// ## When not to act
    ///
    /// In a container that is known to have no namespaces; `sandbox = false` says so openly.
    ///
    /// ## Source
    ///
    /// Nix manual, `sandbox-fallback`; NixOS `nixos/modules/services/system/nix-daemon.nix`. It acts
    /// on Linux only.
    pub SANDBOX_FALLBACK_ON {
        id: "sandbox-fallback-on",
        since: "0.1.0",
        applies: "Linux",
        settings: &["sandbox-fallback", "sandbox"],
        category: Security,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() || cx.os() != Some(Os::Linux) {
        return;
    }
    let open = found(cx, "sandbox", |value| {
        value.as_text().as_deref() == Some("false")
    });
    if !open.is_empty() {
        return; // nothing to fall back from
    }
    let module_says_no = cx.target().system() == Some(ModuleSystem::Nixos);
    for found in switched(cx, "sandbox-fallback", true) {
        let is_plain = found.definition().priority == Priority::NORMAL;
        if module_says_no && is_plain && !is_line(found.definition()) {
            continue; // setting-scalar-conflict speaks: this does not evaluate
        }
        let report = out
            .report(
                found.place,
                "`sandbox-fallback` `true` builds in the open when the sandbox cannot be made",
            )
            .severity(if module_says_no {
                Severity::Warning
            } else {
                Severity::Info
            })
            .confidence(found.confidence)
            .why("a build that was meant to be isolated is not, and only a line of output says so");
        if module_says_no {
            report.help("take it out: NixOS sets it to `false`").fix(
                Applicability::Unsafe,
                "take `sandbox-fallback` out",
                found.removal(),
            );
        } else {
            report
                .help("set it to `false`: a build that cannot be isolated then fails")
                .fix(
                    Applicability::Unsafe,
                    "set `sandbox-fallback` to `false`",
                    found.setting_to(NewValue::Bool(false)),
                );
        }
    }
}
