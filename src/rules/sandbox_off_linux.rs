//! `sandbox = false` on Linux.

use super::plain_value::found;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::Applicability;
use crate::facts::Os;

declare_rule! {
    /// Builds run outside of a sandbox on Linux.
    ///
    /// ## Why it matters
    ///
    /// In the sandbox a build sees its inputs and nothing else. Without it, it sees `/usr`, `/home`
    /// as far as the build user may, the network and other processes. Results then depend on the
    /// machine, and a build that would fail elsewhere works here; a hostile one can look around and
    /// call home.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   networking.hostName = "box";
    ///   boot.loader.systemd-boot.enable = true;
    ///   nix.settings.sandbox = false;
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
    /// The fix takes the line out, and is unsafe because packages may rely on it. There is none where
    /// a comment stands beside the line.
    ///
    /// ## When not to act
    ///
    /// Where the kernel allows no namespaces: in some containers and on old WSL. One build that
    /// needs the network is better served by a fixed output.
    ///
    /// ## Source
    ///
    /// Nix manual, `sandbox`: true by default on Linux since Nix 2.2 and in NixOS, false on macOS,
    /// where nothing is reported. The same in Lix and Determinate Nix.
    pub SANDBOX_OFF_LINUX {
        id: "sandbox-off-linux",
        since: "0.1.0",
        applies: "Linux",
        settings: &["sandbox"],
        category: Security,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() || cx.os() != Some(Os::Linux) {
        return;
    }
    for found in found(cx, "sandbox", |value| {
        value.as_text().as_deref() == Some("false")
    }) {
        let explained = cx.comment_near(Some(found.place)).is_some();
        out.report(
            found.place,
            "`sandbox` `false` runs builds in the open; on Linux the default is `true`",
        )
        .confidence(found.confidence)
        .why(
            "a build sees the whole machine and the network: results depend on both, and a hostile \
             one can use them",
        )
        .help("take it out, and mend what then fails")
        .fix(
            Applicability::Unsafe,
            "take `sandbox` out",
            if explained {
                Vec::new()
            } else {
                found.removal()
            },
        );
    }
}
