//! Remote builds as root.

use super::build_machines::{builders, confidence};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};

declare_rule! {
    /// Builds log in to a remote builder as root.
    ///
    /// ## Why it matters
    ///
    /// The daemon of this machine holds an SSH key that opens a root shell on the builder: whoever
    /// gets at that key, or becomes root here, is root there. A user of its own that is trusted by
    /// the builder's Nix can do the same builds. It can still bring any path into the builder's
    /// store, but it has no shell with all rights, and its key can be tied to
    /// `nix-daemon --stdio`.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     { hostName = "build01"; sshUser = "root"; system = "x86_64-linux"; maxJobs = 8; }
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     { hostName = "build01"; sshUser = "nix-builder"; system = "x86_64-linux"; maxJobs = 8; }
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When root here and root there are the same people, and the key can do nothing else. There is
    /// no fix: the other user has to exist on the builder first.
    ///
    /// ## Source
    ///
    /// Nix manual, "Remote Builds" and `trusted-users`; `nix.sshServe` of NixOS makes such a user.
    pub BUILDER_SSH_ROOT {
        id: "builder-ssh-root",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["nix.buildMachines", "builders"],
        category: Security,
        severity: Info,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for builder in builders(cx) {
        let is_root = builder.user.known().is_some_and(|user| &**user == "root");
        let place = builder.user.place().or_else(|| builder.shown_at());
        let (true, Some(place)) = (is_root, place) else {
            continue;
        };
        out.report(
            place,
            format!("builds log in to `{}` as root", builder.name()),
        )
        .confidence(confidence(cx, &builder))
        .why(
            "the key that nix keeps for it opens a root shell there: who is root here, or gets at \
             the key, is root there",
        )
        .help(
            "use a user of its own that the builder's `trusted-users` names, with a key that may \
             only start `nix-daemon --stdio`",
        );
    }
}
