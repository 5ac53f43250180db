//! Settings that take a fence of Nix down.

use super::plain_value::{may_exist, switched};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};

declare_rule! {
    /// A fence around evaluation or builds is taken down.
    ///
    /// ## Why it matters
    ///
    /// - `allow-unsafe-native-code-during-evaluation = true` gives every expression
    ///   `builtins.importNative` and `builtins.exec`: evaluating a flake can run any program as the
    ///   user who evaluates.
    /// - `filter-syscalls = false` lets builds make setuid files and set extended attributes and
    ///   access lists, which the store does not keep in check.
    /// - `allow-new-privileges = true` lets builds run setuid programs of the machine.
    ///
    /// The manual says of each that it is there for the rarest of cases.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     allow-unsafe-native-code-during-evaluation = true;
    ///     fallback = true;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     fallback = true;
    ///   };
    /// }
    /// ```
    ///
    /// The fix takes the line out, and is unsafe because something may rely on it.
    ///
    /// ## When not to act
    ///
    /// Where a tool of your own needs one of them, and everything that is evaluated or built there
    /// is your own as well. In containers and under emulation the kernel may refuse the filter, and
    /// `filter-syscalls = false` is the only way; it is worth a word only. The first can be given to
    /// one command:
    /// `--option allow-unsafe-native-code-during-evaluation true`.
    ///
    /// ## Source
    ///
    /// Nix manual, under the three names; `src/libexpr/primops.cc`, `linux-derivation-builder.cc`
    /// (2.35 in `src/libstore/linux/build`). The last two are there on Linux only, and not in Lix,
    /// where they are always in their strict state.
    pub DANGEROUS_EVAL_SETTINGS {
        id: "dangerous-eval-settings",
        since: "0.1.0",
        applies: "every Nix, Lix and Determinate Nix; `filter-syscalls` and `allow-new-privileges` on Linux, not in Lix",
        settings: &[
            "allow-unsafe-native-code-during-evaluation",
            "filter-syscalls",
            "allow-new-privileges",
        ],
        category: Security,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

/// A fence: the setting, the value that takes it down, whether the daemon alone decides, how bad it
/// is, what the value does, and why that matters.
struct Fence {
    setting: &'static str,
    down: bool,
    daemon: bool,
    severity: Severity,
    effect: &'static str,
    why: &'static str,
}

const FENCES: [Fence; 3] = [
    Fence {
        setting: "allow-unsafe-native-code-during-evaluation",
        down: true,
        daemon: false,
        severity: Severity::Warning,
        effect: "lets expressions run programs while they are evaluated",
        why: "to look at somebody's flake is then to run whatever it says, as the user who looks",
    },
    Fence {
        setting: "filter-syscalls",
        down: false,
        daemon: true,
        severity: Severity::Info,
        effect: "lets builds make setuid files and set access lists",
        why: "what a build leaves behind in the store can then give others its rights",
    },
    Fence {
        setting: "allow-new-privileges",
        down: true,
        daemon: true,
        severity: Severity::Warning,
        effect: "lets builds gain rights through setuid programs",
        why: "a build can then call the machine's setuid programs and is no longer kept to its own user",
    },
];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for fence in &FENCES {
        if fence.daemon && !cx.reaches_daemon() || !may_exist(cx, fence.setting) {
            continue;
        }
        for found in switched(cx, fence.setting, fence.down) {
            out.report(
                found.place,
                format!("`{}` `{}` {}", fence.setting, fence.down, fence.effect),
            )
            .severity(fence.severity)
            .confidence(found.confidence)
            .why(fence.why)
            .help("take it out")
            .fix(
                Applicability::Unsafe,
                format!("take `{}` out", fence.setting),
                found.removal(),
            );
        }
    }
}
