//! Everyone in `trusted-users`.

use super::list_entry::entries;
use super::user_list::{Whom, stands_for};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Applicability;

declare_rule! {
    /// Every account of the machine is trusted by the Nix daemon.
    ///
    /// ## Why it matters
    ///
    /// A trusted user can have the daemon run a program as root, without a password. `*` trusts every
    /// account, those of services that listen to the network included; `@users` on NixOS and
    /// `@staff` on macOS are the primary group of every person.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.trusted-users = [ "root" "*" ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.trusted-users = [ "root" ];
    ///   nix.settings.trusted-substituters = [ "https://nix-community.cachix.org" ];
    ///   nix.settings.trusted-public-keys = [
    ///     "nix-community.cachix.org-1:mB9FSh9qf2dCimDSUo8Zy7bkq5CX+/rkCWyvRCYg3Fs="
    ///   ];
    /// }
    /// ```
    ///
    /// The fix takes the name out. It is unsafe, because someone may rely on it.
    ///
    /// ## When not to act
    ///
    /// On a machine that nobody else can reach and that holds nothing. Who only wants to use a cache
    /// is served by `trusted-substituters`, who only wants to build by `allowed-users`.
    ///
    /// ## Source
    ///
    /// Nix manual and Lix manual, `trusted-users`; `src/nix/unix/daemon.cc` for how names and groups
    /// match. Every version of Nix, Lix and Determinate Nix.
    pub TRUSTED_USERS_EVERYONE {
        id: "trusted-users-everyone",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["trusted-users"],
        category: Security,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return;
    }
    for entry in entries(&cx.items("trusted-users")) {
        if stands_for(cx, &entry.text) != Some(Whom::Everyone) {
            continue;
        }
        let who = match &*entry.text {
            "*" => "every account, those of services included",
            _ => "the primary group of every person",
        };
        out.report(
            entry.place,
            format!("`trusted-users` lists `{}`: {who}", entry.text),
        )
        .confidence(entry.confidence())
        .why(
            "a trusted user is root without a password: any program of any account can have the \
             daemon run a command as root",
        )
        .help(
            "keep `root` alone, and list the caches that are needed in `trusted-substituters` and \
             their keys in `trusted-public-keys`",
        )
        .fix(
            Applicability::Unsafe,
            format!("take `{}` out of `trusted-users`", entry.text),
            entry.remove().into_iter().collect(),
        );
    }
}
