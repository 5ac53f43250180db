//! `@wheel` on macOS.

use super::list_entry::{entries, fits_every_machine};
use super::user_list::{Whom, shuts_out, stands_for};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Confidence, Severity};
use crate::facts::Os;

declare_rule! {
    /// `@wheel` is trusted or allowed on macOS, where it means root alone.
    ///
    /// ## Why it matters
    ///
    /// On Linux `wheel` is the group of the administrators. On macOS it lists nobody but root;
    /// administrators are in `admin`. In `trusted-users` the name therefore does nothing, in
    /// `allowed-users` it keeps out the people whom it should let in: "error: cannot open connection
    /// to remote store", because the daemon closes it.
    ///
    /// A list that names `@admin` as well is meant for both systems and not reported, nor is one that
    /// Linux machines read too, unless nobody else could use Nix.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   system.defaults.dock.autohide = true;
    ///   nix.settings.allowed-users = [ "@wheel" ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   system.defaults.dock.autohide = true;
    ///   nix.settings.allowed-users = [ "@admin" ];
    /// }
    /// ```
    ///
    /// The fix writes `@admin` in `allowed-users`; it is unsafe because it lets more people in. In
    /// `trusted-users` it takes the name out: `@admin` there makes every administrator root without
    /// a password. Neither is proposed where a Linux machine reads the same list.
    ///
    /// ## When not to act
    ///
    /// When people were put into `wheel` by hand (`dseditgroup`).
    ///
    /// ## Source
    ///
    /// Nix, `src/nix/unix/daemon.cc`: the primary group and the listed members count. macOS:
    /// `dscl . -read /Groups/wheel GroupMembership` says `root`.
    pub WHEEL_ON_DARWIN {
        id: "wheel-on-darwin",
        since: "0.1.0",
        applies: "macOS",
        settings: &["trusted-users", "allowed-users"],
        category: Correctness,
        severity: Info,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return;
    }
    for setting in ["trusted-users", "allowed-users"] {
        let all = entries(&cx.items(setting));
        let others = all.iter().any(|entry| {
            &*entry.text == "@admin" || stands_for(cx, &entry.text) == Some(Whom::Everyone)
        });
        if others {
            continue;
        }
        for entry in &all {
            if stands_for(cx, &entry.text) != Some(Whom::RootAlone) {
                continue;
            }
            let only_macs = fits_every_machine(cx, entry.definition, |machine| {
                machine.target.os() == Some(Os::Darwin)
            });
            let allowed = setting == "allowed-users";
            let nobody_left = allowed && shuts_out(cx);
            // A list for Linux machines as well does no harm here while others may connect.
            if !only_macs && !nobody_left {
                continue;
            }
            let change = match allowed {
                true => entry.replace("@admin"),
                false => entry.remove(),
            };
            out.report(
                entry.place,
                format!("`{setting}` lists `@wheel`, which on macOS is root alone"),
            )
            .severity(if nobody_left {
                Severity::Warning
            } else {
                Severity::Info
            })
            .confidence(entry.confidence().min(Confidence::Likely))
            .why(if allowed {
                "administrators are in `admin`; whom no other name of the list lets in, and who is \
                 not trusted, may not use Nix"
            } else {
                "administrators are in `admin`; the name trusts nobody who is not root already"
            })
            .help(if allowed {
                "allow `@admin`"
            } else {
                "take it out, and list the caches that are needed in `trusted-substituters`"
            })
            .fix(
                Applicability::Unsafe,
                match allowed {
                    true => "allow `@admin` instead of `@wheel`",
                    false => "take `@wheel` out of `trusted-users`",
                },
                change.filter(|_| only_macs).into_iter().collect(),
            );
        }
    }
}
