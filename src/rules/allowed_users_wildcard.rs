//! `*` among other names in `allowed-users`.

use super::list_entry::{entries, same_list};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Applicability;

declare_rule! {
    /// `allowed-users` lists people and groups, and everyone besides.
    ///
    /// ## Why it matters
    ///
    /// `allowed-users` says who may use the Nix daemon at all, and `*` is everyone, its default.
    /// Beside `*` the other names mean nothing: a list that reads like a restriction is none. `*`
    /// alone is not reported.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.allowed-users = [ "@wheel" "builder" "*" ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.allowed-users = [ "@wheel" "builder" ];
    /// }
    /// ```
    ///
    /// The fix takes `*` out, so that the others are meant. It is unsafe: who is not listed can no
    /// longer use Nix.
    ///
    /// ## When not to act
    ///
    /// When everyone is meant; then drop the other names.
    ///
    /// ## Source
    ///
    /// Nix manual, `allowed-users`; `src/nix/unix/daemon.cc`. Every version of Nix, Lix and
    /// Determinate Nix.
    pub ALLOWED_USERS_WILDCARD {
        id: "allowed-users-wildcard",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["allowed-users"],
        category: Security,
        severity: Info,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return;
    }
    let all = entries(&cx.items("allowed-users"));
    for entry in all.iter().filter(|entry| &*entry.text == "*") {
        let other = all
            .iter()
            .find(|other| !matches!(&*other.text, "*" | "root") && same_list(entry, other));
        let Some(other) = other else {
            continue;
        };
        out.report(
            entry.place,
            "`allowed-users` lists `*`, so that its other names mean nothing",
        )
        .confidence(entry.confidence())
        .why("`*` is everyone: the list reads like a restriction and is none")
        .help("take `*` out, or the other names if everyone is meant")
        .label(
            Some(other.place).filter(|place| *place != entry.place),
            "allowed anyway",
        )
        .fix(
            Applicability::Unsafe,
            "take `*` out of `allowed-users`",
            entry.remove().into_iter().collect(),
        );
    }
}
