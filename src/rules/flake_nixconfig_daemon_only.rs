//! What only the daemon's own file can say, in a flake's `nixConfig`.

use super::list_entry::{is_written, name_place};
use super::user_file::fate;
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::Untrusted;
use crate::diagnostic::{Applicability, Change};
use crate::facts::ModuleSystem;

declare_rule! {
    /// A flake's `nixConfig` says whom or what the daemon trusts.
    ///
    /// ## Why it matters
    ///
    /// `trusted-users`, `allowed-users` and `trusted-substituters` are what the daemon checks its
    /// clients against. It reads them from its own `nix.conf`; from a flake they have no effect,
    /// whatever the user accepts. Users are asked about a line that does nothing, and may well
    /// believe that they handed out trust.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nixConfig = {
    ///     extra-substituters = [ "https://nix-community.cachix.org" ];
    ///     trusted-substituters = [ "https://nix-community.cachix.org" ];
    ///   };
    ///   outputs = _: { };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nixConfig = {
    ///     extra-substituters = [ "https://nix-community.cachix.org" ];
    ///   };
    ///   outputs = _: { };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// In a single-user installation without a daemon the command itself reads
    /// `trusted-substituters`, which nothing checks there. The fix takes the line out; that is safe,
    /// because no value changes for anyone.
    ///
    /// ## Source
    ///
    /// Nix `src/nix/unix/daemon.cc` and `src/libstore/daemon.cc` (2.4 to 2.35): whom the daemon
    /// trusts is read before a client says anything.
    pub FLAKE_NIXCONFIG_DAEMON_ONLY {
        id: "flake-nixconfig-daemon-only",
        since: "0.1.0",
        applies: "flakes, from Nix 2.4",
        settings: &["trusted-users", "allowed-users", "trusted-substituters"],
        category: Correctness,
        severity: Info,
        fixes: Sometimes(Safe),
    }
}

/// A list that the daemon compares the wishes of its clients with.
const COMPARED_WITH: &str = "trusted-substituters";

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if cx.target().system() != Some(ModuleSystem::FlakeConfig) {
        return;
    }
    for definition in cx.all_definitions() {
        let Some(key) = definition.setting.as_deref() else {
            continue;
        };
        let Some(resolved) = cx.catalog().resolve(key) else {
            continue;
        };
        let is_daemons = fate(cx, resolved.setting) == Some(Untrusted::DaemonConfigOnly)
            || resolved.setting.name == COMPARED_WITH;
        let (true, Some(place)) = (is_daemons, name_place(definition)) else {
            continue;
        };
        let changes = if is_written(definition) {
            vec![Change::Remove {
                definition: definition.id,
            }]
        } else {
            Vec::new()
        };
        out.report(
            place,
            format!("`{key}` in `nixConfig` has no effect: only the daemon's own file decides it"),
        )
        .why("the daemon checks its clients against it, and a flake is a client's word")
        .help("take it out; whoever runs the daemon has to add it there")
        .confidence(cx.confidence(definition))
        .fix(Applicability::Safe, format!("take `{key}` out"), changes);
    }
}
