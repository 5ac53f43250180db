//! Groups in `trusted-users` and `allowed-users` that the system does not have.

use super::list_entry::{entries, fits_every_machine, system_is_assumed};
use super::user_list::{Whom, administrators, shuts_out, stands_for};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Confidence, Severity};

declare_rule! {
    /// A group of another system is trusted or allowed, which does not exist on this one.
    ///
    /// ## Why it matters
    ///
    /// `@admin` is the group of administrators on macOS, `@wheel` on NixOS, `@sudo` on Debian. Where
    /// the group does not exist the name stands for nobody, and nothing says so. In `allowed-users`
    /// it can shut everyone out; in `trusted-users` it does nothing today, and trusts whoever is put
    /// into a group of that name later.
    ///
    /// A list that names the right group as well is meant for several systems and not reported, nor
    /// is one that machines of another system read too, unless nobody else could use Nix.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   networking.hostName = "box";
    ///   boot.loader.systemd-boot.enable = true;
    ///   nix.settings.allowed-users = [ "@admin" ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   networking.hostName = "box";
    ///   boot.loader.systemd-boot.enable = true;
    ///   nix.settings.allowed-users = [ "@wheel" ];
    /// }
    /// ```
    ///
    /// The fix takes the name out of `trusted-users`, and puts the group of the administrators into
    /// `allowed-users`. Both are unsafe.
    ///
    /// ## When not to act
    ///
    /// When the group comes from a directory service, or from a module that was not read.
    ///
    /// ## Source
    ///
    /// Nix, `src/nix/unix/daemon.cc`; NixOS `nixos/modules/config/users-groups.nix`, which makes
    /// `wheel` and `users` but no `admin`, `sudo` or `staff`; macOS has neither `sudo` nor `root`.
    pub TRUSTED_USER_NONEXISTENT_GROUP {
        id: "trusted-user-nonexistent-group",
        since: "0.1.0",
        applies: "NixOS, macOS",
        settings: &["trusted-users", "allowed-users"],
        category: Security,
        severity: Info,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return;
    }
    let Some(right) = administrators(cx) else {
        return;
    };
    let system = if right == "@admin" { "macOS" } else { "NixOS" };
    for setting in ["trusted-users", "allowed-users"] {
        let all = entries(&cx.items(setting));
        if all.iter().any(|entry| &*entry.text == right) {
            continue;
        }
        for entry in &all {
            if stands_for(cx, &entry.text) != Some(Whom::Nobody) {
                continue;
            }
            let allowed = setting == "allowed-users";
            let here = cx.os();
            let only_here =
                fits_every_machine(cx, entry.definition, |machine| machine.target.os() == here);
            let nobody_left = allowed && shuts_out(cx);
            // A list for other systems as well does no harm here while others may connect.
            if !only_here && !nobody_left {
                continue;
            }
            let change = match allowed {
                true => entry.replace(right),
                false => entry.remove(),
            };
            let title = match allowed {
                true => format!("allow `{right}` instead of `{}`", entry.text),
                false => format!("take `{}` out of `trusted-users`", entry.text),
            };
            out.report(
                entry.place,
                format!(
                    "`{setting}` lists `{}`, a group that {system} does not have",
                    entry.text
                ),
            )
            .applies(system)
            .severity(if nobody_left {
                Severity::Warning
            } else {
                Severity::Info
            })
            .confidence(if system_is_assumed(cx) {
                Confidence::Possible
            } else {
                entry.confidence().min(Confidence::Likely)
            })
            .why(if allowed {
                "the name allows nobody, and who is in no other group of the list may not use Nix"
            } else {
                "the name trusts nobody today, and whoever is put into a group of that name later"
            })
            .help(format!("on {system} administrators are in `{right}`"))
            .fix(
                Applicability::Unsafe,
                title,
                change.filter(|_| only_here).into_iter().collect(),
            );
        }
    }
}
