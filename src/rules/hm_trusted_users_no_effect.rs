//! Who may use the daemon, said in a user's own file.

use super::list_entry::{is_written, name_place};
use super::user_file::{is_super_user, is_users_own, with_fate};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::Untrusted;
use crate::diagnostic::{Applicability, Change};

declare_rule! {
    /// `trusted-users` or `allowed-users` stands in a user's own configuration.
    ///
    /// ## Why it matters
    ///
    /// The daemon decides whom it trusts by its own file, `/etc/nix/nix.conf`. What home-manager
    /// writes to `~/.config/nix/nix.conf` is read by the user's commands, which do not ask for these
    /// two settings. The line has no effect, for trusted users neither; caches and keys that should
    /// work because of it are still ignored.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   home.stateVersion = "26.05";
    ///   nix.settings.trusted-users = [ "alice" ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   home.stateVersion = "26.05";
    ///   nix.settings.max-jobs = 4;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// In the configuration of root, whose file the daemon reads as well; it is not reported when
    /// the name is known. The fix takes the line out and needs `--unsafe`, so that it is not lost
    /// before someone has moved it to the system's configuration.
    ///
    /// ## Source
    ///
    /// Nix `src/nix/unix/daemon.cc` (before 2.22 `src/nix/daemon.cc`): the two settings are read by
    /// the daemon only; NixOS/nix#4253, NixOS/nix#1921.
    pub HM_TRUSTED_USERS_NO_EFFECT {
        id: "hm-trusted-users-no-effect",
        since: "0.1.0",
        applies: "home-manager, a user's own nix.conf",
        settings: &["trusted-users", "allowed-users"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !is_users_own(cx) || cx.nix_disabled_by().is_some() || is_super_user(cx) {
        return;
    }
    for (setting, definition) in with_fate(cx, Untrusted::DaemonConfigOnly) {
        let Some(place) = name_place(definition) else {
            continue;
        };
        let changes = if is_written(definition) {
            vec![Change::Remove {
                definition: definition.id,
            }]
        } else {
            Vec::new()
        };
        let name = setting.name;
        out.report(
            place,
            format!("`{name}` has no effect in a user's own configuration"),
        )
        .why("the daemon reads it from the system's nix.conf only")
        .help(format!(
            "set `{name}` in the configuration of the system, or have the caches added there"
        ))
        .confidence(cx.confidence(definition))
        .fix(Applicability::Unsafe, format!("take `{name}` out"), changes);
    }
}
