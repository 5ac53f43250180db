//! `sandbox = "relaxed"` on Linux.

use super::plain_value::found;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, NewValue};
use crate::facts::Os;

declare_rule! {
    /// A package may ask to be built outside of the sandbox on Linux.
    ///
    /// ## Why it matters
    ///
    /// With `sandbox = "relaxed"` derivations with a fixed output, and those that say `__noChroot`,
    /// are built in the open. Any package can say so, also one of a flake that is only tried out.
    /// Nearly everything in nixpkgs is built without it.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   networking.hostName = "box";
    ///   boot.loader.systemd-boot.enable = true;
    ///   nix.settings.sandbox = "relaxed";
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   networking.hostName = "box";
    ///   boot.loader.systemd-boot.enable = true;
    ///   nix.settings.sandbox = true;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When a package that you build needs `__noChroot`. On macOS `relaxed` is stricter than the
    /// default, and nothing is reported. A comment beside the line means that there is no fix.
    ///
    /// ## Source
    ///
    /// Nix manual, `sandbox`; `src/libstore/unix/build/derivation-builder.cc`. Every release of Nix,
    /// Lix and Determinate Nix.
    pub SANDBOX_RELAXED {
        id: "sandbox-relaxed",
        since: "0.1.0",
        applies: "Linux",
        settings: &["sandbox"],
        category: Security,
        severity: Info,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() || cx.os() != Some(Os::Linux) {
        return;
    }
    for found in found(cx, "sandbox", |value| {
        value.as_text().as_deref() == Some("relaxed")
    }) {
        let explained = cx.comment_near(Some(found.place)).is_some();
        out.report(
            found.place,
            "`sandbox` `relaxed` lets packages ask to be built in the open",
        )
        .confidence(found.confidence)
        .why("any package can say `__noChroot`, and is then built with the network and the whole machine in sight")
        .help("set it to `true`, unless a package that you build needs this")
        .fix(
            Applicability::Unsafe,
            "set `sandbox` to `true`",
            if explained {
                Vec::new()
            } else {
                found.setting_to(NewValue::Bool(true))
            },
        );
    }
}
