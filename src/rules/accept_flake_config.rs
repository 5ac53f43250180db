//! `accept-flake-config = true`.

use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence, Severity};
use crate::facts::{Implementation, ModuleSystem};

declare_rule! {
    /// The settings of every flake are accepted without asking.
    ///
    /// ## Why it matters
    ///
    /// A flake's `nixConfig` can set anything that its user can: caches and their keys, access
    /// tokens, and, for a user that the daemon trusts, a program to run after each build. Without
    /// `accept-flake-config` Nix asks for each value, and remembers the answer when told to. With
    /// it, `nix run` of an unknown repository is enough. For a trusted user that means root.
    ///
    /// When `trusted-users` is known to hold nobody but root, most of such settings are refused by
    /// the daemon, and this is only worth a word.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     accept-flake-config = true;
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
    /// The fix takes the line out, so that Nix asks again; that is unsafe, because scripts that
    /// cannot answer may rely on it. They can say `--accept-flake-config` themselves.
    ///
    /// ## When not to act
    ///
    /// On a build machine that only ever builds flakes of its own.
    ///
    /// ## Source
    ///
    /// Nix manual, `accept-flake-config` and `nix flake` (`nixConfig`); `src/libflake/config.cc`;
    /// NixOS/nix#9649. Nix 2.5 and later, Lix, Determinate Nix. The default is false, in Lix
    /// `ask` from 2.91; both ask.
    pub ACCEPT_FLAKE_CONFIG {
        id: "accept-flake-config",
        since: "0.1.0",
        applies: "Nix 2.5 and later, Lix, Determinate Nix",
        settings: &["accept-flake-config"],
        category: Security,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if cx.target().system() == Some(ModuleSystem::FlakeConfig) {
        return; // a flake cannot accept itself
    }
    for effective in cx.setting("accept-flake-config").candidates() {
        let definition = effective.definition;
        let Some(place) = definition
            .place()
            .filter(|_| effective.as_bool() == Some(true))
        else {
            continue;
        };
        let trusted = cx.items("trusted-users");
        let nobody = trusted.complete && trusted.items.iter().all(|item| &*item.text == "root");
        let someone = trusted.items.iter().find(|item| &*item.text != "root");
        let mut confidence = cx.confidence(definition);
        if !effective.unconditional {
            confidence = confidence.min(Confidence::Likely);
        }
        let lix = cx
            .target()
            .implementation
            .as_ref()
            .is_some_and(|fact| fact.value == Implementation::Lix);
        let report = out
            .report(
                place,
                "`accept-flake-config` `true` applies the settings of any flake without asking",
            )
            .severity(if nobody {
                Severity::Info
            } else {
                Severity::Warning
            })
            .confidence(confidence)
            .why(match someone {
                Some(item) => format!(
                    "`trusted-users` lists `{}`, so a flake that this user runs can have the \
                     daemon run commands as root",
                    item.text
                ),
                None if nobody => {
                    "nobody but root is trusted here, so the daemon refuses most of it, \
                                   but what acts in the user's own Nix counts at once"
                        .to_owned()
                }
                None => "a flake that is only tried out may bring caches with their keys, and for \
                         a trusted user a program that runs as root"
                    .to_owned(),
            })
            .label(
                someone.and_then(|item| item.site),
                "what a flake sets counts in full for this user",
            )
            .help(if lix {
                "take it out, or set it to `ask`, and answer once for each flake"
            } else {
                "take it out and answer once for each flake; scripts can say \
                 `--accept-flake-config`"
            });
        if definition.stands_alone() && effective.is_whole() {
            report.fix(
                Applicability::Unsafe,
                "take `accept-flake-config` out",
                vec![Change::Remove {
                    definition: definition.id,
                }],
            );
        }
    }
}
